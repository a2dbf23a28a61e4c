//! The rows of discounted batches in the ledger: one for each batch, written before it is
//! submitted, and settled when its bill is known, which may be days later.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::ledger_log::{CappedReservation, HeldReservation, LedgerLog, SharedLedger};
use super::plan::PlannedTarget;
use crate::chat::answer::{Attempt, RecordId, Sent};
use crate::chat::attempt_status::AttemptStatus;
use crate::chat::cost::{Cost, CostSource};
use crate::chat::request_log::{OutgoingRequest, RequestLog};
use crate::chat::usage::Usage;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::money::usd;
use crate::store::{ReservationRequest, StoreError};

/// How long the cost is reserved while the row is written, after which the row counts.
const RESERVED: Duration = Duration::from_secs(60);

/// The ledger of the batches of one profile.
pub(crate) struct BatchLedger {
    /// `None` when nothing is stored.
    ledger: Option<Arc<SharedLedger>>,
    profile: String,
    provider: String,
    /// The daily cap of the profile, in USD.
    cap: Option<f64>,
}

/// What is known of a batch that has ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct BatchBill {
    /// When it was submitted.
    pub at: Option<SystemTime>,
    pub record: Option<RecordId>,
    pub model: String,
    pub id: Option<String>,
    pub served_by: Option<String>,
    pub usage: Option<Usage>,
    /// USD; `None` when unknown.
    pub usd: Option<f64>,
    /// The most that it may have cost in USD, where that is known.
    pub worst: Option<f64>,
    /// False when nothing was answered, which costs nothing.
    pub may_have_cost: bool,
    pub status: Option<AttemptStatus>,
}

impl BatchLedger {
    /// For the profile of a target.
    pub(crate) fn new(planned: &PlannedTarget, equipment: &Equipment) -> Self {
        let cap = planned.settings.max_cost_per_day;
        // A cap is kept in the ledger, which it creates.
        let home = if cap.is_some() {
            equipment.home().ok()
        } else {
            equipment.kept_at()
        };
        Self {
            ledger: home.map(SharedLedger::at),
            profile: planned.target.profile.clone(),
            provider: planned.target.provider.name().to_owned(),
            cap,
        }
    }

    /// Records a batch that is about to be submitted, at its worst case. `None` where no ledger is
    /// kept.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] when the daily cap does not afford it.
    pub(crate) fn submitting(
        &self,
        at: SystemTime,
        model: &str,
        worst: Option<f64>,
    ) -> Result<Option<RecordId>, CommandError> {
        let Some(ledger) = &self.ledger else {
            return Ok(None);
        };
        let reservation = self.reserve(ledger, at, model, worst)?;
        let log = LedgerLog {
            ledger: Arc::clone(ledger),
            reservation: reservation
                .zip(self.cap)
                .map(|(held, cap)| CappedReservation { held, cap }),
        };
        let record = log.sending(&OutgoingRequest {
            at,
            profile: self.profile.clone(),
            provider: self.provider.clone(),
            model: model.to_owned(),
            worst,
        });
        if let Some(reservation) = reservation {
            // From here on the row counts for itself.
            ledger.settle(&[reservation], &[])?;
        }
        Ok(record)
    }

    fn reserve(
        &self,
        ledger: &SharedLedger,
        at: SystemTime,
        model: &str,
        worst: Option<f64>,
    ) -> Result<Option<HeldReservation>, CommandError> {
        let Some(cap) = self.cap else {
            return Ok(None);
        };
        let least = worst.unwrap_or(cap);
        let request = ReservationRequest {
            profile: self.profile.clone(),
            provider: self.provider.clone(),
            model: model.to_owned(),
            cap,
            least,
            most: least,
            expires_at: at + RESERVED,
        };
        match ledger.reserve(&[request], at)? {
            Ok(granted) => Ok(granted.first().copied()),
            Err(shortage) => {
                let left = (cap - shortage.spent - shortage.reserved).max(0.0);
                let message = format!(
                    "the next batch could cost {}, but only {} is left of today's cap of ${cap} \
                    (max_cost.per_day of profile '{}')",
                    usd(least),
                    usd(left),
                    self.profile
                );
                Err(CommandError::new(ErrorKind::Limit, message)
                    .hint("run the same command again tomorrow, or raise max_cost.per_day")
                    .hint("amx usage --since 1d --by profile"))
            }
        }
    }

    /// Writes what became of a batch.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub(crate) fn settle(&self, bill: BatchBill) -> Result<(), StoreError> {
        let Some(ledger) = &self.ledger else {
            return Ok(());
        };
        let at = bill.at.unwrap_or_else(SystemTime::now);
        let record = match bill.record {
            Some(record) => ledger.is_unsettled(record, at)?.then_some(record),
            None => None,
        };
        let source = match bill.usd {
            Some(_) => CostSource::Provider,
            None => CostSource::Unknown,
        };
        let attempt = Attempt {
            model: bill.model,
            profile: self.profile.clone(),
            status: bill.status.unwrap_or(AttemptStatus::Ok),
            reason: None,
            waited: Duration::ZERO,
            skipped_models: Vec::new(),
            sent: Some(Sent {
                at,
                provider: self.provider.clone(),
                model: None,
                served_by: bill.served_by,
                generation_id: bill.id,
                usage: bill.usage,
                cost: Cost {
                    usd: bill.usd,
                    source,
                },
                worst: bill.worst,
                may_have_cost: bill.may_have_cost,
            }),
            record,
        };
        ledger.settle(&[], &[(&[attempt], None)])
    }
}
