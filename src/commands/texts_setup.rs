//! Settings and recording of `embed` and `rerank`.

use super::arguments::texts::TextsArgs;
use super::{key_origin, recording};
use crate::ask::texts::with_model;
use crate::ask::{body_options, failure};
use crate::chat::endpoint::Endpoint;
use crate::config::{Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::output::OutputChoices;

/// The settings, and the flags among them.
pub(crate) struct TextsSetup {
    pub settings: Settings,
    pub overrides: Overrides,
}

/// Runs a command with its settings, and with the recording that it asks for.
///
/// # Errors
/// When the settings are invalid, the provider lacks the endpoint, no key is configured, or the
/// command fails.
pub(crate) fn with(
    args: &TextsArgs,
    endpoint: Endpoint,
    context: &mut Context<'_>,
    command: impl FnOnce(TextsSetup, &mut Context<'_>) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    context.output.configure(OutputChoices {
        is_quiet: args.quiet,
        ..OutputChoices::default()
    });
    if args.dry_run {
        let setup = resolve(args, endpoint, context)?;
        return command(setup, context);
    }
    recording::begin(&args.recording, context)?;
    let outcome = resolve(args, endpoint, context)
        .and_then(|setup| check_key(setup, context))
        .and_then(|setup| command(setup, context));
    recording::end(outcome, false, context)
}

fn resolve(
    args: &TextsArgs,
    endpoint: Endpoint,
    context: &mut Context<'_>,
) -> Result<TextsSetup, CommandError> {
    let config = context.config()?;
    let overrides = Overrides {
        profile: args.profile.clone(),
        model: args.model.clone(),
        max_cost: args.max_cost,
        ..Overrides::default()
    };
    let mut overrides = body_options::apply(&args.options, std::iter::empty(), overrides)?;
    let settings = with_model(endpoint, &mut overrides, &config, &context.equipment)?;
    if !args.dry_run {
        context.equipment.open_telemetry(&config)?;
    }
    Ok(TextsSetup {
        settings,
        overrides,
    })
}

fn check_key(setup: TextsSetup, context: &mut Context<'_>) -> Result<TextsSetup, CommandError> {
    if context.equipment.is_replaying() {
        return Ok(setup);
    }
    if setup.settings.is_unconfigured() {
        return Err(failure::no_key(&setup.settings));
    }
    key_origin::confirm(&setup.settings, context)?;
    Ok(setup)
}
