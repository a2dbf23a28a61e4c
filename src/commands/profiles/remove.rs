//! `amx profiles remove`: the profile, its key in the keyring, and its name in other profiles.

use super::args::RemoveArgs;
use crate::commands::setup::{own_entry, own_key_file};
use crate::config::ConfigFile;
use crate::config::edit::{self, Edit};
use crate::config::profile::Profile;
use crate::config::profile_name::{self, NamedAt};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::{credential, key_file};

pub(super) fn run(args: &RemoveArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let Some(profile) = config.profiles.get(&args.name) else {
        return Err(config.no_profile(&args.name, "default").into());
    };
    require_unused(&args.name, &config)?;
    if !args.yes {
        context.require_terminal("profiles remove", "amx profiles remove NAME --yes")?;
        if !context.input.confirm(
            &format!("Remove profile '{}' and its stored key?", args.name),
            false,
        )? {
            return Err(CommandError::new(ErrorKind::No, "nothing was removed"));
        }
    }
    let other_users = other_users(profile, &args.name, &config);
    let entry = own_entry(&args.name, profile).filter(|_| other_users.is_none());
    let key_file = own_key_file(profile.api_key.as_deref(), &context.home()?)
        .filter(|_| other_users.is_none());
    edit::edit(&context.home()?, |config| {
        let mut edits = vec![Edit::remove(&["llm_profiles", &args.name])];
        if config.active.as_deref() == Some(args.name.as_str()) {
            edits.push(Edit::remove(&["active_llm_profile"]));
        }
        edits.extend(without_fallback(&args.name, config));
        Ok::<_, CommandError>(edits)
    })?;
    if let Some((service, user)) = entry
        && let Err(error) =
            credential::delete_key(context.equipment.keyring().as_ref(), &service, &user)
    {
        context.output.warning(&format!(
            "the key at keyring://{service}/{user} stays there: {}; remove it later with: amx \
            logout --profile {}",
            CommandError::from(error).in_one_line(),
            args.name
        ));
    }
    if let Some(path) = key_file
        && let Err(error) = key_file::delete(&path)
    {
        let path = path.display();
        context
            .output
            .warning(&format!("the key file {path} stays there: {error}"));
    }
    if let (Some(users), Some(place)) = (other_users, &profile.api_key) {
        context
            .output
            .note(&format!("the key at {place} stays there: {users}"));
    }
    Ok(context
        .output
        .sentence(&format!("✓ Removed profile '{}'", args.name))?)
}

/// Who else uses the stored key.
fn other_users(profile: &Profile, name: &str, config: &ConfigFile) -> Option<String> {
    let reference = profile.api_key.as_deref()?;
    match config.others_with_key(name, reference).first() {
        Some(other) => Some(format!("profile '{other}' uses it")),
        None if config.is_key_used_elsewhere(reference) => {
            Some("another setting uses it".to_owned())
        }
        None => None,
    }
}

/// An error when a model or a server setting names the profile: without it, another server would
/// be asked.
fn require_unused(name: &str, config: &ConfigFile) -> Result<(), CommandError> {
    let settings = profile_name::uses(config, name, name);
    let is_of_another = |used: &&NamedAt| used.holder.as_deref() != Some(name);
    match settings.iter().find(is_of_another) {
        None => Ok(()),
        Some(used) => Err(CommandError::new(
            ErrorKind::Config,
            format!("profile '{name}' is used by {}", used.setting),
        )
        .hint("amx config edit")),
    }
}

/// Edits that remove a profile from the fallbacks of the others.
fn without_fallback(name: &str, config: &ConfigFile) -> Vec<Edit> {
    let holders = config.profiles.iter().filter(|(holder, _)| *holder != name);
    let holders = holders
        .filter_map(|(holder, profile)| Some((holder, profile.fallback_profiles.as_ref()?)))
        .filter(|(_, fallbacks)| fallbacks.iter().any(|fallback| fallback == name));
    holders
        .map(|(holder, fallbacks)| {
            let rest: Vec<serde_yaml::Value> = fallbacks
                .iter()
                .filter(|fallback| *fallback != name)
                .map(|fallback| fallback.as_str().into())
                .collect();
            let path = ["llm_profiles", holder.as_str(), "fallback_profiles"];
            if rest.is_empty() {
                Edit::remove(&path)
            } else {
                Edit::set(&path, rest)
            }
        })
        .collect()
}
