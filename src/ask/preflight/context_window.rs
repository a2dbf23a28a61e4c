//! Whether a question fits into the model at all: said before it is sent, with the arithmetic.

use crate::ask::plan::Planned;
use crate::attachments::estimated_tokens;
use crate::chat::message::ContentPart;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// Refuses a text that is longer than the model takes; with `force` it is a warning, and so it is
/// for profiles to fall back to. What the provider is told to shorten is let through.
pub fn check(
    planned: &[Planned],
    force: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    for (index, planned) in planned.iter().enumerate() {
        let Some(window) = planned
            .settings
            .context_window
            .filter(|_| !is_shortened(planned))
        else {
            continue;
        };
        let texts = || {
            planned
                .target
                .request
                .messages
                .iter()
                .flat_map(|message| &message.content)
                .filter_map(|part| match part {
                    ContentPart::Text(text) => Some(text),
                    _ => None,
                })
        };
        let estimate: u64 = texts().map(|text| estimated_tokens(text)).sum();
        if estimate <= window {
            continue;
        }
        let letters: usize = texts().map(|text| text.chars().count()).sum();
        let message = format!(
            "the text is about {estimate} tokens, and {} takes {window}",
            planned.target.request.model
        );
        if force || index > 0 {
            context.output.warning(&message);
            continue;
        }
        let error = CommandError::usage(message).caused_by_words(format!(
            "{letters} letters, four of the Latin alphabet or one of another for each token"
        ));
        return Err(error
            .hint("attach less, or ask a model with a larger context: amx models --min-context 1M")
            .hint("--force   (sends it all the same)"));
    }
    Ok(())
}

fn is_shortened(planned: &Planned) -> bool {
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
