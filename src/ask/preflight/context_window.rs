//! Whether the prompt fits into the model's context window. Sizes are estimates, in tokens.

use crate::ask::plan::PlannedTarget;
use crate::ask::question::Checks;
use crate::attachments::estimated_tokens;
use crate::chat::message::ContentPart;
use crate::config::options::Remark;
use crate::ports::error::CommandError;
use crate::present::count::thousands;

/// The hint to attach nothing, for a question that has attachments.
pub(super) const NO_FILES: &str = "/file off   (removes the attachments)";

/// Hints for a prompt that is too long, in a conversation.
pub(crate) fn in_conversation(has_attachments: bool) -> impl Iterator<Item = &'static str> {
    let files = has_attachments.then_some(NO_FILES);
    files.into_iter().chain([
        "/compact   (summarises the oldest turns)",
        "/model ID   (switches to a model with a larger context window)",
    ])
}

/// Refuses a prompt that is longer than the context window of the first model. With `force` that is
/// a warning, as it always is for fallback profiles. A prompt that the provider compresses passes.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage), with the arithmetic.
pub(super) fn check(
    targets: &[PlannedTarget],
    checks: Checks,
    remarks: &mut Vec<Remark>,
) -> Result<(), CommandError> {
    for (index, planned) in targets.iter().enumerate() {
        let Some(window) = window_of(planned) else {
            continue;
        };
        let estimate: u64 = texts(planned).map(estimated_tokens).sum();
        if estimate <= window {
            continue;
        }
        let message = format!(
            "the prompt has about {} tokens, but the context window of {} is {}",
            thousands(estimate),
            planned.target.request.model,
            thousands(window)
        );
        if checks.force || index > 0 {
            remarks.push(Remark::Warning(message));
            continue;
        }
        return Err(too_long(message, planned, checks));
    }
    Ok(())
}

/// The context window that a prompt must fit into; `None` where it is unknown, or the provider
/// shortens what is too long.
pub(crate) fn window_of(planned: &PlannedTarget) -> Option<u64> {
    let window = planned.settings.context_window;
    window.filter(|_| !is_compressed(planned))
}

fn too_long(message: String, planned: &PlannedTarget, checks: Checks) -> CommandError {
    let characters: usize = texts(planned).map(|text| text.chars().count()).sum();
    let error = CommandError::usage(message).caused_by_words(format!(
        "estimated from {} characters: 4 Latin or 1 other per token",
        thousands(characters as u64)
    ));
    if checks.is_conversation {
        return error.hints(in_conversation(has_attachments(planned)));
    }
    error
        .hint("amx models --min-context 1M   (lists models with a larger context window)")
        .hint("--force   (sends it anyway)")
}

/// Whether the question, which is the last message, has attachments.
pub(crate) fn has_attachments(planned: &PlannedTarget) -> bool {
    let question = planned.target.request.messages.last();
    question.is_some_and(|message| message.content.len() > 1)
}

/// The texts of a request.
fn texts(planned: &PlannedTarget) -> impl Iterator<Item = &str> {
    let messages = &planned.target.request.messages;
    let parts = messages.iter().flat_map(|message| &message.content);
    parts.filter_map(|part| match part {
        ContentPart::Text(text) => Some(&**text),
        _ => None,
    })
}

/// Whether the provider shortens a prompt that is too long.
fn is_compressed(planned: &PlannedTarget) -> bool {
    let field = |name: &str| {
        planned
            .target
            .request
            .extra
            .get(name)
            .and_then(|list| list.as_array())
            .map(Vec::as_slice)
            .unwrap_or_default()
    };
    field("transforms")
        .iter()
        .any(|transform| transform == "middle-out")
        || field("plugins")
            .iter()
            .any(|plugin| plugin["id"] == "context-compression")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_are_removed_where_there_are_some() {
        let named = |has_attachments| in_conversation(has_attachments).any(|hint| hint == NO_FILES);
        assert!(named(true) && !named(false));
        assert_eq!(in_conversation(false).count(), 2);
    }
}
