//! Checks of environment variables.

use std::path::PathBuf;

use super::check::{Finding, or_ok};
use super::configuration::{of_problem, problem_of};
use super::subject::Subject;
use crate::catalog::nearest::closest;
use crate::config::env::{self, Variable};
use crate::config::{ConfigError, ConfigFile, Environment, Overrides, Settings};
use crate::platform::commands::UNSET_VARIABLE;
use crate::providers::registry::PROVIDERS;
use crate::secrets::KeySource;
use crate::wire::api_key::ApiKey;

/// Values that every command would reject, found one after the other.
pub(super) fn values(subject: &Subject) -> Vec<Finding> {
    // The selected profile is checked below.
    let mut environment = subject.environment.without(&env::AMX_PROFILE);
    let mut findings = Vec::new();
    for variable in key_variables() {
        if let Err(why) = environment
            .named(variable.name)
            .map(|text| text.map(ApiKey::parse))
            .and_then(|parsed| invalid_key(&variable, parsed))
        {
            findings.push(of_problem(&problem_of(why)));
            environment = environment.without(&variable);
        }
    }
    while let Some((variable, error)) = invalid_setting(&environment) {
        findings.push(of_problem(&problem_of(error)));
        environment = environment.without(&variable);
    }
    if let Some(name) = unknown_profile(subject) {
        findings.push(Finding::failure(
            format!(
                "AMX_PROFILE is '{}', an unknown profile",
                name.escape_debug()
            ),
            subject.command(UNSET_VARIABLE, [env::AMX_PROFILE.name]),
        ));
    }
    or_ok(findings, "all values are valid")
}

fn key_variables() -> impl Iterator<Item = Variable> {
    let of_providers = PROVIDERS.iter().map(|entry| Variable {
        name: entry.key_variable,
        meaning: "",
    });
    of_providers.chain([env::AMX_LLM_API_KEY, env::OPENROUTER_MANAGEMENT_KEY])
}

fn invalid_key(
    variable: &Variable,
    parsed: Option<Result<ApiKey, crate::wire::api_key::InvalidKey>>,
) -> Result<(), ConfigError> {
    match parsed {
        Some(Err(why)) => Err(ConfigError::Variable {
            variable: variable.name.to_owned(),
            what: format!("is invalid: {why}"),
        }),
        _ => Ok(()),
    }
}

/// The next variable with an invalid value.
fn invalid_setting(environment: &Environment) -> Option<(Variable, ConfigError)> {
    let empty = ConfigFile::parse(PathBuf::new(), String::new()).ok()?;
    let error = Settings::resolve(&Overrides::default(), environment, &empty).err()?;
    let ConfigError::Variable { variable, .. } = &error else {
        return None;
    };
    let known = env::ALL
        .iter()
        .map(|known| **known)
        .chain(key_variables())
        .find(|known| known.name == variable)?;
    environment.is_set(&known).then_some((known, error))
}

fn unknown_profile(subject: &Subject) -> Option<String> {
    let name = subject.environment.get(&env::AMX_PROFILE).ok().flatten()?;
    let config = subject.config.as_ref().ok()?;
    let is_known =
        config.profiles.contains_key(name) || name == crate::config::defaults::DEMO_PROFILE;
    (!is_known).then(|| name.to_owned())
}

/// Settings of the file that a variable overrides.
pub(super) fn overrides(subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    let active = subject
        .config
        .as_ref()
        .ok()
        .and_then(|config| config.active.clone());
    if let (Ok(Some(name)), Some(active)) = (subject.environment.get(&env::AMX_PROFILE), active) {
        findings.push(Finding::note(format!(
            "AMX_PROFILE selects profile '{}' instead of '{active}'",
            name.escape_debug()
        )));
    }
    for profile in &subject.profiles {
        let settings = &profile.settings;
        let explained = settings.explain();
        let hidden = explained.iter().filter(|line| {
            line.source.starts_with("environment")
                && line
                    .overridden
                    .iter()
                    .any(|(_, source)| source.starts_with("config.yml"))
        });
        findings.extend(hidden.map(|line| {
            Finding::note(format!(
                "{} overrides {} of config.yml",
                line.source.replace("environment, ", ""),
                line.key
            ))
            .of(&profile.name)
        }));
        let config = subject.config.as_ref().ok();
        let own = config.and_then(|config| config.profiles.get(&profile.name));
        let own_key = own.and_then(|own| own.api_key.as_deref());
        if let (KeySource::Environment { variable, .. }, Some(own_key)) = (&settings.key, own_key)
            && own_key != format!("${{{variable}}}")
        {
            findings.push(
                Finding::note(format!("{variable} overrides api_key of config.yml"))
                    .of(&profile.name),
            );
        }
    }
    or_ok(findings, "no variable overrides config.yml")
}

/// Variables with the prefix of amx that it does not read.
pub(super) fn unknown(subject: &Subject) -> Vec<Finding> {
    let is_known = |name: &str| {
        env::ALL.iter().any(|known| known.name == name) || name == env::AMX_COMPLETE.name
    };
    let unknown = subject
        .environment
        .names()
        .filter(|name| name.starts_with("AMX_") && !is_known(name));
    let finding = |name: &str| {
        let suggestion = closest(
            name,
            env::ALL
                .iter()
                .map(|known| known.name)
                .filter(|known| known.starts_with("AMX_")),
        );
        let suggestion =
            suggestion.map_or_else(String::new, |known| format!("; did you mean {known}?"));
        Finding::warning(
            format!("unknown variable {}{suggestion}", name.escape_debug()),
            subject.command(UNSET_VARIABLE, [&name.escape_debug().to_string()]),
        )
    };
    or_ok(unknown.map(finding).collect(), "none")
}
