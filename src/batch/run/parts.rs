//! What a run works with, and what changes while it goes on.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::sync::mpsc::Receiver;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use super::ended_rows::EndedRows;
use crate::ask::outcome::Outcome;
use crate::ask::rows::RowEngine;
use crate::batch::budget::JobBudget;
use crate::batch::ending::{Counts, Stop};
use crate::batch::feed::Fed;
use crate::batch::line::{LineError, OutputLine};
use crate::batch::options::JobOptions;
use crate::batch::paces::Paces;
use crate::batch::planned::{PlannedRow, PlannedUnit};
use crate::batch::row::RowKey;
use crate::batch::row_pace::RowPace;
use crate::batch::side_file::SideFile;
use crate::batch::sink::JobSink;
use crate::batch::writer::LineWriter;
use crate::chat::schema::Schema;
use crate::ports::error::CommandError;
use crate::ports::interrupt::Interrupt;

/// What changes while a run goes on.
pub(super) struct RunState {
    pub running: JoinSet<Box<EndedUnit>>,
    /// The next row, until it can be sent.
    pub pending: Option<Box<PlannedUnit>>,
    /// Rows of groups that are asked alone.
    pub again: VecDeque<Box<PlannedUnit>>,
    /// Groups with too few answers, since the groups were halved.
    pub bad_groups: usize,
    pub has_halved: bool,
    /// The input is read to its end.
    pub is_fed: bool,
    /// Rows that were fed.
    pub fed: u64,
    /// Rows so far, by which the order of the input is kept.
    pub place: u64,
    pub stop: Option<Stop>,
    /// Requests that were refused as all of them would be, until a row succeeds.
    pub refused: Vec<Refused>,
    /// The rows that are running, by the IDs of their tasks.
    pub asked: HashMap<Id, AskedRow>,
    pub grace: Option<Instant>,
    /// When the pending row can be tried again.
    pub retry_at: Option<Instant>,
    /// Rows that were stopped while they were in flight.
    pub stopped: u64,
    /// The rows that ended lately.
    pub ended: EndedRows,
}

/// A row that is running.
pub(super) struct AskedRow {
    /// `None` for a replay.
    pub pace: Option<Arc<RowPace>>,
    /// Ends it.
    pub ending: Interrupt,
}

/// A request that was refused as all of them would be.
pub(super) struct Refused {
    pub rows: RefusedRows,
    pub error: CommandError,
}

/// The rows of such a request.
pub(super) enum RefusedRows {
    /// A row that was asked by itself, with its line and what earlier requests for it cost.
    One {
        place: u64,
        key: RowKey,
        line: Box<OutputLine>,
        carried: f64,
    },
    /// They are asked alone if other rows succeed.
    Group(Vec<PlannedRow>),
}

/// A request that has ended.
pub(super) struct EndedUnit {
    pub rows: Vec<PlannedRow>,
    pub is_group: bool,
    pub granted: f64,
    pub result: Result<Outcome, CommandError>,
}

/// What became of a run.
pub(crate) struct RunEnd {
    pub counts: Counts,
    pub stop: Option<Stop>,
    pub budget: JobBudget,
    /// Rows that were stopped in flight, and may have been billed.
    pub stopped: u64,
    /// Lines that could not be written.
    pub lost: Vec<String>,
    /// Every row that was fed has its line.
    pub is_complete: bool,
    pub side: Option<SideFile>,
}

impl Default for RunState {
    fn default() -> Self {
        Self {
            running: JoinSet::new(),
            pending: None,
            again: VecDeque::new(),
            bad_groups: 0,
            has_halved: false,
            is_fed: false,
            fed: 0,
            place: 0,
            stop: None,
            refused: Vec::new(),
            asked: HashMap::new(),
            grace: None,
            retry_at: None,
            stopped: 0,
            ended: EndedRows::default(),
        }
    }
}

/// What a run works with.
pub(crate) struct RunParts<'a> {
    pub options: &'a JobOptions,
    pub sink: &'a mut dyn JobSink,
    pub feed: Receiver<Fed>,
    pub engine: Arc<RowEngine>,
    /// `None` for a replay, which waits for nothing.
    pub paces: Option<Paces>,
    pub budget: JobBudget,
    /// `None` without an output file.
    pub side: Option<SideFile>,
    pub writer: LineWriter,
    /// Rows of the job, where their number is known.
    pub rows: Option<u64>,
    /// Increased when a server refused what amx adds by itself.
    pub learned: Arc<AtomicUsize>,
    /// Rows of one request.
    pub group: Arc<AtomicUsize>,
    /// The schema of one answer.
    pub schema: Option<Arc<Schema>>,
    pub interrupt: Interrupt,
}
/// A run of a job.
pub(crate) struct Run<'a> {
    pub(super) parts: RunParts<'a>,
    pub(super) state: RunState,
}

impl<'a> Run<'a> {
    pub(crate) fn new(parts: RunParts<'a>) -> Self {
        Self {
            parts,
            state: RunState::default(),
        }
    }

    pub(super) fn stop(&mut self, stop: Stop) {
        self.state.stop.get_or_insert(stop);
    }

    /// Ends rows: those that wait to be sent again, or all of them.
    pub(super) fn end_rows(&self, all: bool) {
        for row in self.state.asked.values() {
            if all || row.pace.as_ref().is_some_and(|pace| pace.is_waiting()) {
                row.ending.stop();
            }
        }
    }

    pub(super) fn next_place(&mut self) -> u64 {
        self.state.place += 1;
        self.state.place - 1
    }

    /// Stops when too many rows failed.
    pub(super) fn check_failures(&mut self, last: Option<&LineError>) {
        let most = self.parts.options.max_errors;
        if let Some(words) = self.parts.writer.counts.too_many(most) {
            self.stop(Stop::Failures(words, last.cloned().unwrap_or_default()));
        }
    }

    /// Notes that a row has no line, so that a later run asks it again; `carried` is what earlier
    /// requests for it cost.
    pub(super) fn release(&mut self, key: RowKey, carried: f64) -> Result<(), CommandError> {
        match &mut self.parts.side {
            Some(side) => side.released(key, carried),
            None => Ok(()),
        }
    }
}
