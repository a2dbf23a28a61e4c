//! The question: words, stdin, a template and what is attached.

use crate::ask::template::ChosenTemplate;
use crate::attachments::{AttachmentReader, StdinAccess, stdin};
use crate::chat::message::ContentPart;
use crate::commands::arguments::ask::AskArgs;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::input::StdinKind;
mod prompt;

use std::path::PathBuf;

/// The template that the flags name. Everything that it still needs is an error, all at once.
pub fn template(
    words: &[String],
    args: &AskArgs,
    context: &mut Context<'_>,
) -> Result<Option<ChosenTemplate>, CommandError> {
    let Some(name) = &args.template.template else {
        return Ok(None);
    };
    let mut chosen = ChosenTemplate::find(name, &context.equipment)?;
    for var in &args.template.vars {
        let Some((name, value)) = var.split_once('=') else {
            return Err(CommandError::usage(format!(
                "--var '{}' does not have the form NAME=VALUE",
                var.escape_debug()
            ))
            .hint("--var lang=rust"));
        };
        chosen.set(name, value)?;
    }
    let (has_words, has_stdin) = prompt::foreseen(words, args, context);
    chosen.check(has_words, has_stdin)?;
    Ok(Some(chosen))
}

/// The question: what was typed and piped, in a template where one is chosen, and what is attached.
pub fn parts(
    prompt: &[String],
    args: &AskArgs,
    template: Option<&ChosenTemplate>,
    context: &mut Context<'_>,
) -> Result<Vec<ContentPart>, CommandError> {
    let stdin = match context.input.stdin_kind() {
        _ if args.no_stdin => StdinAccess::MayNot("--no-stdin is given"),
        StdinKind::Terminal if prompt.is_empty() => {
            StdinAccess::MayNot("it is the keyboard, on which the question is asked for")
        }
        _ => StdinAccess::May(args.stdin_timeout.unwrap_or(stdin::PATIENCE)),
    };
    prompt::check(prompt, args)?;
    let of_template = template.map(ChosenTemplate::files).unwrap_or_default();
    let files: Vec<PathBuf> = of_template
        .into_iter()
        .chain(args.files.iter().cloned())
        .collect();
    let attached = AttachmentReader {
        force: args.force,
        stdin,
    }
    .read(&files, context)?;
    let mut parts: Vec<ContentPart> = attached.into_iter().map(|attached| attached.part).collect();
    let text = match prompt::assemble(prompt, args, template, context)? {
        Some(text) => Some(text),
        None if context.input.can_ask() && context.input.stdin_kind() == StdinKind::Terminal => {
            Some(context.input.text("you", None, &not_blank)?)
        }
        None if !parts.is_empty() => None,
        None => {
            return Err(
                CommandError::usage("there is no prompt").hint("amx chat \"your question\"")
            );
        }
    };
    // Text first: some providers read the parts in order.
    parts.splice(0..0, text.map(|text| ContentPart::Text(text.into())));
    Ok(parts)
}
fn not_blank(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("type a question, or press Ctrl-C".to_owned())
    } else {
        Ok(())
    }
}
