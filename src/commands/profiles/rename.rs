//! `amx profiles rename`: the profile, its key in the keyring, and its name in other profiles.

use super::args::RenameArgs;
use crate::commands::setup::{check_name, own_entry};
use crate::config::ConfigFile;
use crate::config::edit::{self, Edit};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::secrets::credential::{self, Before};
use crate::secrets::reference::SERVICE;
use crate::secrets::{Reference, SecretError, SecretStore};
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
    let entry = own_entry(&args.name, profile);
    let store = context.equipment.keyring();
    let before = match &entry {
        Some(_) => Some(Before::take(
            store.as_ref(),
            SERVICE,
            &format!("{}/api_key", args.to),
        )?),
        None => None,
    };
    let moved = match &entry {
        Some((_, user)) => copy_key(store.as_ref(), user, &args.to)?,
        None => false,
    };
    let renamed = edit::edit(&context.home()?, |config| {
        Ok::<_, CommandError>(rename_edits(args, config, moved))
    });
    if let (Err(_), Some(before)) = (&renamed, before) {
        before.put_back(store.as_ref())?;
    }
    renamed?;
    if let Some((service, user)) = entry.filter(|_| moved) {
        credential::delete_key(store.as_ref(), &service, &user)?;
    }
    Ok(context.output.sentence(&format!(
        "✓ Renamed profile '{}' to '{}'",
        args.name, args.to
    ))?)
}

/// Copies key and server binding to the entry of the new name; false when no key is stored.
fn copy_key(store: &dyn SecretStore, user: &str, to: &str) -> Result<bool, CommandError> {
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

fn rename_edits(args: &RenameArgs, config: &ConfigFile, moved: bool) -> Vec<Edit> {
    let mut edits = vec![Edit::rename(&["llm_profiles", &args.name], &args.to)];
    if moved {
        edits.push(Edit::set(
            &["llm_profiles", &args.to, "api_key"],
            Reference::of_profile(&args.to).to_string(),
        ));
    }
    if config.active.as_deref() == Some(args.name.as_str()) {
        edits.push(Edit::set(&["active_llm_profile"], args.to.as_str()));
    }
    edits.extend(fallback_edits(args, config));
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
