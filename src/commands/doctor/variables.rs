//! Checks of the variables of the environment.

use std::path::PathBuf;

use super::check::{Finding, or_ok};
use super::configuration::{fault_of, of_fault};
use super::subject::Subject;
use crate::catalog::nearest::closest;
use crate::config::env::{self, Variable};
use crate::config::{ConfigError, ConfigFile, Environment, Overrides, Settings};
use crate::providers::registry::PROVIDERS;
use crate::secrets::{ApiKey, KeySource};

/// Values that every command would refuse, found one after the other.
pub fn values(subject: &Subject) -> Vec<Finding> {
    // Which profile is chosen is another question.
    let mut environment = subject.environment.without(&env::AMX_PROFILE);
    let mut findings = Vec::new();
    for variable in key_variables() {
        if let Err(why) = environment
            .named(variable.name)
            .map(|text| text.map(ApiKey::parse))
            .and_then(|parsed| refused(&variable, parsed))
        {
            findings.push(of_fault(&fault_of(why)));
            environment = environment.without(&variable);
        }
    }
    while let Some((variable, error)) = refused_setting(&environment) {
        findings.push(of_fault(&fault_of(error)));
        environment = environment.without(&variable);
    }
    if let Some(name) = unknown_profile(subject) {
        findings.push(Finding::failure(
            format!(
                "AMX_PROFILE is '{}', and there is no such profile",
                name.escape_debug()
            ),
            "unset AMX_PROFILE",
        ));
    }
    or_ok(findings, "every value can be used")
}

fn key_variables() -> impl Iterator<Item = Variable> {
    let of_providers = PROVIDERS.iter().map(|entry| Variable {
        name: entry.key_variable,
        meaning: "",
    });
    of_providers.chain([env::AMX_LLM_API_KEY])
}

fn refused(
    variable: &Variable,
    parsed: Option<Result<ApiKey, crate::secrets::InvalidKey>>,
) -> Result<(), ConfigError> {
    match parsed {
        Some(Err(why)) => Err(ConfigError::Variable {
            variable: variable.name.to_owned(),
            what: format!("cannot be used: {why}"),
        }),
        _ => Ok(()),
    }
}

/// The next variable that the settings refuse.
fn refused_setting(environment: &Environment) -> Option<(Variable, ConfigError)> {
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

/// What the environment decides over the file.
pub fn overrides(subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    let active = subject
        .config
        .as_ref()
        .ok()
        .and_then(|config| config.active.clone());
    if let (Ok(Some(name)), Some(active)) = (subject.environment.get(&env::AMX_PROFILE), active) {
        findings.push(Finding::note(format!(
            "AMX_PROFILE chooses profile '{}', over '{active}'",
            name.escape_debug()
        )));
    }
    for patient in &subject.patients {
        let settings = &patient.settings;
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
                "{} of config.yml gives way to {}",
                line.key,
                line.source.replace("environment, ", "")
            ))
            .of(&patient.name)
        }));
        let has_own_key = subject.config.as_ref().is_ok_and(|config| {
            config
                .profiles
                .get(&patient.name)
                .is_some_and(|profile| profile.api_key.is_some())
        });
        if let (KeySource::Environment { variable, .. }, true) = (&settings.key, has_own_key) {
            findings.push(
                Finding::note(format!("api_key of config.yml gives way to {variable}"))
                    .of(&patient.name),
            );
        }
    }
    or_ok(findings, "nothing in config.yml gives way to a variable")
}

/// Variables that look like ours and are not.
pub fn unknown(subject: &Subject) -> Vec<Finding> {
    let is_known = |name: &str| {
        env::ALL.iter().any(|known| known.name == name) || name == env::AMX_COMPLETE.name
    };
    let strangers = subject
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
            format!("{} means nothing to amx{suggestion}", name.escape_debug()),
            format!("unset {}", name.escape_debug()),
        )
    };
    or_ok(strangers.map(finding).collect(), "none")
}
