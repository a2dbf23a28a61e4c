//! What rounds need of tools: one step runs the calls of an answer, so that the model can be asked
//! again with their results.

use std::time::Duration;

use crate::ask::pull::Receiver;
use crate::chat::answer::Answer;
use crate::chat::error::ChatError;
use crate::chat::tool::Declaration;
use crate::config::Settings;
use crate::ports::error::CommandError;
use crate::ports::interrupt::Interrupt;
use crate::ports::output::OutputError;

/// Why no further step may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastStep {
    /// The limit of steps is reached.
    Steps,
    /// An answer has as many calls as it may have.
    Calls,
}

/// Runs the calls of answers.
pub(crate) trait Steps {
    /// Why the next request must be answered without calls; `None` when it may have some.
    fn last(&self) -> Option<LastStep>;

    /// What is declared from now on to the model of these settings; `None` when nothing changed.
    fn declarations(&self, settings: &Settings) -> Option<Vec<Declaration>>;

    /// Runs the calls of an answer, and moves them with their results to its steps.
    async fn step(
        &mut self,
        answer: &mut Answer,
        receiver: &mut impl Receiver,
        interrupt: &Interrupt,
        limit: Option<TimeLimit>,
    ) -> StepEnd;
}

/// The time limit of an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLimit {
    pub given: Duration,
    /// What is left of it.
    pub left: Duration,
}

/// How a step ended.
pub(crate) enum StepEnd {
    /// Each call has a result, and the model can be asked again.
    Complete,
    /// None of the calls was run, and they have no results. This ends the answer.
    Refused(CommandError),
    /// Each call has a result. A signal has ended the answer.
    Signalled(CommandError),
    /// Each call has a result. No time is left, or the recording that is replayed has other calls.
    Failed(ChatError),
    /// Each call has a result. The output has failed.
    OutputFailed(OutputError),
}

/// For answers whose calls are not run.
pub(crate) struct NoTools;

impl Steps for NoTools {
    fn last(&self) -> Option<LastStep> {
        None
    }

    fn declarations(&self, _: &Settings) -> Option<Vec<Declaration>> {
        None
    }

    async fn step(
        &mut self,
        _: &mut Answer,
        _: &mut impl Receiver,
        _: &Interrupt,
        _: Option<TimeLimit>,
    ) -> StepEnd {
        StepEnd::Complete
    }
}
