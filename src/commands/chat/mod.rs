//! `amx chat`: one question and one answer, or a conversation.

mod args;
mod asking;
mod attachments;
mod body_options;
mod bookkeeping;
pub mod budget;
mod capabilities;
pub mod conversation;
mod duration;
pub mod gathering;
mod keeper;
mod knowledge;
mod once;
mod opening;
pub mod plan;
mod prompt;
mod readiness;
pub mod report;
pub mod structured;

pub use args::ChatArgs;

use super::context::Context;
use super::error::CommandError;
use super::input::StdinKind;

pub fn run(args: &ChatArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let is_for_programs = args.json || args.jsonl || args.dry_run;
    let is_conversation = args.prompt.is_empty() && !is_for_programs && context.input.can_ask() && context.input.stdin_kind() == StdinKind::Terminal;
    let opened = opening::open(args, is_conversation, context)?;
    if is_conversation { conversation::run(args, opened, context) } else { once::run(args, opened, context) }
}
