//! The database file on disk: created private, never behind a symbolic link, and recognised by
//! its inode.

use std::path::Path;

use super::error::StoreError;
use super::recovery;

/// What [`StoreError`] reports as the failed operation.
pub(super) const OPENING: &str = "opening the conversations";

/// Device and inode of a file; `None` if it does not exist, or where the system has none.
#[cfg(unix)]
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path)
        .ok()
        .map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub(super) fn identity(_path: &Path) -> Option<(u64, u64)> {
    None
}

/// Creates the directory with mode 0700 whatever the umask is.
pub(super) fn create_private_directory(path: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|source| StoreError::of_system(OPENING, path, source))
}

/// Checks that no link, pipe, device or folder is in the place of a file of the database: nothing
/// is written through a link, and to open a pipe waits for its other end.
pub(super) fn check_files(path: &Path) -> Result<(), StoreError> {
    for path in recovery::files_of(path) {
        match std::fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => return Err(StoreError::Symlink { path }),
            Ok(metadata) if !metadata.is_file() => return Err(StoreError::NotRegular { path }),
            _ => {}
        }
    }
    Ok(())
}

/// Ensures that the file exists with mode 0600. SQLite gives the journal the same mode.
pub(super) fn make_private(path: &Path) -> Result<(), StoreError> {
    check_files(path)?;
    if path.exists() {
        return tighten(path);
    }
    match create_private(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => tighten(path),
        Err(error) => Err(StoreError::of_system(OPENING, path, error)),
    }
}

/// Creates an empty file that only its owner can read. It is closed under a temporary name and then
/// renamed: closing a file releases the locks that any thread of this process holds on it.
fn create_private(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::Builder::new()
        .prefix(".amx-")
        .tempfile_in(directory)?
        .into_temp_path();
    file.persist_noclobber(path).map_err(|error| error.error)
}

/// Removes the permissions of other users.
#[cfg(unix)]
fn tighten(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let is_open = |path: &Path| {
        std::fs::metadata(path)
            .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o077 != 0)
    };
    for path in recovery::files_of(path)
        .into_iter()
        .filter(|path| is_open(path))
    {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
            .map_err(|source| StoreError::of_system(OPENING, &path, source))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn tighten(_path: &Path) -> Result<(), StoreError> {
    Ok(())
}
