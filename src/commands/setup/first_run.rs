//! The first run: nothing is configured, and three ways to start are offered.

use super::browser_login::log_in;
use super::draft::GivenFields;
use super::{save, wizard};
use crate::ask::failure;
use crate::config::{ConfigFile, Overrides, Settings, defaults};
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// The profile that the browser login creates.
const LOGIN_PROFILE: &str = "openrouter";

/// The settings of a request that is sent. On a terminal, an unconfigured program first asks for a
/// profile; the configuration is then read again.
///
/// # Errors
/// When the settings are invalid, or no key is configured and nobody can be asked.
pub(crate) fn settings_to_send(
    overrides: &mut Overrides,
    config: &mut ConfigFile,
    context: &mut Context<'_>,
) -> Result<Settings, CommandError> {
    let settings = Settings::resolve(overrides, &context.equipment.environment, config)?;
    if !settings.is_unconfigured() || context.equipment.is_replaying() {
        return Ok(settings);
    }
    if !context.input.can_ask() {
        return Err(failure::no_key(&settings));
    }
    if let Some(profile) = first_run(context)? {
        overrides.profile = Some(profile);
    }
    *config = context.config()?;
    let settings = Settings::resolve(overrides, &context.equipment.environment, config)?;
    Ok(settings)
}

/// Lets the user choose. Returns the profile to continue with; `None` for the active one.
fn first_run(context: &mut Context<'_>) -> Result<Option<String>, CommandError> {
    let ways = [
        "Set up a profile   (any provider, with an existing API key)",
        "Log in to OpenRouter   (creates the key in the browser)",
        "Try the demo   (scripted answers, no key, no network)",
    ];
    let chosen = context.input.choose(
        "No profile is set up yet. What would you like to do?",
        &ways.map(str::to_owned),
        0,
    )?;
    match chosen {
        0 => {
            let config = context.config()?;
            let draft = wizard::draft(GivenFields::default(), &config, context)?;
            save::save(&draft, context)?;
            Ok(None)
        }
        1 => {
            log_in(LOGIN_PROFILE, false, context)?;
            Ok(Some(LOGIN_PROFILE.to_owned()))
        }
        _ => Ok(Some(defaults::DEMO_PROFILE.to_owned())),
    }
}
