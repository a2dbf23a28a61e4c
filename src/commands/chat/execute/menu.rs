//! The menu below a command: run, edit, explain or copy it, or leave it.

use super::explanation;
use crate::ask::shell_command::ShellCommand;
use crate::commands::chat::args::ChatArgs;
use crate::commands::chat_setup::ChatSetup;
use crate::commands::user_shell;
use crate::platform::shell::CommandShell;
use crate::ports::context::Context;
use crate::ports::entered_text::EnteredText;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::input::{Candidate, Completer, EditorOptions, InputError, PromptEntry};
use crate::ports::menu::{Menu, MenuSource};
use crate::wire::control_characters::visible_text;
use crate::wire::redact::redacted;

/// What can be done with a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Run,
    Edit,
    Explain,
    Copy,
    Cancel,
}

/// The items of the menu, in order.
const CHOICES: &[(&str, Choice)] = &[
    ("Run", Choice::Run),
    ("Edit", Choice::Edit),
    ("Explain", Choice::Explain),
    ("Copy", Choice::Copy),
    ("Cancel", Choice::Cancel),
];

/// Shows a command as it would run, whole and with its hidden characters visible; then what it
/// does, and why a person should look twice.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn show(command: &ShellCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    show_edited(command, context)?;
    if command.risk.is_none() {
        context.output.note("the model gave no risk");
    }
    Ok(())
}

/// The same for a command that a person wrote: the model was not asked about it.
fn show_edited(command: &ShellCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    context.output.heading(&visible_text(&command.text))?;
    if !command.explanation.is_empty() {
        context.output.aside(&command.explanation);
    }
    for warning in command.warnings() {
        context.output.warning(&warning);
    }
    Ok(())
}

/// Asks what to do until the command is run or left.
///
/// # Errors
/// The exit code of the command as that of amx; exit 1 when it is left.
pub(super) fn run(
    mut command: ShellCommand,
    shell: &CommandShell,
    args: &ChatArgs,
    setup: &mut ChatSetup,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    loop {
        match choose(&command, context)? {
            Choice::Run if is_shown_as_it_is(&command) => {
                let code = user_shell::run(shell, &command.text, context)?;
                return code.map_or(Ok(()), |code| Err(CommandError::of_child(code)));
            }
            Choice::Run => context
                .output
                .warning("not run: it contains an API key, which is not shown; edit it first"),
            Choice::Edit => {
                if let Some(text) = edited(&command.text, setup, context)? {
                    command = ShellCommand {
                        text,
                        explanation: String::new(),
                        risk: None,
                    };
                    show_edited(&command, context)?;
                }
            }
            Choice::Explain => {
                explanation::ask(&command.text, shell, args, setup, context)?;
                show(&command, context)?;
            }
            Choice::Copy => {
                let how = context.output.copy(&command.text).map_err(|why| {
                    let what = format!("the clipboard is not available: {why}");
                    CommandError::new(ErrorKind::LocalIo, what)
                })?;
                context.output.aside(&format!("Copied the command {how}"));
                return Ok(());
            }
            Choice::Cancel => {
                context.output.aside("Cancelled; nothing was run");
                return Err(CommandError::of_child(ErrorKind::No.exit_code()));
            }
        }
    }
}

/// What is shown is what runs: a key in it would be replaced on the screen.
fn is_shown_as_it_is(command: &ShellCommand) -> bool {
    redacted(&command.text) == command.text
}

fn choose(command: &ShellCommand, context: &mut Context<'_>) -> Result<Choice, CommandError> {
    let default = if command.runs_by_default() {
        Choice::Run
    } else {
        Choice::Cancel
    };
    let items: Vec<String> = CHOICES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let first = CHOICES.iter().position(|(_, choice)| *choice == default);
    let chosen = context
        .input
        .choose("Run this command?", &items, first.unwrap_or_default())?;
    Ok(CHOICES
        .get(chosen)
        .map_or(Choice::Cancel, |(_, choice)| *choice))
}

/// The command after it was edited on a line of its own. `None` when it is unchanged, empty, or
/// the edit was cancelled.
fn edited(
    text: &str,
    setup: &ChatSetup,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    let options = EditorOptions {
        has_footer: false,
        history: None,
        keys: setup.config.keys,
        completer: Box::new(NoCompleter),
        menus: Box::new(NoCompleter),
    };
    let mut editor = context.input.line_editor(options)?;
    editor.prefill(&EnteredText::typed(text));
    let entry = match editor.read("command", &[]) {
        Err(InputError::Interrupted) => return Ok(None),
        entry => entry?,
    };
    drop(editor);
    context.equipment.interrupt.acknowledge();
    Ok(match entry {
        PromptEntry::Text(edited) if !edited.text.trim().is_empty() && edited.text != text => {
            Some(edited.text)
        }
        _ => None,
    })
}

/// Completes nothing.
struct NoCompleter;

impl Completer for NoCompleter {
    fn complete(&mut self, _: &str, _: usize) -> Vec<Candidate> {
        Vec::new()
    }
}

impl MenuSource for NoCompleter {
    fn menu(&mut self, _: &EnteredText, _: usize) -> Menu {
        Menu::default()
    }
}
