//! The last look before a question is sent, and the first after it was answered.

use std::collections::BTreeSet;

use super::keeper::Keeper;
use super::plan::Planned;
use super::supported::{self, Fitting};
use super::{budget, capabilities, fit};
use crate::chat::attempts::{self, ChatStream};
use crate::chat::leg::{AskOptions, Leg};
use crate::chat::message::ContentPart;
use crate::chat::turn::Turn;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Kind};
use crate::commands::server;
use crate::config::Settings;
use crate::secrets::KeySource;

/// Refuses what must not be sent, and asks where a key would go to another server.
pub fn refuse(planned: &[Planned], context: &mut Context<'_>) -> Result<(), CommandError> {
    // From a recording nothing is sent: neither a key nor a question that costs.
    if context.is_replaying() {
        return Ok(());
    }
    if let Some(first) = planned.first() {
        server::confirm_binding(&first.settings, context)?;
    }
    planned
        .iter()
        .try_for_each(|planned| budget::check(&planned.settings, &planned.leg))
}

/// Says what is worth saying of requests, each thing once, and leaves out of them what their models
/// do not take.
///
/// # Errors
/// With `--strict`, when a model does not take a parameter.
pub fn announce<'a>(
    lanes: impl IntoIterator<Item = &'a mut [Planned]>,
    fitting: Fitting,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let mut said = BTreeSet::new();
    for planned in lanes {
        for note in planned.iter().flat_map(|planned| &planned.notes) {
            if said.insert(note.clone()) {
                context.output.note(note);
            }
        }
        let unsupported = supported::fit(planned, fitting, context)?;
        for warning in planned
            .iter()
            .flat_map(|planned| &planned.warnings)
            .chain(&unsupported)
        {
            if said.insert(warning.clone()) {
                context.output.warning(warning);
            }
        }
    }
    Ok(())
}

/// Refuses what the model cannot take, kinds of attachments and length alike.
pub fn check(
    planned: &[Planned],
    force: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    capabilities::check(planned, force, context)?;
    fit::check(planned, force, context)
}

/// Says what in the settings is probably not meant.
pub fn warn(planned: &[Planned], context: &mut Context<'_>) {
    for planned in planned {
        warn_about(&planned.settings, context);
    }
}

fn warn_about(settings: &Settings, context: &mut Context<'_>) {
    if let KeySource::Reference { reference, .. } = &settings.key
        && reference.is_plain()
    {
        let profile = &settings.profile.value;
        context.output.warning(&format!(
            "the key of profile '{profile}' is plain text in \
            config.yml; amx add-llm-profile {profile} moves it to the keyring"
        ));
    }
    if settings.fallback_models.is_some() && !settings.entry.is_openrouter {
        context.output.warning(&format!(
            "fallback_models is not sent: provider {} knows no such field; use fallback_profiles",
            settings.entry.name
        ));
    }
}

/// Starts an answer; the demo, when it is asked, first. Nothing is sent before the first event is
/// pulled.
pub async fn start(mut legs: Vec<Leg>, options: AskOptions) -> Result<ChatStream, CommandError> {
    start_demo(legs.iter_mut()).await?;
    Ok(attempts::start(legs, options))
}

/// Starts the demo, where one of them asks it.
pub async fn start_demo(legs: impl Iterator<Item = &mut Leg>) -> Result<(), CommandError> {
    let no_port = |source| {
        CommandError::new(Kind::LocalIo, "the demo cannot open a port on this machine")
            .caused_by(source)
    };
    // A recorded demo is answered from the recording as any other.
    crate::demo::start_for(legs.filter(|leg| !leg.client.is_replay()))
        .await
        .map_err(no_port)
}

/// The turn that is about to be asked.
pub fn turn(parts: Vec<ContentPart>, settings: &Settings) -> Turn {
    let system = settings
        .system
        .as_ref()
        .map(|system| system.value.clone())
        .filter(|system| !system.is_empty());
    Turn::new(
        parts,
        system,
        &settings.profile.value,
        settings.entry.name,
        &settings.model.value,
    )
}

/// The error for a store that did not take the turn. Also tells, once, where a store that could not
/// be read was moved to.
pub fn storing_failed(keeper: &mut Keeper, context: &mut Context<'_>) -> Option<CommandError> {
    tell_of_moved(keeper, context);
    let trouble = keeper.take_trouble()?;
    let mut error = CommandError::from(trouble);
    error.message = format!("the answer is not stored: {}", error.message);
    error.kind = Kind::LocalIo;
    Some(error)
}

/// The same inside a conversation, which goes on and tries again.
pub fn storing_failed_for_now(keeper: &mut Keeper, context: &mut Context<'_>) -> Option<String> {
    tell_of_moved(keeper, context);
    let trouble = keeper.trouble()?;
    Some(format!(
        "the turn is not stored yet: {trouble}; it is tried again with the next"
    ))
}

/// What a command ends with: the first error, with the other one as a warning before it.
pub fn first_of(
    first: Option<CommandError>,
    other: Option<CommandError>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match (first, other) {
        (Some(first), other) => {
            if let Some(other) = other {
                context.output.warning(&other.message);
            }
            Err(first)
        }
        (None, other) => other.map_or(Ok(()), Err),
    }
}

fn tell_of_moved(keeper: &mut Keeper, context: &mut Context<'_>) {
    if let Some(path) = keeper.take_moved_aside() {
        context.output.warning(&format!(
            "the store of conversations could not be read; it was moved to {}, and a new one begun",
            path.display()
        ));
    }
}
