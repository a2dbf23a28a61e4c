//! Which profile is used, and its settings with the environment's values.

use super::env::{self, Environment};
use super::error::ConfigError;
use super::file::ConfigFile;
use super::layers::{Setting, ValueSource, environment, flag};
use super::model_choice::Choice;
use super::model_place::{self, fault};
use super::options::check;
use super::overrides::Overrides;
use super::profile::Profile;
use super::{defaults, provider_header};
use crate::providers::ProviderEntry;

/// The profile that flags, model, template, environment or file choose.
pub(super) fn choose(
    asked: Option<&Choice>,
    overrides: &Overrides,
    environ: &Environment,
    config: &ConfigFile,
) -> Result<Setting<String>, ConfigError> {
    let only = if config.profiles.len() == 1 {
        config.profiles.keys().next()
    } else {
        None
    };
    let from_file = config.active.clone().or_else(|| only.cloned());
    let from_file = from_file.map(|name| (name.clone(), ValueSource::File { profile: name }));
    let from_environment = environ.get(&env::AMX_PROFILE)?.map(str::to_owned);
    let of_model = model_place::profile_of(asked, overrides, from_environment.as_deref(), config)?;
    let of_template = overrides
        .template
        .as_ref()
        .and_then(|layer| layer.setting(layer.profile.clone()));
    let of_environment = environment(from_environment, env::AMX_PROFILE.name);
    let chosen = Setting::stack([
        flag(overrides.profile.clone(), overrides.name_of("--profile")),
        of_model,
        of_template,
        of_environment,
        from_file,
    ]);
    match chosen {
        Some(chosen) => Ok(chosen),
        None if config.profiles.is_empty() => {
            Ok(Setting::default(defaults::UNNAMED_PROFILE.to_owned()))
        }
        None => Err(ConfigError::Invalid {
            path: config.path.clone(),
            position: None,
            what: format!("{} profiles, and none is active", config.profiles.len()),
            hint: Some("amx profiles use NAME".to_owned()),
        }),
    }
}

/// The settings of a profile, with its variables expanded.
pub(super) fn load(
    name: &Setting<String>,
    environ: &Environment,
    config: &ConfigFile,
) -> Result<Profile, ConfigError> {
    if name.is_default() || model_place::is_built_in_demo(&name.value, config) {
        return Ok(Profile::default());
    }
    if !config.profiles.contains_key(&name.value) {
        return Err(config.no_profile(&name.value, &name.source.to_string()));
    }
    config.expanded(&name.value, environ)
}

/// A profile with the fields of its body checked, and moved where they are typed settings.
pub(super) fn usable(
    profile: Profile,
    label: &str,
    entry: &ProviderEntry,
    config: &ConfigFile,
) -> Result<Profile, ConfigError> {
    let profile = if entry.is_openrouter {
        provider_header::lift(profile)
            .map_err(|why| fault(config, label, "headers", &format!("X-Provider {why}")))?
    } else {
        profile
    };
    let misfit = profile
        .openrouter
        .as_ref()
        .and_then(|body| check::misfit(body, |_| false));
    match misfit {
        Some(misfit) => Err(fault(
            config,
            label,
            "openrouter",
            &format!("{} {}", misfit.name, misfit.what),
        )),
        None => Ok(profile.lifted()),
    }
}
