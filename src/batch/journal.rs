//! The journal of a job: a line for each row that has ended. Read once at the start, appended to
//! afterwards.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use serde::Deserialize;

use super::appending::append;
use super::earlier_runs::Earlier;
use super::fate::{Fate, Fates};
use super::file_errors::{cannot_read, cannot_write, foreign_line};
use super::row::RowKey;
use super::status::RowStatus;
use crate::ports::error::{CommandError, ErrorKind};

/// Time between two writes to the disk.
const SYNC: Duration = Duration::from_millis(200);

/// Bytes that are read at once.
const BUFFER: usize = 256 * 1024;

/// The bits of a key in which its fate is kept.
const FATE: u128 = 0xf;

/// The bit of a key that says that its line is of the last run.
const LAST_RUN: u128 = 0x10;

/// The bits of a key that do not tell rows apart.
const KEPT: u128 = FATE | LAST_RUN;

/// Keys that are searched, on average, for one of them.
const TOGETHER: usize = 32;

/// The rows that have a line, in 16 bytes each.
#[derive(Debug, Default)]
pub(crate) struct DoneRows {
    /// Keys with the fate in their lowest bits, sorted.
    entries: Vec<u128>,
    /// Where the keys with the same highest bits end. Keys are hashes: about as many have each.
    ends: Vec<usize>,
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
        let entry = self.entry(key)?;
        Some(Fate::of_code((entry & FATE) as u8).status())
    }

    /// Whether a row has a line of the last run.
    pub(crate) fn is_of_last_run(&self, key: RowKey) -> bool {
        self.entry(key).is_some_and(|entry| entry & LAST_RUN != 0)
    }

    fn entry(&self, key: RowKey) -> Option<u128> {
        let wanted = key.0 & !KEPT;
        let group = group(key.0, self.ends.len());
        let from = group
            .checked_sub(1)
            .map_or(Some(&0), |at| self.ends.get(at));
        let part = self.entries.get(*from?..*self.ends.get(group)?)?;
        let found = part.binary_search_by_key(&wanted, |entry| entry & !KEPT);
        found.ok().map(|at| part[at])
    }

    /// How many rows have each fate.
    pub(crate) fn fates(&self) -> Fates {
        let mut fates = Fates::default();
        for entry in &self.entries {
            fates.add(Fate::of_code((entry & FATE) as u8));
        }
        fates
    }

    fn of(mut entries: Vec<u128>) -> Self {
        // Stable: the last line of a row counts.
        entries.sort_by_key(|entry| entry & !KEPT);
        entries.reverse();
        entries.dedup_by_key(|entry| *entry & !KEPT);
        entries.reverse();
        entries.shrink_to_fit();
        let groups = (entries.len() / TOGETHER).next_power_of_two();
        let mut ends = vec![0; groups];
        for entry in &entries {
            ends[group(*entry, groups)] += 1;
        }
        let mut end = 0;
        for group in &mut ends {
            end += *group;
            *group = end;
        }
        Self {
            entries,
            ends,
            ..Self::default()
        }
    }
}

/// The highest bits of a key as a number below `groups`, a power of two.
fn group(key: u128, groups: usize) -> usize {
    let bits = groups.max(1).ilog2();
    let highest = key.checked_shr(u128::BITS - bits).unwrap_or_default();
    usize::try_from(highest).unwrap_or_default()
}

/// Reads a journal; `None` when there is none. Rows with a line after they were submitted are
/// removed from those that `earlier` runs submitted.
///
/// # Errors
/// [`ErrorKind::LocalIo`] when it cannot be read, or has a line that no job wrote.
pub(crate) fn scan(path: &Path, earlier: &mut Earlier) -> Result<Option<Scan>, CommandError> {
    let failed = |error| cannot_read(path, error);
    // Before it is opened: opening a pipe waits for its other end.
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        let message = format!("{} is not a regular file", path.display());
        return Err(CommandError::new(ErrorKind::LocalIo, message)
            .hint("choose a file for the output: -o FILE"));
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
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
        let is_of_last_run = scan.length >= earlier.from;
        let kept = u128::from(fate.code()) | if is_of_last_run { LAST_RUN } else { 0 };
        entries.push((key.0 & !KEPT) | kept);
        scan.spent += seen.cost_at_most_usd.or(seen.cost_usd).unwrap_or_default();
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
        let failed = |error| cannot_write(path, error);
        let opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
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
        synced.map_err(|error| cannot_write(&self.path, error))
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
            cannot_write(&self.path, error)
        })
    }

    fn append(&mut self, line: &str) -> std::io::Result<()> {
        append(&self.file, &mut self.length, &format!("{line}\n"))?;
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
        synced.map_err(|error| cannot_write(&self.path, error))?;
        Ok(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys as hashes are: spread over all numbers, unless they are `near` each other.
    fn keys(count: usize, near: bool) -> Vec<u128> {
        let mut random = fastrand::Rng::with_seed(7);
        let mut key = || random.u128(..) >> if near { 40 } else { 0 };
        (0..count).map(|_| key() & !KEPT).collect()
    }

    #[test]
    fn each_key_is_found_with_its_last_fate_and_no_other() {
        let (failed, ok) = (RowStatus::Cut, RowStatus::Ok);
        let code = |status| u128::from(Fate::of(status, "", None).code());
        for near in [false, true] {
            for count in [0, 1, 2, 100, 5000] {
                let keys = keys(count, near);
                let first = keys.iter().map(|key| key | code(failed));
                // Every second row has another line, of the last run.
                let second = keys.iter().step_by(2);
                let second = second.map(|key| key | code(ok) | LAST_RUN);
                let done = DoneRows::of(first.chain(second).collect());
                assert_eq!(done.entries.len(), count);
                for (index, key) in keys.iter().enumerate() {
                    // The lowest bits of a key count as little as those of its line.
                    let key = RowKey(key | 3);
                    let is_last = index % 2 == 0;
                    let expected = if is_last { ok } else { failed };
                    assert_eq!(done.status(key), Some(expected));
                    assert_eq!(done.is_of_last_run(key), is_last);
                }
                for other in [0, u128::MAX, u128::MAX / 2, u128::MAX / 3] {
                    assert_eq!(done.status(RowKey(other)), None);
                }
            }
        }
    }

    /// Windows refuses to shorten a file that is open for appending alone.
    #[cfg(unix)]
    #[test]
    fn the_journal_is_not_open_for_appending_alone() {
        use rustix::fs::{OFlags, fcntl_getfl};

        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("out.jsonl"), 0).unwrap();
        let flags = fcntl_getfl(&*journal.file).unwrap();
        assert!(!flags.contains(OFlags::APPEND), "{flags:?}");
    }

    #[test]
    fn a_line_that_is_torn_anywhere_is_removed_and_the_others_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let line =
            |key: u128| format!("{{\"key\":\"{key:032x}\",\"status\":\"ok\",\"content\":\"é\"}}\n");
        let (first, second) = (line(0x100), line(0x200));
        for length in 0..=second.len() {
            let bytes = [first.as_bytes(), &second.as_bytes()[..length]].concat();
            std::fs::write(&path, bytes).unwrap();
            let scanned = scan(&path, &mut Earlier::default()).unwrap().unwrap();
            let is_whole = length == second.len();
            let whole = first.len() + if is_whole { length } else { 0 };
            assert_eq!(scanned.length, whole as u64, "{length} bytes");
            assert_eq!(scanned.is_torn, length > 0 && !is_whole);
            assert_eq!(scanned.done.status(RowKey(0x100)), Some(RowStatus::Ok));
            assert_eq!(scanned.done.status(RowKey(0x200)).is_some(), is_whole);
        }
    }
}
