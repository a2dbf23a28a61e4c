//! The servers that run with the same folder: a file for each, and a lock that its process holds.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::client_key::seconds;
use crate::config::Home;
use crate::wire::files;
use crate::wire::lock::{FileLock, LockError};
use crate::wire::server::ListenAddress;

/// Largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// A running server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunningServer {
    pub pid: u32,
    /// Where it listens, as `--listen` is written.
    pub listen: String,
    /// Seconds since 1970.
    pub started_at: u64,
}

/// The file of this process; it is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    file: PathBuf,
    lock: PathBuf,
    _held: FileLock,
}

impl Drop for Registration {
    fn drop(&mut self) {
        // What is left is removed at the next start.
        let _ = std::fs::remove_file(&self.file);
        let _ = std::fs::remove_file(&self.lock);
    }
}

fn folder(home: &Home) -> PathBuf {
    home.directory().join("serving")
}

/// Registers this process, and removes the files of processes that are gone.
///
/// # Errors
/// The files cannot be written.
pub(crate) fn register(home: &Home, listen: &ListenAddress) -> io::Result<Registration> {
    let folder = folder(home);
    files::create_private_directory(&folder)?;
    for (file, lock) in registered(&folder) {
        if !is_held(&lock) {
            let _ = std::fs::remove_file(file);
            let _ = std::fs::remove_file(lock);
        }
    }
    let name = format!("{:016x}", fastrand::u64(..));
    let (file, lock) = paths(&folder, &name);
    let held = FileLock::now(&lock).map_err(|error| match error {
        LockError::Io(error) => error,
        error => io::Error::other(error.to_string()),
    })?;
    let server = RunningServer {
        pid: std::process::id(),
        listen: listen.to_string(),
        started_at: seconds(SystemTime::now()),
    };
    let registration = Registration {
        file,
        lock,
        _held: held,
    };
    let text = serde_json::to_string(&server)? + "\n";
    let mut options = files::private_options();
    let mut written = options
        .write(true)
        .create_new(true)
        .open(&registration.file)?;
    written.write_all(text.as_bytes())?;
    Ok(registration)
}

/// The servers that run with this folder, the oldest first. Nothing is changed.
pub(crate) fn list(home: &Home) -> Vec<RunningServer> {
    let mut servers: Vec<RunningServer> = registered(&folder(home))
        .into_iter()
        .filter(|(_, lock)| is_held(lock))
        .filter_map(|(file, _)| serde_json::from_str(&files::read_text(&file, LARGEST).ok()?).ok())
        .collect();
    servers.sort_by_key(|server| (server.started_at, server.pid));
    servers
}

/// The file and the lock of each registration.
fn registered(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        name.strip_suffix(".lock").map(str::to_owned)
    });
    names.map(|name| paths(folder, &name)).collect()
}

fn paths(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let path = |extension: &str| folder.join(format!("{name}.{extension}"));
    (path("json"), path("lock"))
}

/// Whether a process holds a lock. A shared try does not disturb others that look.
fn is_held(lock: &Path) -> bool {
    let Ok(file) = File::open(lock) else {
        return false;
    };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_listed_as_long_as_its_process_holds_the_lock() {
        let temporary = tempfile::tempdir().unwrap();
        let home = Home::at(temporary.path());
        assert_eq!(list(&home), []);
        let address = ListenAddress::parse("127.0.0.1:4180").unwrap();
        let registration = register(&home, &address).unwrap();
        let listed = list(&home);
        assert_eq!(listed.len(), 1);
        assert_eq!(
            (listed[0].pid, listed[0].listen.as_str()),
            (std::process::id(), "127.0.0.1:4180")
        );
        drop(registration);
        assert_eq!(list(&home), []);
        // A process that was killed leaves both files, and nobody holds the lock.
        let (file, lock) = paths(&folder(&home), "0");
        std::fs::write(&file, serde_json::to_string(&listed[0]).unwrap()).unwrap();
        std::fs::write(&lock, "").unwrap();
        assert_eq!(list(&home), []);
        let _registration = register(&home, &address).unwrap();
        assert!(!file.exists() && !lock.exists());
    }
}
