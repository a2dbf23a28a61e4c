//! Locks between processes: one holder at a time, in the order of the kernel's queue.

use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use super::files::{is_symlink, private_options};

/// A locked file; the lock ends when it is dropped.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

/// Why a lock was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// A lock file is never opened through a link.
    #[error("it is a symbolic link")]
    Symlink,
    #[error("another process holds it")]
    Busy,
    #[error(transparent)]
    Io(#[from] Error),
}

impl FileLock {
    /// Waits for the lock, at most so long. The file is created if it does not exist.
    pub(crate) fn wait(path: &Path, longest: Duration) -> Result<Self, LockError> {
        let file = open(path)?;
        if try_lock(&file)? {
            return Ok(Self { _file: file });
        }
        // On a thread of its own: the kernel's queue is fair where repeated attempts are not, and a
        // wait that lasts too long can be given up. The thread ends with the process.
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            // Nobody receives any more when the time is over; the lock ends with the file.
            let _ = sender.send(file.lock().map(|()| file));
        });
        match receiver.recv_timeout(longest) {
            Ok(locked) => Ok(Self { _file: locked? }),
            Err(_) => Err(LockError::Busy),
        }
    }

    /// The lock, if it is free.
    pub(crate) fn now(path: &Path) -> Result<Self, LockError> {
        let file = open(path)?;
        if try_lock(&file)? {
            Ok(Self { _file: file })
        } else {
            Err(LockError::Busy)
        }
    }
}

fn open(path: &Path) -> Result<File, LockError> {
    if is_symlink(path) {
        return Err(LockError::Symlink);
    }
    let mut options = private_options();
    options.read(true).write(true).create(true).truncate(false);
    Ok(options.open(path)?)
}

/// Locks an open file if it is free. True also on a file system without locks, where no process can
/// hold one.
pub(crate) fn try_lock(file: &File) -> Result<bool, Error> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = FileLock::now(&path).unwrap();
        assert!(matches!(FileLock::now(&path), Err(LockError::Busy)));
        let waited = FileLock::wait(&path, Duration::from_millis(20));
        assert!(matches!(waited, Err(LockError::Busy)));
        drop(held);
        // The thread of the wait that was given up may hold it for a moment.
        assert!(FileLock::wait(&path, Duration::from_secs(5)).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &path).unwrap();
        assert!(matches!(FileLock::now(&path), Err(LockError::Symlink)));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
