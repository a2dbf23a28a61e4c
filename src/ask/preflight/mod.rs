//! The last look before a question is sent, and the first after it was answered.

pub mod budget;
pub mod capabilities;
pub mod context_window;
pub mod parameters;
pub mod shared_budget;

use std::collections::BTreeSet;

use crate::ask::connection;
use crate::ask::plan::Planned;
use crate::ask::session::Session;
use crate::chat::attempts::{self, ChatStream};
use crate::chat::message::ContentPart;
use crate::chat::target::{AskOptions, Target};
use crate::chat::turn::Turn;
use crate::config::Settings;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::KeySource;
use parameters::Fitting;

/// Refuses what must not be sent, and asks where a key would go to another server.
pub fn refuse(planned: &[Planned], context: &mut Context<'_>) -> Result<(), CommandError> {
    // From a recording nothing is sent: neither a key nor a question that costs.
    if context.is_replaying() {
        return Ok(());
    }
    if let Some(first) = planned.first() {
        connection::confirm_binding(&first.settings, context)?;
    }
    planned
        .iter()
        .try_for_each(|planned| budget::check(&planned.settings, &planned.target))
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
        let unsupported = parameters::fit(planned, fitting, context)?;
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
    context_window::check(planned, force, context)
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
pub async fn start(
    mut targets: Vec<Target>,
    options: AskOptions,
) -> Result<ChatStream, CommandError> {
    start_demo(targets.iter_mut()).await?;
    Ok(attempts::start(targets, options))
}

/// Starts the demo, where one of them asks it.
pub async fn start_demo(targets: impl Iterator<Item = &mut Target>) -> Result<(), CommandError> {
    let no_port = |source| {
        CommandError::new(
            ErrorKind::LocalIo,
            "the demo cannot open a port on this machine",
        )
        .caused_by(source)
    };
    // A recorded demo is answered from the recording as any other.
    crate::demo::start_for(targets.filter(|target| !target.client.is_replay()))
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
pub fn storing_failed(keeper: &mut Session, context: &mut Context<'_>) -> Option<CommandError> {
    tell_of_moved(keeper, context);
    let trouble = keeper.take_trouble()?;
    let mut error = CommandError::from(trouble);
    error.message = format!("the answer is not stored: {}", error.message);
    error.kind = ErrorKind::LocalIo;
    Some(error)
}

/// The same inside a conversation, which goes on and tries again.
pub fn storing_failed_for_now(keeper: &mut Session, context: &mut Context<'_>) -> Option<String> {
    tell_of_moved(keeper, context);
    let trouble = keeper.trouble()?;
    Some(format!(
        "the turn is not stored yet: {trouble}; it is tried again with the next"
    ))
}

fn tell_of_moved(keeper: &mut Session, context: &mut Context<'_>) {
    if let Some(path) = keeper.take_moved_aside() {
        context.output.warning(&format!(
            "the store of conversations could not be read; it was moved to {}, and a new one begun",
            path.display()
        ));
    }
}
