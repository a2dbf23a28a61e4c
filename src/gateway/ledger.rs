//! Writes the ledger on a thread of its own, many rows in one transaction, so that no request waits
//! for the disk.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::chat::answer::{Attempt, RecordId};
use crate::chat::request_log::OutgoingRequest;
use crate::config::Home;
use crate::store::{ClientRequest, ReservationId, Store, StoreError};

/// Most changes in one transaction.
const MOST_CHANGES: usize = 1024;

/// How long changes wait for others. The thread sleeps meanwhile, so that no sender has to wake it.
const GATHERING: Duration = Duration::from_millis(50);

/// Most changes that wait for the thread. A sender waits while it is full.
const QUEUE: usize = 4096;

/// A change, for the request with this number.
struct Change {
    request: u64,
    client: String,
    what: ChangeKind,
}

enum ChangeKind {
    Started(OutgoingRequest, Option<ReservationId>),
    Ended(Box<Attempt>),
    /// Nothing more is held back for the request.
    Released(Vec<ReservationId>),
}

/// The writing end. Where no thread can be started, it does nothing.
#[derive(Clone)]
pub(crate) struct Ledger {
    sender: Option<SyncSender<Change>>,
}

impl Ledger {
    /// Opens the store and starts the thread, which ends when the last [`Ledger`] is dropped.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub(crate) fn open(home: &Home) -> Result<(Self, Option<JoinHandle<()>>), StoreError> {
        let store = Store::open(home)?;
        let (sender, receiver) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || LedgerWriter::new(store).run(&receiver))
            .ok();
        let ledger = Self {
            sender: thread.is_some().then_some(sender),
        };
        Ok((ledger, thread))
    }

    /// A request leaves; a reservation covers its cost where a cap has one.
    pub(super) fn started(
        &self,
        request: u64,
        client: &str,
        what: OutgoingRequest,
        reservation: Option<ReservationId>,
    ) {
        self.send(request, client, ChangeKind::Started(what, reservation));
    }

    pub(super) fn released(&self, reservations: Vec<ReservationId>) {
        self.send(0, "", ChangeKind::Released(reservations));
    }

    pub(super) fn ended(&self, request: u64, client: &str, attempt: Attempt) {
        self.send(request, client, ChangeKind::Ended(Box::new(attempt)));
    }

    fn send(&self, request: u64, client: &str, what: ChangeKind) {
        let Some(sender) = &self.sender else { return };
        let change = Change {
            request,
            client: client.to_owned(),
            what,
        };
        match sender.try_send(change) {
            // No row is lost: the disk is slower than the clients.
            Err(TrySendError::Full(change)) => drop(sender.send(change)),
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
        }
    }
}

/// The thread's side.
struct LedgerWriter {
    store: Store,
    /// The rows of requests in progress.
    open: HashMap<u64, RecordId>,
}

impl LedgerWriter {
    fn new(store: Store) -> Self {
        Self {
            store,
            open: HashMap::new(),
        }
    }

    fn run(mut self, changes: &Receiver<Change>) {
        while let Ok(first) = changes.recv() {
            // Nobody unparks it. A shorter pause would only make more transactions.
            std::thread::park_timeout(GATHERING);
            let mut batch = vec![first];
            batch.extend(changes.try_iter().take(MOST_CHANGES - 1));
            self.write(batch);
        }
    }

    fn write(&mut self, batch: Vec<Change>) {
        let ended: HashSet<u64> = batch
            .iter()
            .filter(|change| matches!(change.what, ChangeKind::Ended(_)))
            .map(|change| change.request)
            .collect();
        let mut released = Vec::new();
        let mut numbers = Vec::with_capacity(batch.len());
        let mut requests = Vec::with_capacity(batch.len());
        for change in batch {
            let request = match change.what {
                // It has ended already: one row is enough.
                ChangeKind::Started(..) if ended.contains(&change.request) => continue,
                ChangeKind::Started(outgoing, reservation) => {
                    ClientRequest::Started(outgoing, reservation)
                }
                ChangeKind::Released(more) => {
                    released.extend(more);
                    continue;
                }
                ChangeKind::Ended(attempt) => ClientRequest::Ended {
                    attempt,
                    record: self.open.remove(&change.request),
                },
            };
            let is_start = matches!(request, ClientRequest::Started(..));
            numbers.push((change.request, is_start));
            requests.push((change.client, request));
        }
        match self.store.record_client_requests(&requests, &released) {
            Ok(rows) => {
                let started = numbers
                    .iter()
                    .zip(rows)
                    .filter(|((_, is_start), _)| *is_start);
                self.open
                    .extend(started.filter_map(|((number, _), row)| Some((*number, row?))));
            }
            Err(error) => tracing::warn!(%error, "the ledger could not be written"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::chat::attempt_status::AttemptStatus;

    fn unsent() -> Attempt {
        Attempt {
            model: "a/b".to_owned(),
            profile: "work".to_owned(),
            status: AttemptStatus::Unreachable,
            reason: None,
            waited: Duration::ZERO,
            skipped_models: Vec::new(),
            sent: None,
            record: None,
        }
    }

    #[test]
    fn a_request_in_progress_is_in_the_ledger_until_it_turns_out_unsent() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let (ledger, thread) = Ledger::open(&home).unwrap();
        let outgoing = OutgoingRequest {
            at: SystemTime::now(),
            profile: "work".to_owned(),
            provider: "openrouter".to_owned(),
            model: "a/b".to_owned(),
            worst: Some(0.5),
        };
        ledger.started(1, "laptop", outgoing.clone(), None);
        drop(ledger);
        thread.unwrap().join().unwrap();
        let spent = || {
            let store = Store::open(&home).unwrap();
            store.spent_by_client(SystemTime::now()).unwrap()
        };
        assert_eq!(spent(), [("laptop".to_owned(), 0.5)]);
        let (ledger, thread) = Ledger::open(&home).unwrap();
        ledger.started(2, "phone", outgoing, None);
        ledger.ended(2, "phone", unsent());
        drop(ledger);
        thread.unwrap().join().unwrap();
        assert_eq!(spent().len(), 1);
    }
}
