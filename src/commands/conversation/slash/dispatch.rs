//! Finds a command or template by name, and runs it.

use super::command::SlashCommand;
use super::names::{self, Meaning};
use super::table::COMMANDS;
use super::{groups, templates};
use crate::commands::conversation::state::{Conversation, Next};
use crate::config::template::folder;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// The command of exactly that name, or with that alias.
pub(crate) fn find(name: &str) -> Option<&'static SlashCommand> {
    names::find(name, COMMANDS)
}

/// Every group with its commands.
pub(crate) fn grouped() -> Vec<(&'static str, Vec<&'static SlashCommand>)> {
    groups::grouped(COMMANDS)
}

/// Whether a name is exactly that of a command or template.
pub(crate) fn is_command(name: &str, context: &Context<'_>) -> bool {
    find(name).is_some() || template_names(context).iter().any(|known| known == name)
}

fn template_names(context: &Context<'_>) -> Vec<String> {
    context
        .home()
        .map(|home| folder::names(&home))
        .unwrap_or_default()
}

/// Runs a command or template by name; the start of one is enough when it is the only one.
///
/// # Errors
/// When nothing has that name, and those of the command.
pub(crate) fn run(
    name: &str,
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let templates = match find(name) {
        Some(_) => Vec::new(),
        None => template_names(context),
    };
    match names::resolve(name, COMMANDS, &templates)? {
        Meaning::Command(command) if command.argument.is_empty() && !argument.is_empty() => {
            let name = command.name;
            let error = CommandError::usage(format!("/{name} takes no argument"));
            Err(error.hint(format!("/{name}")))
        }
        Meaning::Command(command) => {
            let argument = names::unquoted(command.name, argument);
            (command.action)(&argument, conversation, context)
        }
        Meaning::Template(name) => {
            let argument = format!("{name} {argument}");
            templates::send(argument.trim_end(), conversation, context)
        }
    }
}
