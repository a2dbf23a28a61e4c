//! The journal of a job: a line for each row that has ended. Read once at the start, appended to
//! afterwards.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use serde::Deserialize;

use super::fate::{Fate, Fates};
use super::row::RowKey;
use super::side_file::Earlier;
use super::status::RowStatus;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;

/// Time between two writes to the disk.
const SYNC: Duration = Duration::from_millis(200);

/// Bytes that are read at once.
const BUFFER: usize = 256 * 1024;

/// The bits of a key in which its fate is kept.
const STATUS: u128 = 0xf;

/// The rows that have a line, in 16 bytes each.
#[derive(Debug, Default)]
pub(crate) struct DoneRows {
    /// Keys with the fate in their lowest bits, sorted.
    entries: Vec<u128>,
    /// Rows of discounted batches that are not fetched yet.
    pub submitted: HashSet<RowKey>,
}

/// What a journal says.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub done: DoneRows,
    /// USD of all its lines; the highest where a cost is unknown.
    pub spent: f64,
    /// Bytes of complete lines.
    pub length: u64,
    /// Its last line was torn, and is removed.
    pub is_torn: bool,
}

/// The members of a line that a later run reads.
#[derive(Deserialize)]
struct SeenLine<'a> {
    key: &'a str,
    status: &'a str,
    cost_usd: Option<f64>,
    cost_at_most_usd: Option<f64>,
    error: Option<SeenError>,
}

#[derive(Default, Deserialize)]
struct SeenError {
    #[serde(default)]
    kind: String,
    status: Option<u16>,
}

impl DoneRows {
    /// What became of a row; `None` when it has no line.
    pub(crate) fn status(&self, key: RowKey) -> Option<RowStatus> {
        let wanted = key.0 & !STATUS;
        let found = self
            .entries
            .binary_search_by_key(&wanted, |entry| entry & !STATUS);
        let entry = self.entries[found.ok()?];
        Some(Fate::of_code((entry & STATUS) as u8).status())
    }

    /// How many rows have each fate.
    pub(crate) fn fates(&self) -> Fates {
        let mut fates = Fates::default();
        for entry in &self.entries {
            fates.add(Fate::of_code((entry & STATUS) as u8));
        }
        fates
    }

    fn of(mut entries: Vec<u128>) -> Self {
        // Stable: the last line of a row counts.
        entries.sort_by_key(|entry| entry & !STATUS);
        entries.reverse();
        entries.dedup_by_key(|entry| *entry & !STATUS);
        entries.reverse();
        entries.shrink_to_fit();
        Self {
            entries,
            ..Self::default()
        }
    }
}

/// Reads a journal; `None` when there is none. Rows with a line after their start are removed from
/// those that `earlier` runs started and submitted.
///
/// # Errors
/// [`ErrorKind::LocalIo`] when it cannot be read, or has a line that no job wrote.
pub(crate) fn scan(path: &Path, earlier: &mut Earlier) -> Result<Option<Scan>, CommandError> {
    let failed = |error| cannot_use(path, error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if !file.metadata().map_err(failed)?.is_file() {
        let message = format!("{} is not a regular file", path.display());
        return Err(CommandError::new(ErrorKind::LocalIo, message)
            .hint("choose a file for the output: -o FILE"));
    }
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let (mut scan, mut entries, mut line, mut number) =
        (Scan::default(), Vec::new(), Vec::new(), 0);
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).map_err(failed)? as u64;
        if length == 0 {
            break;
        }
        if line.last() != Some(&b'\n') {
            scan.is_torn = true;
            break;
        }
        number += 1;
        let seen: SeenLine<'_> =
            serde_json::from_slice(&line).map_err(|_| foreign_line(path, number))?;
        let key = RowKey::read(seen.key).ok_or_else(|| foreign_line(path, number))?;
        let status = RowStatus::read(seen.status).ok_or_else(|| foreign_line(path, number))?;
        let error = seen.error.unwrap_or_default();
        let fate = Fate::of(status, &error.kind, error.status);
        entries.push(key.0 & !STATUS | u128::from(fate.code()));
        scan.spent += seen.cost_at_most_usd.or(seen.cost_usd).unwrap_or_default();
        if scan.length >= earlier.from {
            earlier.started.remove(&key);
        }
        let submitted = earlier.batches.rows.get(&key);
        if submitted.is_some_and(|row| scan.length >= row.from) {
            earlier.batches.rows.remove(&key);
        }
        scan.length += length;
    }
    scan.done = DoneRows::of(entries);
    Ok(Some(scan))
}

/// The open journal.
pub(crate) struct Journal {
    path: PathBuf,
    file: Arc<File>,
    /// Bytes of complete lines.
    length: u64,
    /// Lines that could not be written, with the rows that they are for.
    unwritten: Vec<String>,
    is_changed: Arc<AtomicBool>,
    /// Dropped to end the thread that writes to the disk.
    _syncing: Sender<()>,
}

impl Journal {
    /// Opens a journal whose complete lines have `length` bytes, and removes what follows them.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn open(path: &Path, length: u64) -> Result<Self, CommandError> {
        let failed = |error| cannot_use(path, error);
        let opened = OpenOptions::new().append(true).create(true).open(path);
        let file = opened.map_err(failed)?;
        if file.metadata().map_err(failed)?.len() > length {
            file.set_len(length).map_err(failed)?;
        }
        let (file, is_changed) = (Arc::new(file), Arc::new(AtomicBool::new(false)));
        let (syncing, stopped) = mpsc::channel::<()>();
        let (synced, changed) = (Arc::clone(&file), Arc::clone(&is_changed));
        let thread = std::thread::Builder::new().spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(SYNC) {
                if changed.swap(false, Ordering::AcqRel)
                    && let Err(error) = synced.sync_data()
                {
                    tracing::debug!(%error, "the journal is not on the disk yet");
                }
            }
        });
        if let Err(error) = thread {
            tracing::debug!(%error, "the journal is on the disk at the end");
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            length,
            unwritten: Vec::new(),
            is_changed,
            _syncing: syncing,
        })
    }

    /// Its length, in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Writes everything to the disk.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn sync(&self) -> Result<(), CommandError> {
        let synced = self.file.sync_data();
        synced.map_err(|error| cannot_use(&self.path, error))
    }

    /// Appends a line. One that cannot be written is kept for [`close`](Self::close).
    ///
    /// # Errors
    /// When it cannot be written: nothing more is to be asked.
    pub(crate) fn write(&mut self, line: String) -> Result<(), CommandError> {
        if !self.unwritten.is_empty() {
            self.unwritten.push(line);
            return Ok(());
        }
        self.append(&line).map_err(|error| {
            self.unwritten.push(line);
            cannot_use(&self.path, error)
        })
    }

    fn append(&mut self, line: &str) -> std::io::Result<()> {
        let mut text = String::with_capacity(line.len() + 1);
        text.push_str(line);
        text.push('\n');
        if let Err(error) = (&*self.file).write_all(text.as_bytes()) {
            // A part of the line may be there.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += text.len() as u64;
        self.is_changed.store(true, Ordering::Release);
        Ok(())
    }

    /// Writes what could not be written before, and everything to the disk. Returns the number of
    /// lines that are lost, and their rows.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn close(mut self) -> Result<Vec<String>, CommandError> {
        let mut lost = Vec::new();
        for line in std::mem::take(&mut self.unwritten) {
            if self.append(&line).is_err() {
                lost.push(line);
            }
        }
        let synced = self.file.sync_data();
        synced.map_err(|error| cannot_use(&self.path, error))?;
        Ok(lost)
    }
}

fn foreign_line(path: &Path, number: u64) -> CommandError {
    let message = format!("{}:{number} is not a line of amx batch", path.display());
    CommandError::new(ErrorKind::LocalIo, message).hint(format!(
        "choose another output, or move it away: mv {0} {0}.other",
        quoted(path)
    ))
}

/// The error of an output that cannot be used.
pub(crate) fn cannot_use(path: &Path, error: std::io::Error) -> CommandError {
    let message = format!("{} cannot be written", path.display());
    CommandError::new(ErrorKind::LocalIo, message)
        .caused_by(error)
        .hint("check the folder, its permissions and the space left, then run the command again")
}
