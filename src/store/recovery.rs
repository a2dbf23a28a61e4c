//! Recovery from a damaged file: it is moved aside with its journal, never deleted.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::StoreError;
use super::write_lock::WriteLock;
use crate::platform::system::System;

const MOVING: &str = "moving the damaged file aside";

/// Time between two attempts at a rename, and their number: a second in all.
const RENAME_PAUSE: Duration = Duration::from_millis(20);
const RENAME_ATTEMPTS: u32 = 50;

/// Suffixes of the files of a database, the journals first: a new database must never find the
/// journal of an old one. SQLite looks for `-journal` in every mode.
const SUFFIXES: [&str; 4] = ["-wal", "-shm", "-journal", ""];

/// The journals, the shared memory and the database itself.
pub(super) fn files_of(path: &Path) -> [PathBuf; 4] {
    SUFFIXES.map(|suffix| with_suffix(path, suffix))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Renames the file with its journal, and returns the new path. Needs the write lock, and a file
/// that is still damaged under it.
pub(super) fn move_aside(path: &Path, _lock: &WriteLock) -> Result<PathBuf, StoreError> {
    let failed = |source| StoreError::of_system(MOVING, path, source);
    let aside = free_name(path);
    for suffix in SUFFIXES {
        match rename(&with_suffix(path, suffix), &with_suffix(&aside, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(error));
            }
            _ => {}
        }
    }
    acquit(path);
    Ok(aside)
}

/// Renames a file. On Windows it must not be open; a process that examines it closes it in a
/// moment.
fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    let attempts = (1..RENAME_ATTEMPTS).map(|_| std::fs::rename(from, to));
    for attempt in attempts {
        match attempt {
            Err(error) if is_open_elsewhere(&error) => std::thread::park_timeout(RENAME_PAUSE),
            done => return done,
        }
    }
    std::fs::rename(from, to)
}

fn is_open_elsewhere(error: &std::io::Error) -> bool {
    /// `ERROR_SHARING_VIOLATION`.
    const SHARING_VIOLATION: i32 = 32;
    System::CURRENT.is_windows() && error.raw_os_error() == Some(SHARING_VIOLATION)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// `amx.db.corrupt-1795236000`, with the seconds since 1970; further ones of the same second are
/// numbered.
fn free_name(path: &Path) -> PathBuf {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let names = (0_u32..).map(|number| match number {
        0 => with_suffix(path, &format!(".corrupt-{seconds}")),
        _ => with_suffix(path, &format!(".corrupt-{seconds}-{number}")),
    });
    let mut free = names.filter(|name| {
        !files_of(name)
            .iter()
            .any(|file| std::fs::symlink_metadata(file).is_ok())
    });
    free.next().unwrap_or_else(|| with_suffix(path, ".corrupt"))
}

fn marker(path: &Path) -> PathBuf {
    with_suffix(path, ".suspect")
}

/// Marks the file as suspect: the next process to open it checks its integrity.
pub(super) fn suspect(path: &Path) {
    // Without the marker the file fails again, and is marked then.
    let _ = private(OpenOptions::new().write(true).create_new(true)).open(marker(path));
}

pub(super) fn is_suspected(path: &Path) -> bool {
    marker(path).exists()
}

pub(super) fn acquit(path: &Path) {
    let _ = std::fs::remove_file(marker(path));
}
