//! `amx sessions`: list, read, search, export, rename and delete what was kept of conversations.

mod args;
pub mod export;
mod json;
mod table;
mod transcript;

use std::time::SystemTime;

pub use args::{ExportArgs, ExportFormat, ListArgs, SearchArgs};

use args::{DeleteArgs, RenameArgs, ShowArgs};
use clap::Subcommand;
use serde_json::Value;

use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::{SessionSummary, Store, StoreError};

#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// List sessions, last used first
    #[command(after_help = "Example:\n  amx sessions list --limit 10")]
    List(ListArgs),
    /// Print a session as text
    #[command(after_help = "Example:\n  amx sessions show 12 | less")]
    Show(ShowArgs),
    /// Search questions, answers, names and titles
    #[command(after_help = "Example:\n  amx sessions search sorting network")]
    Search(SearchArgs),
    /// Export a session as Markdown or JSON
    #[command(
        after_help = "Example:\n  amx sessions export 12 --format json --all-branches -o plan.json"
    )]
    Export(ExportArgs),
    /// Rename a session
    #[command(after_help = "Example:\n  amx sessions rename 12 \"plan B\"")]
    Rename(RenameArgs),
    /// Delete sessions and all their branches permanently
    #[command(after_help = "Example:\n  amx sessions delete 12 --yes")]
    Delete(DeleteArgs),
}

pub fn run(command: SessionsCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        SessionsCommand::List(args) => list(&args, context),
        SessionsCommand::Show(args) => show(&args, context),
        SessionsCommand::Search(args) => search(&args, context),
        SessionsCommand::Export(args) => {
            let (store, session) = found(&args.session, context)?;
            export::run(&args, &session, &store, context)
        }
        SessionsCommand::Rename(args) => rename(&args, context),
        SessionsCommand::Delete(args) => delete(&args, context),
    }
}

/// The store when there is one. Says so when it had to be begun anew.
pub fn opened(context: &mut Context<'_>) -> Result<Option<Store>, CommandError> {
    let store = Store::open_existing(&context.home()?)?;
    if let Some(path) = store.as_ref().and_then(Store::moved_aside) {
        context.output.warning(&format!(
            "the file of conversations was damaged and is now {}; a new one was begun",
            path.display()
        ));
    }
    Ok(store)
}

fn list(args: &ListArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let sessions = match opened(context)? {
        Some(store) => store.sessions(args.limit)?,
        None => Vec::new(),
    };
    if args.json {
        return Ok(context
            .output
            .json(&sessions.iter().map(json::summary).collect::<Value>())?);
    }
    if sessions.is_empty() {
        context.output.note("no session is stored yet: amx chat");
        return Ok(());
    }
    for line in table::lines(&sessions, SystemTime::now(), context.output.width()) {
        context.output.line(&line)?;
    }
    Ok(())
}

fn show(args: &ShowArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (store, session) = found(&args.session, context)?;
    let turns = store.path(session.id)?;
    if args.json {
        return Ok(context
            .output
            .json(&export::whole(&session, &turns, &store)?)?);
    }
    Ok(context
        .output
        .line(transcript::text(&session, &turns).trim_end())?)
}

fn search(args: &SearchArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let words = args.words.join(" ");
    let hits = match opened(context)? {
        Some(store) => store.search(&words, args.limit)?,
        None => Vec::new(),
    };
    if args.json {
        return Ok(context
            .output
            .json(&hits.iter().map(json::hit).collect::<Value>())?);
    }
    if hits.is_empty() {
        return Err(CommandError::new(
            ErrorKind::No,
            format!("no session has '{}'", words.escape_debug()),
        )
        .hint("amx sessions list"));
    }
    for hit in hits {
        let called = hit.name.as_deref().unwrap_or(&hit.title);
        context.output.line(&format!(
            "{}  {called}  ({} ago)",
            hit.session,
            crate::present::time::age(hit.when, SystemTime::now())
        ))?;
        context.output.line(&format!("    {}", hit.snippet))?;
    }
    Ok(())
}

fn rename(args: &RenameArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (mut store, session) = found(&args.session, context)?;
    store.rename(session.id, Some(&args.name))?;
    Ok(context
        .output
        .line(&format!("✓ Session {} is now '{}'", session.id, args.name))?)
}

fn delete(args: &DeleteArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    // All are looked up before one is deleted.
    let (mut store, first) = found(&args.sessions[0], context)?;
    let mut chosen = vec![first];
    for wanted in &args.sessions[1..] {
        let session = find(wanted, &store)?;
        if chosen.iter().all(|other| other.id != session.id) {
            chosen.push(session);
        }
    }
    if !args.yes {
        context.require_terminal("sessions delete", "amx sessions delete SESSION --yes")?;
        let names: Vec<String> = chosen
            .iter()
            .map(|session| format!("{} '{}'", session.id, session.display_name()))
            .collect();
        if !context.input.confirm(
            &format!("Delete session {} for good?", names.join(", ")),
            false,
        )? {
            return Err(CommandError::new(ErrorKind::No, "nothing was deleted"));
        }
    }
    store.delete(&chosen.iter().map(|session| session.id).collect::<Vec<_>>())?;
    for session in chosen {
        context.output.line(&format!(
            "✓ Deleted session {} '{}'",
            session.id,
            session.display_name()
        ))?;
    }
    Ok(())
}

/// The session of that name or number, in its store.
fn found(wanted: &str, context: &mut Context<'_>) -> Result<(Store, SessionSummary), CommandError> {
    let Some(store) = opened(context)? else {
        return Err(no_session(wanted).hint("amx sessions list"));
    };
    let session = find(wanted, &store)?;
    Ok((store, session))
}

/// The session of that name or number; an error names those that are called nearly so.
pub fn find(wanted: &str, store: &Store) -> Result<SessionSummary, CommandError> {
    if let Some(session) = store.find(wanted)? {
        return Ok(session);
    }
    let near = store.nearest_names(wanted)?;
    let error = no_session(wanted);
    let error = if near.is_empty() {
        error
    } else {
        error.hint(format!(
            "did you mean {}?",
            near.iter()
                .map(|name| format!("'{name}'"))
                .collect::<Vec<_>>()
                .join(" or ")
        ))
    };
    Err(error.hint("amx sessions list"))
}

fn no_session(wanted: &str) -> CommandError {
    CommandError::usage(format!("there is no session '{}'", wanted.escape_debug()))
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        let local = Self::new(ErrorKind::LocalIo, message.clone());
        match error {
            StoreError::Symlink { path } => {
                local.hint(format!("replace the link {} by a file", path.display()))
            }
            StoreError::Newer { .. } => local.hint("install the newer amx"),
            StoreError::Busy { .. } => {
                local.hint("wait for the other amx, or end it, and run the command again")
            }
            StoreError::Full { path, .. } => local.hint(format!(
                "make room on the disk of {}, then run the command again",
                path.display()
            )),
            StoreError::Unwritable { source, .. } => local
                .caused_by(anyhow::Error::from_boxed(source))
                .hint("check space, quota and permissions, then run the command again"),
            StoreError::Replaced { .. } => local.hint("run the command again"),
            StoreError::Corrupt { .. } => local.hint(
                "run the command again: the damaged file is moved aside, and a new one begun",
            ),
            StoreError::Unreadable { source, .. } | StoreError::Database { source, .. } => local
                .caused_by(source)
                .hint("install the newest amx, then run the command again"),
            StoreError::NoSession(_) | StoreError::NoTurn(_) => {
                Self::usage(message).hint("amx sessions list")
            }
            StoreError::BadName { .. } => {
                Self::usage(message).hint("amx sessions rename SESSION \"another name\"")
            }
            StoreError::NameTaken { .. } => Self::usage(message).hint("amx sessions list"),
        }
    }
}
