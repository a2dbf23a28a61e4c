//! `--restart`: starts a job over, and keeps the old output under another name.

use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};

use super::file_errors::cannot_write;
use super::options::{JobOptions, journal_of};
use super::own_files;
use super::side_file::{self, SideFile};
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;

/// The number that the old outputs do not reach.
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

/// Checks that the file of the failed rows can be replaced: one of the old output is moved too.
///
/// # Errors
/// When it cannot, or the side file of the output cannot be read.
pub(crate) fn check(output: &Path, options: &JobOptions) -> Result<(), CommandError> {
    let earlier = side_file::read_at(&side_file::path_of(output))?;
    let noted = earlier.map(|(_, earlier)| earlier.errors);
    own_files::check_errors(options, &noted.unwrap_or_default())
}

/// Renames the output, its side file, its journal and the file of its failed rows that this run
/// replaces to `FILE.1`, or the first number that is free for all of them.
///
/// # Errors
/// When another job writes to it, no number is free, or a file cannot be renamed.
pub(crate) fn move_aside(output: &Path, options: &JobOptions) -> Result<(), CommandError> {
    let mut files = vec![
        output.to_owned(),
        side_file::path_of(output),
        journal_of(output),
    ];
    if !files.iter().any(|path| path.exists()) {
        return Ok(());
    }
    // Held until all have their new names.
    let (_lock, earlier) = SideFile::open(output)?;
    if let Some((_, earlier)) = earlier {
        if !earlier.batches.batches.is_empty() {
            return Err(unfetched(output, earlier.batches.batches.len()).hint(
                "run it with --discount and without --restart first, which fetches the answers",
            ));
        }
        let replaced = options.errors.as_deref();
        let is_own = |path: &&Path| own_files::is_noted(path, output, &earlier.errors);
        files.extend(replaced.filter(is_own).map(own_files::place_of));
    }
    let is_free = |number: &u32| !files.iter().any(|path| numbered(path, *number).exists());
    let number = (1..MOST).find(is_free).ok_or_else(|| all_kept(output))?;
    for path in &files {
        match std::fs::rename(path, numbered(path, number)) {
            Err(error) if error.kind() != IoErrorKind::NotFound => {
                return Err(cannot_write(path, error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// The error when no number is free.
fn all_kept(output: &Path) -> CommandError {
    let shown = output.display();
    let message = format!("{shown}.1 to {shown}.{} exist: no name is left", MOST - 1);
    CommandError::new(ErrorKind::LocalIo, message)
        .hint("remove old outputs, or choose another output: -o FILE")
}
