//! The table of slash commands.

use super::{
    alternatives, copy, files, help, models, options, sessions, settings, shown, templates, turns,
};
use crate::commands::conversation::state::{Conversation, Next};
use crate::config::theme::THEME_NAMES;
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

const EFFORTS: &[&str] = &[
    "none", "minimal", "low", "medium", "high", "xhigh", "max", "off",
];

const fn command(
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

/// Every command, in the order of `/help`.
pub const COMMANDS: &[SlashCommand] = &[
    command(
        "help",
        "[COMMAND]",
        "list the commands, or show one",
        Completes::Commands,
        help::help,
    ),
    command(
        "exit",
        "",
        "leave the conversation (also Ctrl-D, or Ctrl-C twice)",
        Completes::Nothing,
        |_, _, _| Ok(Next::Leave),
    ),
    command(
        "new",
        "[NAME]",
        "start a new conversation; this one stays saved",
        Completes::Nothing,
        sessions::start,
    ),
    command(
        "model",
        "[ID]",
        "switch to another model; without an ID, pick one from a list",
        Completes::Models,
        settings::model,
    ),
    command(
        "profile",
        "[NAME]",
        "switch to another profile; without a name, pick one or show the current settings",
        Completes::Profiles,
        settings::profile,
    ),
    command(
        "use-llm",
        "NAME",
        "switch to another profile",
        Completes::Profiles,
        settings::use_profile,
    ),
    command(
        "llm-profiles",
        "",
        "list the profiles",
        Completes::Nothing,
        settings::list_profiles,
    ),
    command(
        "add-llm-profile",
        "[NAME]",
        "add a profile and switch to it",
        Completes::Nothing,
        settings::add_profile,
    ),
    command(
        "system",
        "[TEXT|off]",
        "show, set or remove the system prompt",
        Completes::Words(&["off"]),
        settings::system,
    ),
    command(
        "schema",
        "[FILE|FORM|off]",
        "require answers to match a JSON schema; off removes it",
        Completes::Files,
        settings::schema,
    ),
    command(
        "temperature",
        "[NUMBER|off]",
        "set the sampling temperature, 0 to 2; off resets it",
        Completes::Words(&["off"]),
        settings::temperature,
    ),
    command(
        "max-tokens",
        "[NUMBER|off]",
        "set the maximum output tokens, reasoning included; off resets it",
        Completes::Words(&["off"]),
        settings::max_tokens,
    ),
    command(
        "set",
        "[NAME [VALUE|off]]",
        "set any request option by name; without a name, list the options",
        Completes::Options,
        options::set,
    ),
    command(
        "effort",
        "[EFFORT|off]",
        "set the reasoning effort; off resets it",
        Completes::Words(EFFORTS),
        settings::effort,
    ),
    command(
        "reasoning",
        "[show|fold|hide]",
        "show the last answer's reasoning, or set how reasoning is displayed",
        Completes::Words(&["show", "fold", "hide"]),
        shown::reasoning,
    ),
    command(
        "alternatives",
        "[NUMBER]",
        "answer the last question several times, and continue with one of the answers",
        Completes::Nothing,
        alternatives::run,
    ),
    command(
        "retry",
        "[MODEL] [-t NUMBER]",
        "ask the last question again, with another model or temperature for this answer only",
        Completes::Models,
        turns::retry,
    ),
    command(
        "undo",
        "[NUMBER]",
        "undo the last turn, or several; they stay saved as a branch",
        Completes::Nothing,
        turns::undo,
    ),
    command(
        "edit",
        "",
        "edit the last question in $EDITOR and send it",
        Completes::Nothing,
        turns::edit,
    ),
    command(
        "branch",
        "[NUMBER|NAME]",
        "switch to a branch, or name this one; without an argument, pick one from a list",
        Completes::Nothing,
        turns::branch,
    ),
    command(
        "compact",
        "[NUMBER]",
        "summarise all turns but the last NUMBER (2) to free context",
        Completes::Nothing,
        turns::compact,
    ),
    command(
        "file",
        "[PATH…|clipboard|off [NAME…]]",
        "attach files, folders or patterns to the next question; without a path, list attachments",
        Completes::Files,
        files::attach,
    ),
    command(
        "template",
        "[NAME [NAME=VALUE…] [TEXT]]",
        "fill in a template and send it with its settings; without a name, pick one from a list",
        Completes::Templates,
        templates::send,
    ),
    command(
        "templates",
        "",
        "list the templates",
        Completes::Nothing,
        templates::list,
    ),
    command(
        "copy",
        "[NUMBER|code|all]",
        "copy a code block, the last one (code) or all of the last answer to the clipboard",
        Completes::Words(&["code", "all"]),
        copy::run,
    ),
    command(
        "save",
        "FILE",
        "write this conversation to a file (.md or .json)",
        Completes::Files,
        files::save,
    ),
    command(
        "rename",
        "NAME",
        "rename this conversation",
        Completes::Nothing,
        sessions::rename,
    ),
    command(
        "sessions",
        "",
        "list the saved conversations",
        Completes::Nothing,
        sessions::list,
    ),
    command(
        "resume",
        "[NAME|NUMBER]",
        "resume a saved conversation; without a name, pick one from a list",
        Completes::Sessions,
        sessions::resume,
    ),
    command(
        "search",
        "WORDS",
        "search all saved conversations",
        Completes::Nothing,
        sessions::search,
    ),
    command(
        "usage",
        "",
        "show tokens and cost per turn, and the cost of today",
        Completes::Nothing,
        shown::usage,
    ),
    command(
        "cost",
        "",
        "show the cost of this conversation and of today",
        Completes::Nothing,
        shown::cost,
    ),
    command(
        "models",
        "[QUERY]",
        "list the models of this profile's provider",
        Completes::Nothing,
        models::list,
    ),
    command(
        "doctor",
        "",
        "check configuration, key, network and model of this profile",
        Completes::Nothing,
        models::doctor,
    ),
    command(
        "theme",
        "[NAME]",
        "show the colour theme, or switch to auto, dark, light or mono",
        Completes::Words(THEME_NAMES),
        settings::theme,
    ),
    command(
        "multiline",
        "",
        "toggle multi-line input: Enter inserts a new line, Alt-Enter sends",
        Completes::Nothing,
        settings::multiline,
    ),
];
