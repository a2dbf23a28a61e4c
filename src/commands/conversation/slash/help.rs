//! `/help`, and the key bindings that `?` lists.

use super::command::SlashCommand;
use super::groups::grouped;
use super::names::{find, unknown};
use crate::commands::conversation::state::Next;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// What can be typed besides commands.
const SIGNS: &[(&str, &str)] = &[
    (
        "@PATH",
        "attach a file, folder, pattern, URL or the clipboard",
    ),
    (
        "!COMMAND",
        "run it in your shell, and send its output with the next message",
    ),
    ("!!COMMAND", "run it in your shell"),
    ("?", "list the key bindings (on an empty line)"),
];

/// Key bindings of the prompt.
const KEYS: &[(&str, &str)] = &[
    ("Enter", "send; while an answer streams, queue"),
    (
        "Alt-Enter, Shift-Enter, Ctrl-J",
        "new line (also a \\ at the end)",
    ),
    ("Esc, Ctrl-C", "stop the answer"),
    (
        "Ctrl-C",
        "clear the line into the history; twice on an empty line leaves",
    ),
    ("Ctrl-D", "leave, on an empty line"),
    ("Tab", "complete"),
    (
        "Up, Down",
        "history; while an answer streams, take a queued message back",
    ),
    ("Right", "accept the suggestion from the history"),
    ("Ctrl-R", "search the history"),
    ("Ctrl-G, Ctrl-O, Alt-E", "edit the line in $EDITOR"),
    ("Ctrl-V", "attach the image on the clipboard"),
    ("Backspace", "remove the last attachment, on an empty line"),
    ("Ctrl-L", "redraw"),
    (
        "Ctrl-W, Ctrl-U, Ctrl-K, Ctrl-Y",
        "delete a word, to the start, to the end; put back",
    ),
    ("Ctrl-Z", "suspend; fg returns"),
];

/// Lists the key bindings.
pub(crate) fn key_help(context: &mut Context<'_>) {
    context.output.definitions(&rows(KEYS));
}

fn rows(table: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    let row = |(key, meaning): &(&str, &'static str)| ((*key).to_owned(), *meaning);
    table.iter().map(row).collect()
}

/// Runs `/help [COMMAND]`.
///
/// # Errors
/// When there is no such command.
pub(super) fn help(
    argument: &str,
    commands: &'static [SlashCommand],
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let wanted = argument.trim_start_matches('/');
    if !wanted.is_empty() {
        let command = find(wanted, commands).ok_or_else(|| unknown(wanted, commands, &[]))?;
        context.output.say(&command.usage());
        context.output.say(&format!("  {}", command.meaning));
        return Ok(Next::Prompt);
    }
    for (group, members) in grouped(commands) {
        context.output.heading(group)?;
        let rows: Vec<(String, &str)> = members
            .iter()
            .map(|command| (command.usage(), command.meaning))
            .collect();
        context.output.definitions(&rows);
        context.output.aside("");
    }
    context.output.heading("At the prompt")?;
    context.output.definitions(&rows(SIGNS));
    context.output.aside("");
    context.output.aside(
        "Alt-Enter or a trailing \\ continues on a new line, ::: starts and ends a block; \
        Ctrl-C stops an answer; the start of a command is enough when it is unique",
    );
    Ok(Next::Prompt)
}
