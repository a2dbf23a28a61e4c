//! `FILE.amx` beside an output: how its rows are asked, which rows were started, and the lock of
//! the job.
//!
//! The first line is the head. Then come, in the order in which they happened:
//!
//! | line | meaning |
//! |---|---|
//! | `+KEY USD` | a row was started, and may cost so much |
//! | `-KEY USD` | it ended without a line in the output; its earlier requests cost so much |
//! | `@{…}` | a discounted batch is submitted, has an ID, is fetched or dropped |
//! | `{"run":…}` | a later run starts: what was lost before it, and how long the output was |
//! | `{"errors":…}` | failed rows are written to this file |
//! | `{"done":…}` | every row has its line |

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Result as IoResult, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::appending::append;
use super::earlier_runs::{BATCH, Earlier, Lost, RunLine, lost_of, read, whole_line};
use super::file_errors::{cannot_read, cannot_write, not_ours};
use super::head::Head;
use super::noted::{BatchNote, NotedRow};
use super::row::RowKey;
use crate::ports::error::{CommandError, ErrorKind};
use crate::wire::files::private_options;
use crate::wire::lock::try_lock;

/// What is appended to the name of the output.
const SUFFIX: &str = "amx";

/// The side file of a running job. The lock ends when it is dropped.
#[derive(Debug)]
pub(crate) struct SideFile {
    path: PathBuf,
    file: File,
    /// In bytes.
    length: u64,
    /// It has no head yet.
    is_empty: bool,
}

/// The side file of an output.
pub(crate) fn path_of(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".");
    name.push(SUFFIX);
    name.into()
}

/// The head of a side file, and what it says of earlier runs; `None` when there is none.
///
/// # Errors
/// When it cannot be read, or is no side file.
pub(crate) fn read_at(path: &Path) -> Result<Option<(Head, Earlier)>, CommandError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot_read(path, error)),
    };
    read(path, file)
}

impl SideFile {
    /// Opens and locks the side file of an output, and creates it when there is none. Returns its
    /// head and what it says of earlier runs; `None` for a new one.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`] when another job has the lock, or it is not a side file.
    pub(crate) fn open(output: &Path) -> Result<(Self, Option<(Head, Earlier)>), CommandError> {
        let path = path_of(output);
        let shown = path.clone();
        let failed = |error| cannot_write(&shown, error);
        let is_other = |metadata: std::fs::Metadata| !metadata.is_file();
        if std::fs::symlink_metadata(&path).is_ok_and(is_other) {
            let message = format!("{} is not a regular file", path.display());
            return Err(CommandError::new(ErrorKind::LocalIo, message)
                .hint("choose another name for the output: -o FILE"));
        }
        let mut options: OpenOptions = private_options();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(failed)?;
        if !try_lock(&file).map_err(failed)? {
            return Err(locked(output, &path));
        }
        let mut side = Self {
            path,
            length: file.metadata().map_err(failed)?.len(),
            file,
            is_empty: false,
        };
        let reader = side.read_from(0).map_err(failed)?;
        let earlier = read(&side.path, reader)?;
        side.is_empty = earlier.is_none();
        Ok((side, earlier))
    }

    /// Writes the head of a new job, in place of everything before it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write_head(&mut self, head: &Head) -> Result<(), CommandError> {
        let emptied = self.file.set_len(0);
        emptied.map_err(|error| cannot_write(&self.path, error))?;
        (self.length, self.is_empty) = (0, false);
        self.append(&format!("{}\n", head.to_value()))
    }

    /// Starts a run: what was lost so far, and how long the journal is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn start_run(&mut self, lost: Lost, from: u64) -> Result<(), CommandError> {
        let run = RunLine::new(lost, from);
        // A torn last line ends here.
        self.append(&format!("\n{}\n", json!({"run": run})))
    }

    /// Notes a file to which failed rows are written apart.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn note_errors(&mut self, file: &str) -> Result<(), CommandError> {
        self.append(&format!("{}\n", json!({"errors": file})))
    }

    /// Notes rows that are about to be sent.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn started(&mut self, key: RowKey, usd: f64) -> Result<(), CommandError> {
        self.append(&format!("+{key} {usd}\n"))
    }

    /// Notes a row that ended without a line; `usd` is what earlier requests for it cost.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn released(&mut self, key: RowKey, usd: f64) -> Result<(), CommandError> {
        self.append(&format!("-{key} {usd}\n"))
    }

    /// Notes that every row has its line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn finished(&mut self, rows: u64) -> Result<(), CommandError> {
        self.append(&format!("{}\n", json!({"done": {"rows": rows}})))
    }

    /// Notes something about a batch, on the disk before it returns. Returns where the note is, in
    /// bytes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn note(&mut self, note: &BatchNote) -> Result<u64, CommandError> {
        let place = self.length;
        // A note always has a form in JSON.
        let text = serde_json::to_string(note).unwrap_or_default();
        self.append(&format!("{BATCH}{text}\n"))?;
        let synced = self.file.sync_data();
        synced.map_err(|error| cannot_write(&self.path, error))?;
        Ok(place)
    }

    /// The rows of a batch whose note is at `place`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn rows_of(&self, place: u64) -> Result<Vec<NotedRow>, CommandError> {
        let failed = |error| cannot_read(&self.path, error);
        let file = self.read_from(place).map_err(failed)?;
        let mut line = Vec::new();
        let read = BufReader::new(file).read_until(b'\n', &mut line);
        read.map_err(failed)?;
        let note = whole_line(&line)
            .and_then(|line| line.strip_prefix(BATCH))
            .and_then(|note| serde_json::from_str(note).ok());
        match note {
            Some(BatchNote::Submitting(noted)) => Ok(noted.rows),
            _ => Err(not_ours(&self.path)),
        }
    }

    /// The rows that the last of the `earlier` runs started and that did not end: how many, and
    /// what they may cost together. `has_ended` is whether a row has a line of that run.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn unended(
        &self,
        earlier: &Earlier,
        has_ended: impl Fn(RowKey) -> bool,
    ) -> Result<Lost, CommandError> {
        if earlier.is_done {
            return Ok(Lost::default());
        }
        let failed = |error| cannot_read(&self.path, error);
        let file = self.read_from(earlier.started_at).map_err(failed)?;
        lost_of(file, has_ended).map_err(failed)
    }

    /// The same file at a place, for reading. On Windows a second one could not read what is
    /// locked.
    fn read_from(&self, place: u64) -> IoResult<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(place))?;
        Ok(file)
    }

    fn append(&mut self, text: &str) -> Result<(), CommandError> {
        let written = append(&self.file, &mut self.length, text);
        written.map_err(|error| cannot_write(&self.path, error))
    }
}

impl Drop for SideFile {
    fn drop(&mut self) {
        if self.is_empty {
            // Nothing was sent. One that stays is read as empty.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The error for a second job on one output.
fn locked(output: &Path, path: &Path) -> CommandError {
    let bytes = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let runs = text
        .lines()
        .rev()
        .filter(|line| line.starts_with("{\"run\""));
    let values = runs.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let pid = values
        .into_iter()
        .find_map(|value| value["run"]["pid"].as_u64());
    let process = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
    let message = format!("another job writes to {}{process}", output.display());
    CommandError::new(ErrorKind::LocalIo, message)
        .hint("wait for it, or choose another output: -o FILE")
}

#[cfg(test)]
mod tests {
    /// Windows refuses to shorten a file that is open for appending alone.
    #[cfg(unix)]
    #[test]
    fn the_side_file_is_not_open_for_appending_alone() {
        use rustix::fs::{OFlags, fcntl_getfl};

        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.jsonl");
        let (side, _) = super::SideFile::open(&output).unwrap();
        let flags = fcntl_getfl(&side.file).unwrap();
        assert!(!flags.contains(OFlags::APPEND), "{flags:?}");
    }
}
