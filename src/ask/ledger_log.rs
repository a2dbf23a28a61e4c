//! Records requests in the ledger before they are sent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::chat::answer::{Attempt, RecordId};
use crate::chat::request_log::{OutgoingRequest, RequestLog};
use crate::store::{AnswerAttempts, ReservationId, Store, StoreError};

/// The ledger, open for the answers in progress of one command.
pub(super) struct OpenLedger(Mutex<Ledger>);

struct Ledger {
    store: Store,
    /// Attempts that have ended since the last request was recorded.
    ended: Vec<Attempt>,
}

impl OpenLedger {
    pub(super) fn new(store: Store) -> Arc<Self> {
        let ended = Vec::new();
        Arc::new(Self(Mutex::new(Ledger { store, ended })))
    }

    /// Settles the requests of each answer, and releases the reservations.
    pub(super) fn settle(
        &self,
        reservations: &[ReservationId],
        answers: &[AnswerAttempts<'_>],
    ) -> Result<(), StoreError> {
        self.lock().store.settle_all(reservations, answers)
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        // After a panic the store is as it was before the last transaction.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records the requests of one target.
pub(super) struct LedgerLog {
    pub ledger: Arc<OpenLedger>,
    /// What covers the cost of its requests.
    pub reservation: Option<ReservationId>,
}

impl RequestLog for LedgerLog {
    fn sending(&self, request: &OutgoingRequest) -> Option<RecordId> {
        let mut ledger = self.ledger.lock();
        let ended = std::mem::take(&mut ledger.ended);
        let recorded = ledger
            .store
            .record_request(request, self.reservation, &ended);
        recorded
            .inspect_err(|error| tracing::debug!(%error, "the request is recorded afterwards"))
            .ok()
    }

    fn ended(&self, attempt: &Attempt) {
        if attempt.record.is_some() {
            self.ledger.lock().ended.push(attempt.clone());
        }
    }
}
