//! `amx profiles rename`: the profile, its stored key, and its name wherever config.yml has it.

use std::path::PathBuf;

use super::args::RenameArgs;
use crate::commands::setup::{check_name, own_entry, own_key_file, reference_to};
use crate::config::edit::{self, Edit};
use crate::config::profile::Profile;
use crate::config::{ConfigFile, profile_name};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::secrets::credential::{self, Before};
use crate::secrets::reference::SERVICE;
use crate::secrets::{Reference, SecretError, SecretStore, key_file};
use crate::wire::api_key::ApiKey;

pub(super) fn run(args: &RenameArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    check_name(&args.to)
        .map_err(|why| CommandError::usage(why).hint("amx profiles rename OLD NEW"))?;
    let config = context.config()?;
    let Some(profile) = config.profiles.get(&args.name) else {
        return Err(config.no_profile(&args.name, "default").into());
    };
    if config.profiles.contains_key(&args.to) {
        return Err(
            CommandError::usage(format!("profile '{}' already exists", args.to))
                .hint("amx profiles list"),
        );
    }
    let key = copy_key(args, profile, &config, context)?;
    let renamed = edit::edit(&context.home()?, |config| {
        Ok::<_, CommandError>(rename_edits(args, config, key.as_ref()))
    });
    if let (Err(_), Some(key)) = (&renamed, &key) {
        key.put_back(context)?;
    }
    renamed?;
    if let Some(key) = key.filter(|_| !config.is_key_used_elsewhere(&own_reference(profile))) {
        key.delete_old(context)?;
    }
    Ok(context.output.sentence(&format!(
        "✓ Renamed profile '{}' to '{}'",
        args.name, args.to
    ))?)
}

/// A key that has been copied to the place of the new name.
enum CopiedKey {
    InKeyring { old_user: String, before: Before },
    InFile { old: PathBuf, new: PathBuf },
}

impl CopiedKey {
    /// Removes the copy: the profile keeps its name.
    fn put_back(&self, context: &Context<'_>) -> Result<(), CommandError> {
        match self {
            Self::InKeyring { before, .. } => {
                before.put_back(context.equipment.keyring().as_ref())?;
            }
            // The error of config.yml is the one to report.
            Self::InFile { new, .. } => drop(key_file::delete(new)),
        }
        Ok(())
    }

    fn delete_old(&self, context: &mut Context<'_>) -> Result<(), CommandError> {
        match self {
            Self::InKeyring { old_user, .. } => {
                let store = context.equipment.keyring();
                credential::delete_key(store.as_ref(), SERVICE, old_user)?;
            }
            Self::InFile { old, .. } => {
                if let Err(error) = key_file::delete(old) {
                    let old = old.display();
                    context
                        .output
                        .warning(&format!("the key file {old} stays there: {error}"));
                }
            }
        }
        Ok(())
    }

    fn reference(&self, profile: &str) -> String {
        match self {
            Self::InKeyring { .. } => Reference::of_profile(profile).to_string(),
            Self::InFile { new, .. } => reference_to(new),
        }
    }
}

fn own_reference(profile: &Profile) -> String {
    profile.api_key.clone().unwrap_or_default()
}

/// Copies the stored key to the place of its new name. `None` when the key is elsewhere, or
/// that place has the key of another profile: the reference then stays as it is.
fn copy_key(
    args: &RenameArgs,
    profile: &Profile,
    config: &ConfigFile,
    context: &Context<'_>,
) -> Result<Option<CopiedKey>, CommandError> {
    let is_free = |reference: &str| {
        config.others_with_key(&args.name, reference).is_empty()
            && !config.is_key_used_elsewhere(reference)
    };
    let home = context.home()?;
    let old = home.key_file(&args.name);
    if own_key_file(profile.api_key.as_deref(), &home).as_ref() == Some(&old) {
        let new = home.key_file(&args.to);
        let is_copied = is_free(&reference_to(&new)) && std::fs::hard_link(&old, &new).is_ok();
        return Ok(is_copied.then_some(CopiedKey::InFile { old, new }));
    }
    let Some((_, old_user)) = own_entry(&args.name, profile) else {
        return Ok(None);
    };
    if !is_free(&Reference::of_profile(&args.to).to_string()) {
        return Ok(None);
    }
    let store = context.equipment.keyring();
    let new_user = format!("{}/api_key", args.to);
    let before = Before::take(store.as_ref(), SERVICE, &new_user)?;
    let is_copied = copy_entry(store.as_ref(), &old_user, &args.to)?;
    Ok(is_copied.then_some(CopiedKey::InKeyring { old_user, before }))
}

/// Copies key and server binding to the entry of the new name; false when no key is stored.
fn copy_entry(store: &dyn SecretStore, user: &str, to: &str) -> Result<bool, CommandError> {
    let Some(key) = store.get(SERVICE, user).map_err(SecretError::from)? else {
        return Ok(false);
    };
    let origin = store
        .get(SERVICE, &credential::origin_entry(user))
        .map_err(SecretError::from)?;
    let place = format!("keyring://{SERVICE}/{user}");
    let key = ApiKey::parse(&key).map_err(|source| SecretError::Invalid { place, source })?;
    let user = format!("{to}/api_key");
    match origin {
        Some(origin) => credential::store_key(store, SERVICE, &user, &key, &origin)?,
        None => crate::secrets::keyring::store_and_verify(store, SERVICE, &user, key.expose())
            .map_err(SecretError::from)?,
    }
    Ok(true)
}

/// The edits: the name of the profile wherever the file has it, and its key, which other profiles
/// may use too.
fn rename_edits(args: &RenameArgs, config: &ConfigFile, key: Option<&CopiedKey>) -> Vec<Edit> {
    let mut edits = vec![Edit::rename(&["llm_profiles", &args.name], &args.to)];
    if let (Some(key), Some(profile)) = (key, config.profiles.get(&args.name)) {
        let reference = key.reference(&args.to);
        let others = config.others_with_key(&args.name, &own_reference(profile));
        let holders = others.into_iter().chain([args.to.as_str()]);
        edits.extend(
            holders
                .map(|holder| Edit::set(&["llm_profiles", holder, "api_key"], reference.as_str())),
        );
    }
    if config.active.as_deref() == Some(args.name.as_str()) {
        edits.push(Edit::set(&["active_llm_profile"], args.to.as_str()));
    }
    edits.extend(fallback_edits(args, config));
    let settings = profile_name::uses(config, &args.name, &args.to);
    edits.extend(settings.into_iter().map(|used| used.edit));
    edits
}

/// The new name in the fallbacks of every profile.
fn fallback_edits<'a>(
    args: &'a RenameArgs,
    config: &'a ConfigFile,
) -> impl Iterator<Item = Edit> + 'a {
    let renamed = |name: &'a String| if *name == args.name { &args.to } else { name };
    let holders = config.profiles.iter().filter_map(|(holder, profile)| {
        let fallbacks = profile.fallback_profiles.as_ref()?;
        fallbacks
            .contains(&args.name)
            .then_some((holder, fallbacks))
    });
    holders.map(move |(holder, fallbacks)| {
        let fallbacks: Vec<serde_yaml::Value> = fallbacks
            .iter()
            .map(|fallback| renamed(fallback).as_str().into())
            .collect();
        let path = ["llm_profiles", renamed(holder), "fallback_profiles"];
        Edit::set(&path, fallbacks)
    })
}
