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
//! | `{"done":…}` | every row has its line |

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::appending::append;
use super::file_errors::{cannot_read, cannot_write};
use super::head::Head;
use super::noted::{BatchNote, NotedRow, OpenBatches};
use super::row::RowKey;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;
use crate::wire::files::private_options;
use crate::wire::lock::try_lock;

/// What is appended to the name of the output.
const SUFFIX: &str = "amx";

/// How a line about a batch starts.
const BATCH: char = '@';

/// How a head starts.
const HEAD: &[u8] = b"{\"amx_batch\"";

/// Longest head, in bytes.
const LONGEST_HEAD: u64 = 64 * 1024 * 1024;

/// Bytes that are read at once.
const BUFFER: usize = 128 * 1024;

/// What earlier runs lost: rows that were started and have no line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lost {
    pub rows: u64,
    pub usd: f64,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct RunLine {
    #[serde(flatten)]
    lost: Lost,
    /// The length of the journal when the run started, in bytes.
    from: u64,
    /// The process of the run.
    pid: u32,
}

/// What a side file says of earlier runs.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    /// Lost before the last run.
    pub lost: Lost,
    /// The length of the journal when the last run started, in bytes.
    pub from: u64,
    /// Where the rows that the last run started are in the side file, in bytes.
    started_at: u64,
    /// Discounted batches that are not fetched yet.
    pub batches: OpenBatches,
    /// Every row has its line.
    pub is_done: bool,
}

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

/// The head of a side file, and whether its job is finished; `None` when there is none.
///
/// # Errors
/// When it cannot be read, or is no side file.
pub(crate) fn read_finished(path: &Path) -> Result<Option<(Head, bool)>, CommandError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot_read(path, error)),
    };
    let read = read(path, file)?;
    Ok(read.map(|(head, earlier)| (head, earlier.is_done)))
}

/// Reads a side file; `None` for one without a head.
fn read(path: &Path, file: File) -> Result<Option<(Head, Earlier)>, CommandError> {
    let failed = |error| cannot_read(path, error);
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let mut line = Vec::new();
    let head = (&mut reader)
        .take(LONGEST_HEAD)
        .read_until(b'\n', &mut line);
    head.map_err(failed)?;
    if line.last() != Some(&b'\n') {
        // Killed while the head was written: nothing had been sent.
        let is_ours = line.starts_with(HEAD) || HEAD.starts_with(&line);
        return if is_ours {
            Ok(None)
        } else {
            Err(not_ours(path))
        };
    }
    let head = serde_json::from_slice(&line)
        .ok()
        .as_ref()
        .and_then(Head::read);
    let head = head.ok_or_else(|| not_ours(path))?;
    let mut earlier = Earlier::default();
    let mut place = line.len() as u64;
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).map_err(failed)? as u64;
        if length == 0 {
            earlier.batches.settle();
            return Ok(Some((head, earlier)));
        }
        let at = place;
        place += length;
        // A torn line started nothing: it is written before the request is sent.
        if let Some(text) = whole_line(&line).filter(|text| !text.starts_with(['+', '-'])) {
            earlier.apply(text.trim_end(), at, place);
        }
    }
}

/// The text of a line without its end; `None` for a torn one, which may end inside a character.
fn whole_line(line: &[u8]) -> Option<&str> {
    str::from_utf8(line.strip_suffix(b"\n")?).ok()
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
        options.read(true).append(true).create(true);
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
        let mut reader = side.file.try_clone().map_err(failed)?;
        reader.seek(SeekFrom::Start(0)).map_err(failed)?;
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
        let run = RunLine {
            lost,
            from,
            pid: std::process::id(),
        };
        // A torn last line ends here.
        self.append(&format!("\n{}\n", json!({"run": run})))
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
        let mut file = File::open(&self.path).map_err(failed)?;
        file.seek(SeekFrom::Start(place)).map_err(failed)?;
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
        let mut file = File::open(&self.path).map_err(failed)?;
        file.seek(SeekFrom::Start(earlier.started_at))
            .map_err(failed)?;
        let mut reader = BufReader::with_capacity(BUFFER, file);
        let (mut line, mut rows) = (Vec::new(), HashMap::<RowKey, f64>::new());
        let mut paid = 0.0;
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line).map_err(failed)? == 0 {
                break;
            }
            match whole_line(&line).and_then(Started::read) {
                Some(Started::Sent(key, usd)) if !has_ended(key) => {
                    *rows.entry(key).or_default() += usd;
                }
                Some(Started::Released(key, usd)) if !has_ended(key) => {
                    rows.remove(&key);
                    paid += usd;
                }
                _ => {}
            }
        }
        Ok(Lost {
            rows: rows.len() as u64,
            usd: paid + rows.values().sum::<f64>(),
        })
    }

    fn append(&mut self, text: &str) -> Result<(), CommandError> {
        let written = append(&self.file, &mut self.length, text);
        written.map_err(|error| cannot_write(&self.path, error))
    }
}

impl Earlier {
    /// Applies the line from `place` to `end`, in bytes, which is not about a row.
    fn apply(&mut self, line: &str, place: u64, end: u64) {
        if let Some(note) = line.strip_prefix(BATCH) {
            if let Ok(note) = serde_json::from_str(note) {
                self.batches.apply(note, place);
                self.is_done = false;
            }
            return;
        }
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            return;
        };
        if let Ok(run) = RunLine::deserialize(&value["run"]) {
            (self.lost, self.from) = (run.lost, run.from);
            self.started_at = end;
            self.is_done = false;
        }
        self.is_done = self.is_done || value["done"].is_object();
    }
}

/// What a line says of a row.
enum Started {
    Sent(RowKey, f64),
    Released(RowKey, f64),
}

impl Started {
    fn read(line: &str) -> Option<Self> {
        let (mark, said) = line.split_at_checked(1)?;
        let (key, usd) = said.split_once(' ').unwrap_or((said, "0"));
        let (key, usd) = (RowKey::read(key)?, usd.parse().unwrap_or_default());
        match mark {
            "+" => Some(Self::Sent(key, usd)),
            "-" => Some(Self::Released(key, usd)),
            _ => None,
        }
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

fn not_ours(path: &Path) -> CommandError {
    let message = format!("{} is not a side file of amx batch", path.display());
    CommandError::new(ErrorKind::LocalIo, message).hint(format!(
        "move it away, or choose another output: mv {0} {0}.other",
        quoted(path)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD_LINE: &str = "{\"amx_batch\":1,\"configuration\":{\"model\":\"café\"},\"inputs\":[],\
        \"as\":\"jsonl\"}\n";

    /// What is read of a side file with these bytes.
    fn read_of(bytes: &[u8]) -> Result<Option<(Head, Earlier)>, CommandError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl.amx");
        std::fs::write(&path, bytes).unwrap();
        read(&path, File::open(&path).unwrap())
    }

    #[test]
    fn a_head_that_is_torn_anywhere_is_none() {
        for length in 0..HEAD_LINE.len() {
            let torn = &HEAD_LINE.as_bytes()[..length];
            let head = read_of(torn).map(|read| read.is_some());
            assert_eq!(head.ok(), Some(false), "{length} bytes");
        }
        assert!(read_of(HEAD_LINE.as_bytes()).unwrap().is_some());
        assert!(read_of(b"caf\xc3").is_err(), "a file of another program");
    }

    #[test]
    fn a_note_that_is_torn_anywhere_says_nothing() {
        let noted = NotedRow {
            key: format!("{:032x}", 1),
            id: Value::from("é"),
            ..NotedRow::default()
        };
        let noted = super::super::noted::NotedBatch {
            name: "b".to_owned(),
            rows: vec![noted],
            ..Default::default()
        };
        let note = serde_json::to_string(&BatchNote::Submitting(Box::new(noted))).unwrap();
        let note = format!("{BATCH}{note}\n");
        for length in 0..=note.len() {
            // The next run ends a torn line.
            for next in [
                "",
                "\n{\"run\":{\"rows\":2,\"usd\":0.5,\"from\":0,\"pid\":1}}\n",
            ] {
                let mut bytes = HEAD_LINE.as_bytes().to_vec();
                bytes.extend(&note.as_bytes()[..length]);
                bytes.extend(next.as_bytes());
                let (_, earlier) = read_of(&bytes).unwrap().unwrap();
                let is_whole = length == note.len() || length + 1 == note.len() && !next.is_empty();
                let batches = earlier.batches.batches.len();
                assert_eq!(
                    batches,
                    usize::from(is_whole),
                    "{length} bytes, then {next:?}"
                );
                assert_eq!(earlier.lost.rows, if next.is_empty() { 0 } else { 2 });
            }
        }
    }
}
