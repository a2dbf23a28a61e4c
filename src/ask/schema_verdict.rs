//! Judges a complete answer by the schema that it must match.

use super::outcome::{Judge, Outcome};
use crate::chat::answer::Answer;
use crate::chat::finish_reason::FinishReason;
use crate::chat::schema::{Schema, Violation};
use crate::chat::turn::TurnState;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store;

/// Violations that an error names.
const MOST_NAMED: usize = 3;

/// Most that is shown of a bad answer and of a provider's words, in characters.
const MOST_SHOWN: usize = 400;
pub const MOST_WORDS: usize = 160;

/// Reads the value of a complete answer, and makes the value its text: indented, or in one line. An
/// answer that the limit has cut is failed.
///
/// # Errors
/// What is wrong, where the answer does not match the schema.
pub fn settle(
    outcome: &mut Outcome,
    schema: &Schema,
    is_indented: bool,
    judge: &Judge,
) -> Result<(), Vec<Violation>> {
    take_said(&mut outcome.answer, schema);
    if outcome.answer.finish_reason == Some(FinishReason::Length) {
        let (message, raise) = judge.cut_at_limit(&outcome.answer);
        fail(
            outcome,
            CommandError::new(
                ErrorKind::Content,
                format!("{message}, and is incomplete JSON"),
            )
            .hint(raise),
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

/// Takes what the model said as the text of the answer: the arguments of the call, where it called
/// the tool that takes the answer. That tool is ours: nobody else is told of the call.
fn take_said(answer: &mut Answer, schema: &Schema) {
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

/// Marks the answer as one that cannot be used, and shows the beginning of what was said.
pub fn fail(outcome: &mut Outcome, error: CommandError) {
    outcome.state = TurnState::Failed;
    outcome.error = Some(error);
    outcome.note = Some(format!(
        "the answer was: {}",
        shortened(&outcome.answer.text, MOST_SHOWN)
    ));
}

pub fn violated(what: &str, violations: &[Violation]) -> CommandError {
    let error = CommandError::new(ErrorKind::Content, what).caused_by_words(named(violations));
    error.hint(
        "choose another model with -m, loosen the schema, or say in the prompt what is wanted",
    )
}

/// The first violations, on one line.
pub fn named(violations: &[Violation]) -> String {
    let more = if violations.len() > MOST_NAMED {
        "; …"
    } else {
        ""
    };
    let first: Vec<String> = violations
        .iter()
        .take(MOST_NAMED)
        .map(|violation| shortened(&violation.to_string(), MOST_WORDS))
        .collect();
    format!("{}{more}", first.join("; "))
}

/// The beginning of a text on one line.
pub fn shortened(text: &str, most: usize) -> String {
    let start: String = text.chars().take(most * 4).collect();
    store::shortened(
        &start.split_whitespace().collect::<Vec<_>>().join(" "),
        most,
    )
}
