//! Whether a question fits into the model at all: checked before it is sent, with the arithmetic.

use crate::ask::plan::PlannedTarget;
use crate::ask::question::Checks;
use crate::attachments::estimated_tokens;
use crate::chat::message::ContentPart;
use crate::config::options::Remark;
use crate::ports::error::CommandError;
use crate::present::count::thousands;

/// Refuses a text that is longer than the context of the first model; with `force` that is a
/// warning, and so it is for profiles to fall back to. What the provider shortens passes.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage), with the arithmetic.
pub fn check(
    targets: &[PlannedTarget],
    checks: Checks,
    remarks: &mut Vec<Remark>,
) -> Result<(), CommandError> {
    for (index, planned) in targets.iter().enumerate() {
        let window = planned.settings.context_window;
        let Some(window) = window.filter(|_| !is_shortened(planned)) else {
            continue;
        };
        let estimate: u64 = texts(planned).map(estimated_tokens).sum();
        if estimate <= window {
            continue;
        }
        let message = format!(
            "the text is about {} tokens, and the context of {} is {}",
            thousands(estimate),
            planned.target.request.model,
            thousands(window)
        );
        if checks.force || index > 0 {
            remarks.push(Remark::Warning(message));
            continue;
        }
        return Err(too_long(message, planned));
    }
    Ok(())
}

fn too_long(message: String, planned: &PlannedTarget) -> CommandError {
    let characters: usize = texts(planned).map(|text| text.chars().count()).sum();
    CommandError::usage(message)
        .caused_by_words(format!(
            "{} characters, four of the Latin alphabet or one of another for each token",
            thousands(characters as u64)
        ))
        .hint("attach less, or ask a model with a larger context: amx models --min-context 1M")
        .hint("--force   (sends it anyway)")
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

fn is_shortened(planned: &PlannedTarget) -> bool {
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
