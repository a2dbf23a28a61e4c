//! The question: prompt, stdin, template and attachments.

mod prompt;

use std::path::PathBuf;

use crate::ask::template::ChosenTemplate;
use crate::attachments::{Attachment, AttachmentReader, StdinAccess, stdin};
use crate::chat::message::ContentPart;
use crate::commands::arguments::ask::AskArgs;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::input::StdinKind;

/// The template of `--template`, with the values of `--var`.
///
/// # Errors
/// When there is no such template, or a variable has no value.
pub(super) fn template(
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
    let (has_words, has_stdin) = prompt::expected(words, args, context);
    chosen.check(has_words, has_stdin)?;
    Ok(Some(chosen))
}

/// A question of the command line.
pub(crate) struct CommandLineQuestion {
    /// The prompt and piped text, in the template if there is one.
    pub text: Option<String>,
    pub attached: Vec<Attachment>,
}

/// The parts of the question: its text, then its attachments.
///
/// # Errors
/// As [`read`].
pub(super) fn parts(
    prompt: &[String],
    args: &AskArgs,
    template: Option<&ChosenTemplate>,
    context: &mut Context<'_>,
) -> Result<Vec<ContentPart>, CommandError> {
    let question = read(prompt, args, template, context)?;
    // Text first: some providers process the parts in order.
    let text = question.text.map(|text| ContentPart::Text(text.into()));
    let attached = question.attached.into_iter().map(|attached| attached.part);
    Ok(text.into_iter().chain(attached).collect())
}

/// Reads the question with its attachments.
///
/// # Errors
/// When there is no prompt, or an attachment cannot be read.
pub(super) fn read(
    prompt: &[String],
    args: &AskArgs,
    template: Option<&ChosenTemplate>,
    context: &mut Context<'_>,
) -> Result<CommandLineQuestion, CommandError> {
    let stdin = match context.input.stdin_kind() {
        _ if args.no_stdin => StdinAccess::MayNot("--no-stdin is given"),
        StdinKind::Terminal if prompt.is_empty() => {
            StdinAccess::MayNot("it is a terminal, on which the prompt is read")
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
    let text = match prompt::assemble(prompt, args, template, context)? {
        Some(text) => Some(text),
        None if context.input.can_ask() && context.input.stdin_kind() == StdinKind::Terminal => {
            Some(context.input.text("you", None, &not_blank)?)
        }
        None if !attached.is_empty() => None,
        None => {
            return Err(CommandError::usage("no prompt given").hint("amx chat \"your question\""));
        }
    };
    Ok(CommandLineQuestion { text, attached })
}

fn not_blank(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("type a question, or press Ctrl-C".to_owned())
    } else {
        Ok(())
    }
}
