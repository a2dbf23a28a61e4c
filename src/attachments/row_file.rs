//! A file that a row of a table names: inside the folder of the table.

use std::path::{Component, Path, PathBuf};

use super::attached::Attachment;
use super::fault::merged;
use super::file;
use crate::ports::error::CommandError;

/// The path of a file below a folder.
///
/// # Errors
/// What is wrong with the name: it leads out of the folder, or there is no such file.
pub(crate) fn path_below(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let shown = name.escape_debug();
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(name).components().all(is_plain) {
        return Err(format!(
            "file '{shown}' is not below the folder of the input"
        ));
    }
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let path = folder.join(name);
    let found = path.canonicalize().ok().zip(folder.canonicalize().ok());
    match found {
        Some((file, folder)) if file.is_file() && file.starts_with(&folder) => Ok(path),
        Some((file, _)) if file.is_file() => Err(format!(
            "file '{shown}' is a link out of the folder of the input"
        )),
        _ => Err(format!("file '{shown}' does not exist")),
    }
}

/// Reads a file.
///
/// # Errors
/// When it cannot be attached.
pub(crate) fn attachment(path: &Path) -> Result<Attachment, CommandError> {
    file::named(path).map_err(|fault| {
        let error = merged(vec![fault]);
        error.unwrap_or_else(|| CommandError::usage("the file cannot be attached"))
    })
}
