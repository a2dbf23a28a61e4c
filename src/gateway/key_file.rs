//! The file of client keys: `serve-keys.json`, which only its owner may read.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::client_key::ClientKey;
use crate::config::Home;
use crate::wire::files::{self, Existing, ReadError};
use crate::wire::lock::{FileLock, LockError};

/// Largest file that is read, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Longest wait for another process that changes the file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

const VERSION: u32 = 1;

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    #[error("{} cannot be read", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: ReadError,
    },
    #[error("{} is not a file of client keys", path.display())]
    Invalid {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("{} was written by a newer amx", path.display())]
    Newer { path: PathBuf },
    #[error("{} cannot be locked", path.display())]
    Lock {
        path: PathBuf,
        #[source]
        source: LockError,
    },
    #[error("{} cannot be written", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Written {
    version: u32,
    keys: Vec<ClientKey>,
}

/// Path of the file.
pub(crate) fn path(home: &Home) -> PathBuf {
    home.directory().join("serve-keys.json")
}

/// The keys of the file; none when there is no file.
pub(crate) fn read(home: &Home) -> Result<Vec<ClientKey>, KeyFileError> {
    let path = path(home);
    let text = match files::read_text(&path, LARGEST) {
        Ok(text) => text,
        Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Vec::new());
        }
        Err(source) => return Err(KeyFileError::Read { path, source }),
    };
    let written: Written = match serde_json::from_str(&text) {
        Ok(written) => written,
        Err(source) => return Err(KeyFileError::Invalid { path, source }),
    };
    if written.version > VERSION {
        return Err(KeyFileError::Newer { path });
    }
    Ok(written.keys)
}

/// Changes the keys of the file, under its lock.
pub(crate) fn change<T>(
    home: &Home,
    work: impl FnOnce(&mut Vec<ClientKey>) -> T,
) -> Result<T, KeyFileError> {
    let path = path(home);
    let write = |source| KeyFileError::Write {
        path: path.clone(),
        source,
    };
    files::create_private_directory(home.directory()).map_err(write)?;
    let lock = path.with_extension("lock");
    let _lock = FileLock::wait(&lock, LOCK_TIMEOUT)
        .map_err(|source| KeyFileError::Lock { path: lock, source })?;
    let before = read(home)?;
    let mut keys = before.clone();
    let result = work(&mut keys);
    if keys != before {
        let written = Written {
            version: VERSION,
            keys,
        };
        // A struct of strings and numbers always serialises.
        let mut text = serde_json::to_string_pretty(&written).unwrap_or_default();
        text.push('\n');
        files::replace_private(&path, text.as_bytes(), "serve-keys", Existing::Replace)
            .map_err(write)?;
    }
    Ok(result)
}

/// When the file was last changed, to notice changes.
pub(super) fn modified(path: &Path) -> Option<std::time::SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}
