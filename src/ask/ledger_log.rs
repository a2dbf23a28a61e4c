//! Records requests in the ledger before they are sent.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::chat::answer::{Attempt, RecordId};
use crate::chat::request_log::{OutgoingRequest, RequestLog};
use crate::config::Home;
use crate::store::{
    AnswerAttempts, ReservationId, ReservationOutcome, ReservationRequest, Store, StoreError,
};

/// The ledger for the answers in progress of one command, opened on first use.
pub(super) struct SharedLedger(Mutex<Ledger>);

struct Ledger {
    home: Home,
    store: Option<Store>,
    /// Where a damaged store was moved to.
    moved_aside: Option<PathBuf>,
    /// Attempts that have ended since the last request was recorded.
    ended: Vec<Attempt>,
}

impl SharedLedger {
    pub(super) fn at(home: Home) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Ledger {
            home,
            store: None,
            moved_aside: None,
            ended: Vec::new(),
        })))
    }

    pub(super) fn reserve(
        &self,
        requests: &[ReservationRequest],
        now: SystemTime,
    ) -> Result<ReservationOutcome, StoreError> {
        self.lock().store()?.reserve(requests, now)
    }

    /// Settles the requests of each answer, and releases the reservations.
    pub(super) fn settle(
        &self,
        reservations: &[ReservationId],
        answers: &[AnswerAttempts<'_>],
    ) -> Result<(), StoreError> {
        let mut ledger = self.lock();
        match ledger.store()?.settle_all(reservations, answers) {
            // The file was moved or deleted meanwhile, and the records with it.
            Err(StoreError::Replaced { .. }) => {
                ledger.store = None;
                let unrecorded: Vec<_> = answers
                    .iter()
                    .map(|(attempts, place)| (without_records(attempts), *place))
                    .collect();
                let answers: Vec<AnswerAttempts<'_>> = unrecorded
                    .iter()
                    .map(|(attempts, place)| (attempts.as_slice(), *place))
                    .collect();
                ledger.store()?.settle_all(&[], &answers)
            }
            settled => settled,
        }
    }

    /// Settles the attempts that have ended since the last request was recorded.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        let mut ledger = self.lock();
        if ledger.ended.is_empty() {
            return Ok(());
        }
        ledger.with_ended(|store, ended| store.settle_all(&[], &[(ended, None)]))
    }

    /// Whether a request of an earlier run is still recorded as it was sent.
    pub(super) fn is_unsettled(
        &self,
        record: RecordId,
        at: SystemTime,
    ) -> Result<bool, StoreError> {
        self.lock().store()?.is_unsettled(record, at)
    }

    /// The new path of a damaged store; returned once.
    pub(super) fn take_moved_aside(&self) -> Option<PathBuf> {
        self.lock().moved_aside.take()
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        // After a panic the store is as it was before the last transaction.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    fn store(&mut self) -> Result<&mut Store, StoreError> {
        let store = match self.store.take() {
            Some(store) => store,
            None => {
                let store = Store::open(&self.home)?;
                self.moved_aside = store.moved_aside().map(Path::to_path_buf);
                store
            }
        };
        Ok(self.store.insert(store))
    }

    /// Writes with the attempts that have ended, which stay where that fails.
    fn with_ended<T>(
        &mut self,
        write: impl Fn(&mut Store, &[Attempt]) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut ended = std::mem::take(&mut self.ended);
        let mut written = self.store().and_then(|store| write(store, &ended));
        if let Err(StoreError::Replaced { .. } | StoreError::Corrupt { .. }) = written {
            self.store = None;
            ended = without_records(&ended);
            written = self.store().and_then(|store| write(store, &ended));
        }
        if written.is_err() {
            self.ended = ended;
        }
        written
    }
}

/// The same attempts without the records of another file.
fn without_records(attempts: &[Attempt]) -> Vec<Attempt> {
    let without = |attempt: &Attempt| Attempt {
        record: None,
        ..attempt.clone()
    };
    attempts.iter().map(without).collect()
}

/// Records the requests of one target.
pub(super) struct LedgerLog {
    pub ledger: Arc<SharedLedger>,
    /// What covers the cost of its requests.
    pub reservation: Option<CappedReservation>,
}

/// A reservation, and the daily cap in USD that it is part of.
#[derive(Debug, Clone, Copy)]
pub(super) struct CappedReservation {
    pub id: ReservationId,
    pub cap: f64,
}

impl RequestLog for LedgerLog {
    fn sending(&self, request: &OutgoingRequest) -> Option<RecordId> {
        let mut ledger = self.ledger.lock();
        let reservation = self.reservation.map(|reservation| reservation.id);
        let recorded =
            ledger.with_ended(|store, ended| store.record_request(request, reservation, ended));
        recorded
            .inspect_err(|error| tracing::debug!(%error, "the request is recorded afterwards"))
            .ok()
    }

    fn extend(&self, usd: f64) -> Result<(), f64> {
        let CappedReservation { id, cap } = self.reservation.ok_or(0.0)?;
        let mut ledger = self.ledger.lock();
        let store = ledger.store();
        let extended = store.and_then(|store| store.extend(id, cap, usd, SystemTime::now()));
        extended.unwrap_or_else(|error| {
            tracing::debug!(%error, "the reservation is not extended");
            Err(0.0)
        })
    }

    fn ended(&self, attempt: &Attempt) {
        if attempt.record.is_some() {
            self.ledger.lock().ended.push(attempt.clone());
        }
    }
}
