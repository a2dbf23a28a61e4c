//! What is decided before the first question: the settings, and the conversation to go on with.

use super::args::ChatArgs;
use crate::ask::failure;
use crate::ask::remembered::restore;
use crate::ask::session::{Session, SessionPlace};
use crate::ask::template::ChosenTemplate;
use crate::commands::opened::Opened;
use crate::commands::{session_store, setup};
use crate::config::{Home, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::store::{SessionSummary, Store};

/// Reads configuration and flags, and finds the conversation that they name.
pub fn open(
    args: &ChatArgs,
    template: Option<ChosenTemplate>,
    is_conversation: bool,
    context: &mut Context<'_>,
) -> Result<Opened, CommandError> {
    let mut overrides = args.overrides()?;
    overrides.template = template.as_ref().map(ChosenTemplate::layer).transpose()?;
    let mut config = context.config()?;
    let found = find_session(args, context)?;
    let session = match found {
        Some((store, summary)) => {
            let remembered = store.settings(summary.id)?;
            let mut remarks = Vec::new();
            restore(&mut overrides, &remembered, &config, &mut remarks);
            context.remark(&remarks);
            Some(Session::resume(place(args, context), store, &summary)?)
        }
        None if is_conversation || is_kept(args, context) => {
            Some(Session::new(place(args, context), args.session.clone()))
        }
        None => None,
    };
    let mut settings = Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    if settings.is_unconfigured() && !args.dry_run && !context.equipment.is_replaying() {
        if !context.input.can_ask() {
            return Err(failure::no_key(&settings));
        }
        if let Some(profile) = setup::first_run(context)? {
            overrides.profile = Some(profile);
        }
        config = context.config()?;
        settings = Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    }
    Ok(Opened {
        overrides,
        config,
        settings,
        session,
        template,
    })
}

/// The stored conversation that `-c` or `--session` names; `None` when none is named, or a new one
/// begins.
fn find_session(
    args: &ChatArgs,
    context: &mut Context<'_>,
) -> Result<Option<(Store, SessionSummary)>, CommandError> {
    if args.session.is_none() && !args.continues {
        return Ok(None);
    }
    let store = session_store::opened(context)?;
    if args.continues {
        let latest = store
            .map(|store| {
                store
                    .latest()
                    .map(|latest| latest.map(|latest| (store, latest)))
            })
            .transpose()?
            .flatten();
        let nothing = || {
            CommandError::usage("there is no conversation to go on with")
                .hint("amx chat   (begins one)")
        };
        return latest.map(Some).ok_or_else(nothing);
    }
    let name = args.session.as_deref().unwrap_or_default();
    let found = match store {
        Some(store) => store.find(name)?.map(|found| (store, found)),
        None => None,
    };
    if found.is_none() {
        crate::store::check_name(name).map_err(|why| {
            CommandError::usage(format!("--session '{}': {why}", name.escape_debug()))
                .hint("amx sessions list")
        })?;
        if !args.dry_run {
            context
                .output
                .note(&format!("a new conversation, '{name}'"));
        }
    }
    Ok(found)
}

fn place(args: &ChatArgs, context: &Context<'_>) -> SessionPlace {
    match context.home() {
        Ok(home) if !args.no_save => SessionPlace::Home(home),
        _ => SessionPlace::Memory,
    }
}

/// Whether a single answer is kept: not where amx was never set up and nobody watches, so that a
/// CI job leaves nothing behind.
fn is_kept(args: &ChatArgs, context: &Context<'_>) -> bool {
    if args.no_save {
        return false;
    }
    let is_set_up = |home: Home| home.directory().is_dir();
    args.session.is_some() || context.output.is_terminal() || context.home().is_ok_and(is_set_up)
}
