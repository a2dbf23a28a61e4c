//! What a slash command is.

use crate::commands::conversation::state::{Conversation, Next};
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// What completes a command's argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completes {
    Nothing,
    Profiles,
    Models,
    Sessions,
    Files,
    Templates,
    Commands,
    /// The name of an option, then its values.
    Options,
    Words(&'static [&'static str]),
    /// The names of tools, and one of these words before them.
    Tools(&'static [&'static str]),
}

/// Runs a command with its argument, trimmed.
type Action = fn(&str, &mut Conversation, &mut Context<'_>) -> Result<Next, CommandError>;

/// One slash command.
pub struct SlashCommand {
    pub name: &'static str,
    /// The argument in the help, such as `[MODEL]`; empty for none.
    pub argument: &'static str,
    pub meaning: &'static str,
    pub completes: Completes,
    pub(super) action: Action,
}

impl SlashCommand {
    /// How it is typed, with its argument.
    pub(crate) fn usage(&self) -> String {
        format!("/{} {}", self.name, self.argument)
            .trim_end()
            .to_owned()
    }

    /// Whether it does something without an argument.
    pub(crate) fn runs_alone(&self) -> bool {
        self.argument.is_empty() || self.argument.starts_with('[')
    }
}

/// A row of the table.
pub(super) const fn command(
    name: &'static str,
    argument: &'static str,
    meaning: &'static str,
    completes: Completes,
    action: Action,
) -> SlashCommand {
    SlashCommand {
        name,
        argument,
        meaning,
        completes,
        action,
    }
}
