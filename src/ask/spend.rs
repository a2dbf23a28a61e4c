//! Spending: what a day's cap allows is held back before a question is sent, and what was sent is
//! written down after the answer.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::plan::PlannedTarget;
use super::preflight::budget;
use crate::chat::target::Target;
use crate::config::Home;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::{
    AnswerAttempts, BudgetShortage, ReservationId, ReservationOutcome, ReservationRequest, Store,
    StoreError,
};

/// Longest time for an answer under a cap of the day, unless `--timeout` says otherwise: what is
/// held back for it must end some day, also when its process was killed.
const LONGEST_ANSWER: Duration = Duration::from_secs(3600);

/// From the end of that time until the books must be closed: keys are looked up, other writers
/// waited for.
const MARGIN: Duration = Duration::from_secs(60);

/// Below this, what is held back is the dust of sums, in USD.
const HELD_AT_LEAST: f64 = 1e-9;

/// Held while an answer is produced. Dropped without being closed it releases what it holds.
pub struct SpendGuard {
    /// `None` where nothing is kept.
    home: Option<Home>,
    /// Open already when something is held back.
    store: Option<Store>,
    held: Vec<ReservationId>,
    /// Where a damaged store was moved to.
    moved_aside: Option<PathBuf>,
    /// Time for the whole answer.
    pub limit: Option<Duration>,
}

impl SpendGuard {
    /// Holds back what an answer may cost where a profile has a cap for the day, and lets no target
    /// spend more.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] when the day has too little left, or the worst case is not known.
    pub fn open(
        targets: &mut [PlannedTarget],
        limit: Option<Duration>,
        equipment: &Equipment,
    ) -> Result<Self, CommandError> {
        Self::open_all(
            &mut targets.iter_mut().collect::<Vec<_>>(),
            limit,
            1,
            equipment,
        )
    }

    /// The same for the targets of several answers: what all of them may cost is held back, or
    /// nothing. Until the last one is there, `rounds` times the limit may pass.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_all(
        targets: &mut [&mut PlannedTarget],
        limit: Option<Duration>,
        rounds: u32,
        equipment: &Equipment,
    ) -> Result<Self, CommandError> {
        // What is answered from a recording was billed when it was recorded.
        let is_replaying = equipment.is_replaying();
        let mut guard = Self {
            home: equipment.kept_at().filter(|_| !is_replaying),
            store: None,
            held: Vec::new(),
            moved_aside: None,
            limit,
        };
        if !is_replaying {
            guard.hold(targets, rounds, equipment)?;
        }
        Ok(guard)
    }

    fn hold(
        &mut self,
        targets: &mut [&mut PlannedTarget],
        rounds: u32,
        equipment: &Equipment,
    ) -> Result<(), CommandError> {
        let mut capped: Vec<&mut PlannedTarget> = targets
            .iter_mut()
            .map(|planned| &mut **planned)
            .filter(|planned| daily_cap(planned).is_some())
            .collect();
        if capped.is_empty() {
            return Ok(());
        }
        let limit = *self.limit.get_or_insert(LONGEST_ANSWER);
        let now = SystemTime::now();
        let over = now + limit.saturating_mul(rounds) + MARGIN;
        let mut requests = capped
            .iter()
            .map(|planned| reservation(planned, over))
            .collect::<Result<Vec<ReservationRequest>, _>>()?;
        self.open_store(&equipment.home()?)?;
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        let mut reserved = store.reserve(&requests, now)?;
        if requests.len() > 1 && matches!(reserved, ReservationOutcome::Refused(_)) {
            // Room for larger budgets is not taken away from the other answers.
            for request in &mut requests {
                request.most = request.least;
            }
            reserved = store.reserve(&requests, now)?;
        }
        let granted = match reserved {
            ReservationOutcome::Granted(granted) => granted,
            ReservationOutcome::Refused(shortage) => {
                let target = &capped[shortage.index].target;
                return Err(refusal(target, &requests, shortage));
            }
        };
        for (planned, granted) in capped.iter_mut().zip(granted) {
            let most = &mut planned.target.most_usd;
            *most = Some(most.map_or(granted.usd, |most| most.min(granted.usd)));
            self.held.push(granted.id);
        }
        Ok(())
    }

    /// Books what was sent for each answer, with the turn that it was sent for.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`] when the ledger cannot be written.
    pub fn close(
        mut self,
        answers: &[AnswerAttempts<'_>],
        remarks: &mut Vec<Remark>,
    ) -> Result<(), CommandError> {
        let mut attempts = answers.iter().flat_map(|(attempts, _)| *attempts);
        let has_rows = attempts.any(|attempt| attempt.sent.is_some());
        if self.held.is_empty() && !(has_rows && self.home.is_some()) {
            return Ok(());
        }
        let written = self.write(answers);
        self.held.clear();
        remarks.extend(self.moved_aside.take().map(|path| {
            Remark::Warning(format!(
                "the file of conversations and costs could not be read; it was moved to {}, and a \
                new one created",
                path.display()
            ))
        }));
        written.map_err(|error| {
            let mut error = CommandError::from(error);
            error.message = format!("what was sent is not in the ledger: {}", error.message);
            error.kind = ErrorKind::LocalIo;
            error
        })
    }

    fn write(&mut self, answers: &[AnswerAttempts<'_>]) -> Result<(), StoreError> {
        if self.store.is_none()
            && let Some(home) = self.home.clone()
        {
            self.open_store(&home)?;
        }
        self.store
            .as_mut()
            .map_or(Ok(()), |store| store.settle_all(&self.held, answers))
    }

    fn open_store(&mut self, home: &Home) -> Result<(), StoreError> {
        let store = Store::open(home)?;
        self.moved_aside = store.moved_aside().map(Path::to_path_buf);
        self.store = Some(store);
        Ok(())
    }
}

impl Drop for SpendGuard {
    fn drop(&mut self) {
        // After a panic nobody knows what was sent: what is held back expires.
        if let Some(store) = self
            .store
            .as_mut()
            .filter(|_| !self.held.is_empty() && !std::thread::panicking())
            && let Err(error) = store.settle(&self.held, &[], None)
        {
            tracing::debug!(%error, "what was held back expires");
        }
    }
}

/// The day's cap that holds for a target. The demo costs nothing.
fn daily_cap(planned: &PlannedTarget) -> Option<f64> {
    planned
        .settings
        .max_cost_per_day
        .filter(|_| !planned.settings.entry.is_demo())
}

fn reservation(
    planned: &PlannedTarget,
    expires_at: SystemTime,
) -> Result<ReservationRequest, CommandError> {
    let target = &planned.target;
    let cap = daily_cap(planned).unwrap_or_default();
    let worst = budget::checkable(target, cap)?;
    let least = worst.of(target.request.max_tokens);
    // Room for the larger budget too, if there is any.
    let larger = target.request.effort.and_then(|_| target.larger_budget());
    let both = least + larger.map_or(0.0, |larger| worst.of(larger));
    // An answer that does not match its schema is asked for once more.
    let both = if planned.form.is_some() {
        both * 2.0
    } else {
        both
    };
    let most = target
        .most_usd
        .map_or(both, |most| both.min(most).max(least));
    let (profile, provider, model) = (
        target.profile.clone(),
        target.provider.name().to_owned(),
        target.request.model.clone(),
    );
    Ok(ReservationRequest {
        profile,
        provider,
        model,
        cap,
        least,
        most,
        expires_at,
    })
}

fn refusal(
    target: &Target,
    requests: &[ReservationRequest],
    shortage: BudgetShortage,
) -> CommandError {
    let ReservationRequest { cap, profile, .. } = &requests[shortage.index];
    let of_profile = |requests: &[ReservationRequest]| {
        requests
            .iter()
            .filter(|request| request.profile == *profile)
            .map(|request| request.least)
            .collect::<Vec<f64>>()
    };
    // What was held back for the first of several answers was given back.
    let (all, own) = (
        of_profile(requests),
        of_profile(&requests[..shortage.index]),
    );
    let (least, reserved) = (
        all.iter().sum::<f64>(),
        (shortage.reserved - own.iter().sum::<f64>()).max(0.0),
    );
    let left = (cap - shortage.spent - reserved).max(0.0);
    let what = if all.len() == 1 {
        "the answer".to_owned()
    } else {
        format!("the {} answers together", all.len())
    };
    let message = format!(
        "{what} could cost ${least:.4}, and ${left:.4} is left of today's cap of ${cap} \
        (max_cost.per_day of profile '{profile}')"
    );
    let held = if reserved > HELD_AT_LEAST {
        format!(", ${reserved:.4} held back for answers under way")
    } else {
        String::new()
    };
    let each = if all.len() == 1 { "" } else { "each " };
    let words = format!(
        "{each}{}; ${:.4} spent today{held}",
        budget::arithmetic(target),
        shortage.spent
    );
    CommandError::new(ErrorKind::Limit, message)
        .caused_by_words(words)
        .hint("lower --max-tokens, shorten the prompt, or raise max_cost.per_day")
        .hint("amx usage --since 1d --by profile")
}
