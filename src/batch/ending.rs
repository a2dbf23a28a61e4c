//! Why a job stops before its last row, and what became of it.

use super::fate::{Fate, Fates};
use super::journal::DoneRows;
use super::line::LineError;
use super::options::{FromRow, MaxErrors};
use super::status::RowStatus;
use crate::ask::outcome::Outcome;
use crate::chat::pace::PATIENCE;
use crate::chat::refusal::{RateLimit, Refusal, RefusalKind, RoutingRule};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Signal;
use crate::present::count::{plural, thousands};

/// Refusals for every row after which nothing more is sent.
pub(crate) const REFUSALS: usize = 3;

/// Failures in a row after which nothing more is sent.
const FAILURES: u64 = 100;

/// Rows that must have ended before a part of them counts as too many.
const FEWEST_FOR_PART: u64 = 20;

/// Why no further row is asked.
pub(crate) enum Stop {
    Signal(Signal),
    /// The cap on the cost is reached; the error of a cap that is not the job's.
    Cap(Option<CommandError>),
    /// The provider refuses every row.
    Refused(CommandError),
    /// Too many rows failed: how many, and the last error.
    Failures(String, LineError),
    /// The output or the input failed.
    Io(CommandError),
}

impl Stop {
    /// The kind of error that the run ends with.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Signal(_) => ErrorKind::Interrupted,
            Self::Cap(_) => ErrorKind::Limit,
            Self::Refused(error) | Self::Io(error) => error.kind,
            Self::Failures(_, last) => match last.exit_code {
                4 => ErrorKind::Credentials,
                7 => ErrorKind::Refused,
                _ => ErrorKind::TryLater,
            },
        }
    }

    /// Whether rows that were started may still be sent.
    pub(crate) fn is_cap(&self) -> bool {
        matches!(self, Self::Cap(_))
    }
}

/// What became of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    /// With an answer.
    pub ok: u64,
    /// With a line, without a usable answer.
    pub failed: u64,
    pub skipped: u64,
    /// The same, and why rows failed.
    pub fates: Fates,
    /// Successes and failures of this run.
    pub ended: u64,
    failed_now: u64,
    in_a_row: u64,
}

impl Counts {
    /// Of earlier runs. Rows that are asked once more do not count.
    pub(crate) fn resumed(done: &DoneRows, retries_failed: bool) -> Self {
        let mut fates = done.fates();
        if retries_failed {
            fates = fates.without_failures();
        }
        Self {
            ok: fates.count(|status| status == RowStatus::Ok),
            failed: fates.count(RowStatus::is_failure),
            skipped: fates.count(|status| status == RowStatus::Skipped),
            fates,
            ..Self::default()
        }
    }

    /// Rows with a line.
    pub(crate) fn rows(&self) -> u64 {
        self.ok + self.failed + self.skipped
    }

    /// A row has its line.
    pub(crate) fn add(&mut self, fate: Fate) {
        self.fates.add(fate);
        if fate.status() == RowStatus::Skipped {
            self.skipped += 1;
            return;
        }
        self.ended += 1;
        if fate.status().is_failure() {
            self.failed += 1;
            self.failed_now += 1;
            self.in_a_row += 1;
        } else {
            self.ok += 1;
            self.in_a_row = 0;
        }
    }

    /// Why the failures of this run are too many, in words.
    pub(crate) fn too_many(&self, most: Option<MaxErrors>) -> Option<String> {
        let failed = plural(self.failed_now, "row");
        let is_over = match most {
            Some(MaxErrors::Rows(most)) => self.failed_now > most,
            Some(MaxErrors::Part(part)) => {
                #[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
                let found = self.failed_now as f64 / self.ended.max(1) as f64;
                self.ended >= FEWEST_FOR_PART && found > part
            }
            None => false,
        };
        if is_over {
            return Some(format!("{failed} failed, more than --max-errors allows"));
        }
        let is_hopeless = self.in_a_row >= FAILURES;
        is_hopeless.then(|| format!("{} rows failed one after the other", thousands(FAILURES)))
    }
}

/// Whether the server asks to wait longer than a job does.
pub(crate) fn asks_to_come_back(outcome: &Outcome) -> bool {
    let is_long = |refusal: &Refusal| {
        refusal.is_retryable() && refusal.wait.is_some_and(|wait| wait > PATIENCE)
    };
    outcome.refusal.as_ref().is_some_and(is_long)
}

/// Whether a refusal means every row: the account, its quota of a day, the key, the URL, the model,
/// the rules for its providers or the machine that runs it, not the question. With `own` models or
/// schemas of the rows, a refusal of one means that row alone, as the daily limit of the free
/// models does.
pub(crate) fn is_for_all(outcome: &Outcome, own: FromRow) -> bool {
    let Some(error) = &outcome.error else {
        return false;
    };
    let Some(refusal) = &outcome.refusal else {
        return error.kind == ErrorKind::Credentials;
    };
    match refusal.kind {
        RefusalKind::Moderated | RefusalKind::ForbiddenUpstream => false,
        // A rule is about the model, its parameters or the providers, a schema among them.
        RefusalKind::NoEndpoint { rule } => {
            rule != RoutingRule::Unknown && !own.model && !own.schema
        }
        RefusalKind::UnknownModel
        | RefusalKind::NoChat
        | RefusalKind::NotLoaded
        | RefusalKind::OutOfMemory
        | RefusalKind::CannotRun
        | RefusalKind::RateLimited(RateLimit::FreeDaily) => !own.model,
        RefusalKind::Authentication
        | RefusalKind::Credits
        | RefusalKind::KeyLimit
        | RefusalKind::MinimumBalance
        | RefusalKind::Forbidden
        | RefusalKind::NotFound
        | RefusalKind::Redirect { .. }
        | RefusalKind::RateLimited(RateLimit::Daily) => true,
        RefusalKind::BadRequest { .. }
        | RefusalKind::ContextLength
        | RefusalKind::OutputTooLong
        | RefusalKind::NoImages
        | RefusalKind::MaxTokensUnaffordable { .. }
        | RefusalKind::PromptUnaffordable
        | RefusalKind::InFlight
        | RefusalKind::TooHeavy
        | RefusalKind::TooLarge
        | RefusalKind::RateLimited(_)
        | RefusalKind::Timeout
        | RefusalKind::NotReady
        | RefusalKind::Server
        | RefusalKind::Other => matches!(refusal.status, 401..=403),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::answer::Answer;
    use crate::chat::turn::TurnState;

    /// Each kind with its usual status, and whether it means every row.
    fn kinds() -> Vec<(u16, RefusalKind, bool)> {
        use RefusalKind as Kind;
        let limit = RefusalKind::RateLimited;
        let rule = |rule| Kind::NoEndpoint { rule };
        let location = "https://example.org/v1".to_owned();
        vec![
            (400, Kind::BadRequest { field: None }, false),
            (404, Kind::UnknownModel, true),
            (400, Kind::ContextLength, false),
            (400, Kind::OutputTooLong, false),
            (404, Kind::NoChat, true),
            (400, Kind::NoImages, false),
            (401, Kind::Authentication, true),
            (402, Kind::Credits, true),
            (402, Kind::MaxTokensUnaffordable { affordable: None }, true),
            (402, Kind::PromptUnaffordable, true),
            (402, Kind::InFlight, true),
            (402, Kind::TooHeavy, true),
            (402, Kind::MinimumBalance, true),
            (403, Kind::KeyLimit, true),
            (403, Kind::Moderated, false),
            (403, Kind::ForbiddenUpstream, false),
            (403, Kind::Forbidden, true),
            (404, rule(RoutingRule::Privacy), true),
            (404, rule(RoutingRule::Tools), true),
            (404, rule(RoutingRule::MaxPrice), true),
            (404, rule(RoutingRule::Parameters), true),
            (404, rule(RoutingRule::Providers), true),
            (404, rule(RoutingRule::Quantizations), true),
            (404, rule(RoutingRule::Region), true),
            (404, rule(RoutingRule::Unknown), false),
            (404, Kind::NotFound, true),
            (413, Kind::TooLarge, false),
            (429, limit(RateLimit::FreeDaily), true),
            (429, limit(RateLimit::Daily), true),
            (429, limit(RateLimit::FreePerMinute), false),
            (429, limit(RateLimit::NewAccount), false),
            (429, limit(RateLimit::Upstream), false),
            (429, limit(RateLimit::Unknown), false),
            (504, Kind::Timeout, false),
            (503, Kind::NotReady, false),
            (404, Kind::NotLoaded, true),
            (500, Kind::OutOfMemory, true),
            (500, Kind::CannotRun, true),
            (500, Kind::Server, false),
            (307, Kind::Redirect { location }, true),
            (418, Kind::Other, false),
        ]
    }

    #[test]
    fn each_kind_of_refusal_means_every_row_or_one() {
        for (status, kind, expected) in kinds() {
            let error = CommandError::new(ErrorKind::Refused, "No.");
            let mut outcome = Outcome::new(Answer::default(), TurnState::Failed, Some(error));
            outcome.refusal = Some(Refusal::new(status, kind.clone(), String::new()));
            let same = is_for_all(&outcome, FromRow::default());
            assert_eq!(same, expected, "{kind:?}");
            let own = FromRow {
                model: true,
                ..FromRow::default()
            };
            let is_of_model = matches!(
                kind,
                RefusalKind::NoEndpoint { .. }
                    | RefusalKind::UnknownModel
                    | RefusalKind::NoChat
                    | RefusalKind::NotLoaded
                    | RefusalKind::OutOfMemory
                    | RefusalKind::CannotRun
                    | RefusalKind::RateLimited(RateLimit::FreeDaily)
            );
            let expected = expected && !is_of_model;
            assert_eq!(is_for_all(&outcome, own), expected, "{kind:?}");
        }
    }

    #[test]
    fn a_job_with_too_many_failures_ends_as_the_last_of_them() {
        for kind in [
            ErrorKind::Credentials,
            ErrorKind::Refused,
            ErrorKind::TryLater,
        ] {
            let last = LineError::of(&CommandError::new(kind, "No."));
            assert_eq!(Stop::Failures(String::new(), last).kind(), kind);
        }
        let last = LineError::of(&CommandError::new(ErrorKind::Content, "No."));
        let kind = Stop::Failures(String::new(), last).kind();
        assert_eq!(kind, ErrorKind::TryLater);
    }
}
