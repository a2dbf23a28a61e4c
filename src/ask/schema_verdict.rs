//! Judges a complete answer against its schema.

use super::outcome::{Judge, Outcome};
use crate::chat::answer::Answer;
use crate::chat::finish_reason::FinishReason;
use crate::chat::schema::{Schema, Violation};
use crate::chat::turn::TurnState;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::text::shortened as shortened_text;
use crate::wire::redact::cut;

/// Maximum number of violations in an error.
const MAX_VIOLATIONS: usize = 3;

/// Maximum length of a mismatching answer in a note, in characters.
const MAX_ANSWER: usize = 400;

/// Maximum length of a quoted message or violation, in characters.
pub(super) const MAX_QUOTED: usize = 160;

/// Parses and validates a complete answer, and replaces its text by the value: indented, or on one
/// line. An answer that reached `max_tokens` fails.
///
/// # Errors
/// The violations, when the answer does not match the schema.
pub(super) fn read_value(
    outcome: &mut Outcome,
    schema: &Schema,
    is_indented: bool,
    judge: &Judge,
) -> Result<(), Vec<Violation>> {
    take_text(&mut outcome.answer, schema);
    if outcome.answer.finish_reason == Some(FinishReason::Length) {
        let (message, raise) = judge.limit_reached(&outcome.answer);
        fail(
            outcome,
            CommandError::new(ErrorKind::Content, message).hint(raise),
        );
        return Ok(());
    }
    let value = schema.read(&outcome.answer.text)?;
    outcome.answer.text = if is_indented {
        serde_json::to_string_pretty(&value).unwrap_or_default()
    } else {
        value.to_string()
    };
    outcome.structured = Some(value);
    Ok(())
}

/// Takes the arguments of a call of the schema's tool as the text of the answer. The tool is
/// internal, so the call is removed from the answer.
fn take_text(answer: &mut Answer, schema: &Schema) {
    let call = std::mem::take(&mut answer.tool_calls).into_iter().next();
    if let Some(call) = call.filter(|call| call.name == schema.name() || !answer.has_visible_text) {
        answer.text = call.arguments;
        answer.has_visible_text = true;
        answer.first_token = answer.first_token.or(Some(answer.total));
    }
    if answer.finish_reason == Some(FinishReason::ToolCalls) {
        answer.finish_reason = Some(FinishReason::Stop);
    }
}

/// Marks the answer as failed, with a note that quotes its beginning.
pub(super) fn fail(outcome: &mut Outcome, error: CommandError) {
    outcome.state = TurnState::Failed;
    outcome.error = Some(error);
    outcome.note = Some(format!(
        "the answer: {}",
        shortened(&outcome.answer.text, MAX_ANSWER)
    ));
}

/// The error of an answer that does not match its schema.
pub(super) fn mismatch(what: &str, violations: &[Violation]) -> CommandError {
    let error = CommandError::new(ErrorKind::Content, what).caused_by_words(summary(violations));
    error.hint("describe the fields in the prompt, relax the schema, or choose another model")
}

/// The first violations, on one line.
pub(super) fn summary(violations: &[Violation]) -> String {
    let more = if violations.len() > MAX_VIOLATIONS {
        "; …"
    } else {
        ""
    };
    let first: Vec<String> = violations
        .iter()
        .take(MAX_VIOLATIONS)
        .map(|violation| shortened(&violation.to_string(), MAX_QUOTED))
        .collect();
    format!("{}{more}", first.join("; "))
}

/// The beginning of a text on one line.
pub(super) fn shortened(text: &str, width: usize) -> String {
    shortened_text(
        &cut(text, width * 4)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        width,
    )
}
