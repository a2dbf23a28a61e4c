//! The receivers of an answer while it arrives: the screen, the store, or none.

use super::finished_answer::FinishedAnswer;
use super::outcome::Outcome;
use crate::chat::event::ChatEvent;
use crate::chat::tool::ToolStep;
use crate::ports::approval::Approver;
use crate::ports::error::CommandError;
use crate::ports::output::OutputError;
use crate::store::{SessionId, TurnId};

/// The session and turn in the store that a request belongs to.
pub(crate) type TurnPlace = (SessionId, TurnId);

/// Receives one answer while it arrives. The default of each method ignores the call.
pub(crate) trait AnswerSink {
    /// The question is about to be sent: every check has passed, and its cost is reserved.
    ///
    /// # Errors
    /// When it must not be sent after all. The reservation is released.
    fn sending(&mut self) -> Result<(), CommandError> {
        Ok(())
    }

    /// A round starts; called again for each retry with a changed request.
    fn start(&mut self) {}

    /// An event arrived.
    ///
    /// # Errors
    /// When it cannot be shown, which ends the answer.
    fn event(&mut self, _: &ChatEvent) -> Result<(), OutputError> {
        Ok(())
    }

    /// No further event is ready: buffered output is to be shown.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    fn flush(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    /// The whole text and reasoning so far, after each event.
    fn draft(&mut self, _text: &str, _reasoning: &str) {}

    /// Asks about the calls of an answer; `None` when nobody can be asked.
    fn approver(&mut self) -> Option<&mut dyn Approver> {
        None
    }

    /// The calls of an answer have ended, and the model is asked again.
    fn step(&mut self, _: &ToolStep) {}

    /// The answer has ended. Returns the stored turn of its requests, for the ledger.
    fn end(&mut self, _: &Outcome) -> Option<TurnPlace> {
        None
    }
}

/// Ignores every event.
pub(crate) struct NullSink;

impl AnswerSink for NullSink {}

/// Receives several answers while they arrive side by side. Numbers count from 1.
pub(crate) trait AnswersSink {
    /// The first requests start.
    fn start(&mut self);

    /// An event of one answer arrived.
    ///
    /// # Errors
    /// When it cannot be shown, which ends all answers.
    fn event(&mut self, number: usize, event: &ChatEvent) -> Result<(), OutputError>;

    /// One answer has ended.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    fn end_one(&mut self, number: usize, ended: &FinishedAnswer) -> Result<(), OutputError>;

    /// The progress of the answers, one line each; `lines` is called only to show them.
    fn progress(&mut self, lines: &dyn Fn() -> Vec<String>);

    /// All answers have ended; `ended` is in the requested [`Order`](super::parallel::Order).
    /// Returns the stored turn of each.
    fn end(&mut self, ended: &[FinishedAnswer]) -> Vec<Option<TurnPlace>> {
        ended.iter().map(|_| None).collect()
    }
}
