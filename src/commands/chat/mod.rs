//! `amx chat`: one question and one answer, or a conversation.

pub mod alternatives;
mod args;
pub mod ask_args;
pub mod asking;
mod attachments;
mod body_options;
pub mod bookkeeping;
pub mod budget;
pub mod capabilities;
pub mod conversation;
mod duration;
pub mod gathering;
mod keeper;
mod knowledge;
pub mod once;
mod opening;
pub mod plan;
mod progress;
mod prompt;
pub mod readiness;
pub mod report;
pub mod side_by_side;
pub mod together;

pub use args::ChatArgs;

use super::context::Context;
use super::error::CommandError;
use super::input::StdinKind;

pub fn run(args: &ChatArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let is_for_programs = args.json || args.jsonl || args.dry_run;
    let is_conversation = args.prompt.is_empty() && !is_for_programs && context.input.can_ask() && context.input.stdin_kind() == StdinKind::Terminal;
    if let Some(number) = args.several.alternatives {
        // The answer that is picked goes on as the conversation, so that there has to be one to keep it in.
        let may_go_on = !is_for_programs && context.input.can_ask() && context.output.is_terminal();
        let opened = opening::open(args, may_go_on, context)?;
        let goes_on = alternatives::run(args, number, opened, context)?;
        return goes_on.map_or(Ok(()), |opened| conversation::go_on(args, opened, context));
    }
    let opened = opening::open(args, is_conversation, context)?;
    if is_conversation { conversation::run(args, opened, context) } else { once::run(args, opened, context) }
}
