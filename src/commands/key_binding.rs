//! Asks before a stored key goes to another server than it was stored for.

use crate::ask::connection;
use crate::ask::prepare::Prepared;
use crate::config::Settings;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// Confirms the key of the profile that is asked first; nothing is sent from a recording.
///
/// # Errors
/// When the keyring cannot be read, or the question is interrupted.
pub fn confirm_first(prepared: &Prepared, context: &mut Context<'_>) -> Result<(), CommandError> {
    if context.equipment.is_replaying() {
        return Ok(());
    }
    match prepared.first() {
        Some(first) => confirm(&first.settings, context),
        None => Ok(()),
    }
}

/// Asks, where somebody is there to answer, before a stored key goes to another server than it was
/// stored for. Without a yes the key stays where it is, and the request will say so.
pub fn confirm(settings: &Settings, context: &mut Context<'_>) -> Result<(), CommandError> {
    if !context.input.can_ask() {
        return Ok(());
    }
    let credential = connection::credential(settings, &context.equipment);
    let Some(stored) = credential.belongs_elsewhere()? else {
        return Ok(());
    };
    let name = &settings.profile.value;
    context.output.warning(&format!(
        "the stored key of profile '{name}' belongs to {stored}, and would now be sent to {}",
        credential.origin
    ));
    if context.input.confirm(
        &format!("Send it to {} from now on?", credential.origin),
        false,
    )? {
        credential.bind()?;
    }
    Ok(())
}
