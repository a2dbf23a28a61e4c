//! Resolves the settings, and finds the conversation to continue.

use std::rc::Rc;

use super::args::ChatArgs;
use crate::ask::session::{Session, SessionStorage};
use crate::ask::session_settings::restore;
use crate::ask::template::ChosenTemplate;
use crate::commands::chat_setup::ChatSetup;
use crate::commands::{session_picker, session_store, setup};
use crate::config::{Home, Settings};
use crate::platform::system::System;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::{SessionSummary, Store};

/// Longest question that a hint repeats, in characters.
const LONGEST_QUESTION: usize = 40;

/// Resolves configuration and flags, and finds the conversation that they name. On a terminal, an
/// unconfigured program first asks for a profile.
///
/// # Errors
/// When the settings are invalid, no key is configured, or there is no such conversation.
pub(super) fn resolve(
    args: &ChatArgs,
    template: Option<ChosenTemplate>,
    is_conversation: bool,
    context: &mut Context<'_>,
) -> Result<ChatSetup, CommandError> {
    let mut overrides = args.overrides()?;
    overrides.template = template.as_ref().map(ChosenTemplate::layer).transpose()?;
    let mut config = context.config()?;
    let found = find_session(args, context)?;
    let session = match found {
        Some((store, summary)) => {
            let stored = store.settings(summary.id)?;
            let mut remarks = Vec::new();
            let flags = overrides.clone();
            restore(&mut overrides, &stored, &config, &mut remarks);
            if is_conversation {
                overrides.changed_in_conversation(&flags);
            }
            context.remark(&remarks);
            Some(Session::resume(storage(args, context), store, &summary)?)
        }
        None if is_conversation || is_saved(args, context) => {
            Some(Session::new(storage(args, context), args.session.clone()))
        }
        None => None,
    };
    let settings = if args.dry_run {
        Settings::resolve(&overrides, &context.equipment.environment, &config)?
    } else {
        setup::settings_to_send(&mut overrides, &mut config, context)?
    };
    Ok(ChatSetup {
        overrides,
        config,
        settings,
        session,
        template,
        tools: Rc::new(args.tools.rules.session(&context.equipment.environment)),
    })
}

/// The saved conversation that `-c`, `--resume` or `--session` names; `None` without these flags,
/// and for a new name of `--session`.
fn find_session(
    args: &ChatArgs,
    context: &mut Context<'_>,
) -> Result<Option<(Store, SessionSummary)>, CommandError> {
    if args.continues {
        return latest(context).map(Some);
    }
    match (args.resume.as_deref(), &args.session) {
        (Some(""), _) => pick(context).map(Some),
        (Some(name), _) => {
            let explained = |error| explain(error, name, args);
            let store = session_store::opened(context)?.ok_or_else(none_saved);
            let store = store.map_err(explained)?;
            let found = session_store::find(name, &store).map_err(explained)?;
            Ok(Some((store, found)))
        }
        (None, Some(name)) => named(name, args, context),
        (None, None) => Ok(None),
    }
}

fn latest(context: &mut Context<'_>) -> Result<(Store, SessionSummary), CommandError> {
    let store = session_store::opened(context)?.ok_or_else(none_saved)?;
    let latest = store.latest()?.ok_or_else(none_saved)?;
    Ok((store, latest))
}

fn pick(context: &mut Context<'_>) -> Result<(Store, SessionSummary), CommandError> {
    context.require_terminal("chat --resume", "amx chat --resume NAME")?;
    let mut store = session_store::opened(context)?.ok_or_else(none_saved)?;
    let picked = session_picker::pick(&mut store, None, context)?.ok_or_else(none_saved)?;
    Ok((store, picked))
}

/// The error of `--resume` with a question in place of a name: with what asks it.
fn explain(error: CommandError, name: &str, args: &ChatArgs) -> CommandError {
    let is_question = args.prompt.is_empty() && name.contains(char::is_whitespace);
    if error.kind != ErrorKind::Usage || !is_question {
        return error;
    }
    let fits = name.chars().count() <= LONGEST_QUESTION && !name.contains(char::is_control);
    let question = if fits {
        System::CURRENT.quoted(name)
    } else {
        "QUESTION".to_owned()
    };
    CommandError::usage("--resume accepts the name or number of a conversation, not a question")
        .hint(format!(
            "amx chat {question} --resume   (picks the conversation)"
        ))
        .hint(format!(
            "amx chat -c {question}   (the latest conversation)"
        ))
}

fn none_saved() -> CommandError {
    CommandError::usage("no conversation to continue").hint("amx chat   (starts one)")
}

/// The conversation of `--session`, which may be new.
fn named(
    name: &str,
    args: &ChatArgs,
    context: &mut Context<'_>,
) -> Result<Option<(Store, SessionSummary)>, CommandError> {
    let found = match session_store::opened(context)? {
        Some(store) => store.find(name)?.map(|found| (store, found)),
        None => None,
    };
    if found.is_none() {
        crate::store::check_name(name).map_err(|why| {
            CommandError::usage(format!("--session '{}': {why}", name.escape_debug()))
                .hint("amx sessions list")
        })?;
        if args.dry_run {
            return Ok(found);
        }
        let note = match context.home() {
            Ok(_) => format!("new conversation '{name}'"),
            Err(_) => format!("conversation '{name}' is not saved: there is no home directory"),
        };
        context.output.note(&note);
    }
    Ok(found)
}

/// Where the turns are stored.
fn storage(args: &ChatArgs, context: &Context<'_>) -> SessionStorage {
    match context.home() {
        Ok(home) if !args.no_save => SessionStorage::Home(home),
        _ => SessionStorage::Memory,
    }
}

/// Whether a single answer is saved. Not in a script on a machine without a configuration folder,
/// so that a CI job leaves no files behind.
fn is_saved(args: &ChatArgs, context: &Context<'_>) -> bool {
    if args.no_save {
        return false;
    }
    let is_set_up = |home: Home| home.directory().is_dir();
    args.session.is_some() || context.output.is_terminal() || context.home().is_ok_and(is_set_up)
}
