//! What the side file of an output says of earlier runs.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::file_errors::{cannot_read, not_ours};
use super::head::Head;
use super::noted::OpenBatches;
use super::row::RowKey;
use crate::ports::error::CommandError;

/// How a line about a batch starts.
pub(super) const BATCH: char = '@';

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

/// The line that starts a later run.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct RunLine {
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
    pub started_at: u64,
    /// Discounted batches that are not fetched yet.
    pub batches: OpenBatches,
    /// Files to which failed rows were written apart.
    pub errors: Vec<String>,
    /// Every row has its line.
    pub is_done: bool,
}

impl RunLine {
    /// A run of this process: what was lost before it, and how long the journal is, in bytes.
    pub(super) fn new(lost: Lost, from: u64) -> Self {
        Self {
            lost,
            from,
            pid: std::process::id(),
        }
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
        self.errors
            .extend(value["errors"].as_str().map(str::to_owned));
        self.is_done = self.is_done || value["done"].is_object();
    }
}

/// Reads a side file; `None` for one without a head.
pub(super) fn read(path: &Path, file: File) -> Result<Option<(Head, Earlier)>, CommandError> {
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
pub(super) fn whole_line(line: &[u8]) -> Option<&str> {
    str::from_utf8(line.strip_suffix(b"\n")?).ok()
}

/// What was lost of the rows in the rest of a side file; `has_ended` is whether a row has a line.
///
/// # Errors
/// When it cannot be read.
pub(super) fn lost_of(
    side_file: impl Read,
    has_ended: impl Fn(RowKey) -> bool,
) -> io::Result<Lost> {
    let mut reader = BufReader::with_capacity(BUFFER, side_file);
    let (mut line, mut rows) = (Vec::new(), HashMap::<RowKey, f64>::new());
    let mut paid = 0.0;
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
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

#[cfg(test)]
mod tests {
    use super::super::noted::{BatchNote, NotedBatch, NotedRow};
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
        let noted = NotedBatch {
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
