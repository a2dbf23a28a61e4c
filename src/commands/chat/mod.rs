//! `amx chat`: one question and one answer, or a conversation.

mod alternatives;
mod alternatives_args;
mod args;
mod execute;
mod execute_args;
mod once;
mod once_sink;
mod output_args;
mod selection;
mod setup;

pub(crate) use args::ChatArgs;

use crate::ask::template::ChosenTemplate;
use crate::commands::output_file::{self, OutputFile};
use crate::commands::{conversation, question, recording};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::input::StdinKind;

/// Answers one question, or runs a conversation when there is no prompt on a terminal.
///
/// # Errors
/// Why there is no complete answer, or why it could not be saved.
pub(crate) fn run(args: &ChatArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let template = question::template(&args.prompt, &args.ask, context)?;
    let is_for_programs = args.json || args.jsonl || args.dry_run;
    // A template with a question in it is a prompt.
    let has_prompt = !args.prompt.is_empty() || template.as_ref().is_some_and(ChosenTemplate::asks);
    let has_terminal = context.input.can_ask() && context.input.stdin_kind() == StdinKind::Terminal;
    if args.interactive && !has_terminal {
        return Err(
            CommandError::usage("--interactive needs a terminal on stdin and stderr")
                .hint("amx chat -i -f FILE \"…\"   (attaches a file instead of a pipe)"),
        );
    }
    let opens = !has_prompt && !is_for_programs && !args.output.has_destination() && has_terminal;
    let kind = if args.interactive || (opens && !args.execute.execute) {
        Kind::Conversation { has_prompt }
    } else {
        Kind::OneAnswer
    };
    if args.several.alternatives.is_some() {
        args.tools.refuse("--alternatives")?;
    } else if args.execute.execute {
        args.tools.refuse("-e")?;
    }
    let mut file = output(args, context)?;
    if !args.dry_run {
        recording::begin(&args.ask.recording, context)?;
    }
    let outcome = answer(args, template, kind, &mut file, context);
    let outcome = recording::end(outcome, args.ask.strict, context);
    match file {
        Some(file) => output_file::end(file, outcome.is_ok(), outcome, context),
        None => outcome,
    }
}

/// What the arguments ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    OneAnswer,
    /// With `has_prompt`, its first question is on the command line.
    Conversation {
        has_prompt: bool,
    },
}

/// Prepares the output. Returns the file of `--output`.
fn output(args: &ChatArgs, context: &mut Context<'_>) -> Result<Option<OutputFile>, CommandError> {
    let mut choices = args.output.choices();
    let mut created = None;
    if let Some(path) = output_file::named(args.output.output.as_deref()) {
        let (output, file) = OutputFile::create(path, args.output.overwrite)?;
        if !output.is_media() {
            choices.file = Some(Box::new(file));
        }
        created = Some(output);
    }
    context.output.configure(choices);
    Ok(created)
}

fn answer(
    args: &ChatArgs,
    template: Option<ChosenTemplate>,
    kind: Kind,
    file: &mut Option<OutputFile>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    if let Some(number) = args.several.alternatives {
        // The chosen answer continues as a conversation, which needs a session.
        let is_for_programs = args.json || args.jsonl || args.dry_run;
        let can_continue =
            !is_for_programs && context.input.can_ask() && context.output.is_terminal();
        let setup = setup::resolve(args, template, can_continue, context)?;
        let chosen = alternatives::run(args, number, setup, context)?;
        return chosen.map_or(Ok(()), |setup| {
            conversation::resume(&args.ask, setup, context)
        });
    }
    let setup = setup::resolve(args, template, kind != Kind::OneAnswer, context)?;
    match kind {
        Kind::OneAnswer if args.execute.execute => execute::run(args, setup, context),
        Kind::OneAnswer => once::run(args, setup, file, context),
        Kind::Conversation { has_prompt: false } => {
            conversation::run(&args.ask, setup, None, context)
        }
        Kind::Conversation { has_prompt: true } => {
            let template = setup.template.as_ref();
            let first = question::read(&args.prompt, &args.ask, template, context)?;
            conversation::run(&args.ask, setup, Some(first), context)
        }
    }
}
