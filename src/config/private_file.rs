//! Private files: readable by their owner only, written atomically, never through a link.

use std::io::Write;
use std::path::Path;

use super::error::ConfigError;

/// The name of a file while it is written.
pub const TEMPORARY_PREFIX: &str = ".config.";
pub const TEMPORARY_SUFFIX: &str = ".tmp";

/// Creates a folder with mode 0700, whatever the umask.
pub fn create_directory(path: &Path) -> Result<(), ConfigError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| ConfigError::Write {
        path: path.to_owned(),
        source,
    })
}

pub fn refuse_symlink(path: &Path) -> Result<(), ConfigError> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Err(ConfigError::Symlink {
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Writes a new file (0600, never through a link), flushes it to disk, and renames it over the old.
pub fn write_atomically(path: &Path, text: &str) -> Result<(), ConfigError> {
    write(path, text, true)
}

/// The same for a file that must not exist.
pub fn write_new(path: &Path, text: &str) -> Result<(), ConfigError> {
    write(path, text, false)
}

fn write(path: &Path, text: &str, may_replace: bool) -> Result<(), ConfigError> {
    refuse_symlink(path)?;
    let write = || -> std::io::Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY_PREFIX)
            .suffix(TEMPORARY_SUFFIX)
            .tempfile_in(directory)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        if may_replace {
            file.persist(path)
        } else {
            file.persist_noclobber(path)
        }
        .map_err(|error| error.error)?;
        #[cfg(unix)]
        std::fs::File::open(directory)?.sync_all()?;
        Ok(())
    };
    write().map_err(|source| ConfigError::Write {
        path: path.to_owned(),
        source,
    })
}
