//! `amx logout`: removes the stored key of a profile, without revoking it.

use std::path::Path;

use clap::Args;

use super::setup::{own_entry, own_key_file};
use crate::config::home::user_home;
use crate::config::profile::is_profile_name;
use crate::config::{ConfigFile, defaults, env, model_choice};
use crate::platform::commands::DELETE;
use crate::platform::paths::shown_below;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::providers::{self, ProviderEntry};
use crate::secrets::credential::delete_key;
use crate::secrets::reference::SERVICE;
use crate::secrets::{Reference, SecretError, key_file};

/// The profile that `amx login` creates without a name.
const UNNAMED: &str = "openrouter";

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  amx logout work")]
pub(crate) struct LogoutArgs {
    /// Name of the profile; if omitted, openrouter, or the active one if it uses OpenRouter
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// The same as NAME
    #[arg(short, long, value_name = "NAME", conflicts_with = "name")]
    pub profile: Option<String>,
}

pub(crate) fn run(args: &LogoutArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let given = args.name.as_ref().or(args.profile.as_ref());
    let name = given.map_or_else(|| unnamed(&config), String::as_str);
    let profile = config.profiles.get(name);
    let reference = profile.and_then(|profile| profile.api_key.as_deref());
    let home = context.home().ok();
    if let Some(path) = home.and_then(|home| own_key_file(reference, &home)) {
        return remove_file(name, &path, &config, context);
    }
    let (service, user) = match profile {
        Some(profile) => own_entry(name, profile)
            .ok_or_else(|| stored_elsewhere(name, profile.api_key.as_deref()))?,
        // A profile that was removed while the keyring was away leaves its key behind.
        None if is_profile_name(name) => (SERVICE.to_owned(), format!("{name}/api_key")),
        None => return Err(config.no_profile(name, "default").into()),
    };
    let store = context.equipment.keyring();
    let key = store.get(&service, &user).map_err(SecretError::from);
    let no_profile = || no_profile(name, given.is_some(), &config);
    let key = match (key, profile) {
        (Ok(None), None) => return Err(no_profile()),
        (Err(error), None) => return Err(no_profile().caused_by(error)),
        (key, _) => key?,
    };
    let Some(key) = key else {
        return Err(CommandError::new(
            ErrorKind::No,
            format!("no key of profile '{name}' in the keyring"),
        )
        .hint(format!("amx login --profile {name}")));
    };
    crate::wire::api_key::remember(&key);
    delete_key(store.as_ref(), &service, &user)?;
    if store
        .get(&service, &user)
        .map_err(SecretError::from)?
        .is_some()
    {
        return Err(CommandError::new(
            ErrorKind::Credentials,
            "the keyring reported the key as deleted but still returns it",
        )
        .hint("delete it with the keyring's own program"));
    }
    context.output.sentence(&format!(
        "✓ Removed the key of profile '{name}' from the keyring"
    ))?;
    report_remaining(name, &config, context)
}

/// The profile whose key is removed without a name: that of `amx login`, or the active one where it
/// uses OpenRouter as well. A key of another provider may be the only copy.
fn unnamed(config: &ConfigFile) -> &str {
    let active = config.active.as_deref().filter(|active| {
        !config.profiles.contains_key(UNNAMED)
            && config.profiles.contains_key(*active)
            && model_choice::provider_of(active, config) == defaults::PROVIDER
    });
    active.unwrap_or(UNNAMED)
}

/// Without a profile and a key of that name.
fn no_profile(name: &str, is_given: bool, config: &ConfigFile) -> CommandError {
    match &config.active {
        Some(active) if !is_given => {
            let what = format!("the active profile '{active}' does not use OpenRouter");
            CommandError::usage(what).hint("amx logout NAME")
        }
        _ => config.no_profile(name, "default").into(),
    }
}

/// Deletes the file that amx wrote the key to.
fn remove_file(
    name: &str,
    path: &Path,
    config: &ConfigFile,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let shown = shown_below(user_home().as_deref(), path);
    if std::fs::symlink_metadata(path).is_err() {
        return Err(CommandError::new(
            ErrorKind::No,
            format!("no key of profile '{name}' in {shown}"),
        )
        .hint(format!("amx login --profile {name}")));
    }
    key_file::delete(path).map_err(|source| {
        CommandError::new(ErrorKind::LocalIo, format!("{shown} cannot be deleted"))
            .caused_by(source)
            .hint(DELETE.with([&shown]))
    })?;
    context
        .output
        .sentence(&format!("✓ Removed the key of profile '{name}': {shown}"))?;
    report_remaining(name, config, context)
}

fn stored_elsewhere(name: &str, api_key: Option<&str>) -> CommandError {
    let place = match api_key.map(Reference::parse) {
        None => "api_key is not set".to_owned(),
        Some(Ok(reference)) => format!("api_key is {reference}"),
        Some(Err(why)) => why.to_owned(),
    };
    let error = CommandError::new(
        ErrorKind::No,
        format!("profile '{name}' has no key of its own in the keyring: {place}"),
    );
    error
        .hint(format!("amx config explain api_key -p {name}"))
        .hint(format!(
            "amx login --profile {name}   (stores one at keyring://{SERVICE}/{name}/api_key)"
        ))
}

/// Reports what logging out does not change: the key itself, and other places that have it.
fn report_remaining(
    name: &str,
    config: &ConfigFile,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let provider = model_choice::provider_of(name, config);
    let entry = providers::find(&provider);
    if let Some(page) = entry.and_then(|entry| entry.keys_page) {
        context
            .output
            .sentence(&format!("  The key is still valid; revoke it at {page}"))?;
    }
    let own = config
        .profiles
        .get(name)
        .and_then(|own| own.api_key.clone());
    let own = own.unwrap_or_else(|| Reference::of_profile(name).to_string());
    let others = config.profiles.iter().filter(|(other, profile)| {
        *other != name && profile.api_key.as_deref() == Some(own.as_str())
    });
    for (other, _) in others {
        context
            .output
            .warning(&format!("profile '{other}' used the same key"));
    }
    if let Some(variable) = entry.and_then(|entry| variable_in_force(entry, context)) {
        context
            .output
            .note(&format!("{variable} is set and is used instead"));
    }
    Ok(())
}

fn variable_in_force(entry: &ProviderEntry, context: &Context<'_>) -> Option<&'static str> {
    let is_set = |name: &&'static str| {
        context
            .equipment
            .environment
            .named(name)
            .is_ok_and(|value| value.is_some())
    };
    [entry.key_variable, env::AMX_LLM_API_KEY.name]
        .into_iter()
        .find(is_set)
}
