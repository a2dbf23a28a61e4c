//! What the side file says of discounted batches: which were submitted, with which rows, and what
//! became of them.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::row::RowKey;

/// A batch as it is noted before it is submitted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct NotedBatch {
    /// Its own name, which ends the ID of each of its requests.
    pub name: String,
    pub model: String,
    /// When it was submitted, in nanoseconds since 1970.
    pub at: u64,
    /// It was created at this time of the provider's clock or later, in seconds since 1970.
    #[serde(default)]
    pub since: i64,
    /// The most that it may cost in USD, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
    /// Its row in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<i64>,
    /// The length of the journal when it was submitted, in bytes.
    pub from: u64,
    pub rows: Vec<NotedRow>,
}

/// A row of a batch: all that its line needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct NotedRow {
    pub key: String,
    pub id: Value,
    pub row: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Map<String, Value>>,
}

/// A line about a batch.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BatchNote {
    /// It is about to be submitted.
    Submitting(Box<NotedBatch>),
    /// The provider has it under this ID.
    Submitted { name: String, id: String },
    /// Its rows have their lines.
    Fetched { name: String },
    /// The provider does not have it: its rows are to be asked.
    Dropped { name: String },
}

/// A batch that is not fetched yet.
#[derive(Debug, Clone)]
pub(crate) struct OpenBatch {
    /// Without its rows.
    pub noted: NotedBatch,
    /// How many rows it has.
    pub rows: u64,
    number: u32,
    /// Where its note is in the side file, in bytes.
    pub place: u64,
    /// The provider's ID; `None` while it is unknown whether the provider has it.
    pub id: Option<String>,
}

/// The batches that are not fetched yet, and their rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenBatches {
    /// In the order in which they were submitted.
    pub batches: Vec<OpenBatch>,
    /// Rows without a line since they were submitted.
    pub rows: HashMap<RowKey, SubmittedRow>,
    /// The latest time of the provider's clock that is known, in seconds since 1970.
    pub since: i64,
    /// Every ID that was noted.
    pub known: HashSet<String>,
    /// How many batches were noted.
    count: u32,
    /// The numbers of those that have ended.
    ended: HashSet<u32>,
}

/// A row of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SubmittedRow {
    /// The length of the journal when it was submitted, in bytes.
    pub from: u64,
    /// The number of its batch, in the order of their notes.
    batch: u32,
}

impl NotedRow {
    /// The key of the row.
    pub(crate) fn row_key(&self) -> Option<RowKey> {
        RowKey::read(&self.key)
    }
}

impl OpenBatch {
    /// A batch that is noted at `place` and about to be submitted.
    pub(crate) fn new(noted: NotedBatch, rows: u64, place: u64) -> Self {
        Self {
            noted,
            rows,
            // Numbers tell the batches of the side file apart while it is read.
            number: 0,
            place,
            id: None,
        }
    }
}

impl OpenBatches {
    /// Applies a note whose line starts at `place`.
    pub(crate) fn apply(&mut self, note: BatchNote, place: u64) {
        match note {
            BatchNote::Submitting(mut noted) => {
                let rows = std::mem::take(&mut noted.rows);
                let keys = rows.iter().filter_map(NotedRow::row_key);
                let (from, batch) = (noted.from, self.count);
                let submitted = SubmittedRow { from, batch };
                self.rows.extend(keys.map(|key| (key, submitted)));
                self.since = self.since.max(noted.since);
                self.batches.push(OpenBatch {
                    rows: rows.len() as u64,
                    noted: *noted,
                    number: batch,
                    place,
                    id: None,
                });
                self.count += 1;
            }
            BatchNote::Submitted { name, id } => {
                self.known.insert(id.clone());
                if let Some(batch) = self.batches.iter_mut().find(|open| open.noted.name == name) {
                    batch.id = Some(id);
                }
            }
            BatchNote::Fetched { name } | BatchNote::Dropped { name } => {
                let is_meant = |open: &OpenBatch| open.noted.name == name;
                if let Some(at) = self.batches.iter().position(is_meant) {
                    self.ended.insert(self.batches.remove(at).number);
                }
            }
        }
    }

    /// Removes the rows of batches that have ended, after all notes.
    pub(crate) fn settle(&mut self) {
        let ended = std::mem::take(&mut self.ended);
        self.rows.retain(|_, row| !ended.contains(&row.batch));
    }

    /// The most that they may cost, in USD; nothing for one whose price is unknown.
    pub(crate) fn usd(&self) -> f64 {
        let of_batch = |open: &OpenBatch| open.noted.usd.unwrap_or_default();
        self.batches.iter().map(of_batch).sum()
    }
}
