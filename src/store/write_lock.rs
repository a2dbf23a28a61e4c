//! One writer at a time, queued by the kernel: SQLite polls for its own lock, and some processes
//! would wait forever.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use super::error::StoreError;

/// Longest wait for the lock.
pub const TIMEOUT: Duration = Duration::from_secs(10);

const WAITING: &str = "waiting for the write lock";

/// The write lock; released when it is dropped.
pub struct WriteLock {
    _file: File,
}

/// Waits until no other process writes, creates or moves the database at `path`.
pub fn wait(path: &Path) -> Result<WriteLock, StoreError> {
    let (file, path) = open(path)?;
    if try_lock(&file, &path)? {
        Ok(WriteLock { _file: file })
    } else {
        wait_in_queue(file, path)
    }
}

/// The lock, if it is free.
pub fn now(path: &Path) -> Result<Option<WriteLock>, StoreError> {
    let (file, path) = open(path)?;
    Ok(try_lock(&file, &path)?.then_some(WriteLock { _file: file }))
}

/// The lock file, and its path.
fn open(path: &Path) -> Result<(File, PathBuf), StoreError> {
    let mut name = OsString::from(path);
    name.push(".lock");
    let path = PathBuf::from(name);
    if std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Err(StoreError::Symlink { path });
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(&path)
        .map_err(|source| StoreError::of_system(WAITING, &path, source))?;
    Ok((file, path))
}

fn try_lock(file: &File, path: &Path) -> Result<bool, StoreError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        // A file system without file locks: SQLite's own remain.
        Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
            Ok(true)
        }
        Err(TryLockError::Error(source)) => Err(StoreError::of_system(WAITING, path, source)),
    }
}

/// Waits on a separate thread, so that the wait can time out. The thread ends with the process.
fn wait_in_queue(file: File, path: PathBuf) -> Result<WriteLock, StoreError> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // After the timeout the channel is closed, and dropping the file releases the lock.
        let _ = sender.send(file.lock().map(|()| file));
    });
    match receiver.recv_timeout(TIMEOUT) {
        Ok(Ok(file)) => Ok(WriteLock { _file: file }),
        Ok(Err(source)) => Err(StoreError::of_system(WAITING, &path, source)),
        Err(_) => Err(StoreError::Busy {
            operation: WAITING,
            path,
        }),
    }
}
