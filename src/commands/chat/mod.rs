//! `amx chat`: one question and one answer, or a conversation.

mod alternatives;
mod alternatives_args;
mod args;
mod once;
mod opening;

pub use args::ChatArgs;

use crate::ask::template::ChosenTemplate;
use crate::commands::{conversation, question, recording};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::input::StdinKind;

pub fn run(args: &ChatArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let template = question::template(&args.prompt, &args.ask, context)?;
    let is_for_programs = args.json || args.jsonl || args.dry_run;
    // A template with a question in it is a prompt.
    let has_prompt = !args.prompt.is_empty() || template.as_ref().is_some_and(ChosenTemplate::asks);
    let is_conversation = !has_prompt
        && !is_for_programs
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
        // The answer that is picked goes on as the conversation, so that there has to be one to
        // keep it in.
        let is_for_programs = args.json || args.jsonl || args.dry_run;
        let may_go_on = !is_for_programs && context.input.can_ask() && context.output.is_terminal();
        let opened = opening::open(args, template, may_go_on, context)?;
        let goes_on = alternatives::run(args, number, opened, context)?;
        return goes_on.map_or(Ok(()), |opened| {
            conversation::go_on(&args.ask, opened, context)
        });
    }
    let opened = opening::open(args, template, is_conversation, context)?;
    if is_conversation {
        conversation::run(&args.ask, opened, context)
    } else {
        once::run(args, opened, context)
    }
}
