//! Who sees an answer while it arrives: the screen, the store, or nobody.

use super::ended::Ended;
use super::outcome::Outcome;
use crate::chat::event::ChatEvent;
use crate::ports::error::CommandError;
use crate::ports::output::OutputError;
use crate::store::{SessionId, TurnId};

/// The stored turn that a request belongs to.
pub type TurnPlace = (SessionId, TurnId);

/// Receives one answer while it arrives. Each method has a default that ignores it.
pub trait AnswerSink {
    /// Every check has passed and the spending is held back: the question is about to be sent.
    ///
    /// # Errors
    /// When it must not be sent after all.
    fn sending(&mut self) -> Result<(), CommandError> {
        Ok(())
    }

    /// A request starts; there is more than one when an answer is asked for again.
    fn begin(&mut self) {}

    /// Something happened.
    ///
    /// # Errors
    /// When it cannot be shown, which ends the answer.
    fn event(&mut self, _: &ChatEvent) -> Result<(), OutputError> {
        Ok(())
    }

    /// No further event is ready: what was given so far is to become visible.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    fn flush(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    /// Text and reasoning so far, after each event.
    fn draft(&mut self, _text: &str, _reasoning: &str) {}

    /// The answer is over. Gives the stored turn that its requests belong to.
    fn end(&mut self, _: &Outcome) -> Option<TurnPlace> {
        None
    }
}

/// Nobody watches.
pub struct Silent;

impl AnswerSink for Silent {}

/// Receives several answers while they arrive side by side. Numbers count from 1.
pub trait AnswersSink {
    /// The first requests start.
    fn begin(&mut self);

    /// Something happened to one of them.
    ///
    /// # Errors
    /// When it cannot be shown, which ends all of them.
    fn event(&mut self, number: usize, event: &ChatEvent) -> Result<(), OutputError>;

    /// One of them is over.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    fn end_of(&mut self, number: usize, ended: &Ended) -> Result<(), OutputError>;

    /// How far each has come, one line each; made only when they are shown.
    fn progress(&mut self, lines: &dyn Fn() -> Vec<String>);

    /// All are over, in the order in which they were asked. Gives the stored turn of each.
    fn end(&mut self, ended: &[Ended]) -> Vec<Option<TurnPlace>> {
        ended.iter().map(|_| None).collect()
    }
}
