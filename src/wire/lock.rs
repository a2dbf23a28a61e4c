//! Locks between processes: one holder at a time, in the order of the kernel's queue.

use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use super::files::{is_symlink, private_options};

/// Time between two attempts where no thread can wait.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// The stack of the thread that waits, in bytes: it makes one system call.
const WAITER_STACK: usize = 64 * 1024;

/// How often a wait is extended because the queue moves.
const MOST_EXTENSIONS: u32 = 12;

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
    /// A pipe, a device or a folder in its place.
    #[error("it is not a regular file")]
    NotRegular,
    #[error("another process holds it")]
    Busy,
    #[error(transparent)]
    Io(#[from] Error),
}

impl FileLock {
    /// Waits for the lock while it passes from one holder to the next, at most `longest` for each
    /// of them. The file is created if it does not exist.
    pub(crate) fn wait(path: &Path, longest: Duration) -> Result<Self, LockError> {
        let file = open(path)?;
        if try_lock(&file)? {
            return Ok(Self::held(file));
        }
        let mut queue = Queue::join(file)?;
        for _ in 0..=MOST_EXTENSIONS {
            // Each holder sets the time of the file: a queue that moves is only long.
            let before = taken_at(path);
            if let Some(file) = queue.wait(longest)? {
                return Ok(Self::held(file));
            }
            if taken_at(path) == before {
                break;
            }
        }
        Err(LockError::Busy)
    }

    /// The lock, if it is free.
    pub(crate) fn now(path: &Path) -> Result<Self, LockError> {
        let file = open(path)?;
        if try_lock(&file)? {
            Ok(Self::held(file))
        } else {
            Err(LockError::Busy)
        }
    }

    fn held(file: File) -> Self {
        // Without it, those who wait are less patient.
        let _ = file.set_modified(SystemTime::now());
        Self { _file: file }
    }
}

/// When the lock was last taken.
fn taken_at(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}

/// A place among those who wait for a lock.
enum Queue {
    /// In the kernel's queue, on a thread of its own: the queue is fair where repeated attempts are
    /// not, and a wait that lasts too long can be given up. The thread ends with the process.
    Kernel(Receiver<Result<File, Error>>),
    /// Repeated attempts, where no thread can be started.
    Poll(File),
}

impl Queue {
    fn join(file: File) -> Result<Self, Error> {
        let (sender, receiver) = mpsc::channel();
        let waiter = file.try_clone()?;
        let started = std::thread::Builder::new()
            .stack_size(WAITER_STACK)
            .spawn(move || {
                // Nobody receives any more when the time is over; the lock ends with the file.
                let _ = sender.send(waiter.lock().map(|()| waiter));
            });
        Ok(match started {
            Ok(_) => Self::Kernel(receiver),
            Err(_) => Self::Poll(file),
        })
    }

    /// The locked file; `None` when the time is over.
    fn wait(&mut self, longest: Duration) -> Result<Option<File>, Error> {
        match self {
            Self::Kernel(receiver) => match receiver.recv_timeout(longest) {
                Ok(locked) => locked.map(Some),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(None),
            },
            Self::Poll(file) => {
                let start = Instant::now();
                while start.elapsed() < longest {
                    std::thread::park_timeout(POLL_INTERVAL);
                    if try_lock(file)? {
                        return file.try_clone().map(Some);
                    }
                }
                Ok(None)
            }
        }
    }
}

fn open(path: &Path) -> Result<File, LockError> {
    if is_symlink(path) {
        return Err(LockError::Symlink);
    }
    // Before it is opened: to open a pipe may wait for its other end.
    if std::fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(LockError::NotRegular);
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

    #[test]
    fn a_wait_without_a_thread_ends_with_the_lock_or_the_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = FileLock::now(&path).unwrap();
        let mut queue = Queue::Poll(open(&path).unwrap());
        assert!(queue.wait(Duration::from_millis(20)).unwrap().is_none());
        drop(held);
        assert!(queue.wait(Duration::from_secs(5)).unwrap().is_some());
    }

    #[test]
    fn a_queue_that_moves_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = FileLock::now(&path).unwrap();
        let other = open(&path).unwrap();
        let (sender, receiver) = mpsc::channel::<()>();
        let waited = std::thread::scope(|scope| {
            scope.spawn(move || {
                // Another holder again and again, for longer than one wait.
                for _ in 0..6 {
                    let over = receiver.recv_timeout(Duration::from_millis(50));
                    assert!(matches!(over, Err(RecvTimeoutError::Timeout)));
                    other.set_modified(SystemTime::now()).unwrap();
                }
                drop(held);
            });
            let waited = FileLock::wait(&path, Duration::from_millis(150));
            drop(sender);
            waited
        });
        assert!(waited.is_ok(), "{waited:?}");
    }

    #[test]
    fn only_a_regular_file_is_a_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        std::fs::create_dir(&path).unwrap();
        assert!(matches!(FileLock::now(&path), Err(LockError::NotRegular)));
        let waited = FileLock::wait(&path, Duration::from_secs(5));
        assert!(matches!(waited, Err(LockError::NotRegular)));
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
