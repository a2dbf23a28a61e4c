//! `amx chat`: one question and one answer, or a conversation.

mod args;
mod asking;
pub mod attachments;
mod body_options;
mod bookkeeping;
pub mod budget;
mod capabilities;
pub mod conversation;
mod documents;
mod duration;
mod fit;
pub mod gathering;
mod keeper;
mod knowledge;
mod once;
mod opening;
mod option_flags;
mod piped;
pub mod plan;
mod prompt;
mod readiness;
pub mod recording;
pub mod report;
pub mod structured;
mod supported;
pub mod template;
mod template_args;

pub use args::ChatArgs;
pub use option_flags::OptionFlags;

use super::context::Context;
use super::error::CommandError;
use super::input::StdinKind;
use template::Chosen;

pub fn run(args: &ChatArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let template = opening::template(args, context)?;
    let is_for_programs = args.json || args.jsonl || args.dry_run;
    // A template with a question in it is a prompt.
    let has_prompt = !args.prompt.is_empty() || template.as_ref().is_some_and(Chosen::asks);
    let is_conversation = !has_prompt && !is_for_programs && context.input.can_ask() && context.input.stdin_kind() == StdinKind::Terminal;
    if !args.dry_run {
        recording::begin(&args.recording, context)?;
    }
    let outcome = answer(args, template, is_conversation, context);
    recording::end(outcome, args.strict, context)
}

fn answer(args: &ChatArgs, template: Option<Chosen>, is_conversation: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let opened = opening::open(args, template, is_conversation, context)?;
    if is_conversation { conversation::run(args, opened, context) } else { once::run(args, opened, context) }
}
