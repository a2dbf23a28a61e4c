//! The conversation: reads an entry, carries it out or asks it, and begins again.

mod compaction;
mod completion;
mod exchange;
pub mod slash;
mod state;

use std::path::PathBuf;

use crate::ask::schema_source;
use crate::ask::template::ChosenTemplate;
use crate::attachments::AttachmentReader;
use crate::chat::message::ContentPart;
use crate::commands::arguments::ask::AskArgs;
use crate::commands::opened::Opened;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::input::PromptEntry;
use crate::ports::interrupt::Signal;
use state::{Conversation, Next};

/// Runs until the user leaves.
pub fn run(args: &AskArgs, opened: Opened, context: &mut Context<'_>) -> Result<(), CommandError> {
    let of_template = opened
        .template
        .as_ref()
        .map(ChosenTemplate::files)
        .unwrap_or_default();
    let files: Vec<PathBuf> = of_template
        .into_iter()
        .chain(args.files.iter().cloned())
        .collect();
    let attached = AttachmentReader::at_prompt(args.force).read(&files, context)?;
    // One that cannot be used is told before anybody types a question.
    schema_source::of(&opened.settings, &context.equipment)?;
    let mut conversation = Conversation::open(args, opened, context)?;
    conversation.attach(attached)?;
    conversation.greet(context)?;
    converse(conversation, context)
}

/// Goes on after what has just been shown.
pub fn go_on(
    args: &AskArgs,
    opened: Opened,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let conversation = Conversation::open(args, opened, context)?;
    conversation.introduce(context);
    converse(conversation, context)
}

fn converse(mut conversation: Conversation, context: &mut Context<'_>) -> Result<(), CommandError> {
    let mut wants_to_leave = false;
    loop {
        match conversation.read()? {
            PromptEntry::Closed => break,
            PromptEntry::Interrupted if wants_to_leave => break,
            PromptEntry::Interrupted => {
                wants_to_leave = true;
                context
                    .output
                    .aside("Ctrl-C again leaves, and so does Ctrl-D");
                continue;
            }
            PromptEntry::Text(text) => {
                // Whatever is under way, Ctrl-C leads back to the prompt.
                let outcome = carry_out(&text, &mut conversation, context);
                let told = context.equipment.interrupt.pending();
                // A question answers every signal as if it were Ctrl-C, and only that leads back to
                // the prompt.
                if let Some(signal @ (Signal::Terminate | Signal::HangUp)) = told {
                    context.output.aside("");
                    return Err(signal.into());
                }
                context.equipment.interrupt.acknowledge();
                match outcome {
                    Ok(Next::Prompt) => {}
                    Err(error) if error.kind == ErrorKind::Interrupted => {}
                    Ok(Next::Leave) => break,
                    Err(error) if ends_everything(error.kind) => return Err(error),
                    Err(error) => context.output.failure(&error),
                }
                // Room between what was said and the next prompt.
                context.output.aside("");
            }
        }
        wants_to_leave = false;
    }
    conversation.take_leave(context)
}

/// One entry: a slash command, or a question.
fn carry_out(
    text: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    match slash::parse(text) {
        slash::Parsed::Nothing => Ok(Next::Prompt),
        slash::Parsed::Command { name, argument } => {
            slash::run(name, argument, conversation, context)
        }
        slash::Parsed::Question(question) => {
            let before = conversation.session.path.len();
            let parts = conversation.with_attached(ContentPart::Text(question.into()));
            let asked = conversation.ask(parts, context);
            if asked.is_err() && conversation.session.path.len() == before {
                // It was not sent: it stands at the prompt again.
                conversation.editor().prefill(question);
            }
            asked.map(|_| Next::Prompt)
        }
    }
}

/// Whether a failure leaves nobody to talk to.
fn ends_everything(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::BrokenPipe | ErrorKind::Terminated | ErrorKind::HungUp | ErrorKind::Bug
    )
}
