//! The lines below an answer: notes about it, and the status line.

use super::status;
use crate::ports::answer_report::{AnswerReport, failover_words};

/// What there is below an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Below {
    Status(String),
    Note(String),
}

/// The lines below an answer. With `width` there may be a status line, that wide; `is_requested`
/// shows it for an answer that is not complete as well.
pub(super) fn below(
    report: &AnswerReport<'_>,
    width: Option<usize>,
    is_requested: bool,
) -> Vec<Below> {
    let answer = &report.answer;
    // A conversation has a status line also for an incomplete answer.
    let is_conversation = report
        .session
        .as_ref()
        .is_some_and(|session| session.spent.is_some());
    let has_counts = answer.first_token.is_some();
    let has_status = !report.is_incomplete() || ((is_conversation || is_requested) && has_counts);
    if let Some(width) = width.filter(|_| has_status) {
        return vec![Below::Status(status::line(report, width))];
    }
    let other = answer
        .model
        .as_deref()
        .filter(|model| *model != answer.requested_model && !report.is_incomplete());
    let was_skipped = answer
        .attempts
        .last()
        .is_some_and(|attempt| !attempt.skipped_models.is_empty());
    // A failed profile was reported when the next one was tried.
    let why = if was_skipped {
        format!("; {}", failover_words(answer).join("; "))
    } else {
        String::new()
    };
    let note = |model: &str| {
        Below::Note(format!(
            "answered by {model} (asked for {}){why}",
            answer.requested_model
        ))
    };
    other.map(note).into_iter().collect()
}
