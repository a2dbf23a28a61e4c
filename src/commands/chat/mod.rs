//! `amx chat`: one question and one answer, or a conversation.

pub mod alternatives;
mod alternatives_args;
mod args;
pub mod ask_args;
pub mod asking;
pub mod attachments;
mod body_options;
pub mod bookkeeping;
pub mod budget;
pub mod capabilities;
pub mod conversation;
mod documents;
mod duration;
mod fit;
pub mod gathering;
mod keeper;
mod knowledge;
pub mod once;
pub mod opening;
mod option_flags;
mod piped;
pub mod plan;
mod progress;
mod prompt;
mod pulling;
pub mod readiness;
pub mod recording;
pub mod report;
pub mod setting_args;
pub mod side_by_side;
pub mod structured;
mod supported;
pub mod template;
mod template_args;
pub mod together;

pub use args::ChatArgs;
pub use option_flags::OptionFlags;

use super::context::Context;
use super::error::CommandError;
use super::input::StdinKind;
use template::Chosen;

pub fn run(args: &ChatArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let template = opening::template(&args.prompt, &args.ask, context)?;
    let is_for_programs = args.json || args.jsonl || args.dry_run;
    // A template with a question in it is a prompt.
    let has_prompt = !args.prompt.is_empty() || template.as_ref().is_some_and(Chosen::asks);
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
    template: Option<Chosen>,
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
        return goes_on.map_or(Ok(()), |opened| conversation::go_on(args, opened, context));
    }
    let opened = opening::open(args, template, is_conversation, context)?;
    if is_conversation {
        conversation::run(args, opened, context)
    } else {
        once::run(args, opened, context)
    }
}
