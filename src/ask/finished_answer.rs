//! The result of one of several answers, and the verdict on all of them.

use super::outcome::Outcome;
use crate::chat::confidence::Confidence;
use crate::chat::turn::Turn;
use crate::ports::answer_report::AnswerReport;
use crate::ports::error::{CommandError, ErrorKind};

/// The result of one of several answers.
pub(crate) struct FinishedAnswer {
    /// From 1, in the order of the requests.
    pub number: usize,
    pub label: String,
    pub outcome: Outcome,
    pub is_replayed: bool,
}

impl FinishedAnswer {
    pub(crate) fn is_complete(&self) -> bool {
        self.outcome.error.is_none()
    }

    /// Whether any of it arrived.
    pub(crate) fn has_arrived(&self) -> bool {
        self.is_complete() || self.outcome.answer.first_token.is_some()
    }

    /// The turn of the question with this answer.
    pub(crate) fn turn(&self, question: &Turn) -> Turn {
        let outcome = &self.outcome;
        let mut turn = question.clone();
        turn.answered(&outcome.answer, outcome.state, outcome.error_message());
        turn
    }

    /// The report for the output.
    pub(crate) fn report(&self) -> AnswerReport<'_> {
        AnswerReport {
            answer: &self.outcome.answer,
            confidence: self.outcome.confidence,
            state: self.outcome.state,
            structured: self.outcome.structured.as_ref(),
            command: None,
            session: None,
            is_replayed: self.is_replayed,
            media: &self.outcome.saved,
        }
    }
}

/// Sorts complete answers to the front, the most confident first; the others keep the order of the
/// requests.
pub(crate) fn sort_by_confidence(ended: &mut [FinishedAnswer]) {
    ended.sort_by(
        |left, right| match (&left.outcome.confidence, &right.outcome.confidence) {
            (Some(left), Some(right)) => Confidence::order(left, right),
            (left, right) => right.is_some().cmp(&left.is_some()),
        },
    );
}

/// The error of several answers: `None` when all are complete, the signal that ended them, the
/// first failure when all failed, else [`ErrorKind::Partial`]. `what` is the plural noun in the
/// message.
pub(crate) fn verdict(ended: &mut [FinishedAnswer], what: &str) -> Option<CommandError> {
    // The first failure is that of the first request, whatever the current order.
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
