//! Confirms that a stored API key may be sent to a server other than the one it was stored for.

use crate::ask::connection;
use crate::ask::prepare::Prepared;
use crate::config::Settings;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::input::KeyChoice;

const YES: char = 'y';

const CHOICES: [KeyChoice; 2] = [
    KeyChoice {
        key: YES,
        word: "yes",
    },
    KeyChoice {
        key: 'n',
        word: "no",
    },
];

/// Confirms the key of the first target. A replay sends no key.
///
/// # Errors
/// When the keyring cannot be read, or the question is interrupted.
pub(super) fn confirm_first(
    prepared: &Prepared,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    if context.equipment.is_replaying() {
        return Ok(());
    }
    match prepared.first() {
        Some(first) => confirm(&first.settings, context),
        None => Ok(()),
    }
}

/// Asks, on a terminal, before a stored key is sent to another server than the one it was stored
/// for. Without confirmation the key is not sent, and the request fails.
///
/// # Errors
/// As [`confirm_first`].
pub(super) fn confirm(settings: &Settings, context: &mut Context<'_>) -> Result<(), CommandError> {
    if !context.input.can_ask() {
        return Ok(());
    }
    let credential = connection::credential(settings, &context.equipment);
    let Some(stored) = credential.belongs_elsewhere()? else {
        return Ok(());
    };
    let name = &settings.profile.value;
    context.output.warning(&format!(
        "the stored key of profile '{name}' is for {stored}, not for {}",
        credential.origin
    ));
    // What is typed for the next message must not answer it.
    let question = format!("Send it to {} from now on?", credential.origin);
    if context.input.key(&question, &CHOICES)? == Some(YES) {
        credential.bind()?;
    }
    Ok(())
}
