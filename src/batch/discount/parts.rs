//! What a run of discounted batches works with, and what changes while it goes on.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};

use super::pauses::Pauses;
use crate::ask::batch_client::BatchClient;
use crate::ask::batch_ledger::BatchLedger;
use crate::ask::batch_trace::BatchTrace;
use crate::ask::failure;
use crate::ask::run::RunOptions;
use crate::batch::ending::Stop;
use crate::batch::input::Input;
use crate::batch::journal::DoneRows;
use crate::batch::noted::OpenBatch;
use crate::batch::options::JobOptions;
use crate::batch::planner::Planner;
use crate::batch::progress::{BatchProgress, Progress};
use crate::batch::question::QuestionForm;
use crate::batch::selection::Selection;
use crate::batch::side_file::SideFile;
use crate::batch::sink::JobSink;
use crate::batch::writer::LineWriter;
use crate::chat::error::ChatError;
use crate::ports::error::CommandError;
use crate::ports::interrupt::{Interrupt, Signal};

/// Where the rows come from.
pub(super) struct RowSource {
    pub input: Input,
    pub selection: Selection,
    pub configuration: [u8; 16],
    pub form: QuestionForm,
}

/// A batch that is not fetched yet, and what the last looks at it brought.
#[derive(Debug)]
pub(super) struct WaitingBatch {
    pub open: OpenBatch,
    /// The provider's word for its status.
    pub word: String,
    /// The provider reported it.
    pub is_seen: bool,
    /// Looks in a row at which the provider did not have it.
    pub missing: u32,
    /// It was submitted in this run.
    pub is_new: bool,
}

impl WaitingBatch {
    /// A batch of an earlier run.
    pub(super) fn of_earlier(open: OpenBatch) -> Self {
        Self {
            open,
            word: String::new(),
            is_seen: false,
            missing: 0,
            is_new: false,
        }
    }
}

/// A run of discounted batches.
pub(super) struct BatchRun<'a> {
    pub options: &'a JobOptions,
    pub sink: &'a mut dyn JobSink,
    pub client: BatchClient,
    pub ledger: BatchLedger,
    /// The span of the job; `None` when telemetry is off.
    pub trace: Option<Arc<BatchTrace>>,
    pub side: SideFile,
    pub writer: LineWriter,
    pub planner: Planner,
    pub asking: RunOptions,
    pub source: Arc<RowSource>,
    /// Rows with a line; those that this run submitted or wrote a line for are the submitted ones.
    pub done: DoneRows,
    pub waiting: Vec<WaitingBatch>,
    /// IDs of batches that are ours, or turned out to be another's.
    pub known: HashSet<String>,
    /// The latest time of the provider's clock, in seconds since 1970.
    pub since: i64,
    /// Rows of the job.
    pub rows: Option<u64>,
    /// USD of all runs.
    pub spent: f64,
    pub interrupt: Interrupt,
    pub pauses: Pauses,
    /// How long the provider asks to wait.
    pub asked: Option<Duration>,
    /// Rounds of looks in a row that all failed.
    pub failed_looks: u32,
    /// Rows whose submission did not arrive are to be submitted again.
    pub is_again: bool,
    pub stop: Option<Stop>,
    /// When the progress was shown.
    pub shown: Option<Instant>,
}

impl BatchRun<'_> {
    pub(super) fn stop(&mut self, stop: Stop) {
        self.stop.get_or_insert(stop);
    }

    /// The error of the API, in words.
    pub(super) fn explained(&self, error: ChatError) -> CommandError {
        failure::explain(error, &self.planner.settings)
    }

    pub(super) fn signalled(&mut self, signal: Signal) {
        self.interrupt.acknowledge();
        self.stop(Stop::Signal(signal));
    }

    /// Waits, and shows the progress. A signal stops the run.
    pub(super) async fn pause(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut ticks = tokio::time::interval(self.sink.interval());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let interrupt = self.interrupt.clone();
        loop {
            tokio::select! {
                biased;
                signal = interrupt.wait() => return self.signalled(signal),
                () = tokio::time::sleep_until(until) => return,
                _ = ticks.tick() => self.show(Some(until - Instant::now())),
            }
        }
    }

    /// Shows the progress, as often as the sink asks for it.
    pub(super) fn show(&mut self, next_look: Option<Duration>) {
        let interval = self.sink.interval();
        if self.shown.is_some_and(|shown| shown.elapsed() < interval) {
            return;
        }
        self.shown = Some(Instant::now());
        let counts = self.writer.counts;
        let progress = Progress {
            ended: counts.rows(),
            rows: self.rows,
            usd: self.spent,
            failed: counts.failed,
            batches: Some(BatchProgress {
                running: self.waiting.len() as u64,
                rows: self.waiting.iter().map(|batch| batch.open.rows).sum(),
                next_look,
            }),
            ..Progress::default()
        };
        self.sink.progress(&progress);
    }
}

/// The result of a future, unless a signal comes first.
pub(super) async fn unless_signalled<T>(
    interrupt: &Interrupt,
    future: impl Future<Output = T>,
) -> Result<T, Signal> {
    tokio::select! {
        biased;
        signal = interrupt.wait() => Err(signal),
        result = future => Ok(result),
    }
}
