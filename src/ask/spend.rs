//! Reserves the worst-case cost under a daily cap before a question is sent, and writes the ledger
//! after the answer. Costs are in USD.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::damaged_store::damaged_store;
use super::plan::PlannedTarget;
use super::preflight::budget;
use crate::chat::target::Target;
use crate::config::Home;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::money::usd;
use crate::store::{
    AnswerAttempts, BudgetShortage, ReservationId, ReservationOutcome, ReservationRequest, Store,
    StoreError,
};

/// Time limit of an answer under a daily cap without `--timeout`: a reservation must expire even
/// when its process was killed.
const DEFAULT_LIMIT: Duration = Duration::from_secs(3600);

/// Time from that limit until the reservation expires, for key look-ups and other writers.
const EXPIRY_MARGIN: Duration = Duration::from_secs(60);

/// A smaller sum of reservations is a rounding error, in USD.
const MIN_RESERVED: f64 = 1e-9;

/// The reservations of the answers in progress. Dropped without [`close`](Self::close), it releases
/// them.
pub(super) struct SpendGuard {
    /// `None` when nothing is stored.
    home: Option<Home>,
    /// Opened early when something is reserved.
    store: Option<Store>,
    reservations: Vec<ReservationId>,
    /// Where a damaged store was moved to.
    moved_aside: Option<PathBuf>,
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

    /// The same for the targets of several answers: either all of them are reserved, or none. The
    /// last answer may take `rounds` times the limit.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(super) fn open_all(
        targets: &mut [&mut PlannedTarget],
        limit: Option<Duration>,
        rounds: u32,
        equipment: &Equipment,
    ) -> Result<Self, CommandError> {
        // A replay costs nothing.
        let is_replaying = equipment.is_replaying();
        let mut guard = Self {
            home: equipment.kept_at().filter(|_| !is_replaying),
            store: None,
            reservations: Vec::new(),
            moved_aside: None,
            limit,
        };
        if !is_replaying {
            guard.reserve(targets, rounds, equipment)?;
        }
        Ok(guard)
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
        self.open_store(&equipment.home()?)?;
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        let mut reserved = store.reserve(&requests, now)?;
        if requests.len() > 1 && matches!(reserved, ReservationOutcome::Refused(_)) {
            // Without room for a larger `max_tokens` all answers may fit.
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
            self.reservations.push(granted.id);
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
        let has_rows = attempts.any(|attempt| attempt.sent.is_some());
        if self.reservations.is_empty() && !(has_rows && self.home.is_some()) {
            return Ok(());
        }
        let written = self.write(answers);
        self.reservations.clear();
        let moved_aside = self.moved_aside.take();
        remarks.extend(moved_aside.as_deref().map(damaged_store));
        written.map_err(|error| {
            let mut error = CommandError::from(error);
            error.message = format!("the usage ledger could not be written: {}", error.message);
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
        self.store.as_mut().map_or(Ok(()), |store| {
            store.settle_all(&self.reservations, answers)
        })
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
        // After a panic it is unknown what was sent: the reservations expire by themselves.
        if let Some(store) = self
            .store
            .as_mut()
            .filter(|_| !self.reservations.is_empty() && !std::thread::panicking())
            && let Err(error) = store.settle(&self.reservations, &[], None)
        {
            tracing::debug!(%error, "the reservations expire");
        }
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
        budget::arithmetic(target),
        usd(shortage.spent)
    );
    CommandError::new(ErrorKind::Limit, message)
        .caused_by_words(words)
        .hint("lower max_tokens, shorten the prompt, or raise max_cost.per_day")
        .hint("amx usage --since 1d --by profile")
}
