//! Commands about files: what is sent along, and what is written down.

use std::path::{Path, PathBuf};

use crate::commands::chat::attachments;
use crate::commands::chat::conversation::state::{Conversation, Next};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Kind};
use crate::commands::sessions::{ExportArgs, ExportFormat, export};

pub fn attach(argument: &str, conversation: &mut Conversation, context: &mut Context<'_>) -> Result<Next, CommandError> {
    match argument {
        "" => {}
        "off" => conversation.attached.clear(),
        paths => {
            let paths = shlex::split(paths).ok_or_else(|| CommandError::usage("a quote is not closed").hint("/file \"my notes.md\""))?;
            let paths: Vec<PathBuf> = paths.iter().map(|path| expand(path)).collect();
            let parts = attachments::read(&paths)?;
            conversation.attach(parts, paths.iter().map(|path| path.display().to_string()));
        }
    }
    if conversation.attached.is_empty() {
        context.output.aside("nothing is attached; /file PATH attaches a file to the next question");
    }
    for attached in &conversation.attached {
        context.output.aside(&format!("+ {}", attached.name));
    }
    Ok(Next::Prompt)
}

pub fn save(argument: &str, conversation: &mut Conversation, context: &mut Context<'_>) -> Result<Next, CommandError> {
    if argument.is_empty() {
        return Err(CommandError::usage("/save needs a file").hint("/save conversation.md"));
    }
    conversation.last_turn()?;
    let words = shlex::split(argument).filter(|words| words.len() == 1).and_then(|mut words| words.pop());
    let path = expand(&words.unwrap_or_else(|| argument.to_owned()));
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let format = if is_json { ExportFormat::Json } else { ExportFormat::Markdown };
    if path.exists() {
        return Err(CommandError::new(Kind::LocalIo, format!("{} is there already", path.display())).hint("/save ANOTHER-FILE"));
    }
    let copied = if conversation.keeper.unstored() > 0 { conversation.keeper.copied()? } else { None };
    let stored = match &copied {
        Some((store, session)) => Some((store, session.clone())),
        None => conversation.keeper.stored()?,
    };
    let (store, session) = stored.ok_or_else(|| CommandError::usage("nothing has been asked yet"))?;
    let args = ExportArgs { session: session.id.to_string(), format, output: Some(path), all_branches: false, force: false };
    export::run(&args, &session, store, context)?;
    Ok(Next::Prompt)
}

/// A leading `~/` stands for the home directory, as in a shell.
pub fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), crate::config::home::user_home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => Path::new(path).to_path_buf(),
    }
}
