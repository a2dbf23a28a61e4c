//! The conversation: reads entries, and runs each as a slash command or sends it as a question.

mod compaction;
mod completion;
mod current_values;
mod draft;
mod exchange;
mod hints;
mod menus;
mod shell;
pub(crate) mod slash;
mod state;
mod status_row;
mod title;
mod title_request;
mod whole_screen;

use std::path::PathBuf;

use crate::ask::schema_source;
use crate::ask::template::ChosenTemplate;
use crate::attachments::AttachmentReader;
use crate::commands::arguments::ask::AskArgs;
use crate::commands::chat_setup::ChatSetup;
use crate::commands::question::CommandLineQuestion;
use crate::ports::context::Context;
use crate::ports::entered_text::EnteredText;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::input::PromptEntry;
use crate::ports::interrupt::Signal;
use crate::ports::output::OutputMark;
use draft::text_part;
use state::{Conversation, Next};

/// Runs a conversation until the user leaves. `first` is its first question with its attachments,
/// where that is known.
///
/// # Errors
/// When the terminal is gone, a signal ended the program, or turns could not be saved.
pub(crate) fn run(
    args: &AskArgs,
    setup: ChatSetup,
    first: Option<CommandLineQuestion>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    if let Some(first) = first {
        return begin_with(first, args, setup, context);
    }
    let of_template = setup
        .template
        .as_ref()
        .map(ChosenTemplate::files)
        .unwrap_or_default();
    let files: Vec<PathBuf> = of_template
        .into_iter()
        .chain(args.files.iter().cloned())
        .collect();
    let attached = AttachmentReader::at_prompt(args.force).read(&files, context)?;
    // An invalid schema is reported before the first question.
    schema_source::of(&setup.settings, &context.equipment)?;
    let mut conversation = Conversation::open(args, setup, context)?;
    conversation.attach(attached)?;
    conversation.greet(context)?;
    // An empty line before the first prompt.
    context.output.aside("");
    read_entries(conversation, context)
}

/// Continues a conversation whose last answer has just been shown.
///
/// # Errors
/// As [`run`].
pub(crate) fn resume(
    args: &AskArgs,
    setup: ChatSetup,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let conversation = Conversation::open(args, setup, context)?;
    conversation.show_target(context);
    context.output.aside("");
    read_entries(conversation, context)
}

/// Asks the first question, then runs the conversation. What was not sent is at the prompt.
fn begin_with(
    first: CommandLineQuestion,
    args: &AskArgs,
    setup: ChatSetup,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let mut conversation = Conversation::open(args, setup, context)?;
    conversation.greet(context)?;
    conversation.attached = first.attached;
    let text = EnteredText::data(first.text.unwrap_or_default());
    let parts = conversation.with_attached(text_part(&text));
    context.output.question(&state::question_words(&parts));
    context.output.mark(OutputMark::Start);
    let outcome = conversation.ask_entered(&text, context);
    settle(outcome.map(|()| Next::Prompt), &mut conversation, context)?;
    read_entries(conversation, context)
}

/// Reads entries until the user leaves; `-c` then continues this conversation.
fn read_entries(
    mut conversation: Conversation,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let outcome = run_entries(&mut conversation, context);
    conversation.session.mark_used();
    outcome?;
    conversation.close(context)
}

fn run_entries(
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let mut wants_to_leave = false;
    loop {
        conversation.show_title(context);
        match conversation.read(context)? {
            PromptEntry::Closed => break,
            PromptEntry::Interrupted if wants_to_leave => break,
            PromptEntry::Interrupted => {
                wants_to_leave = true;
                context
                    .output
                    .aside("Press Ctrl-C again or Ctrl-D to leave");
                continue;
            }
            PromptEntry::Cleared => {}
            PromptEntry::PasteImage => conversation.paste_image(context),
            PromptEntry::KeyHelp => {
                slash::key_help(context);
                context.output.aside("");
            }
            PromptEntry::RemoveAttachment => conversation.remove_attachment(context),
            PromptEntry::Text(text) => {
                context.output.mark(OutputMark::Start);
                // Ctrl-C returns to the prompt.
                let outcome = execute(&text, conversation, context);
                if settle(outcome, conversation, context)? == Next::Leave {
                    break;
                }
            }
        }
        wants_to_leave = false;
    }
    Ok(())
}

/// Shows why an entry failed, and marks the end of its output. Returns what follows it.
///
/// # Errors
/// What ends the program.
fn settle(
    outcome: Result<Next, CommandError>,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let signal = context.equipment.interrupt.pending();
    // A menu reports every signal as Ctrl-C, but the others end the program.
    if let Some(signal @ (Signal::Terminate | Signal::HangUp)) = signal {
        context.output.aside("");
        return Err(signal.into());
    }
    if outcome.is_err() || signal.is_some() {
        conversation.editor().pause_queue();
    }
    context.equipment.interrupt.acknowledge();
    let code = outcome.as_ref().err().map_or(0, CommandError::exit_code);
    match outcome {
        Ok(Next::Prompt) => {}
        Err(error) if error.kind == ErrorKind::Interrupted => {}
        Ok(Next::Leave) => return Ok(Next::Leave),
        Err(error) if is_fatal(error.kind) => return Err(error),
        Err(error) => context.output.failure(&hints::with_slash_commands(error)),
    }
    context.output.mark(OutputMark::End(code));
    // An empty line before the next prompt.
    context.output.aside("");
    Ok(Next::Prompt)
}

/// Runs an entry: a slash command, a command of the shell, or a question.
fn execute(
    entry: &EnteredText,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    entry.clone_into(&mut conversation.entry);
    match slash::parse(entry, &|name| slash::is_command(name, context)) {
        slash::Parsed::Nothing => Ok(Next::Prompt),
        slash::Parsed::Command { name, argument } => {
            slash::run(name, argument, conversation, context)
        }
        slash::Parsed::Shell { command, is_sent } => {
            shell::run(command, is_sent, conversation, context).map(|()| Next::Prompt)
        }
        slash::Parsed::KeyHelp => {
            slash::key_help(context);
            Ok(Next::Prompt)
        }
        slash::Parsed::Question(question) => conversation
            .ask_entered(&question, context)
            .map(|()| Next::Prompt),
    }
}

/// Whether an error ends the conversation.
fn is_fatal(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::BrokenPipe | ErrorKind::Terminated | ErrorKind::HungUp | ErrorKind::Bug
    )
}
