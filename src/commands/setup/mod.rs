//! Sets a profile up: its fields from flags or prompts, the check of its key, and what is written.

mod browser_login;
mod checks;
mod draft;
mod first_run;
mod flags;
mod key_check;
mod key_place;
mod keyring_entry;
mod model_question;
mod save;
mod wizard;

pub(super) use browser_login::log_in;
pub(super) use checks::check_name;
pub(super) use draft::GivenFields;
pub(super) use first_run::settings_to_send;
pub(super) use key_place::{own_key_file, reference_to};
pub(super) use keyring_entry::own_entry;

use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// Saves a profile from its given fields alone.
pub(super) fn from_flags(
    fields: GivenFields,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let config = context.config()?;
    let is_unchecked = fields.key_reference.is_some() && !fields.key_on_stdin;
    let draft = flags::draft(fields, &config, context)?;
    save::save(&draft, context)?;
    if is_unchecked {
        let words = format!("the key is not checked; amx profiles test {}", draft.name);
        context.output.note(&words);
    }
    Ok(())
}

/// Saves a profile; prompts for every field that is not given. Returns its name.
pub(super) fn from_prompts(
    fields: GivenFields,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let config = context.config()?;
    checks::require_writable(&config)?;
    let draft = wizard::draft(fields, &config, context)?;
    save::save(&draft, context)?;
    Ok(draft.name)
}
