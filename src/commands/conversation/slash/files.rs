//! `/file` and `/save`.

use std::path::PathBuf;

use crate::attachments::mention::word_of;
use crate::attachments::{self, Attachment, AttachmentReader};
use crate::commands::conversation::state::{Conversation, Next};
use crate::commands::sessions::{ExportArgs, ExportFormat, export};
use crate::config::home::expanded;
use crate::platform::system::System;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

/// Runs `/file`: attaches, removes or lists attachments.
///
/// # Errors
/// When a file cannot be read, or no such attachment exists.
pub(super) fn attach(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let words = System::CURRENT
        .words(argument)
        .ok_or_else(|| CommandError::usage("unclosed quote").hint("/file \"my notes.md\""))?;
    match words.split_first() {
        None => {}
        Some((first, names)) if first == OFF => detach(names, conversation)?,
        Some(_) => {
            let words: Vec<PathBuf> = words.iter().map(|word| word_of(word)).collect();
            let read =
                AttachmentReader::at_prompt(conversation.form.force).read(&words, context)?;
            conversation.attach(read)?;
        }
    }
    show(conversation, context);
    Ok(Next::Prompt)
}

/// The word that removes attachments.
const OFF: &str = "off";

/// Removes the named attachments; without a name, all of them.
fn detach(names: &[String], conversation: &mut Conversation) -> Result<(), CommandError> {
    if let Some(unknown) = names.iter().find(|name| {
        conversation
            .attached
            .iter()
            .all(|attached| !is_named(attached, name))
    }) {
        return Err(CommandError::usage(format!(
            "no attachment named '{}'",
            unknown.escape_debug()
        ))
        .hint("/file   (lists attachments)"));
    }
    conversation
        .attached
        .retain(|attached| !names.is_empty() && !names.iter().any(|name| is_named(attached, name)));
    Ok(())
}

/// Matches the name, its last part, or the path it was read from.
fn is_named(attached: &Attachment, name: &str) -> bool {
    let last = attached.name.rsplit('/').next().unwrap_or_default();
    let is_origin =
        || attached.origin.is_some() && expanded(name).canonicalize().ok() == attached.origin;
    attached.name == name || last == name || is_origin()
}

fn show(conversation: &Conversation, context: &mut Context<'_>) {
    let attached = &conversation.attached;
    if attached.is_empty() {
        context
            .output
            .aside("No attachments; /file PATH attaches a file to the next question");
    }
    for attached in attached {
        context
            .output
            .aside(&format!("+ {}", attached.description()));
    }
    if attached.len() > 1 {
        context
            .output
            .aside(&format!("  {}", attachments::sum(attached)));
    }
}

/// Runs `/save FILE`: writes the current branch as Markdown or JSON.
///
/// # Errors
/// When there is nothing to write, or the file exists or cannot be written.
pub(super) fn save(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        return Err(CommandError::usage("/save requires a file name").hint("/save conversation.md"));
    }
    conversation.last_turn()?;
    let words = System::CURRENT
        .words(argument)
        .filter(|words| words.len() == 1)
        .and_then(|mut words| words.pop());
    let path = expanded(&words.unwrap_or_else(|| argument.to_owned()));
    let is_json = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let format = if is_json {
        ExportFormat::Json
    } else {
        ExportFormat::Markdown
    };
    if path.exists() {
        return Err(CommandError::new(
            ErrorKind::LocalIo,
            format!("{} already exists", path.display()),
        )
        .hint("/save ANOTHER-FILE"));
    }
    let copied = if conversation.session.unstored() > 0 {
        conversation.session.copy_to_memory()?
    } else {
        None
    };
    let stored = match &copied {
        Some((store, session)) => Some((store, session.clone())),
        None => conversation.session.stored()?,
    };
    let (store, session) = stored.ok_or_else(|| CommandError::usage("no question asked yet"))?;
    let args = ExportArgs {
        session: session.id.to_string(),
        format,
        output: Some(path),
        all_branches: false,
        force: false,
    };
    export::run(&args, &session, store, context)?;
    Ok(Next::Prompt)
}
