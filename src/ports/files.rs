//! Reads files that a user names, and quotes their paths.

use std::io::Error;
use std::path::Path;

use super::error::{CommandError, ErrorKind};
use crate::platform::commands::{FIRST_PART, LIST_FILE};
use crate::platform::paths;
use crate::platform::system::System;
use crate::wire::files::{self, ReadError};

/// The bytes of a regular file of at most `most` bytes. `fails` says what failed, such as
/// `cannot be attached`.
pub(crate) fn read_bounded(path: &Path, most: u64, fails: &str) -> Result<Vec<u8>, CommandError> {
    let failed = |source: Error| {
        CommandError::new(ErrorKind::Input, format!("{} {fails}", path.display()))
            .caused_by(source)
            .hint(LIST_FILE.with([&quoted(path)]))
    };
    files::read_bounded(path, most).map_err(|error| match error {
        ReadError::TooLarge { .. } => {
            let message = format!("{} is larger than {} MiB", path.display(), most >> 20);
            CommandError::new(ErrorKind::Input, message).hint(format!(
                "use a part of it, for example {}",
                FIRST_PART.with([])
            ))
        }
        ReadError::NotRegular => failed(Error::other(format!("{error}; pipe it to stdin instead"))),
        other => failed(other.into()),
    })
}

/// A path as it can be typed into a shell.
pub(crate) fn quoted(path: &Path) -> String {
    System::CURRENT.quoted(&paths::shown(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_for_a_shell() {
        assert_eq!(quoted(Path::new("a b.txt")), "'a b.txt'");
        assert_eq!(quoted(Path::new("a.rs")), "a.rs");
    }
}
