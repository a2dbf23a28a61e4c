//! What became of a row.

use crate::ask::outcome::Outcome;
use crate::chat::attempt_status::AttemptStatus;
use crate::chat::finish_reason::FinishReason;
use crate::ports::error::ErrorKind;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowStatus {
    Ok,
    /// No answer.
    Error,
    /// The answer is interrupted; its text so far is kept.
    Cut,
    /// A content filter withheld the answer.
    Filtered,
    /// The answer reached `max_tokens`.
    Length,
    /// The answer does not match the schema, the second one neither.
    Invalid,
    /// The row cannot be used, and bad rows are skipped.
    Skipped,
}

/// Each status with its word in the output.
const WORDS: &[(RowStatus, &str)] = &[
    (RowStatus::Ok, "ok"),
    (RowStatus::Error, "error"),
    (RowStatus::Cut, "cut"),
    (RowStatus::Filtered, "filtered"),
    (RowStatus::Length, "length"),
    (RowStatus::Invalid, "invalid"),
    (RowStatus::Skipped, "skipped"),
];

impl RowStatus {
    pub(crate) fn word(self) -> &'static str {
        WORDS
            .iter()
            .find(|(status, _)| *status == self)
            .map_or("", |(_, word)| word)
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(status, _)| *status)
    }

    /// Whether the row has no usable answer.
    pub(crate) fn is_failure(self) -> bool {
        !matches!(self, Self::Ok | Self::Skipped)
    }

    /// What became of a row with this outcome.
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let answer = &outcome.answer;
        if answer.finish_reason == Some(FinishReason::Length) {
            return Self::Length;
        }
        let Some(error) = &outcome.error else {
            return Self::Ok;
        };
        let last = answer.attempts.last().map(|attempt| &attempt.status);
        match (error.kind, last) {
            (_, Some(AttemptStatus::Filtered)) => Self::Filtered,
            (ErrorKind::Content, Some(AttemptStatus::Ok)) => Self::Invalid,
            _ if answer.has_visible_text => Self::Cut,
            _ => Self::Error,
        }
    }
}
