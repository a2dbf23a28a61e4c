//! Reads and plans the rows of a job on a thread of its own, ahead of the requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{self, PermitIterator, Receiver, Sender};

use super::check::is_pending;
use super::input::Input;
use super::journal::DoneRows;
use super::line::OutputLine;
use super::options::JobOptions;
use super::planned::{PlannedRow, PlannedUnit};
use super::planner::{Planner, RowSettings, prompt_tokens};
use super::question::QuestionForm;
use super::repeats::Repeats;
use super::row::Place;
use super::rows::{JobRow, JobRows};
use super::selection::Selection;
use super::status::RowStatus;
use crate::ports::error::{CommandError, ErrorKind};

/// Rows that are planned ahead.
const AHEAD: usize = 64;

/// Rows for which there must be room before the thread wakes: waking it costs more than planning a
/// row.
const ROOM: usize = AHEAD / 2;

/// What the thread brings.
pub(crate) enum Fed {
    Unit(Box<PlannedUnit>),
    /// A row that cannot be asked, with its line.
    Unusable(Box<OutputLine>, Place),
    /// The input cannot be read further.
    Failed(CommandError),
}

/// What the thread needs.
pub(crate) struct Feed {
    pub input: Input,
    pub selection: Selection,
    pub configuration: [u8; 16],
    pub form: QuestionForm,
    pub options: JobOptions,
    pub done: DoneRows,
    /// Which rows are repeated.
    pub repeats: Repeats,
    pub planner: Planner,
    /// Rows of one request.
    pub group: Arc<AtomicUsize>,
}

/// Starts the thread. It ends when the input does, or when the receiver is dropped.
///
/// # Errors
/// [`ErrorKind::LocalIo`] when the system refuses a thread.
pub(crate) fn start(feed: Feed) -> Result<Receiver<Fed>, CommandError> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let refused = |source| {
        CommandError::new(ErrorKind::LocalIo, "the system refuses a thread").caused_by(source)
    };
    let waiting = Builder::new_current_thread().build().map_err(refused)?;
    let thread = std::thread::Builder::new().spawn(move || feed.run(&sender, &waiting));
    thread.map_err(refused)?;
    Ok(receiver)
}

/// The receiver is gone: nothing more is wanted.
struct Unwanted;

impl Feed {
    /// `waiting` runs what waits for room.
    fn run(self, sender: &Sender<Fed>, waiting: &Runtime) {
        let Self {
            input,
            selection,
            configuration,
            form,
            options,
            done,
            repeats,
            planner,
            group,
        } = self;
        let rows = JobRows::new(&input, selection, configuration, &form, &options);
        let mut rows = rows.again(repeats);
        let mut line = Line {
            planner,
            group,
            waiting: Waiting::default(),
            queue: Queue {
                sender,
                waiting,
                room: None,
            },
        };
        loop {
            let sent = match rows.next(|key| !is_pending(&done, key, &options)) {
                Ok(Some(row)) => line.add(row),
                Ok(None) => {
                    // The last group may be smaller.
                    let _ = line.flush();
                    return;
                }
                Err(error) => line.flush().and_then(|()| line.send(Fed::Failed(error))),
            };
            if sent.is_err() {
                return;
            }
        }
    }
}

/// The rows that are planned and not sent.
struct Queue<'a> {
    sender: &'a Sender<Fed>,
    waiting: &'a Runtime,
    /// Places that are reserved.
    room: Option<PermitIterator<'a, Fed>>,
}

impl Queue<'_> {
    fn send(&mut self, fed: Fed) -> Result<(), Unwanted> {
        loop {
            if let Some(place) = self.room.as_mut().and_then(Iterator::next) {
                place.send(fed);
                return Ok(());
            }
            let reserved = self.waiting.block_on(self.sender.reserve_many(ROOM));
            self.room = Some(reserved.map_err(|_| Unwanted)?);
        }
    }
}

/// The rows of the next group.
#[derive(Default)]
struct Waiting {
    rows: Vec<PlannedRow>,
    items: Vec<String>,
    settings: RowSettings,
}

/// Plans rows one after the other.
struct Line<'a> {
    planner: Planner,
    group: Arc<AtomicUsize>,
    waiting: Waiting,
    queue: Queue<'a>,
}

impl Line<'_> {
    fn send(&mut self, fed: Fed) -> Result<(), Unwanted> {
        self.queue.send(fed)
    }

    fn add(&mut self, row: JobRow) -> Result<(), Unwanted> {
        let mut line = OutputLine::new(row.id, row.number, row.key, RowStatus::Ok);
        line.input = row.kept;
        let (question, mut own) = match row.question {
            Ok(question) => question,
            Err(why) => {
                let error = CommandError::new(ErrorKind::Input, why);
                line.fail(RowStatus::Skipped, &error);
                return self.send(Fed::Unusable(Box::new(line), row.place));
            }
        };
        let item = question.item();
        own.system = own.system.or(question.system.clone());
        match self.planner.plan(question, own.clone()) {
            Ok(prepared) => {
                let planned = PlannedRow {
                    number: row.number,
                    key: row.key,
                    line,
                    worst: prepared.worst_case(),
                    tokens: prompt_tokens(&prepared),
                    prepared: Some(prepared),
                    place: None,
                    carried: 0.0,
                };
                self.group(planned, item, own)
            }
            Err(error) => {
                line.fail(RowStatus::Error, &error);
                self.send(Fed::Unusable(Box::new(line), row.place))
            }
        }
    }

    /// Sends a row by itself, or as soon as its group is complete.
    fn group(
        &mut self,
        row: PlannedRow,
        item: Option<String>,
        own: RowSettings,
    ) -> Result<(), Unwanted> {
        let size = self.group.load(Ordering::Acquire);
        let Some(item) = item.filter(|_| size > 1) else {
            self.flush()?;
            return self.send(Fed::Unit(Box::new(PlannedUnit::single(row))));
        };
        if own != self.waiting.settings {
            self.flush()?;
            self.waiting.settings = own;
        }
        self.waiting.rows.push(row);
        self.waiting.items.push(item);
        if self.waiting.rows.len() >= size {
            self.flush()?;
        }
        Ok(())
    }

    /// Sends the rows that wait for others.
    fn flush(&mut self) -> Result<(), Unwanted> {
        let rows = std::mem::take(&mut self.waiting.rows);
        let items = std::mem::take(&mut self.waiting.items);
        if rows.len() < 2 {
            return rows
                .into_iter()
                .try_for_each(|row| self.send(Fed::Unit(Box::new(PlannedUnit::single(row)))));
        }
        let own = self.waiting.settings.clone();
        let unit = match self.planner.plan_group(&items, own) {
            Ok(prepared) => PlannedUnit {
                worst: prepared.worst_case(),
                tokens: prompt_tokens(&prepared),
                group: Some(prepared),
                rows,
            },
            // The rows can be asked alone all the same.
            Err(error) => return self.send(Fed::Failed(error)),
        };
        self.send(Fed::Unit(Box::new(unit)))
    }
}
