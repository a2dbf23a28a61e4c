//! Private files: readable by their owner only, written atomically, never through a link.

use std::path::Path;

use super::error::ConfigError;
use crate::wire::files::{self, Existing};

/// The name of a file while it is written.
pub(super) const TEMPORARY_PREFIX: &str = ".config.";

/// Creates a folder with mode 0700, whatever the umask.
pub(super) fn create_directory(path: &Path) -> Result<(), ConfigError> {
    files::create_private_directory(path).map_err(write_error(path))
}

pub(super) fn refuse_symlink(path: &Path) -> Result<(), ConfigError> {
    if files::is_symlink(path) {
        return Err(ConfigError::Symlink {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// Writes a new file (0600, never through a link), flushes it to disk, and renames it over the old.
pub(super) fn write_atomically(path: &Path, text: &str) -> Result<(), ConfigError> {
    write(path, text, Existing::Replace)
}

/// The same for a file that must not exist.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), ConfigError> {
    write(path, text, Existing::Refuse)
}

fn write(path: &Path, text: &str, existing: Existing) -> Result<(), ConfigError> {
    refuse_symlink(path)?;
    files::replace_private(path, text.as_bytes(), TEMPORARY_PREFIX, existing)
        .map_err(write_error(path))
}

fn write_error(path: &Path) -> impl FnOnce(std::io::Error) -> ConfigError {
    move |source| ConfigError::Write {
        path: path.to_owned(),
        source,
    }
}
