//! `amx chat`: one question and one answer, or a conversation.

mod alternatives;
mod alternatives_args;
mod args;
mod execute;
mod execute_args;
mod once;
mod setup;

pub(crate) use args::ChatArgs;

use crate::ask::template::ChosenTemplate;
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
    let is_conversation = !has_prompt
        && !is_for_programs
        && !args.execute.execute
        && context.input.can_ask()
        && context.input.stdin_kind() == StdinKind::Terminal;
    if !args.dry_run {
        recording::begin(&args.ask.recording, context)?;
    }
    let outcome = answer(args, template, is_conversation, context);
    recording::end(outcome, args.ask.strict, context)
}

fn answer(
    args: &ChatArgs,
    template: Option<ChosenTemplate>,
    is_conversation: bool,
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
    let setup = setup::resolve(args, template, is_conversation, context)?;
    if is_conversation {
        conversation::run(&args.ask, setup, context)
    } else if args.execute.execute {
        execute::run(args, setup, context)
    } else {
        once::run(args, setup, context)
    }
}
