//! Records requests in the ledger before they are sent.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::chat::answer::{Attempt, RecordId};
use crate::chat::request_log::{OutgoingRequest, RequestLog};
use crate::config::Home;
use crate::store::{
    AnswerAttempts, BudgetShortage, ReservationId, ReservationOutcome, ReservationRequest, Store,
    StoreError,
};

/// The ledger for the answers in progress of one command, opened on first use.
pub(super) struct SharedLedger(Mutex<Ledger>);

struct Ledger {
    home: Home,
    store: Option<Store>,
    /// Counts the files: what is in one has no number in the next.
    file: u64,
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
            file: 0,
            moved_aside: None,
            ended: Vec::new(),
        })))
    }

    /// Reserves the cost of all requests, or none: one reservation for each.
    pub(super) fn reserve(
        &self,
        requests: &[ReservationRequest],
        now: SystemTime,
    ) -> Result<Result<Vec<HeldReservation>, BudgetShortage>, StoreError> {
        let mut ledger = self.lock();
        let reserved = ledger.store()?.reserve(requests, now)?;
        let file = ledger.file;
        Ok(match reserved {
            ReservationOutcome::Refused(shortage) => Err(shortage),
            ReservationOutcome::Granted(granted) => Ok(granted
                .into_iter()
                .map(|granted| HeldReservation {
                    id: granted.id,
                    usd: granted.usd,
                    file,
                })
                .collect()),
        })
    }

    /// Settles the requests of each answer, and releases the reservations.
    pub(super) fn settle(
        &self,
        reservations: &[HeldReservation],
        answers: &[AnswerAttempts<'_>],
    ) -> Result<(), StoreError> {
        let mut ledger = self.lock();
        let file = ledger.file;
        let held = reservations.iter();
        let reservations: Vec<ReservationId> = held.filter_map(|held| held.inside(file)).collect();
        match ledger.store()?.settle_all(&reservations, answers) {
            // The file was moved or deleted meanwhile.
            Err(StoreError::Replaced { .. }) => {
                ledger.forget_file();
                let kept: Vec<_> = answers
                    .iter()
                    .map(|(attempts, place)| (for_another_file(attempts), *place))
                    .collect();
                let answers: Vec<AnswerAttempts<'_>> = kept
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
        ledger.with_ended(|store, _, ended| store.settle_all(&[], &[(ended, None)]))
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

    /// The next file has none of the reservations of this one.
    fn forget_file(&mut self) {
        self.store = None;
        self.file += 1;
    }

    /// Writes to a file with the attempts that have ended, which stay where that fails.
    fn with_ended<T>(
        &mut self,
        write: impl Fn(&mut Store, u64, &[Attempt]) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut ended = std::mem::take(&mut self.ended);
        let file = self.file;
        let mut written = self.store().and_then(|store| write(store, file, &ended));
        if let Err(StoreError::Replaced { .. } | StoreError::Corrupt { .. }) = written {
            self.forget_file();
            ended = for_another_file(&ended);
            let file = self.file;
            written = self.store().and_then(|store| write(store, file, &ended));
        }
        if written.is_err() {
            self.ended = ended;
        }
        written
    }
}

/// The same attempts for the next file. A damaged one leaves its rows to it, and an outcome is
/// written only to a row of the same time. For what was not sent, that of another request may be
/// deleted: it has no record there.
fn for_another_file(attempts: &[Attempt]) -> Vec<Attempt> {
    let kept = |attempt: &Attempt| Attempt {
        record: attempt.record.filter(|_| attempt.sent.is_some()),
        ..attempt.clone()
    };
    attempts.iter().map(kept).collect()
}

/// Records the requests of one target.
pub(super) struct LedgerLog {
    pub ledger: Arc<SharedLedger>,
    /// What covers the cost of its requests.
    pub reservation: Option<CappedReservation>,
}

/// A reservation in one of the files of a ledger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct HeldReservation {
    id: ReservationId,
    pub usd: f64,
    file: u64,
}

impl HeldReservation {
    /// Its number; `None` in another file, where it may be that of another process.
    fn inside(self, file: u64) -> Option<ReservationId> {
        (self.file == file).then_some(self.id)
    }
}

/// A reservation, and the daily cap in USD that it is part of.
#[derive(Debug, Clone, Copy)]
pub(super) struct CappedReservation {
    pub held: HeldReservation,
    pub cap: f64,
}

impl RequestLog for LedgerLog {
    fn sending(&self, request: &OutgoingRequest) -> Option<RecordId> {
        let mut ledger = self.ledger.lock();
        let recorded = ledger.with_ended(|store, file, ended| {
            let reservation = self.reservation;
            let reservation = reservation.and_then(|reservation| reservation.held.inside(file));
            store.record_request(request, reservation, ended)
        });
        recorded
            .inspect_err(|error| tracing::debug!(%error, "the request is recorded afterwards"))
            .ok()
    }

    fn extend(&self, usd: f64) -> Result<(), f64> {
        let CappedReservation { held, cap } = self.reservation.ok_or(0.0)?;
        let mut ledger = self.ledger.lock();
        let id = held.inside(ledger.file).ok_or(0.0)?;
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::chat::answer::Sent;
    use crate::chat::cost::Cost;
    use crate::chat::samples;
    use crate::store::samples::replace_file;

    fn outgoing(usd: f64) -> OutgoingRequest {
        OutgoingRequest {
            at: SystemTime::now(),
            profile: "work".to_owned(),
            provider: "openrouter".to_owned(),
            model: "a/b".to_owned(),
            worst: Some(usd),
        }
    }

    fn reserved(ledger: &SharedLedger, usd: f64) -> HeldReservation {
        let request = ReservationRequest {
            profile: "work".to_owned(),
            provider: "openrouter".to_owned(),
            model: "a/b".to_owned(),
            cap: 10.0,
            least: usd,
            most: usd,
            expires_at: SystemTime::now() + Duration::from_secs(3600),
        };
        let reserved = ledger.reserve(&[request], SystemTime::now()).unwrap();
        reserved.unwrap()[0]
    }

    fn log(ledger: &Arc<SharedLedger>, held: HeldReservation) -> LedgerLog {
        LedgerLog {
            ledger: Arc::clone(ledger),
            reservation: Some(CappedReservation { held, cap: 10.0 }),
        }
    }

    #[test]
    fn a_new_file_gets_no_reservation_of_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let ledger = SharedLedger::at(home.clone());
        let (first, second) = (reserved(&ledger, 1.0), reserved(&ledger, 1.0));
        for name in ["amx.db", "amx.db-wal", "amx.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(name));
        }
        // Another process has reservations of the same numbers in the new file.
        let other = SharedLedger::at(home.clone());
        let others = [reserved(&other, 2.0), reserved(&other, 2.0)];
        assert_eq!(others.map(|held| held.id), [first.id, second.id]);
        // Both requests count by themselves, beside what the other process holds back.
        log(&ledger, first).sending(&outgoing(0.25)).unwrap();
        log(&ledger, second).sending(&outgoing(0.25)).unwrap();
        let used = || {
            let store = Store::open(&home).unwrap();
            store.day_use("work", SystemTime::now()).unwrap()
        };
        assert_eq!((used().spent, used().reserved), (0.5, 4.0));
        assert!(log(&ledger, second).extend(1.0).is_err());
        ledger.settle(&[first, second], &[]).unwrap();
        assert_eq!((used().spent, used().reserved), (0.5, 4.0));
    }

    #[test]
    fn a_request_in_progress_counts_once_in_a_file_that_has_its_row() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let ledger = SharedLedger::at(home.clone());
        let outgoing = outgoing(0.5);
        let log = LedgerLog {
            ledger: Arc::clone(&ledger),
            reservation: None,
        };
        let record = log.sending(&outgoing);
        let billed = Sent {
            at: outgoing.at,
            cost: Cost::of(Some(0.25), None, None),
            ..samples::sent()
        };
        let answered = Attempt {
            record,
            ..samples::attempt(billed)
        };
        replace_file(&home);
        log.ended(&answered);
        ledger.flush().unwrap();
        let spent = |home: &Home| {
            let store = Store::open(home).unwrap();
            store.day_use("work", SystemTime::now()).unwrap().spent
        };
        assert_eq!(spent(&home).to_string(), "0.25");
        ledger.settle(&[], &[(&[answered], None)]).unwrap();
        assert_eq!(spent(&home).to_string(), "0.25");
    }
}
