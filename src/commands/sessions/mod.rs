//! `amx sessions`: list, show, search, export, rename and delete saved conversations.

mod args;
pub(crate) mod export;
mod json;
mod table;
mod transcript;

use std::time::SystemTime;

pub(crate) use super::session_store::{find, opened};
pub(crate) use args::{ExportArgs, ExportFormat, ListArgs, SearchArgs};

use args::{DeleteArgs, RenameArgs, ShowArgs};
use clap::Subcommand;
use serde_json::Value;

use super::session_store::unknown;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::page::{Line, Page, Role};
use crate::present::time;
use crate::store::{Branch, SessionSummary, Store};
use transcript::Transcript;

#[derive(Debug, Subcommand)]
pub(crate) enum SessionsCommand {
    /// List sessions, last used first
    #[command(after_help = "Example:\n  amx sessions list --limit 10")]
    List(ListArgs),
    /// Print a session, rendered on a terminal, as Markdown in a pipe
    #[command(after_help = "Example:\n  amx sessions show 12 > plan.md")]
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

pub(crate) fn run(command: SessionsCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
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
        context.output.note("no saved conversations yet: amx chat");
        return Ok(());
    }
    let (now, is_terminal) = (SystemTime::now(), context.output.is_terminal());
    let time = |time| {
        if is_terminal {
            time::recent(time, now)
        } else {
            time::utc(time)
        }
    };
    let lines = table::table(&sessions, time).page_lines(context.table_width());
    Ok(context.output.page(&lines.into_iter().collect())?)
}

fn show(args: &ShowArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (store, session) = found(&args.session, context)?;
    let branches = store.branches(session.id)?;
    let shown = match &args.branch {
        Some(wanted) => branch(wanted, &branches, &session)?,
        None => branches.iter().position(|branch| branch.is_current),
    };
    let turns = match shown.and_then(|index| branches.get(index)) {
        Some(branch) => store.path_to(branch.last)?,
        None => store.path(session.id)?,
    };
    if args.json {
        return Ok(context
            .output
            .json(&export::whole(&session, &turns, &store)?)?);
    }
    let transcript = Transcript {
        session: &session,
        turns: &turns,
        branches: &branches,
        shown,
    };
    let page = if context.output.is_terminal() {
        transcript.rendered()
    } else {
        transcript.text().trim_end().lines().collect()
    };
    Ok(context.output.page(&page)?)
}

/// The index of the branch of that name or number.
fn branch(
    wanted: &str,
    branches: &[Branch],
    session: &SessionSummary,
) -> Result<Option<usize>, CommandError> {
    let named = branches
        .iter()
        .position(|branch| branch.label.as_deref() == Some(wanted));
    let numbered = || wanted.parse::<usize>().ok()?.checked_sub(1);
    let found = named
        .or_else(numbered)
        .filter(|index| *index < branches.len());
    found.map(Some).ok_or_else(|| {
        let error = CommandError::usage(format!(
            "session {} has no branch '{}'",
            session.id,
            wanted.escape_debug()
        ));
        error.hint(format!("amx sessions show {}   (lists them)", session.id))
    })
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
            format!("no session matches '{}'", words.escape_debug()),
        )
        .hint("amx sessions list"));
    }
    let (now, is_terminal) = (SystemTime::now(), context.output.is_terminal());
    let mut page = Page::default();
    for hit in hits {
        let called = hit.name.as_deref().unwrap_or(&hit.title);
        let when = if is_terminal {
            time::recent(hit.when, now)
        } else {
            time::utc(hit.when)
        };
        page.line(
            Line::plain(format!("{}  ", hit.session))
                .with(Role::Strong, called)
                .with(Role::Dim, format!("  ({when})"))
                .hanging(4),
        );
        page.line(Line::plain(format!("    {}", hit.snippet)).hanging(4));
    }
    Ok(context.output.page(&page)?)
}

fn rename(args: &RenameArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (mut store, session) = found(&args.session, context)?;
    store.rename(session.id, Some(&args.name))?;
    Ok(context.output.sentence(&format!(
        "✓ Renamed session {} to '{}'",
        session.id, args.name
    ))?)
}

fn delete(args: &DeleteArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    // Every session is looked up before the first is deleted.
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
            .map(|session| format!("session {} '{}'", session.id, session.display_name()))
            .collect();
        if !context
            .input
            .confirm(&format!("Permanently delete {}?", names.join(", ")), false)?
        {
            return Err(CommandError::new(ErrorKind::No, "nothing was deleted"));
        }
    }
    store.delete(&chosen.iter().map(|session| session.id).collect::<Vec<_>>())?;
    for session in chosen {
        context.output.sentence(&format!(
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
        return Err(unknown(wanted).hint("amx sessions list"));
    };
    let session = find(wanted, &store)?;
    Ok((store, session))
}
