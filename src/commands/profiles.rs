//! `amx profiles`: list, inspect, choose, rename, test and remove.

use super::add_llm_profile::check_name;
use super::arguments::JsonArgs;
use crate::ask::explain;
use crate::ask::question::Resolved;
use crate::ask::trial::{self, Trial};
use crate::config::edit::{self, Edit};
use crate::config::model_choice::provider_of;
use crate::config::profile::Profile;
use crate::config::{ConfigFile, Overrides, Settings, defaults};
use crate::ports::answer_report::millis;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::providers;
use crate::secrets::credential::{self, Before};
use crate::secrets::reference::SERVICE;
use crate::secrets::{ApiKey, Reference, SecretError, SecretStore};
mod args;

use args::{NameArgs, NamedArgs, RemoveArgs, RenameArgs};
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub enum ProfilesCommand {
    /// List the profiles; the active one is marked
    #[command(after_help = "Example:\n  amx profiles list --json")]
    List(JsonArgs),
    /// Show one profile with the source of every value
    #[command(after_help = "Example:\n  amx profiles show or-claude")]
    Show(NamedArgs),
    /// Make a profile the active one
    #[command(after_help = "Example:\n  amx profiles use or-claude")]
    Use(NameArgs),
    /// Remove a profile and its key in the keyring
    #[command(after_help = "Example:\n  amx profiles remove or-claude --yes")]
    Remove(RemoveArgs),
    /// Rename a profile; its key in the keyring moves along
    #[command(after_help = "Example:\n  amx profiles rename or-claude work")]
    Rename(RenameArgs),
    /// Send the cheapest possible request and print how long it took
    #[command(after_help = "Example:\n  amx profiles test or-claude")]
    Test(NamedArgs),
}

pub fn run(command: ProfilesCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        ProfilesCommand::List(args) => list(args.json, context),
        ProfilesCommand::Show(args) => show(args, context),
        ProfilesCommand::Use(args) => activate(&args.name, context),
        ProfilesCommand::Remove(args) => remove(&args, context),
        ProfilesCommand::Rename(args) => rename(&args, context),
        ProfilesCommand::Test(args) => test(args, context),
    }
}

fn list(as_json: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let active = config.active.as_deref();
    if as_json {
        let rows: Vec<Value> = config
            .profiles
            .iter()
            .map(|(name, profile)| row_json(name, profile, active, &config))
            .collect();
        return Ok(context.output.json(&Value::from(rows))?);
    }
    if config.profiles.is_empty() {
        context
            .output
            .note("no profile is set up yet: amx add-llm-profile");
        return Ok(());
    }
    let widest = |values: &mut dyn Iterator<Item = usize>, least: usize| {
        values.max().unwrap_or(0).max(least)
    };
    let name_width = widest(&mut config.profiles.keys().map(String::len), 4);
    let provider_width = widest(
        &mut config
            .profiles
            .keys()
            .map(|name| provider_of(name, &config).len()),
        8,
    );
    let model_width = widest(
        &mut config
            .profiles
            .values()
            .map(|profile| model_of(profile).len()),
        5,
    );
    context.output.line(&format!(
        "  {:name_width$}  {:provider_width$}  {:model_width$}  KEY",
        "NAME", "PROVIDER", "MODEL"
    ))?;
    for (name, profile) in &config.profiles {
        let mark = if active == Some(name) { '*' } else { ' ' };
        let line = format!(
            "{mark} {name:name_width$}  {:provider_width$}  {:model_width$}  {}",
            provider_of(name, &config),
            model_of(profile),
            key_of(name, profile, &config)
        );
        context.output.line(line.trim_end())?;
    }
    Ok(())
}

fn row_json(name: &str, profile: &Profile, active: Option<&str>, config: &ConfigFile) -> Value {
    json!({"name": name, "active": active == Some(name), "provider": provider_of(name, config), "model": profile.model, "api_key": key_of(name, profile, config)})
}

fn model_of(profile: &Profile) -> &str {
    profile.model.as_deref().unwrap_or("-")
}

/// Where the key is, never the key.
fn key_of(name: &str, profile: &Profile, config: &ConfigFile) -> String {
    let reference = profile.api_key.as_deref().map(Reference::parse);
    match reference {
        Some(Ok(reference)) => reference.to_string(),
        Some(Err(why)) => why.to_owned(),
        None if providers::find(&provider_of(name, config))
            .is_some_and(|entry| entry.works_without_key) =>
        {
            "not needed".to_owned()
        }
        None => "from the environment".to_owned(),
    }
}

fn show(args: NamedArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let overrides = Overrides {
        profile: args.name,
        ..Overrides::default()
    };
    let settings = Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    let resolved = Resolved {
        settings: &settings,
        overrides: &overrides,
        config: &config,
    };
    let explained = explain::explain(&resolved, &context.equipment)?;
    if args.json {
        let fields = explained.iter().map(|line| {
            (
                line.key.clone(),
                json!({"value": line.value, "source": line.source}),
            )
        });
        return Ok(context.output.json(&Value::Object(fields.collect()))?);
    }
    for line in explained {
        context.output.line(&format!(
            "{:<20} {}   ({})",
            line.key, line.value, line.source
        ))?;
    }
    let is_plain = matches!(&settings.key, crate::secrets::KeySource::Reference { reference, .. } if reference.is_plain());
    if is_plain {
        move_key(&settings, context)?;
    }
    Ok(())
}

/// Offers to move a key in plain text to the keyring.
fn move_key(settings: &Settings, context: &mut Context<'_>) -> Result<(), CommandError> {
    let name = &settings.profile.value;
    context.output.warning(&format!(
        "the key of profile '{name}' is plain text in config.yml"
    ));
    if !context.input.can_ask() || !context.input.confirm("Move it to the keyring?", true)? {
        return Ok(());
    }
    let Some(key) = crate::ask::connection::credential(settings, &context.equipment).resolve()?
    else {
        return Ok(());
    };
    let store = context.equipment.keyring();
    credential::store_key(
        store.as_ref(),
        SERVICE,
        &format!("{name}/api_key"),
        &key,
        &crate::ask::connection::origin(settings),
    )?;
    let reference = Reference::of_profile(name).to_string();
    edit::edit(&context.home()?, |_| {
        Ok::<_, CommandError>(vec![Edit::set(
            &["llm_profiles", name, "api_key"],
            reference,
        )])
    })?;
    Ok(context.output.line(&format!(
        "✓ Moved the key of profile '{name}' to the keyring"
    ))?)
}

fn activate(name: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    edit::edit(&context.home()?, |config| {
        require(config, name)?;
        let is_active = config.active.as_deref() == Some(name);
        Ok::<_, CommandError>(if is_active {
            Vec::new()
        } else {
            vec![Edit::set(&["active_llm_profile"], name)]
        })
    })?;
    Ok(context
        .output
        .line(&format!("✓ Active profile is now '{name}'"))?)
}

/// An error unless the profile is in the file; the built-in demo is always there.
fn require(config: &ConfigFile, name: &str) -> Result<(), CommandError> {
    if config.profiles.contains_key(name) || name == defaults::DEMO_PROFILE {
        return Ok(());
    }
    Err(config.no_profile(name, "default").into())
}

fn remove(args: &RemoveArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let Some(profile) = config.profiles.get(&args.name) else {
        return Err(config.no_profile(&args.name, "default").into());
    };
    if !args.yes {
        context.require_terminal("profiles remove", "amx profiles remove NAME --yes")?;
        if !context.input.confirm(
            &format!("Remove profile '{}' and its stored key?", args.name),
            false,
        )? {
            return Err(CommandError::new(
                crate::ports::error::ErrorKind::No,
                "nothing was removed",
            ));
        }
    }
    let entry = own_entry(&args.name, profile);
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
            "the key under keyring://{service}/{user} is not deleted: {error}"
        ));
    }
    Ok(context
        .output
        .line(&format!("✓ Removed profile '{}'", args.name))?)
}

/// Takes a profile out of the fallbacks of the others.
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

/// The profile's entry in the keyring, when it is the one that amx made for it: an entry shared
/// with other profiles or programs is not ours to delete.
pub fn own_entry(name: &str, profile: &Profile) -> Option<(String, String)> {
    match profile.api_key.as_deref().map(Reference::parse) {
        Some(Ok(Reference::Keyring { service, user }))
            if service == SERVICE && user == format!("{name}/api_key") =>
        {
            Some((service, user))
        }
        _ => None,
    }
}

fn rename(args: &RenameArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    check_name(&args.to)
        .map_err(|why| CommandError::usage(why).hint("amx profiles rename OLD NEW"))?;
    let config = context.config()?;
    let Some(profile) = config.profiles.get(&args.name) else {
        return Err(config.no_profile(&args.name, "default").into());
    };
    if config.profiles.contains_key(&args.to) {
        return Err(
            CommandError::usage(format!("there is a profile '{}' already", args.to))
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
    Ok(context.output.line(&format!(
        "✓ Renamed profile '{}' to '{}'",
        args.name, args.to
    ))?)
}

/// Copies key and binding to the entry of the new name; false when there is none stored.
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
    for (name, profile) in &config.profiles {
        let Some(fallbacks) = profile
            .fallback_profiles
            .as_ref()
            .filter(|fallbacks| fallbacks.contains(&args.name))
        else {
            continue;
        };
        let renamed: Vec<serde_yaml::Value> = fallbacks
            .iter()
            .map(|fallback| {
                serde_yaml::Value::from(if *fallback == args.name {
                    args.to.as_str()
                } else {
                    fallback
                })
            })
            .collect();
        let holder = if *name == args.name {
            args.to.as_str()
        } else {
            name
        };
        edits.push(Edit::set(
            &["llm_profiles", holder, "fallback_profiles"],
            renamed,
        ));
    }
    edits
}

fn test(args: NamedArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let Trial {
        profile,
        model,
        answer,
        total,
        ledger_error,
    } = trial::ask(args.name, &config, &context.equipment)?;
    if args.json {
        let first_token = answer.first_token.map(millis);
        let value = json!({"profile": profile, "ok": true, "model": model, "first_token_ms": first_token, "total_ms": millis(total), "cost_usd": answer.cost.usd});
        context.output.json(&value)?;
    } else {
        context.output.line(&format!(
            "✓ {profile}: {model} answered in {} ms",
            millis(total)
        ))?;
    }
    ledger_error.map_or(Ok(()), Err)
}
