//! Reserves the worst-case cost under a daily cap before a question is sent, has each request
//! recorded before it is sent, and settles the ledger after the answer. An answer with tools
//! extends its reservation between its steps. Costs are in USD.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::damaged_store::damaged_store;
use super::ledger_log::{CappedReservation, HeldReservation, LedgerLog, SharedLedger};
use super::plan::PlannedTarget;
use super::preflight::{budget, cap_check};
use crate::chat::answer::Attempt;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::money::usd;
use crate::store::{AnswerAttempts, BudgetShortage, ReservationRequest};

/// Time limit of an answer under a daily cap without `--timeout`: a reservation must expire even
/// when its process was killed.
const DEFAULT_LIMIT: Duration = Duration::from_secs(3600);

/// Time from that limit until the reservation expires, for key look-ups and other writers.
const EXPIRY_MARGIN: Duration = Duration::from_secs(60);

/// A smaller sum of reservations is a rounding error, in USD.
const MIN_RESERVED: f64 = 1e-9;

/// How the answers are limited and recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpendOptions {
    /// Time limit for the whole answer.
    pub limit: Option<Duration>,
    /// The answers are saved, so that a ledger is kept as well.
    pub is_saved: bool,
}

/// The reservations of the answers in progress. Dropped without [`close`](Self::close), it releases
/// them.
pub(super) struct SpendGuard {
    /// `None` when nothing is stored.
    ledger: Option<Arc<SharedLedger>>,
    reservations: Vec<HeldReservation>,
    /// Time limit for the whole answer.
    pub limit: Option<Duration>,
}

impl SpendGuard {
    /// Reserves the worst-case cost of an answer for each profile with a daily cap, and limits its
    /// target to the reserved amount.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] when too little is left of the cap, or the worst case is unknown.
    pub(super) fn open(
        targets: &mut [PlannedTarget],
        options: SpendOptions,
        equipment: &Equipment,
    ) -> Result<Self, CommandError> {
        let mut targets: Vec<_> = targets.iter_mut().collect();
        Self::open_all(&mut targets, options, 1, equipment)
    }

    /// The same for the targets of several answers: either all of them are reserved, or none. The
    /// last answer may take `rounds` times the limit.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(super) fn open_all(
        targets: &mut [&mut PlannedTarget],
        options: SpendOptions,
        rounds: u32,
        equipment: &Equipment,
    ) -> Result<Self, CommandError> {
        // A saved answer creates the store, and then its requests are in the ledger.
        let saved_at = equipment.home().ok().filter(|_| options.is_saved);
        let home = saved_at.or_else(|| equipment.kept_at());
        // A replay costs nothing.
        let home = home.filter(|_| !equipment.is_replaying());
        Self::open_in(
            home.map(SharedLedger::at),
            targets,
            options,
            rounds,
            equipment,
        )
    }

    /// The same with a ledger that several commands of one process share.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(super) fn open_in(
        ledger: Option<Arc<SharedLedger>>,
        targets: &mut [&mut PlannedTarget],
        options: SpendOptions,
        rounds: u32,
        equipment: &Equipment,
    ) -> Result<Self, CommandError> {
        let mut guard = Self {
            ledger,
            reservations: Vec::new(),
            limit: options.limit,
        };
        if !equipment.is_replaying() {
            let cap = targets.iter().find_map(|planned| daily_cap(planned));
            guard
                .reserve(targets, rounds, equipment)
                .map_err(|error| unenforceable(error, cap))?;
        }
        guard.record(targets);
        Ok(guard)
    }

    /// Whether [`close`](Self::close) has something to write: reservations, or requests that could
    /// not be recorded. What was recorded is settled with a later request.
    pub(super) fn has_to_close(&self, attempts: &[Attempt]) -> bool {
        let is_unrecorded = |attempt: &Attempt| attempt.sent.is_some() && attempt.record.is_none();
        !self.reservations.is_empty() || attempts.iter().any(is_unrecorded)
    }

    /// Has the requests of all targets recorded before they are sent, where a ledger is kept.
    fn record(&self, targets: &mut [&mut PlannedTarget]) {
        let Some(ledger) = &self.ledger else { return };
        let mut reservations = self.reservations.iter().copied();
        for planned in targets {
            let cap = daily_cap(planned);
            let reservation = cap.and_then(|cap| Some((reservations.next()?, cap)));
            planned.target.log = Some(Arc::new(LedgerLog {
                ledger: Arc::clone(ledger),
                reservation: reservation.map(|(held, cap)| CappedReservation { held, cap }),
            }));
        }
    }

    fn reserve(
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
        let limit = *self.limit.get_or_insert(DEFAULT_LIMIT);
        let now = SystemTime::now();
        let over = now + limit.saturating_mul(rounds) + EXPIRY_MARGIN;
        let mut requests = capped
            .iter()
            .map(|planned| reservation(planned, over))
            .collect::<Result<Vec<ReservationRequest>, _>>()?;
        let ledger = match &self.ledger {
            Some(ledger) => Arc::clone(ledger),
            None => SharedLedger::at(equipment.home()?),
        };
        self.ledger = Some(Arc::clone(&ledger));
        let mut reserved = ledger.reserve(&requests, now)?;
        if requests.len() > 1 && reserved.is_err() {
            // Without room for a larger `max_tokens` all answers may fit.
            for request in &mut requests {
                request.most = request.least;
            }
            reserved = ledger.reserve(&requests, now)?;
        }
        let granted =
            reserved.map_err(|shortage| refusal(capped[shortage.index], &requests, shortage))?;
        for (planned, granted) in capped.iter_mut().zip(granted) {
            planned.target.reserved_usd = Some(granted.usd);
            self.reservations.push(granted);
        }
        Ok(())
    }

    /// Writes the requests of each answer to the ledger, with its stored turn, and releases the
    /// reservations.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`] when the ledger cannot be written.
    pub(super) fn close(
        mut self,
        answers: &[AnswerAttempts<'_>],
        remarks: &mut Vec<Remark>,
    ) -> Result<(), CommandError> {
        let mut attempts = answers.iter().flat_map(|(attempts, _)| *attempts);
        let has_rows = attempts.any(|attempt| attempt.sent.is_some() || attempt.record.is_some());
        let reservations = std::mem::take(&mut self.reservations);
        let Some(ledger) = self.ledger.take() else {
            return Ok(());
        };
        if reservations.is_empty() && !has_rows {
            return Ok(());
        }
        let settled = ledger.settle(&reservations, answers);
        remarks.extend(ledger.take_moved_aside().as_deref().map(damaged_store));
        settled.map_err(|error| {
            let mut error = CommandError::from(error);
            error.message = format!("the usage ledger could not be written: {}", error.message);
            error.kind = ErrorKind::LocalIo;
            error
        })
    }
}

impl Drop for SpendGuard {
    fn drop(&mut self) {
        // After a panic it is unknown what was sent: the reservations expire by themselves.
        if let Some(ledger) = self
            .ledger
            .as_ref()
            .filter(|_| !self.reservations.is_empty() && !std::thread::panicking())
            && let Err(error) = ledger.settle(&self.reservations, &[])
        {
            tracing::debug!(%error, "the reservations expire");
        }
    }
}

/// The error for a ledger that cannot be written, which the cap needs.
fn unenforceable(error: CommandError, cap: Option<f64>) -> CommandError {
    match cap {
        Some(cap) if error.kind == ErrorKind::LocalIo => {
            let cap = usd(cap);
            let message = format!(
                "the cap of {cap} a day cannot be enforced: {}",
                error.message
            );
            let hint = "remove max_cost.per_day from the profile   (without it nothing is stored)";
            CommandError { message, ..error }.hint(hint)
        }
        _ => error,
    }
}

/// The daily cap of a target, in USD. The demo costs nothing.
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
    let worst = budget::bounded_worst_case(target, cap)?;
    let least = worst.of(target.request.max_tokens);
    // Room for a retry with a larger `max_tokens`.
    let larger = target.request.effort.and_then(|_| target.larger_budget());
    let both = least + larger.map_or(0.0, |larger| worst.of(larger));
    // Room for the repair of an answer that does not match its schema.
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
    planned: &PlannedTarget,
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
    // The reservations for the first of several answers were released again.
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
        format!("the {} answers", all.len())
    };
    let message = format!(
        "{what} could cost {}, but only {} is left of today's cap of ${cap} (max_cost.per_day of \
        profile '{profile}')",
        usd(least),
        usd(left)
    );
    let in_progress = if reserved > MIN_RESERVED {
        format!(", {} reserved for answers in progress", usd(reserved))
    } else {
        String::new()
    };
    let each = if all.len() == 1 { "" } else { "each " };
    let words = format!(
        "{each}{}; {} spent today{in_progress}",
        cap_check::arithmetic(planned),
        usd(shortage.spent)
    );
    #[expect(clippy::cast_precision_loss, reason = "a handful of answers")]
    let each_left = left / all.len() as f64;
    let others = shortage.spent + reserved + least - requests[shortage.index].least;
    let hint = cap_check::remedy(planned, each_left, others, "max_cost.per_day");
    CommandError::new(ErrorKind::Limit, message)
        .caused_by_words(words)
        .hint(hint)
        .hint("amx usage --since 1d --by profile")
}
