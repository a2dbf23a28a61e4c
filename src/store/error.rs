//! The errors of the database, each with the operation that failed.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::types::Type;

use super::id::{SessionId, TurnId};
use crate::wire::files::is_full;

/// `operation` is what failed, such as `saving the question`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{} is a symbolic link; amx does not write through links", path.display())]
    Symlink { path: PathBuf },
    /// A pipe, a device or a folder in the place of a file. Nothing was opened.
    #[error("{} is not a regular file", path.display())]
    NotRegular { path: PathBuf },
    /// A database with tables of another program. Nothing was changed.
    #[error("{} is not a database of amx", path.display())]
    Foreign { path: PathBuf },
    /// A newer version wrote the file. Nothing was changed.
    #[error(
        "{} was written by a newer amx (schema version {found}, supported: {known})",
        path.display()
    )]
    Newer {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    /// Another process held the write lock until the timeout.
    #[error("{operation} failed: {} is locked by another process", path.display())]
    Busy {
        operation: &'static str,
        path: PathBuf,
    },
    /// Nothing was changed.
    #[error("{operation} failed: no space left for {}", path.display())]
    Full {
        operation: &'static str,
        path: PathBuf,
    },
    /// Permissions, a quota, a file size limit, an I/O error. Nothing was changed.
    #[error("{operation} failed: {} cannot be written", path.display())]
    Unwritable {
        operation: &'static str,
        path: PathBuf,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The path now belongs to another file than the one that was opened.
    #[error("{operation} failed: {} was moved or deleted", path.display())]
    Replaced {
        operation: &'static str,
        path: PathBuf,
    },
    /// The next [`Store::open`](super::Store::open) checks the file, and repairs it or
    /// moves it aside.
    #[error("{operation} failed: {} is damaged", path.display())]
    Corrupt {
        operation: &'static str,
        path: PathBuf,
    },
    /// A value that this program never writes.
    #[error("{operation} failed: {} contains an invalid value", path.display())]
    Unreadable {
        operation: &'static str,
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    /// Any other error of SQLite.
    #[error("{operation} failed: {} cannot be read", path.display())]
    Database {
        operation: &'static str,
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("no session {0}")]
    NoSession(SessionId),
    /// The turn was deleted, or belongs to another session.
    #[error("no turn {0} in this session")]
    NoTurn(TurnId),
    #[error("invalid session name '{}': a {why}", name.escape_debug())]
    BadName { name: String, why: &'static str },
    #[error("a session named '{}' already exists", name.escape_debug())]
    NameTaken { name: String },
}

/// The error for a value that this program never writes.
pub(crate) fn unreadable(
    what: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, what.into())
}

/// Whether a table or a column is missing: the statements are those of this program, so the tables
/// are not. SQLite has the same code for other errors, such as a sum that overflows.
fn is_unknown_table(source: &rusqlite::Error) -> bool {
    let words = match source {
        rusqlite::Error::SqlInputError { msg, .. } => Some(msg),
        rusqlite::Error::SqliteFailure(error, words)
            if error.extended_code == rusqlite::ffi::SQLITE_ERROR =>
        {
            words.as_ref()
        }
        _ => None,
    };
    // "table drafts has no column named answer" is what an INSERT says.
    words.is_some_and(|words| {
        ["no such table", "no such column", "has no column named"]
            .iter()
            .any(|what| words.contains(what))
    })
}

impl StoreError {
    /// Classifies an error of SQLite.
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
        if is_unknown_table(&source) {
            return Self::Foreign { path };
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { operation, path }
            }
            Some(ErrorCode::DiskFull) => Self::Full { operation, path },
            // So does a full disk, where SQLite writes its index of the journal.
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen)
                if path.parent().is_some_and(is_full) =>
            {
                Self::Full { operation, path }
            }
            // Quotas and file size limits surface as I/O errors.
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

    /// Classifies an I/O error.
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
