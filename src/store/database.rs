//! The connection to the database: opened, migrated to the current schema, used in transactions.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::error::StoreError;
use super::migrations::{self, version_known};
use super::owner::{check_owner, version};
use super::private_file::{OPENING, check_files, create_private_directory, identity, make_private};
use super::write_lock::{self, WriteLock};
use super::{read_connection, recovery, repair};
use crate::config::Home;

/// SQLite's name for no file at all.
const IN_MEMORY: &str = ":memory:";

/// `synchronous = NORMAL`: committed data survives a crash of the process; a power failure may lose
/// the last turns, never the file. `secure_delete`: replaced and deleted data is overwritten.
const PRAGMAS: &str = "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA secure_delete \
    = ON; PRAGMA journal_size_limit = 4194304;";

/// The database, open for reading and writing. Any number of processes may have it open.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Device and inode of the file, where the system has them.
    identity: Option<(u64, u64)>,
    moved_aside: Option<PathBuf>,
}

/// Why a transaction failed.
pub enum DatabaseFault {
    Sqlite(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for DatabaseFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for DatabaseFault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Store {
    /// Opens the file, and creates it if it does not exist. A damaged one is first repaired, or
    /// moved aside: see [`Self::moved_aside`].
    pub fn open(home: &Home) -> Result<Self, StoreError> {
        create_private_directory(home.directory())?;
        Self::at(home.database_file())
    }

    /// Opens the file; `None` if it does not exist. For commands that read: where it cannot be
    /// written, it is opened for reading only.
    pub fn open_existing(home: &Home) -> Result<Option<Self>, StoreError> {
        let path = home.database_file();
        match std::fs::symlink_metadata(&path) {
            Ok(_) => match Self::at(path.clone()) {
                Err(error @ (StoreError::Unwritable { .. } | StoreError::Full { .. })) => {
                    Self::for_reading(path).map(Some).ok_or(error)
                }
                opened => opened.map(Some),
            },
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(StoreError::of_system(OPENING, &path, error)),
        }
    }

    /// `None` when the file cannot be read either, or is of a newer version. One of an older
    /// version is read into memory and migrated there.
    fn for_reading(path: PathBuf) -> Option<Self> {
        let mut connection = read_connection::open(&path, write_lock::TIMEOUT).ok()?;
        if !is_current(&connection, &path).ok()? {
            connection = migrations::migrated_copy(&connection)
                .inspect_err(|error| tracing::debug!(%error, "the older file cannot be read"))
                .ok()?;
        }
        Some(Self {
            connection,
            identity: identity(&path),
            path,
            moved_aside: None,
        })
    }

    /// Opens the file without migrating or repairing it; `None` when it is missing, unreadable or
    /// of another version.
    pub fn open_unchanged(home: &Home) -> Option<Self> {
        let path = home.database_file();
        check_files(&path).ok()?;
        let connection = path
            .is_file()
            .then(|| readable_connection(&path).ok())
            .flatten()?;
        is_current(&connection, &path).ok()?.then(|| Self {
            connection,
            identity: identity(&path),
            path,
            moved_aside: None,
        })
    }

    /// Conversations for this process only, in memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        let path = PathBuf::from(IN_MEMORY);
        let failed = |source| StoreError::of(OPENING, &path, source);
        let mut connection = Connection::open_in_memory().map_err(failed)?;
        connection.execute_batch(PRAGMAS).map_err(failed)?;
        in_transaction(&mut connection, migrate_all).map_err(|fault| match fault {
            DatabaseFault::Sqlite(source) => failed(source),
            DatabaseFault::Store(error) => error,
        })?;
        Ok(Self {
            connection,
            identity: identity(&path),
            path,
            moved_aside: None,
        })
    }

    /// The new path of a damaged file; the caller should report it.
    pub fn moved_aside(&self) -> Option<&Path> {
        self.moved_aside.as_deref()
    }

    fn at(path: PathBuf) -> Result<Self, StoreError> {
        let is_private = make_private(&path);
        let before = identity(&path);
        let opened = is_private.and_then(|()| ready_connection(&path));
        if identity(&path) == before {
            match opened {
                Ok(connection) => {
                    return Ok(Self {
                        connection,
                        identity: before,
                        path,
                        moved_aside: None,
                    });
                }
                // Another process may be creating the file, or moving a damaged one aside.
                Err(StoreError::Corrupt { .. } | StoreError::Unwritable { .. }) => {}
                Err(error) => return Err(error),
            }
        } else {
            // Another process has moved a damaged file aside: SQLite finds the journal of the new
            // one by its name, and reads it with the old file.
            drop(opened);
        }
        let lock = write_lock::wait(&path)?;
        make_private(&path)?;
        let (connection, moved_aside) = match locked_connection(&path, &lock) {
            Err(StoreError::Corrupt { .. }) => repaired(&path, &lock)?,
            opened => (opened?, None),
        };
        Ok(Self {
            connection,
            identity: identity(&path),
            path,
            moved_aside,
        })
    }

    /// Reads. `operation` names the operation in an error.
    pub fn read<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, DatabaseFault>,
    ) -> Result<T, StoreError> {
        work(&self.connection).map_err(|fault| self.failed(operation, fault))
    }

    /// Writes in one transaction: all of it or nothing.
    pub fn write<T>(
        &mut self,
        operation: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, DatabaseFault>,
    ) -> Result<T, StoreError> {
        if self.is_in_memory() {
            return in_transaction(&mut self.connection, work)
                .map_err(|fault| self.failed(operation, fault));
        }
        let written = match write_lock::wait(&self.path) {
            Ok(_lock) => self
                .check_identity(operation)
                .and_then(|()| in_transaction(&mut self.connection, work)),
            Err(error) => Err(error.into()),
        };
        written.map_err(|fault| self.failed(operation, fault))
    }

    /// Like [`Self::write`], but `None` at once when another process is writing.
    pub fn write_now<T>(
        &mut self,
        operation: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, DatabaseFault>,
    ) -> Result<Option<T>, StoreError> {
        if self.is_in_memory() {
            return self.write(operation, work).map(Some);
        }
        let written = match write_lock::now(&self.path) {
            Ok(Some(_lock)) => self
                .check_identity(operation)
                .and_then(|()| in_transaction(&mut self.connection, work))
                .map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error.into()),
        };
        written.map_err(|fault| self.failed(operation, fault))
    }

    /// Removes deleted data from the journal too. Another process that reads may prevent it; then
    /// the journal is emptied when the last process closes the file.
    pub fn empty_journal(&self) {
        let _ = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// No other process writes to it.
    fn is_in_memory(&self) -> bool {
        self.path == Path::new(IN_MEMORY)
    }

    /// Data written to a file that was deleted or moved in the meantime would be lost silently.
    fn check_identity(&self, operation: &'static str) -> Result<(), DatabaseFault> {
        if self.identity == identity(&self.path) {
            return Ok(());
        }
        Err(StoreError::Replaced {
            operation,
            path: self.path.clone(),
        }
        .into())
    }

    fn failed(&self, operation: &'static str, fault: DatabaseFault) -> StoreError {
        let error = match fault {
            DatabaseFault::Sqlite(source) => StoreError::of(operation, &self.path, source),
            DatabaseFault::Store(error) => error,
        };
        if matches!(error, StoreError::Corrupt { .. }) {
            recovery::suspect(&self.path);
        }
        error
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, DatabaseFault>,
) -> Result<T, DatabaseFault> {
    // Immediate: the write lock is taken at the start, where waiting is safe. A transaction that
    // reads first and writes later could only fail.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// A connection to a file of the current schema.
fn ready_connection(path: &Path) -> Result<Connection, StoreError> {
    let connection = readable_connection(path)?;
    if is_current(&connection, path)? {
        return Ok(connection);
    }
    // Reopened under the lock: the file may be replaced until then.
    drop(connection);
    locked_connection(path, &write_lock::wait(path)?)
}

/// Like [`ready_connection`], and creates or migrates the schema. Needs the write lock: processes
/// that switch to the write-ahead journal at once fail without waiting.
fn locked_connection(path: &Path, _lock: &WriteLock) -> Result<Connection, StoreError> {
    let mut connection = readable_connection(path)?;
    if !is_current(&connection, path)? {
        upgrade(&mut connection).map_err(|fault| match fault {
            DatabaseFault::Sqlite(source) => StoreError::of(OPENING, path, source),
            DatabaseFault::Store(error) => error,
        })?;
    }
    Ok(connection)
}

/// A connection in place of a damaged file: to the same one when only its full-text index was
/// damaged, otherwise to a new one with the ledger, and the path of the old one.
fn repaired(path: &Path, lock: &WriteLock) -> Result<(Connection, Option<PathBuf>), StoreError> {
    let repaired = unexamined_connection(path).map_or(Ok(false), |mut connection| {
        repair::repair_index(&mut connection)
    });
    if repaired.map_err(|source| StoreError::of(OPENING, path, source))? {
        recovery::acquit(path);
        return Ok((locked_connection(path, lock)?, None));
    }
    let aside = recovery::move_aside(path, lock)?;
    make_private(path)?;
    let mut connection = locked_connection(path, lock)?;
    let carried = in_transaction(&mut connection, |transaction| {
        Ok(repair::carry_ledger(&aside, transaction)?)
    });
    if carried.is_err() {
        tracing::debug!("no ledger can be read from the damaged file");
    }
    Ok((connection, Some(aside)))
}

/// Whether the file has the current schema. A newer one is an error, and so is a foreign one.
fn is_current(connection: &Connection, path: &Path) -> Result<bool, StoreError> {
    let known = version_known();
    let found = check_owner(connection, path, known)?;
    if found > known {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    Ok(found == known)
}

/// A connection to a file that can be read, whatever its schema.
fn readable_connection(path: &Path) -> Result<Connection, StoreError> {
    let connection = unexamined_connection(path)?;
    if recovery::is_suspected(path) {
        examine(&connection, path)?;
    }
    Ok(connection)
}

/// The same, without the check of a file that failed before.
fn unexamined_connection(path: &Path) -> Result<Connection, StoreError> {
    let failed = |source| StoreError::of(OPENING, path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection
        .busy_timeout(write_lock::TIMEOUT)
        .map_err(failed)?;
    connection.execute_batch(PRAGMAS).map_err(failed)?;
    version(&connection).map_err(failed)?;
    Ok(connection)
}

/// Migrates the file to the current schema.
fn upgrade(connection: &mut Connection) -> Result<(), DatabaseFault> {
    // In this mode, which the file records, readers and the writer do not wait for each other.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    in_transaction(connection, migrate_all)
}

fn migrate_all(transaction: &Transaction<'_>) -> Result<(), DatabaseFault> {
    Ok(migrations::migrate(transaction)?)
}

/// Checks the integrity of a file that failed before.
fn examine(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let is_intact =
        repair::is_intact(connection).map_err(|source| StoreError::of(OPENING, path, source))?;
    if !is_intact {
        return Err(StoreError::Corrupt {
            operation: OPENING,
            path: path.to_owned(),
        });
    }
    recovery::acquit(path);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::turn::Turn;
    use crate::store::samples::{answered, asked, attempt, names, store};
    use serde_json::Value;
    use std::io::Write;

    fn home() -> (tempfile::TempDir, Home) {
        let directory = tempfile::TempDir::new().unwrap();
        let home = Home::at(directory.path());
        (directory, home)
    }

    #[test]
    fn reading_creates_no_file() {
        let (_directory, home) = home();
        assert!(Store::open_existing(&home).unwrap().is_none());
        assert!(
            Store::open_existing(&Home::at(home.directory().join("absent")))
                .unwrap()
                .is_none()
        );
        assert!(names(&home).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn files_that_others_can_read_become_private() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, home, mut store) = store();
        store
            .create_session(None, &Value::Null, &asked("q"))
            .unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let mut files = recovery::files_of(&home.database_file()).to_vec();
        files.retain(|file| file.exists());
        assert_eq!(files.len(), 3, "the database has a write-ahead log");
        assert!(files.iter().all(|file| mode(file) == 0o600) && mode(home.directory()) == 0o700);
        for file in &files {
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o666)).unwrap();
        }
        let _other = Store::open(&home).unwrap();
        assert!(files.iter().all(|file| mode(file) == 0o600));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_symbolic_link() {
        for name in [
            "amx.db",
            "amx.db-wal",
            "amx.db-shm",
            "amx.db-journal",
            "amx.db.lock",
        ] {
            let (directory, home) = home();
            let elsewhere = directory.path().join("elsewhere");
            std::os::unix::fs::symlink(&elsewhere, directory.path().join(name)).unwrap();
            assert!(
                matches!(Store::open(&home), Err(StoreError::Symlink { .. })),
                "{name}"
            );
            assert!(!elsewhere.exists(), "{name}");
        }
    }

    #[test]
    fn a_newer_file_is_refused_and_stays_unchanged() {
        let (_directory, home, store) = store();
        store
            .connection
            .pragma_update(None, "user_version", 99)
            .unwrap();
        drop(store);
        let before = std::fs::read(home.database_file()).unwrap();
        assert!(matches!(
            Store::open(&home),
            Err(StoreError::Newer { found: 99, known, .. }) if known == version_known()
        ));
        assert!(matches!(
            Store::open_existing(&home),
            Err(StoreError::Newer { .. })
        ));
        assert_eq!(std::fs::read(home.database_file()).unwrap(), before);
    }

    #[test]
    fn a_file_that_is_not_a_database_is_moved_aside() {
        let (_directory, home) = home();
        let garbage = b"this is no database, and never was one\n".repeat(100);
        std::fs::write(home.database_file(), &garbage).unwrap();
        let mut store = Store::open(&home).unwrap();
        let aside = store.moved_aside().unwrap().to_owned();
        assert_eq!(std::fs::read(&aside).unwrap(), garbage);
        store
            .create_session(None, &Value::Null, &asked("q"))
            .unwrap();
        drop(store);
        assert!(Store::open(&home).unwrap().moved_aside().is_none());
        // A second one in the same second gets another name.
        std::fs::write(home.database_file(), &garbage).unwrap();
        let second = Store::open(&home).unwrap();
        assert!(
            second
                .moved_aside()
                .is_some_and(|path| path != aside && path.exists())
                && aside.exists()
        );
    }

    #[test]
    fn damage_found_while_reading_is_repaired_at_the_next_open() {
        let (_directory, home, mut store) = store();
        let long = Turn {
            text: "x".repeat(100_000),
            ..answered("q", "")
        };
        let (session, _) = store.create_session(None, &Value::Null, &long).unwrap();
        drop(store);
        let mut bytes = std::fs::read(home.database_file()).unwrap();
        let page = 4096;
        let long_pages = bytes
            .chunks_mut(page)
            .filter(|chunk| chunk.ends_with(b"xxxxxxxx"));
        long_pages.for_each(|chunk| chunk[..64].fill(0xff));
        std::fs::write(home.database_file(), &bytes).unwrap();
        // The pages that are read to open it are intact.
        let store = Store::open(&home).unwrap();
        assert!(store.moved_aside().is_none());
        assert!(matches!(
            store.path(session),
            Err(StoreError::Corrupt { .. })
        ));
        drop(store);
        let store = Store::open(&home).unwrap();
        let aside = store.moved_aside().unwrap();
        assert_eq!(std::fs::read(aside).unwrap().len(), bytes.len());
        assert!(store.sessions(None).unwrap().is_empty());
        assert!(!names(&home).iter().any(|name| name.ends_with(".suspect")));
    }

    #[test]
    fn an_older_file_that_cannot_be_written_is_read() {
        let (_directory, home) = home();
        let old = Connection::open(home.database_file()).unwrap();
        // The second version: without the ledger.
        old.execute_batch(include_str!("schema.sql")).unwrap();
        old.execute_batch(include_str!("catalog.sql")).unwrap();
        old.execute_batch(
            "INSERT INTO sessions VALUES (3, 'plan', 'the title', '{}', NULL, 1, 1);
            INSERT INTO turns (id, session, depth, asked_at, state, profile, provider, \
                requested_model, cost_source, total)
            VALUES (7, 3, 1, 1, 'complete', 'work', 'demo', 'm', 'unknown', 0);
            INSERT INTO contents (turn, question, answer, reasoning)
            VALUES (7, 'where is the needle', 'in the haystack', '');
            UPDATE sessions SET head = 7; PRAGMA user_version = 2;",
        )
        .unwrap();
        drop(old);
        let before = std::fs::read(home.database_file()).unwrap();
        let store = Store::for_reading(home.database_file()).unwrap();
        assert_eq!(store.sessions(None).unwrap()[0].title, "the title");
        assert_eq!(store.search("needle", 10).unwrap().len(), 1);
        assert_eq!(spent_today(&store).to_string(), "0");
        drop(store);
        assert_eq!(std::fs::read(home.database_file()).unwrap(), before);
    }

    /// A store with a conversation and a row of the ledger of today, closed.
    fn spent_store() -> (tempfile::TempDir, Home) {
        let (directory, home, mut store) = store();
        let long = Turn {
            text: "x".repeat(100_000),
            ..answered("where is the needle", "in the haystack")
        };
        store.create_session(None, &Value::Null, &long).unwrap();
        let spent = attempt(std::time::SystemTime::now(), Some(9.6));
        store.settle(&[], &[spent], None).unwrap();
        (directory, home)
    }

    fn spent_today(store: &Store) -> f64 {
        store.spent_today(std::time::SystemTime::now()).unwrap().usd
    }

    /// Asserts that the next open repairs the index and keeps everything.
    fn assert_index_is_repaired(home: &Home) {
        let store = Store::open(home).unwrap();
        assert!(store.search("needle", 10).is_err());
        drop(store);
        let store = Store::open(home).unwrap();
        assert!(store.moved_aside().is_none());
        assert_eq!(store.search("needle", 10).unwrap().len(), 1);
        assert_eq!(store.sessions(None).unwrap().len(), 1);
        assert_eq!(spent_today(&store).to_string(), "9.6");
        assert!(repair::is_intact(&store.connection).unwrap());
        assert!(!recovery::is_suspected(&home.database_file()));
    }

    #[test]
    fn a_damaged_index_is_regenerated_in_place() {
        let (_directory, home) = spent_store();
        Connection::open(home.database_file())
            .unwrap()
            .execute_batch("UPDATE contents_index_data SET block = randomblob(length(block))")
            .unwrap();
        assert_index_is_repaired(&home);
    }

    /// Overwrites a page of the index.
    fn damage_index(home: &Home) {
        let root: i64 = Connection::open(home.database_file())
            .unwrap()
            .query_row(
                "SELECT rootpage FROM sqlite_schema WHERE name = 'contents_index_data'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        let end = usize::try_from(root).unwrap() * 4096;
        let mut bytes = std::fs::read(home.database_file()).unwrap();
        bytes[end - 4096..end].fill(0xa5);
        std::fs::write(home.database_file(), &bytes).unwrap();
    }

    #[test]
    fn damaged_pages_of_the_index_are_left_out_of_the_file() {
        let (_directory, home) = spent_store();
        damage_index(&home);
        assert_index_is_repaired(&home);
    }

    #[test]
    fn a_full_disk_is_no_damage_beside_that_of_the_index() {
        let (_directory, home) = spent_store();
        damage_index(&home);
        let mut connection = unexamined_connection(&home.database_file()).unwrap();
        let least = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        connection
            .query_row("PRAGMA max_page_count = 1", [], least)
            .unwrap();
        let error = repair::repair_index(&mut connection).unwrap_err();
        assert_eq!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DiskFull)
        );
        drop(connection);
        assert_index_is_repaired(&home);
    }

    #[test]
    fn the_ledger_of_a_file_that_is_moved_aside_is_carried_over() {
        let (_directory, home) = spent_store();
        let mut damaged = Store::open(&home).unwrap();
        let row = attempt(std::time::SystemTime::now(), Some(0.1));
        damaged.settle(&[], &[row], None).unwrap();
        let sql = "UPDATE ledger SET model = CAST(x'ff' AS TEXT) WHERE id = 2";
        damaged.connection.execute_batch(sql).unwrap();
        drop(damaged);
        let mut bytes = std::fs::read(home.database_file()).unwrap();
        let texts = bytes
            .chunks_mut(4096)
            .filter(|page| page.ends_with(b"xxxxxxxx"));
        texts.for_each(|page| page[..64].fill(0xff));
        std::fs::write(home.database_file(), &bytes).unwrap();
        recovery::suspect(&home.database_file());
        let mut store = Store::open(&home).unwrap();
        assert!(store.moved_aside().is_some() && store.sessions(None).unwrap().is_empty());
        assert_eq!(spent_today(&store).to_string(), "9.7");
        let more = attempt(std::time::SystemTime::now(), Some(0.4));
        store.settle(&[], &[more], None).unwrap();
        assert_eq!(spent_today(&store).to_string(), "10.1");
    }

    #[test]
    fn a_suspected_file_that_is_intact_stays_in_place() {
        let (_directory, home, mut store) = store();
        store
            .create_session(None, &Value::Null, &asked("q"))
            .unwrap();
        recovery::suspect(&home.database_file());
        drop(store);
        let store = Store::open(&home).unwrap();
        assert!(store.moved_aside().is_none() && store.sessions(None).unwrap().len() == 1);
        assert!(!recovery::is_suspected(&home.database_file()));
    }

    #[test]
    #[ignore = "the child process of the test below, which starts it by name"]
    fn opens_and_writes() {
        // All of them start at once: when the parent has started the last.
        let mut home = String::new();
        std::io::stdin().read_line(&mut home).unwrap();
        Store::open(&Home::at(home.trim()))
            .unwrap()
            .create_session(None, &Value::Null, &asked("q"))
            .unwrap();
    }

    /// Processes that open the store at once, and write. A thread does not see the locks of another
    /// one on the files of SQLite.
    fn open_in_processes(home: &Home) {
        let start = |_| {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "--nocapture"])
                .arg("store::database::tests::opens_and_writes")
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        };
        let mut children: Vec<_> = (0..8).map(start).collect();
        for child in &mut children {
            let mut stdin = child.stdin.take().unwrap();
            writeln!(stdin, "{}", home.directory().display()).unwrap();
        }
        for child in children {
            let output = child.wait_with_output().unwrap();
            let words = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{words}");
        }
        assert_eq!(Store::open(home).unwrap().sessions(None).unwrap().len(), 8);
    }

    #[test]
    fn concurrent_processes_create_the_file_once() {
        let (_directory, home) = home();
        open_in_processes(&home);
        assert!(!names(&home).iter().any(|name| name.contains(".corrupt-")));
    }

    #[test]
    fn concurrent_processes_move_a_damaged_file_once() {
        let (_directory, home) = home();
        std::fs::write(home.database_file(), b"no database\n".repeat(1000)).unwrap();
        open_in_processes(&home);
        let names = names(&home);
        let moved = names.iter().filter(|name| name.contains(".corrupt-"));
        assert_eq!(moved.count(), 1);
    }

    #[test]
    fn tables_that_are_changed_meanwhile_are_those_of_another_program() {
        let (_directory, home, mut store) = store();
        let (_, turn) = store
            .create_session(None, &Value::Null, &asked("q"))
            .unwrap();
        let other = Connection::open(home.database_file()).unwrap();
        other
            .execute_batch("DROP TABLE drafts; CREATE TABLE drafts (a)")
            .unwrap();
        let error = store.checkpoint(turn, "text", "").unwrap_err();
        assert!(matches!(&error, StoreError::Foreign { path } if *path == home.database_file()));
        assert!(
            error.to_string().ends_with("is not a database of amx"),
            "{error}"
        );
        // What it cannot read is no damage: nothing is moved.
        assert!(!recovery::is_suspected(&home.database_file()));
    }

    #[test]
    fn a_full_disk_is_reported_and_changes_nothing() {
        let (_directory, _home, mut store) = store();
        let (session, first) = store
            .create_session(None, &Value::Null, &asked("q"))
            .unwrap();
        let pages: i64 = store
            .connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        store
            .connection
            .query_row(
                &format!("PRAGMA max_page_count = {}", pages + 3),
                [],
                |_| Ok(()),
            )
            .unwrap();
        let long = Turn {
            text: "x".repeat(100_000),
            ..answered("q", "")
        };
        let error = store.finish_turn(first, &long).unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::Full {
                    operation: "saving the answer",
                    ..
                }
            ),
            "{error}"
        );
        assert!(matches!(
            store.start_turn(session, Some(first), &long),
            Err(StoreError::Full { .. })
        ));
        let turns = store.path(session).unwrap();
        assert_eq!((turns.len(), turns[0].turn.text.as_str()), (1, ""));
        store
            .connection
            .query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(()))
            .unwrap();
        store.finish_turn(first, &long).unwrap();
    }

    #[test]
    fn a_writer_waits_for_another_process() {
        let (_directory, home, mut store) = store();
        let (session, first) = store
            .create_session(None, &Value::Null, &asked("0"))
            .unwrap();
        store.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let home = &home;
            scope.spawn(move || {
                let mut other = Store::open(home).unwrap();
                sender.send(()).unwrap();
                other.start_turn(session, Some(first), &asked("1")).unwrap();
            });
            receiver.recv().unwrap();
            assert_eq!(
                Store::open(home).unwrap().path(session).unwrap().len(),
                1,
                "readers do not wait"
            );
            store.connection.execute_batch("COMMIT").unwrap();
        });
        assert_eq!(store.path(session).unwrap().len(), 2);
    }
}
