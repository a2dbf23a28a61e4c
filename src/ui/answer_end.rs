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
        .filter(|model| !is_same(model, &answer.requested_model) && !report.is_incomplete());
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

/// Fewest digits of a date in a model ID, such as `-0613`.
const SHORTEST_DATE: usize = 4;

/// Whether a model is the requested one, or a dated snapshot of it: `gpt-5-mini-2025-08-07`.
fn is_same(model: &str, requested: &str) -> bool {
    let Some(rest) = model.strip_prefix(requested) else {
        return false;
    };
    let date = rest.strip_prefix(['-', '@']).unwrap_or_default();
    let digits = date.bytes().filter(u8::is_ascii_digit).count();
    let is_date = date
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    rest.is_empty() || is_date && digits >= SHORTEST_DATE
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_dated_snapshot_is_the_model_that_was_asked() {
        for (model, requested) in [
            ("gpt-5-mini", "gpt-5-mini"),
            ("gpt-5-mini-2025-08-07", "gpt-5-mini"),
            ("gpt-4-0613", "gpt-4"),
            ("claude-sonnet-4@20250514", "claude-sonnet-4"),
            ("openai/gpt-5-2025-08-07", "openai/gpt-5"),
        ] {
            assert!(is_same(model, requested), "{model}");
        }
        for (model, requested) in [
            ("gpt-5-mini-2025-08-07", "gpt-5"),
            ("gpt-5-mini", "gpt-5"),
            ("llama-3-70", "llama-3"),
            ("gpt-5", "gpt-5-mini"),
            ("gpt-50613", "gpt-5"),
        ] {
            assert!(!is_same(model, requested), "{model}");
        }
    }
}
