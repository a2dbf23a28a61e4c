//! The errors of the files of a job: its output, its journal, its side file.

use std::io::Error;
use std::path::Path;

use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;

/// The error for a file that cannot be read.
pub(crate) fn cannot_read(path: &Path, error: Error) -> CommandError {
    let message = format!("{} cannot be read", path.display());
    CommandError::new(ErrorKind::LocalIo, message)
        .caused_by(error)
        .hint("check the file and its permissions, then run the command again")
}

/// The error for a file that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: Error) -> CommandError {
    let message = format!("{} cannot be written", path.display());
    CommandError::new(ErrorKind::LocalIo, message)
        .caused_by(error)
        .hint("check the folder, its permissions and the space left, then run the command again")
}

/// The error for a line of a journal that no job wrote; lines count from 1.
pub(crate) fn foreign_line(path: &Path, number: u64) -> CommandError {
    let message = format!("{}:{number} is not a line of amx batch", path.display());
    CommandError::new(ErrorKind::LocalIo, message).hint(format!(
        "choose another output, or move it away: mv {0} {0}.other",
        quoted(path)
    ))
}

/// The error for a side file that no job wrote.
pub(crate) fn not_ours(path: &Path) -> CommandError {
    let message = format!("{} is not a side file of amx batch", path.display());
    CommandError::new(ErrorKind::LocalIo, message).hint(format!(
        "move it away, or choose another output: mv {0} {0}.other",
        quoted(path)
    ))
}
