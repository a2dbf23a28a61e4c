//! What can go wrong with the file of conversations, each with what was being done.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::id::{SessionId, TurnId};

/// `operation` says what was being done, such as `saving the question`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{} is a symbolic link, and amx writes through none", path.display())]
    Symlink { path: PathBuf },
    /// The file is of a later version. Nothing was changed.
    #[error("{} was written by a newer amx (version {found}, this one knows {known})", path.display())]
    Newer {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    /// Another process wrote all the time that was waited.
    #[error("{operation} failed: another process holds {}", path.display())]
    Busy {
        operation: &'static str,
        path: PathBuf,
    },
    /// Nothing was changed.
    #[error("{operation} failed: there is no space left for {}", path.display())]
    Full {
        operation: &'static str,
        path: PathBuf,
    },
    /// Permissions, a quota, a limit, a fault of the disk. Nothing was changed.
    #[error("{operation} failed: {} cannot be written", path.display())]
    Unwritable {
        operation: &'static str,
        path: PathBuf,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file that was opened is not the one that lies there now.
    #[error("{operation} failed: {} was moved or deleted", path.display())]
    Replaced {
        operation: &'static str,
        path: PathBuf,
    },
    /// The next [`Store::open`](super::Store::open) examines the file and moves it aside.
    #[error("{operation} failed: {} is damaged", path.display())]
    Corrupt {
        operation: &'static str,
        path: PathBuf,
    },
    /// A value in the file that this program does not write.
    #[error("{operation} failed: {} holds a value that cannot be read", path.display())]
    Unreadable {
        operation: &'static str,
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    /// Anything else that SQLite says.
    #[error("{operation} failed: {} does not answer", path.display())]
    Database {
        operation: &'static str,
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("there is no session {0}")]
    NoSession(SessionId),
    /// The turn was deleted, or belongs to another session.
    #[error("there is no turn {0} in the session")]
    NoTurn(TurnId),
    #[error("'{}' cannot be the name of a session: a {why}", name.escape_debug())]
    BadName { name: String, why: &'static str },
    #[error("there is a session '{}' already", name.escape_debug())]
    NameTaken { name: String },
}

impl StoreError {
    /// The meaning of an error of SQLite.
    pub fn of(operation: &'static str, path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        if matches!(
            source,
            rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..)
        ) {
            return Self::Unreadable {
                operation,
                path,
                source,
            };
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { operation, path }
            }
            Some(ErrorCode::DiskFull) => Self::Full { operation, path },
            // A quota or the limit of a file shows as a failure to write.
            Some(
                ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure,
            ) => Self::Unwritable {
                operation,
                path,
                source: Box::new(source),
            },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { operation, path }
            }
            _ => Self::Database {
                operation,
                path,
                source,
            },
        }
    }

    /// The meaning of an error of the system.
    pub fn of_system(operation: &'static str, path: &Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::StorageFull => Self::Full { operation, path },
            _ => Self::Unwritable {
                operation,
                path,
                source: Box::new(source),
            },
        }
    }
}
