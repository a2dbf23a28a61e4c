//! One of several answers when it is over, and the verdict on all of them.

use super::outcome::Outcome;
use crate::chat::confidence::Confidence;
use crate::chat::turn::Turn;
use crate::ports::answer_report::AnswerReport;
use crate::ports::error::{CommandError, ErrorKind};

/// One of several answers.
pub struct Ended {
    /// Counts from 1, in the order in which they were asked for.
    pub number: usize,
    pub label: String,
    pub outcome: Outcome,
    pub is_replayed: bool,
}

impl Ended {
    pub fn is_complete(&self) -> bool {
        self.outcome.error.is_none()
    }

    /// Whether anything of it arrived.
    pub fn has_arrived(&self) -> bool {
        self.is_complete() || self.outcome.answer.first_token.is_some()
    }

    /// The turn that it makes of a question.
    pub fn turn(&self, question: &Turn) -> Turn {
        let outcome = &self.outcome;
        let mut turn = question.clone();
        turn.answered(&outcome.answer, outcome.state, outcome.error_words());
        turn
    }

    /// It as the output shows it.
    pub fn report(&self) -> AnswerReport<'_> {
        AnswerReport {
            answer: &self.outcome.answer,
            confidence: self.outcome.confidence,
            state: self.outcome.state,
            structured: self.outcome.structured.as_ref(),
            session: None,
            is_replayed: self.is_replayed,
        }
    }
}

/// Complete ones first, the most confident first among them; the others in the order in which they
/// were asked for.
pub fn sort_by_confidence(ended: &mut [Ended]) {
    ended.sort_by(
        |left, right| match (&left.outcome.confidence, &right.outcome.confidence) {
            (Some(left), Some(right)) => Confidence::order(left, right),
            (left, right) => right.is_some().cmp(&left.is_some()),
        },
    );
}

/// The error of all together: none when all are complete, the signal that ended them, the first
/// failure when all failed, and else that some did.
pub fn verdict(ended: &mut [Ended], what: &str) -> Option<CommandError> {
    // The first failure is the first that was asked for, whatever the order now.
    ended.sort_by_key(|ended| ended.number);
    let count = ended.len();
    let mut errors = ended
        .iter()
        .filter_map(|ended| ended.outcome.error.as_ref());
    if let Some(signal) = errors.find(|error| error.is_signal()) {
        return Some(CommandError::new(signal.kind, ""));
    }
    let failed = ended.iter().filter(|ended| !ended.is_complete()).count();
    let first = ended
        .iter_mut()
        .find_map(|ended| ended.outcome.error.take())?;
    if failed == count {
        return Some(first);
    }
    let message = format!("{failed} of {count} {what} failed");
    let partial =
        CommandError::new(ErrorKind::Partial, message).caused_by_words(first.in_one_line());
    Some(CommandError {
        hints: first.hints,
        status: first.status,
        retryable: first.retryable,
        ..partial
    })
}
