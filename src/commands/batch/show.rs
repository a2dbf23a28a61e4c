//! What a job shows while it runs: its progress on a terminal, or in a log.

use std::time::{Duration, Instant};

use crate::batch::progress::Progress;
use crate::batch::sink::JobSink;
use crate::config::options::Remark;
use crate::ports::context::Context;
use crate::ports::output::OutputError;
use crate::present::count::plural;

/// The time between two lines of progress, on a terminal and in a log.
const ON_TERMINAL: Duration = Duration::from_millis(200);
const IN_LOG: Duration = Duration::from_secs(30);

/// Columns beside the progress on a terminal.
const MARGIN: usize = 4;

/// Shows a job.
pub(super) struct Screen<'a, 'c> {
    context: &'a mut Context<'c>,
    started: Instant,
    /// A line of the log says that the job is stopping.
    is_stopping: bool,
}

impl<'a, 'c> Screen<'a, 'c> {
    pub(super) fn new(context: &'a mut Context<'c>) -> Self {
        Self {
            context,
            started: Instant::now(),
            is_stopping: false,
        }
    }

    fn is_terminal(&self) -> bool {
        self.context.input.can_ask()
    }
}

impl JobSink for Screen<'_, '_> {
    fn interval(&self) -> Duration {
        if self.is_terminal() {
            ON_TERMINAL
        } else {
            IN_LOG
        }
    }

    fn progress(&mut self, progress: &Progress) {
        if self.is_terminal() {
            let width = self.context.output.width().saturating_sub(MARGIN);
            let line = progress.line(Some(width));
            return self.context.output.progress(&|| vec![line.clone()]);
        }
        let ending = progress.stopping.filter(|_| progress.at_once > 0);
        if let (Some(grace), false) = (ending, self.is_stopping) {
            self.is_stopping = true;
            let rows = plural(progress.at_once, "row");
            let seconds = grace.as_secs() + 1;
            let note = format!("stopping: {rows} in flight may take {seconds} s to end");
            self.context.output.note(&note);
        }
        // The first tick is at the start.
        if self.started.elapsed() >= IN_LOG {
            self.context.output.aside(&progress.line(None));
        }
    }

    fn remark(&mut self, remark: &Remark) {
        self.context.remark([remark]);
    }

    fn line(&mut self, line: &str) -> Result<(), OutputError> {
        self.context.output.line(line)
    }
}
