//! The table of slash commands, and how one of them is found and run.

use super::{alternatives, files, models, options, sessions, settings, shown, templates, turns};
use crate::catalog::nearest::closest;
use crate::commands::conversation::state::{Conversation, Next};
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// What may stand as a command's argument, for completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completes {
    Nothing,
    Profiles,
    Models,
    Sessions,
    Files,
    Templates,
    Commands,
    /// The name of an option, then what it takes.
    Options,
    Words(&'static [&'static str]),
}

/// Carries a command out; the text is its argument, trimmed.
type Action = fn(&str, &mut Conversation, &mut Context<'_>) -> Result<Next, CommandError>;

/// One slash command.
pub struct SlashCommand {
    pub name: &'static str,
    /// The argument in its help, such as `[MODEL]`; empty without one.
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
        "list the commands, or explain one",
        Completes::Commands,
        help,
    ),
    command(
        "exit",
        "",
        "leave; so do Ctrl-D and Ctrl-C twice",
        Completes::Nothing,
        |_, _, _| Ok(Next::Leave),
    ),
    command(
        "new",
        "[NAME]",
        "begin a new conversation; this one stays stored",
        Completes::Nothing,
        sessions::begin,
    ),
    command(
        "model",
        "[ID]",
        "ask another model from now on; without an id, choose one",
        Completes::Models,
        settings::model,
    ),
    command(
        "profile",
        "[NAME]",
        "show what holds now, or switch to another profile",
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
        "set up a profile, and switch to it",
        Completes::Nothing,
        settings::add_profile,
    ),
    command(
        "system",
        "[TEXT|off]",
        "show, set or drop the instructions",
        Completes::Words(&["off"]),
        settings::system,
    ),
    command(
        "schema",
        "[FILE|FORM|off]",
        "let answers be JSON that keeps to a schema; off ends it",
        Completes::Files,
        settings::schema,
    ),
    command(
        "temperature",
        "[NUMBER|off]",
        "randomness from 0 to 2; off leaves it to the profile",
        Completes::Words(&["off"]),
        settings::temperature,
    ),
    command(
        "max-tokens",
        "[NUMBER|off]",
        "most tokens of an answer, thinking included",
        Completes::Words(&["off"]),
        settings::max_tokens,
    ),
    command(
        "set",
        "[NAME [VALUE|off]]",
        "any option of a request by its name; alone, list what is set",
        Completes::Options,
        options::set,
    ),
    command(
        "effort",
        "[EFFORT|off]",
        "how much to think",
        Completes::Words(EFFORTS),
        settings::effort,
    ),
    command(
        "reasoning",
        "[show|fold|hide]",
        "the last answer's thoughts in full, or how thoughts are shown from now on",
        Completes::Words(&["show", "fold", "hide"]),
        shown::reasoning,
    ),
    command(
        "alternatives",
        "[NUMBER]",
        "answer the last question several times, and go on with the one you pick",
        Completes::Nothing,
        alternatives::run,
    ),
    command(
        "retry",
        "[MODEL] [-t NUMBER]",
        "ask the last question again, perhaps of another model or hotter",
        Completes::Models,
        turns::retry,
    ),
    command(
        "undo",
        "[NUMBER]",
        "take the last turn back; it stays stored as a branch",
        Completes::Nothing,
        turns::undo,
    ),
    command(
        "edit",
        "",
        "change the last question in $EDITOR and ask it",
        Completes::Nothing,
        turns::edit,
    ),
    command(
        "branch",
        "[NUMBER|NAME]",
        "list the branches, go to one, or name this one",
        Completes::Nothing,
        turns::branch,
    ),
    command(
        "compact",
        "[NUMBER]",
        "summarise all turns but the last ones (2) to make room",
        Completes::Nothing,
        turns::compact,
    ),
    command(
        "file",
        "[PATH…|clipboard|off [NAME…]]",
        "attach files, folders or patterns to the next question; alone, list what is attached",
        Completes::Files,
        files::attach,
    ),
    command(
        "template",
        "NAME [NAME=VALUE…] [TEXT]",
        "fill a template in and ask it, with its settings",
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
        "copy the last answer, or its last code block, to the clipboard",
        Completes::Words(&["code"]),
        shown::copy,
    ),
    command(
        "save",
        "FILE",
        "write this conversation to a file, .md or .json",
        Completes::Files,
        files::save,
    ),
    command(
        "rename",
        "NAME",
        "give this conversation a name",
        Completes::Nothing,
        sessions::rename,
    ),
    command(
        "sessions",
        "",
        "list the stored conversations",
        Completes::Nothing,
        sessions::list,
    ),
    command(
        "resume",
        "[NAME|NUMBER]",
        "go on with a stored conversation; without a name, choose one",
        Completes::Sessions,
        sessions::resume,
    ),
    command(
        "search",
        "WORDS",
        "find words in all stored conversations",
        Completes::Nothing,
        sessions::search,
    ),
    command(
        "usage",
        "",
        "tokens and cost of this conversation, turn by turn, and of today",
        Completes::Nothing,
        shown::usage,
    ),
    command(
        "cost",
        "",
        "what this conversation cost, and today",
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
        "let Enter begin a new line and Alt-Enter send; again to go back",
        Completes::Nothing,
        settings::multiline,
    ),
];

/// Other names that people bring along.
const ALIASES: &[(&str, &str)] = &[
    ("quit", "exit"),
    ("q", "exit"),
    ("?", "help"),
    ("clear", "new"),
    ("redo", "retry"),
];

/// The command of that name.
pub fn find(name: &str) -> Option<&'static SlashCommand> {
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, name)| *name);
    COMMANDS.iter().find(|command| command.name == name)
}

/// Runs a command by name.
pub fn run(
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
    let begins_alike = names().find(|known| known.starts_with(name));
    let error = CommandError::usage(format!("there is no command /{}", name.escape_debug()));
    match begins_alike.or_else(|| closest(name, names())) {
        Some(known) => error
            .hint(format!("/{known}"))
            .hint("//… sends a text that begins with a slash"),
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
        "Alt-Enter or a line ending in \\ goes on in a new line, ::: begins and \
        ends a block; Ctrl-C stops an answer",
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
    fn names_are_unique_and_the_contract_is_kept() {
        let mut names: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        let contract = "help exit new model profile add-llm-profile llm-profiles use-llm system \
            temperature max-tokens effort reasoning alternatives \
                        retry undo edit file copy save sessions resume search usage cost models \
                        doctor multiline";
        for name in contract.split_whitespace() {
            assert!(find(name).is_some(), "/{name}");
        }
    }

    #[test]
    fn an_unknown_command_names_the_nearest() {
        assert_eq!(unknown("modle").hints[0], "/model");
        assert_eq!(unknown("temp").hints[0], "/temperature");
        assert_eq!(
            unknown("resumee").hints,
            ["/resume", "//… sends a text that begins with a slash"]
        );
        assert_eq!(find("quit").unwrap().name, "exit");
        assert_eq!(unknown("supercalifragilistic").hints, ["/help"]);
    }
}
