//! `--restart`: starts a job over, and keeps the old output under another name.

use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};

use super::journal::cannot_use;
use super::options::journal_of;
use super::side_file::{self, SideFile};
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;

/// Most old outputs that are kept.
const MOST: u32 = 1000;

/// The error for an output with batches that are paid for and not fetched.
pub(crate) fn unfetched(output: &Path, batches: usize) -> CommandError {
    let message = format!(
        "rows of {} are in {} that {} not fetched yet",
        output.display(),
        plural(batches, "discounted batch"),
        if batches == 1 { "is" } else { "are" }
    );
    CommandError::new(ErrorKind::Input, message)
}

/// Renames the output and its side file to `FILE.1`, or the first number that is free.
///
/// # Errors
/// When another job writes to it, or a file cannot be renamed.
pub(crate) fn move_aside(output: &Path) -> Result<(), CommandError> {
    let side = side_file::path_of(output);
    if !output.exists() && !side.exists() {
        return Ok(());
    }
    // Held until both have their new names.
    let (_lock, earlier) = SideFile::open(output)?;
    if let Some((_, earlier)) = earlier
        && !earlier.batches.batches.is_empty()
    {
        return Err(unfetched(output, earlier.batches.batches.len()).hint(
            "run it with --discount and without --restart first, which fetches the answers",
        ));
    }
    let numbered = |path: &Path, number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    };
    let journal = journal_of(output);
    let is_free =
        |number: &u32| !numbered(output, *number).exists() && !numbered(&side, *number).exists();
    let number = (1..MOST).find(is_free).unwrap_or(MOST);
    for path in [output, &side, &journal] {
        match std::fs::rename(path, numbered(path, number)) {
            Err(error) if error.kind() != IoErrorKind::NotFound => {
                return Err(cannot_use(path, error));
            }
            _ => {}
        }
    }
    Ok(())
}
