//! One writer at a time, queued by the kernel: SQLite polls for its own lock, and some processes
//! would wait forever.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::StoreError;
use crate::wire::lock::{FileLock, LockError};

/// Longest wait for one holder of the lock.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

const WAITING: &str = "waiting for the write lock";

/// The write lock; released when it is dropped.
pub(super) struct WriteLock {
    _lock: FileLock,
}

/// Waits until no other process writes, creates or moves the database at `path`.
pub(super) fn wait(path: &Path) -> Result<WriteLock, StoreError> {
    let path = lock_path(path);
    match FileLock::wait(&path, TIMEOUT) {
        Ok(lock) => Ok(WriteLock { _lock: lock }),
        Err(error) => Err(store_error(error, path)),
    }
}

/// The lock, if it is free.
pub(super) fn now(path: &Path) -> Result<Option<WriteLock>, StoreError> {
    let path = lock_path(path);
    match FileLock::now(&path) {
        Ok(lock) => Ok(Some(WriteLock { _lock: lock })),
        Err(LockError::Busy) => Ok(None),
        Err(error) => Err(store_error(error, path)),
    }
}

/// The lock file of a database.
fn lock_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    PathBuf::from(name)
}

fn store_error(error: LockError, path: PathBuf) -> StoreError {
    match error {
        LockError::Symlink => StoreError::Symlink { path },
        LockError::NotRegular => StoreError::NotRegular { path },
        LockError::Busy => StoreError::Busy {
            operation: WAITING,
            path,
        },
        LockError::Io(source) => StoreError::of_system(WAITING, &path, source),
    }
}
