//! Whether files can be written, before anything depends on it.

use std::io::Result as IoResult;
use std::path::Path;

/// Checks that files can be created in a folder.
///
/// # Errors
/// When it is read-only, by its permissions or its file system.
#[cfg(unix)]
pub(crate) fn check_writable(folder: &Path) -> IoResult<()> {
    use rustix::fs::{Access, access};
    Ok(access(folder, Access::WRITE_OK)?)
}

/// Nothing is checked here: the permissions of a folder are not those of its files.
#[cfg(not(unix))]
pub(crate) fn check_writable(_: &Path) -> IoResult<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_takes_no_files_is_found() {
        assert!(check_writable(&std::env::temp_dir()).is_ok());
        assert!(check_writable(Path::new("/no/such/folder")).is_err());
    }
}
