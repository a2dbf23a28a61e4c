//! The values that a file asks its user for: each is asked for once.

use super::found::Candidate;
use crate::config::mcp_draft::{Answers, InputAnswer};
use crate::config::mcp_import::ImportInput;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// Adds the answers that a server needs, and that are not typed yet.
///
/// # Errors
/// An input that amx cannot ask for; a signal.
pub(super) fn complete(
    candidate: &Candidate,
    inputs: &[ImportInput],
    answers: &mut Answers,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let texts = candidate.draft().map(|draft| draft.texts());
    let needed = texts.iter().flatten().flat_map(|text| text.inputs());
    for id in needed {
        if answers.contains_key(id) {
            continue;
        }
        let refused = |what: &str| {
            CommandError::usage(format!("needs the input '{}', {what}", id.escape_debug()))
        };
        let input = inputs.iter().find(|input| input.id == *id);
        let input = input.ok_or_else(|| refused("which the file does not define"))?;
        if input.is_command {
            return Err(refused("which is a command of the editor"));
        }
        if !context.input.can_ask() {
            return Err(refused("which is asked for on a terminal"));
        }
        let text = ask(input, context)?;
        let answer = InputAnswer {
            text,
            is_secret: input.is_secret,
        };
        answers.insert(id.to_owned(), answer);
    }
    Ok(())
}

fn ask(input: &ImportInput, context: &mut Context<'_>) -> Result<String, CommandError> {
    let default = input.default.as_deref();
    if !input.options.is_empty() {
        let at = input
            .options
            .iter()
            .position(|option| Some(option.as_str()) == default);
        let at = context
            .input
            .choose(&input.question, &input.options, at.unwrap_or(0))?;
        return Ok(input.options[at].clone());
    }
    Ok(if input.is_secret {
        context.input.secret(&input.question, false, &|_| Ok(()))?
    } else {
        context.input.text(&input.question, default, &|_| Ok(()))?
    })
}
