//! Reads and plans the rows of a job on a thread of its own, ahead of the requests.

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::check::is_pending;
use super::input::Input;
use super::journal::DoneRows;
use super::line::{LineError, OutputLine};
use super::options::JobOptions;
use super::planner::{Planner, prompt_tokens};
use super::question::QuestionForm;
use super::row::{Place, RowKey};
use super::rows::{JobRow, JobRows};
use super::selection::Selection;
use super::status::RowStatus;
use crate::ask::prepare::PreparedRow;
use crate::ports::error::{CommandError, ErrorKind};

/// Rows that are planned ahead.
const AHEAD: usize = 64;

/// What the thread brings.
pub(crate) enum Fed {
    Row(Box<PlannedRow>),
    /// A row that cannot be asked, with its line.
    Unusable(Box<OutputLine>, Place),
    /// The input cannot be read further.
    Failed(CommandError),
}

/// A row that is ready to be asked.
pub(crate) struct PlannedRow {
    pub number: u64,
    pub key: RowKey,
    /// The line of the row, without an answer.
    pub line: OutputLine,
    pub prepared: PreparedRow,
    /// USD that one request may cost; `None` when the price is unknown.
    pub worst: Option<f64>,
    /// Estimated tokens of the prompt.
    pub tokens: u64,
}

/// What the thread needs.
pub(crate) struct Feed {
    pub input: Input,
    pub selection: Selection,
    pub configuration: [u8; 16],
    pub form: QuestionForm,
    pub options: JobOptions,
    pub done: DoneRows,
    pub planner: Planner,
}

/// Starts the thread. It ends when the input does, or when the receiver is dropped.
///
/// # Errors
/// [`ErrorKind::LocalIo`] when the system refuses a thread.
pub(crate) fn start(feed: Feed) -> Result<Receiver<Fed>, CommandError> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let thread = std::thread::Builder::new().spawn(move || feed.run(&sender));
    thread.map_err(|source| {
        CommandError::new(ErrorKind::LocalIo, "the system refuses a thread").caused_by(source)
    })?;
    Ok(receiver)
}

impl Feed {
    fn run(self, sender: &Sender<Fed>) {
        let Self {
            input,
            selection,
            configuration,
            form,
            options,
            done,
            mut planner,
        } = self;
        let mut rows = JobRows::new(&input, selection, configuration, &form, &options);
        loop {
            let fed = match rows.next(|key| !is_pending(done.status(key), &options)) {
                Ok(Some(row)) => planned(row, &mut planner),
                Ok(None) => return,
                Err(error) => Fed::Failed(error),
            };
            let is_last = matches!(fed, Fed::Failed(_));
            if sender.blocking_send(fed).is_err() || is_last {
                return;
            }
        }
    }
}

fn planned(row: JobRow, planner: &mut Planner) -> Fed {
    let mut line = OutputLine::new(row.id, row.number, row.key, RowStatus::Ok);
    line.input = row.kept;
    let (question, own) = match row.question {
        Ok(question) => question,
        Err(why) => {
            let error = CommandError::new(ErrorKind::Input, why);
            line.fail(RowStatus::Skipped, &error);
            return Fed::Unusable(Box::new(line), row.place);
        }
    };
    match planner.plan(question, own) {
        Ok(prepared) => Fed::Row(Box::new(PlannedRow {
            number: row.number,
            key: row.key,
            line,
            worst: prepared.worst_case(),
            tokens: prompt_tokens(&prepared),
            prepared,
        })),
        Err(error) => {
            line.fail(RowStatus::Error, &error);
            Fed::Unusable(Box::new(line), row.place)
        }
    }
}

impl OutputLine {
    /// The line of a row without an answer.
    pub(crate) fn fail(&mut self, status: RowStatus, error: &CommandError) {
        status.word().clone_into(&mut self.status);
        self.error = Some(LineError::of(error));
    }
}
