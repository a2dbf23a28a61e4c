//! The output of a job that is written from its journal at the end of each run: in another form, or
//! with the failed rows apart.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Error, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::file_errors::{cannot_read, cannot_write, foreign_line};
use super::line::OutputLine;
use super::options::{JobOptions, KeptColumns};
use super::own_files::is_nowhere;
use super::render::{Renderer, TableColumns};
use super::status::RowStatus;
use crate::ports::error::CommandError;

/// Writes the output of a job from its journal.
///
/// # Errors
/// When the journal cannot be read, or an output cannot be written.
pub(crate) fn write(
    options: &JobOptions,
    journal: &Path,
    members: Vec<String>,
) -> Result<(), CommandError> {
    let Some(output) = &options.output else {
        return Ok(());
    };
    let kept = kept_columns(&options.kept, [journal])?;
    let columns = TableColumns { kept, members };
    let mut rows = FileRenderer::create(output, options, &columns)?;
    let is_apart = options.errors.is_some();
    // A device is never replaced by a file.
    let errors = options.errors.as_ref().filter(|path| !is_nowhere(path));
    let errors = errors.map(|path| FileRenderer::create(path, options, &columns));
    let mut errors = errors.transpose()?;
    let mut last = last_lines(journal)?;
    for_each_line(journal, |line, text| {
        if !last.is_last(line) {
            return Ok(());
        }
        let is_failure = RowStatus::read(&line.status).is_none_or(RowStatus::is_failure);
        match &mut errors {
            Some(errors) if is_failure => errors.write(line, text),
            None if is_failure && is_apart => Ok(()),
            _ => rows.write(line, text),
        }
    })?;
    rows.finish()?;
    errors.map_or(Ok(()), FileRenderer::finish)
}

/// An output under a temporary name in its folder.
pub(crate) struct FileRenderer {
    /// As the user names it.
    shown: PathBuf,
    target: PathBuf,
    renderer: Renderer<BufWriter<NamedTempFile>>,
}

impl FileRenderer {
    /// # Errors
    /// When the folder cannot be written.
    pub(crate) fn create(
        path: &Path,
        options: &JobOptions,
        columns: &TableColumns,
    ) -> Result<Self, CommandError> {
        let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = target
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".amx-batch.").suffix(".tmp");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder.unwrap_or(Path::new(".")));
        let file = file.map_err(|error| cannot_write(path, error))?;
        Ok(Self {
            shown: path.to_owned(),
            target,
            renderer: Renderer::new(options.form, columns.clone(), BufWriter::new(file)),
        })
    }

    /// Writes a line; `text` is how the journal has it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&mut self, line: &OutputLine, text: &str) -> Result<(), CommandError> {
        let written = self.renderer.write(line, text);
        written.map_err(|error| cannot_write(&self.shown, error))
    }

    /// Gives the file its name, in place of an earlier one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn finish(self) -> Result<(), CommandError> {
        let (renderer, target) = (self.renderer, self.target);
        let named = || -> Result<(), Error> {
            let mut buffered = renderer.finish()?;
            buffered.flush()?;
            let file = buffered
                .into_inner()
                .map_err(std::io::IntoInnerError::into_error)?;
            file.as_file().sync_data()?;
            file.persist(&target).map_err(|failed| failed.error)?;
            Ok(())
        };
        named().map_err(|error| cannot_write(&self.shown, error))
    }
}

/// Rows with more than one line, and how many of them are still to come.
pub(crate) struct LastLines(HashMap<String, u64>);

impl LastLines {
    /// Whether no later line is for the same row.
    pub(crate) fn is_last(&mut self, line: &OutputLine) -> bool {
        let Some(left) = self.0.get_mut(&line.key) else {
            return true;
        };
        *left = left.saturating_sub(1);
        *left == 0
    }
}

/// Finds the rows with more than one line.
///
/// # Errors
/// When the journal cannot be read.
pub(crate) fn last_lines(journal: &Path) -> Result<LastLines, CommandError> {
    let mut keys: Vec<u128> = Vec::new();
    for_each_line(journal, |line, _| {
        keys.extend(u128::from_str_radix(&line.key, 16));
        Ok(())
    })?;
    keys.sort_unstable();
    let mut repeated = HashMap::new();
    for equal in keys.chunk_by(|one, other| one == other) {
        if let [key, _, ..] = equal {
            repeated.insert(format!("{key:032x}"), equal.len() as u64);
        }
    }
    Ok(LastLines(repeated))
}

/// Calls `each` with every line of a journal, and with its text. A torn last line is none.
///
/// # Errors
/// When the journal cannot be read or has a line that no job wrote, or `each` fails.
pub(crate) fn for_each_line(
    journal: &Path,
    mut each: impl FnMut(&OutputLine, &str) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let failed = |error| cannot_read(journal, error);
    let mut reader = BufReader::with_capacity(256 * 1024, File::open(journal).map_err(failed)?);
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        reader.read_until(b'\n', &mut bytes).map_err(failed)?;
        if bytes.last() != Some(&b'\n') {
            break;
        }
        let foreign = || foreign_line(journal, number);
        let text = str::from_utf8(&bytes).map_err(|_| foreign())?;
        let line: OutputLine = serde_json::from_str(text).map_err(|_| foreign())?;
        each(&line, text)?;
    }
    Ok(())
}

/// The columns of the input in a table: those that are named, or all, as they come first.
///
/// # Errors
/// When a journal cannot be read.
pub(crate) fn kept_columns<'a>(
    kept: &KeptColumns,
    journals: impl IntoIterator<Item = &'a Path>,
) -> Result<Vec<String>, CommandError> {
    let mut names: Vec<String> = match kept {
        KeptColumns::None => return Ok(Vec::new()),
        KeptColumns::Named(names) => return Ok(names.clone()),
        KeptColumns::All => Vec::new(),
    };
    let mut known = HashSet::new();
    for journal in journals {
        for_each_line(journal, |line, _| {
            for name in line.input.iter().flat_map(serde_json::Map::keys) {
                if known.insert(name.clone()) {
                    names.push(name.clone());
                }
            }
            Ok(())
        })?;
    }
    Ok(names)
}
