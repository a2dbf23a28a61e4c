//! A connection that only reads, also where nobody can write: it creates no file, and needs no lock
//! and no shared memory where there cannot be any.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::recovery;

/// How the file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// With the locks and the shared memory of the write-ahead journal, next to writers.
    Shared,
    /// Without a journal there is no writer, and nothing to share.
    Immutable,
    /// The journal is read into memory, and no lock is taken: nobody can write.
    #[cfg(unix)]
    Alone,
}

impl Mode {
    /// The parameters of the URI.
    fn parameters(self) -> &'static str {
        match self {
            Self::Shared => "mode=ro",
            Self::Immutable => "mode=ro&immutable=1",
            #[cfg(unix)]
            Self::Alone => "mode=ro&vfs=unix-none",
        }
    }

    /// Where SQLite could not open what it shares with writers.
    #[cfg(unix)]
    const LAST: Self = Self::Alone;
    #[cfg(not(unix))]
    const LAST: Self = Self::Immutable;
}

/// Opens the file, and waits at most so long for another process.
pub(super) fn open(path: &Path, timeout: Duration) -> rusqlite::Result<Connection> {
    match open_as(Mode::Shared, path, timeout) {
        Err(error) if is_unshared(&error) && has_journal(path) => {
            open_as(Mode::LAST, path, timeout)
        }
        Err(error) if is_unshared(&error) => open_as(Mode::Immutable, path, timeout),
        opened => opened,
    }
}

/// The same without waiting, and without a file next to it where nobody writes.
pub(super) fn open_without_trace(path: &Path) -> rusqlite::Result<Connection> {
    if has_journal(path) {
        open(path, Duration::ZERO)
    } else {
        open_as(Mode::Immutable, path, Duration::ZERO)
    }
}

fn has_journal(path: &Path) -> bool {
    let [journal, ..] = recovery::files_of(path);
    journal.exists()
}

/// Whether the shared memory can be neither opened nor created.
fn is_unshared(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
        )
    )
}

fn open_as(mode: Mode, path: &Path, timeout: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri(path, mode), flags)?;
    connection.busy_timeout(timeout)?;
    if mode == Mode::LAST {
        // Before the first read: the index of the journal is then kept in memory.
        connection.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
    }
    // SQLite opens the files with the first read.
    connection.query_row("PRAGMA schema_version", [], |_| Ok(()))?;
    Ok(connection)
}

/// The file as a URI of SQLite.
fn uri(path: &Path, mode: Mode) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            uri.push_str(&format!("%{byte:02x}"));
        }
    }
    uri.push('?');
    uri.push_str(mode.parameters());
    uri
}
