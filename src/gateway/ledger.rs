//! Writes the ledger on a thread of its own, many rows in one transaction, so that no request waits
//! for the disk.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
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

/// Most rows that are kept while the store cannot be written. The oldest are lost then.
const MOST_KEPT: usize = 65_536;

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

/// Why the ledger could not be written, for the operator.
#[derive(Debug, Clone, Default)]
struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    fn set(&self, why: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The writing end. Where no thread can be started, it does nothing.
#[derive(Clone)]
pub(crate) struct Ledger {
    sender: Option<SyncSender<Change>>,
    trouble: Trouble,
}

impl Ledger {
    /// Opens the store and starts the thread, which ends when the last [`Ledger`] is dropped.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub(crate) fn open(home: &Home) -> Result<(Self, Option<JoinHandle<()>>), StoreError> {
        let store = Store::open(home)?;
        let writer = LedgerWriter::new(home.clone(), store);
        let trouble = writer.trouble.clone();
        let (sender, receiver) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || writer.run(&receiver))
            .ok();
        let ledger = Self {
            sender: thread.is_some().then_some(sender),
            trouble,
        };
        Ok((ledger, thread))
    }

    /// Why rows could not be written since this was last asked. They are kept until they can.
    pub(super) fn take_trouble(&self) -> Option<String> {
        self.trouble.take()
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
    home: Home,
    store: Store,
    /// The rows of requests in progress, each with the number of its file.
    open: HashMap<u64, (RecordId, u64)>,
    /// Counts the files of the store.
    file: u64,
    /// What could not be written yet.
    kept: Rows,
    trouble: Trouble,
}

/// Changes as the store takes them.
#[derive(Default)]
struct Rows {
    /// The number of each request, and whether it starts.
    numbers: Vec<(u64, bool)>,
    requests: Vec<(String, ClientRequest)>,
    released: Vec<ReservationId>,
}

impl LedgerWriter {
    fn new(home: Home, store: Store) -> Self {
        Self {
            home,
            store,
            open: HashMap::new(),
            file: 0,
            kept: Rows::default(),
            trouble: Trouble::default(),
        }
    }

    fn run(mut self, changes: &Receiver<Change>) {
        while let Ok(first) = changes.recv() {
            // Nobody unparks it. A shorter pause would only make more transactions.
            std::thread::park_timeout(GATHERING);
            let mut batch = vec![first];
            batch.extend(changes.try_iter().take(MOST_CHANGES - 1));
            self.gather(batch);
            self.write();
        }
        self.write();
    }

    /// Adds changes to what is written next.
    fn gather(&mut self, batch: Vec<Change>) {
        let is_behind = !self.kept.is_empty();
        let ended: HashSet<u64> = batch
            .iter()
            .filter(|change| matches!(change.what, ChangeKind::Ended(_)))
            .map(|change| change.request)
            .collect();
        for change in batch {
            let request = match change.what {
                // It has ended already: one row is enough.
                ChangeKind::Started(..) if ended.contains(&change.request) => continue,
                ChangeKind::Started(outgoing, reservation) => {
                    ClientRequest::Started(outgoing, reservation)
                }
                ChangeKind::Released(more) => {
                    self.kept.released.extend(more);
                    continue;
                }
                ChangeKind::Ended(attempt) => ClientRequest::Ended {
                    record: self.row_of(change.request, &attempt),
                    attempt,
                },
            };
            let is_start = matches!(request, ClientRequest::Started(..));
            let row = (change.client, request);
            let start = (is_behind && !is_start).then(|| self.kept.start_of(change.request));
            match start.flatten() {
                Some(at) => self.kept.replace(at, row),
                None => self.kept.push(change.request, is_start, row),
            }
        }
    }

    /// The row of a request that has ended. A damaged file leaves its rows to the next one, and an
    /// outcome is written only to a row of the same time: any other may be deleted in its place.
    fn row_of(&mut self, request: u64, attempt: &Attempt) -> Option<RecordId> {
        let (record, file) = self.open.remove(&request)?;
        (attempt.sent.is_some() || file == self.file).then_some(record)
    }

    /// Writes what was gathered, which stays for the next time where that fails.
    fn write(&mut self) {
        if self.kept.is_empty() {
            return;
        }
        let mut written = self.record();
        // The file is another meanwhile, or will be.
        if let Err(StoreError::Replaced { .. } | StoreError::Corrupt { .. }) = written {
            self.file += 1;
            self.kept.forget_file();
            written = Store::open(&self.home).and_then(|store| {
                self.store = store;
                self.record()
            });
        }
        let rows = match written {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "the ledger could not be written");
                self.trouble.set(error.to_string());
                return self.kept.shorten();
            }
        };
        let done = std::mem::take(&mut self.kept);
        let started = done
            .numbers
            .iter()
            .zip(rows)
            .filter(|((_, is_start), _)| *is_start);
        self.open
            .extend(started.filter_map(|((number, _), row)| Some((*number, (row?, self.file)))));
    }

    fn record(&mut self) -> Result<Vec<Option<RecordId>>, StoreError> {
        let Rows {
            requests, released, ..
        } = &self.kept;
        self.store.record_client_requests(requests, released)
    }
}

impl Rows {
    fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.released.is_empty()
    }

    fn push(&mut self, number: u64, is_start: bool, row: (String, ClientRequest)) {
        self.numbers.push((number, is_start));
        self.requests.push(row);
    }

    /// Where the start of a request waits to be written.
    fn start_of(&self, number: u64) -> Option<usize> {
        let mut waiting = self.numbers.iter();
        waiting.position(|other| *other == (number, true))
    }

    /// Puts the end of a request in the place of its start: one row is enough.
    fn replace(&mut self, at: usize, row: (String, ClientRequest)) {
        self.numbers[at].1 = false;
        self.requests[at] = row;
    }

    /// Without the reservations of another file, and without its rows for what was not sent.
    fn forget_file(&mut self) {
        self.released.clear();
        for (_, request) in &mut self.requests {
            match request {
                ClientRequest::Started(_, reservation) => *reservation = None,
                ClientRequest::Ended { attempt, record } => {
                    *record = record.filter(|_| attempt.sent.is_some());
                }
            }
        }
    }

    /// Keeps the newest.
    fn shorten(&mut self) {
        let surplus = self.requests.len().saturating_sub(MOST_KEPT);
        self.numbers.drain(..surplus);
        self.requests.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::chat::answer::Sent;
    use crate::chat::attempt_status::AttemptStatus;
    use crate::chat::cost::Cost;
    use crate::chat::samples;
    use crate::store::samples::replace_file;

    fn unsent() -> Attempt {
        Attempt {
            status: AttemptStatus::Unreachable,
            sent: None,
            ..samples::attempt(samples::sent())
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

    fn outgoing() -> OutgoingRequest {
        OutgoingRequest {
            at: SystemTime::now(),
            profile: "work".to_owned(),
            provider: "openrouter".to_owned(),
            model: "a/b".to_owned(),
            worst: Some(0.5),
        }
    }

    fn change(request: u64, what: ChangeKind) -> Change {
        let client = "laptop".to_owned();
        Change {
            request,
            client,
            what,
        }
    }

    #[test]
    fn rows_go_to_the_new_file_when_the_store_was_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let mut writer = LedgerWriter::new(home.clone(), Store::open(&home).unwrap());
        writer.gather(vec![change(1, ChangeKind::Started(outgoing(), None))]);
        writer.write();
        for name in ["amx.db", "amx.db-wal", "amx.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(name));
        }
        assert!(!folder.path().join("amx.db").exists());
        writer.gather(vec![change(2, ChangeKind::Started(outgoing(), None))]);
        writer.write();
        assert_eq!(writer.trouble.take(), None);
        writer.gather(vec![change(1, ChangeKind::Ended(Box::new(unsent())))]);
        writer.write();
        let spent = Store::open(&home)
            .unwrap()
            .spent_by_client(SystemTime::now());
        assert_eq!(
            spent.unwrap(),
            [("laptop".to_owned(), 0.5)],
            "of the second"
        );
    }

    #[test]
    fn a_request_in_progress_counts_once_in_a_file_that_has_its_row() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let mut writer = LedgerWriter::new(home.clone(), Store::open(&home).unwrap());
        let outgoing = outgoing();
        let attempt = samples::attempt(Sent {
            at: outgoing.at,
            cost: Cost::of(Some(0.25), None, None),
            ..samples::sent()
        });
        writer.gather(vec![change(1, ChangeKind::Started(outgoing, None))]);
        writer.write();
        replace_file(&home);
        writer.gather(vec![change(1, ChangeKind::Ended(Box::new(attempt)))]);
        writer.write();
        assert_eq!(writer.trouble.take(), None);
        let store = Store::open(&home).unwrap();
        let spent = store.spent_by_client(SystemTime::now()).unwrap();
        assert_eq!(spent, [("laptop".to_owned(), 0.25)]);
    }

    #[test]
    fn rows_that_cannot_be_written_are_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let mut writer = LedgerWriter::new(home.clone(), Store::open(&home).unwrap());
        // Gone, and no folder to make a new one in.
        let aside = folder.path().with_extension("aside");
        std::fs::rename(folder.path(), &aside).unwrap();
        std::fs::write(folder.path(), "").unwrap();
        writer.gather(vec![
            change(1, ChangeKind::Started(outgoing(), None)),
            change(2, ChangeKind::Started(outgoing(), None)),
        ]);
        writer.write();
        assert!(writer.trouble.take().is_some());
        std::fs::remove_file(folder.path()).unwrap();
        std::fs::rename(&aside, folder.path()).unwrap();
        writer.gather(vec![change(2, ChangeKind::Ended(Box::new(unsent())))]);
        writer.write();
        assert_eq!(writer.trouble.take(), None);
        let spent = Store::open(&home)
            .unwrap()
            .spent_by_client(SystemTime::now());
        assert_eq!(spent.unwrap(), [("laptop".to_owned(), 0.5)], "of the first");
    }
}
