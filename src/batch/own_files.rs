//! The files of a job: none of those that it writes may be another one, or lose what a user has in
//! it.

use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};

use super::file_errors::cannot_write;
use super::input::Input;
use super::options::{JobOptions, journal_of};
use super::side_file;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;

/// Checks that no file of a job has two purposes; `recording` is that of its requests.
///
/// # Errors
/// [`ErrorKind::Usage`] when one has.
pub(crate) fn check(
    options: &JobOptions,
    input: &Input,
    recording: Option<&Path>,
) -> Result<(), CommandError> {
    let Some(output) = &options.output else {
        return Ok(());
    };
    let (side, journal) = (side_file::path_of(output), journal_of(output));
    let written = [
        ("-o", Some(output.as_path())),
        ("the side file of -o", Some(side.as_path())),
        ("the journal of -o", Some(journal.as_path())),
        ("--errors", options.errors.as_deref()),
        ("--record", recording),
    ];
    let files = input.files.iter().filter(|file| !file.is_stdin());
    let read = files.map(|file| ("the input", Some(file.path.as_path())));
    let mut known: Vec<(&str, PathBuf)> = Vec::new();
    // The same input may be given twice.
    let read = read.map(|file| (true, file));
    for (is_read, (name, path)) in read.chain(written.map(|file| (false, file))) {
        let Some(path) = path else { continue };
        let place = place_of(path);
        let is_same = |other: &&(&str, PathBuf)| other.1 == place;
        let same = if is_read {
            None
        } else {
            known.iter().find(is_same)
        };
        if let Some((other, _)) = same {
            let shown = path.display();
            let message = format!("{other} and {name} are the same file: {shown}");
            return Err(CommandError::usage(message).hint("give each file a name of its own"));
        }
        known.push((name, place));
    }
    Ok(())
}

/// Checks that the file of the failed rows can be replaced; `noted` are those that earlier runs
/// wrote for this output.
///
/// # Errors
/// [`ErrorKind::LocalIo`] when it has something that no job wrote, is no file, or has no folder.
pub(crate) fn check_errors(options: &JobOptions, noted: &[String]) -> Result<(), CommandError> {
    let (Some(path), Some(output)) = (&options.errors, &options.output) else {
        return Ok(());
    };
    if is_nowhere(path) {
        return Ok(());
    }
    let shown = path.display();
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            let message = format!("{shown} is not a regular file");
            Err(CommandError::new(ErrorKind::LocalIo, message).hint("--errors FILE   (a new file)"))
        }
        Ok(metadata) if metadata.len() > 0 && !is_noted(path, output, noted) => {
            let message = format!("{shown} already exists and has no failed rows of this output");
            Err(CommandError::new(ErrorKind::LocalIo, message).hint(format!(
                "choose another file for --errors, or move it away: mv {0} {0}.other",
                quoted(path)
            )))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() != IoErrorKind::NotFound => Err(cannot_write(path, error)),
        Err(error) => match folder_of(path) {
            Some(folder) if !folder.is_dir() => Err(cannot_write(path, error)),
            _ => Ok(()),
        },
    }
}

/// Whether what is written there is discarded.
pub(crate) fn is_nowhere(path: &Path) -> bool {
    let is_device = |metadata: std::fs::Metadata| !metadata.is_file();
    path == Path::new("/dev/null") && std::fs::metadata(path).is_ok_and(is_device)
}

/// How a file of failed rows is noted in the side file of an output: relative to the folder of the
/// output where it is in it, as the whole folder may be moved.
pub(crate) fn note_of(path: &Path, output: &Path) -> String {
    let (place, output) = (place_of(path), place_of(output));
    let inner = output
        .parent()
        .and_then(|folder| place.strip_prefix(folder).ok());
    inner.unwrap_or(&place).to_string_lossy().into_owned()
}

/// Whether a file of failed rows is one of those that are noted for an output.
pub(crate) fn is_noted(path: &Path, output: &Path, noted: &[String]) -> bool {
    noted.contains(&note_of(path, output))
}

/// The folder of a path with one.
fn folder_of(path: &Path) -> Option<&Path> {
    let folder = path.parent();
    folder.filter(|folder| !folder.as_os_str().is_empty())
}

/// Where a file is, or will be, whatever it is called.
pub(crate) fn place_of(path: &Path) -> PathBuf {
    let of_new = || {
        let folder = std::fs::canonicalize(folder_of(path).unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(path.file_name()?))
    };
    let known = std::fs::canonicalize(path).ok();
    known.or_else(of_new).unwrap_or_else(|| path.to_owned())
}
