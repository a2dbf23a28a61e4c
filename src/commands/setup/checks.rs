//! The checks that the fields of a profile must pass.

use super::draft::Draft;
use crate::config::model_choice::Choice;
use crate::config::profile::{Profile, is_profile_name};
use crate::config::{ConfigError, ConfigFile, model_spec};
use crate::platform::access::check_writable;
use crate::ports::error::CommandError;
use crate::providers::ProviderEntry;
use crate::secrets::Reference;
use crate::secrets::reference::looks_like_a_key;

/// Whether a profile may have this name; the error says what a name must be.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    if looks_like_a_key(name) {
        crate::wire::api_key::remember(name);
        return Err(
            "this looks like an API key, and profile names are stored in plain text".to_owned(),
        );
    }
    if is_profile_name(name) {
        Ok(())
    } else {
        Err(
            "a profile name has letters, digits, '.', '_' and '-', starts with a letter or digit, \
            and has at most 64 characters"
                .to_owned(),
        )
    }
}

/// An error when config.yml cannot be written, before anything is asked: its folder, or the one
/// above that does not have it yet, is read-only.
pub(super) fn require_writable(config: &ConfigFile) -> Result<(), CommandError> {
    let mut folders = config.path.ancestors().skip(1);
    let existing = folders.find(|folder| folder.is_dir());
    existing.map_or(Ok(()), check_writable).map_err(|source| {
        let path = config.path.clone();
        ConfigError::Write { path, source }.into()
    })
}

/// Whether this profile may use the model at this provider.
pub(super) fn check_model(
    model: &str,
    profile: &str,
    entry: &ProviderEntry,
    config: &ConfigFile,
) -> Result<(), CommandError> {
    model_spec::check(model).map_err(CommandError::usage)?;
    Choice::of_flag(model, config)?.check_place(profile, entry, config)?;
    Ok(())
}

pub(super) fn check_reference(text: &str) -> Result<(), CommandError> {
    match Reference::parse(text) {
        // The text may be a key: it is not repeated.
        Ok(Reference::Plain(_)) => {
            crate::wire::api_key::remember(text);
            Err(CommandError::usage("--api-key-ref: not a reference")
                .hint("use ${NAME}, cmd:PROGRAM, file:/PATH or keyring://amx/NAME/api_key"))
        }
        Ok(_) => Ok(()),
        Err(why) => Err(CommandError::usage(format!("--api-key-ref: {why}"))),
    }
}

pub(super) fn check_ranges(draft: &Draft) -> Result<(), CommandError> {
    let profile = Profile {
        temperature: draft.temperature,
        max_tokens: draft.max_tokens,
        n_alternatives: draft.alternatives,
        ..Profile::default()
    };
    match profile.faults().into_iter().next() {
        None => Ok(()),
        Some(fault) => {
            Err(CommandError::usage(format!("{fault}")).hint("amx add-llm-profile --help"))
        }
    }
}
