//! `-e`: one command for the user's shell. On a terminal a menu decides what happens to it;
//! elsewhere it is printed and never run.

mod explanation;
mod menu;
mod suggestion;

use super::args::ChatArgs;
use crate::commands::chat_setup::ChatSetup;
use crate::commands::question;
use crate::platform::shell::CommandShell;
use crate::platform::system::System;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::output::AnswerForm;
use suggestion::Suggestion;

/// Asks for a command, and shows or prints it.
///
/// # Errors
/// Why there is no command; on a terminal also the exit code of the command that was run, and the
/// choice not to run it.
pub(super) fn run(
    args: &ChatArgs,
    mut setup: ChatSetup,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let shell = shell(args, context);
    let parts = question::parts(&args.prompt, &args.ask, setup.template.as_ref(), context)?;
    let Some(suggestion) = Suggestion::ask(parts, &shell, args, &mut setup, context)? else {
        return Ok(());
    };
    let is_for_programs = !matches!(suggestion.form, AnswerForm::Text { .. });
    match &suggestion.command {
        Some(command) if !is_for_programs => {
            if context.input.can_ask() && context.output.is_terminal() {
                let command = command.clone();
                menu::show(&command, context)?;
                suggestion.end(&mut setup, context)?;
                return menu::run(command, &shell, args, &mut setup, context);
            }
            context.output.line(&command.text)?;
            for warning in command.warnings() {
                context.output.warning(&warning);
            }
            if context.output.is_terminal() {
                let why = "not run: stdin is not a terminal, on which to ask";
                context.output.note(why);
            }
        }
        _ => {}
    }
    suggestion.end(&mut setup, context)
}

/// The shell that the command is for.
fn shell(args: &ChatArgs, context: &Context<'_>) -> CommandShell {
    let environment = &context.equipment.environment;
    let shell = CommandShell::of_user(System::CURRENT, |name| {
        environment.named(name).ok().flatten().map(str::to_owned)
    });
    match &args.execute.shell {
        Some(name) => shell.named(name),
        None => shell,
    }
}
