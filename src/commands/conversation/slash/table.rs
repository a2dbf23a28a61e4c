//! The table of slash commands, and how one of them is found and run.

use super::{alternatives, files, models, options, sessions, settings, shown, templates, turns};
use crate::catalog::nearest::closest;
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
    action: Action,
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
        help,
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
        "[code]",
        "copy the last answer or its last code block to the clipboard",
        Completes::Words(&["code"]),
        shown::copy,
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
        "multiline",
        "",
        "toggle multi-line input: Enter inserts a new line, Alt-Enter sends",
        Completes::Nothing,
        settings::multiline,
    ),
];

/// Names that other programs use for these commands.
const ALIASES: &[(&str, &str)] = &[
    ("quit", "exit"),
    ("q", "exit"),
    ("?", "help"),
    ("clear", "new"),
    ("redo", "retry"),
];

/// The command of that name.
pub(crate) fn find(name: &str) -> Option<&'static SlashCommand> {
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, name)| *name);
    COMMANDS.iter().find(|command| command.name == name)
}

/// Runs a command by name.
pub(crate) fn run(
    name: &str,
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let Some(command) = find(name) else {
        return Err(unknown(name));
    };
    if command.argument.is_empty() && !argument.is_empty() {
        return Err(
            CommandError::usage(format!("/{name} takes no argument")).hint(format!("/{name}"))
        );
    }
    (command.action)(argument, conversation, context)
}

fn unknown(name: &str) -> CommandError {
    let names = || COMMANDS.iter().map(|command| command.name);
    let with_prefix = names().find(|known| known.starts_with(name));
    let error = CommandError::usage(format!("unknown command /{}", name.escape_debug()));
    match with_prefix.or_else(|| closest(name, names())) {
        Some(known) => error
            .hint(format!("/{known}"))
            .hint("//…   (sends text that starts with a slash)"),
        None => error.hint("/help"),
    }
}

fn help(
    argument: &str,
    _: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let wanted = argument.trim_start_matches('/');
    if !wanted.is_empty() {
        let command = find(wanted).ok_or_else(|| unknown(wanted))?;
        context
            .output
            .say(&format!("/{} {}", command.name, command.argument));
        context.output.say(&format!("  {}", command.meaning));
        return Ok(Next::Prompt);
    }
    let rows: Vec<(String, &str)> = COMMANDS
        .iter()
        .map(|command| (usage(command), command.meaning))
        .collect();
    context.output.definitions(&rows);
    context.output.aside(
        "Alt-Enter or a trailing \\ continues on a new line, ::: starts and ends a block; \
        Ctrl-C stops an answer",
    );
    Ok(Next::Prompt)
}

fn usage(command: &SlashCommand) -> String {
    format!("/{} {}", command.name, command.argument)
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_documented_commands_exist() {
        let mut names: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        let documented = "help exit new model profile add-llm-profile llm-profiles use-llm system \
            temperature max-tokens effort reasoning alternatives \
                        retry undo edit file copy save sessions resume search usage cost models \
                        doctor multiline";
        for name in documented.split_whitespace() {
            assert!(find(name).is_some(), "/{name}");
        }
    }

    #[test]
    fn an_unknown_command_names_the_nearest() {
        assert_eq!(unknown("modle").hints[0], "/model");
        assert_eq!(unknown("temp").hints[0], "/temperature");
        assert_eq!(
            unknown("resumee").hints,
            ["/resume", "//…   (sends text that starts with a slash)"]
        );
        assert_eq!(find("quit").unwrap().name, "exit");
        assert_eq!(unknown("supercalifragilistic").hints, ["/help"]);
    }
}
