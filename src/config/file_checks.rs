//! The checks of config.yml beyond its types: names, values, references between profiles, typos.

use serde_yaml::Value;

use super::error::ConfigError;
use super::file::{ConfigFile, SCHEMA_VERSION};
use super::places::invalid;
use super::profile::{self, Profile};
use super::profile_faults::with_path;
use super::{defaults, locate, options, provider_header};
use crate::catalog::nearest::{closest, typo_of};

/// Top-level settings of amx. Others may belong to another program and are kept.
const TOP_LEVEL_KEYS: &[&str] = &[
    "llm_profiles",
    "active_llm_profile",
    "schema_version",
    "model_aliases",
    "keys",
];

impl ConfigFile {
    /// Checks every profile.
    pub(super) fn check_profiles(&self) -> Result<(), ConfigError> {
        for (name, profile) in &self.profiles {
            if !profile::is_profile_name(name) {
                let position = locate::position_of_key(&self.text, &["llm_profiles", name]);
                let what = format!(
                    "'{}' is not a profile name: at most 64 letters, digits, '.', '_' and '-', \
                    starting with a letter or digit",
                    name.escape_debug()
                );
                return Err(invalid(&self.path, position, what));
            }
            self.check_fallbacks(name, profile)?;
            self.check_provider_header(name, profile)?;
            self.check_options(name, profile)?;
            let Some(fault) = profile.faults().into_iter().next() else {
                continue;
            };
            let path: Vec<&str> = ["llm_profiles", name]
                .into_iter()
                .chain(fault.path.iter().copied())
                .collect();
            let position = locate::position_of(&self.text, &path);
            return Err(invalid(
                &self.path,
                position,
                with_path(&path.join("."), &fault.what),
            ));
        }
        Ok(())
    }

    fn check_fallbacks(&self, name: &str, profile: &Profile) -> Result<(), ConfigError> {
        let is_known = |fallback: &&String| {
            self.profiles.contains_key(*fallback) || *fallback == defaults::DEMO_PROFILE
        };
        let Some(missing) = profile
            .fallback_profiles
            .iter()
            .flatten()
            .find(|fallback| !is_known(fallback))
        else {
            return Ok(());
        };
        let position =
            locate::position_of(&self.text, &["llm_profiles", name, "fallback_profiles"]);
        let what = format!(
            "llm_profiles.{name}.fallback_profiles: there is no profile '{}'",
            missing.escape_debug()
        );
        Err(invalid(&self.path, position, what))
    }

    /// Checks the header that becomes a field of the body, unless it holds a variable.
    fn check_provider_header(&self, name: &str, profile: &Profile) -> Result<(), ConfigError> {
        let Some((header, value)) =
            provider_header::find(profile).filter(|(_, value)| !value.contains("${"))
        else {
            return Ok(());
        };
        let Err(why) = provider_header::parse(value) else {
            return Ok(());
        };
        let position = locate::position_of(&self.text, &["llm_profiles", name, "headers", header]);
        Err(invalid(
            &self.path,
            position,
            format!("llm_profiles.{name}.headers.{header} {why}"),
        ))
    }

    /// Checks the fields of the body. One that holds `${NAME}` is checked when it is used.
    fn check_options(&self, name: &str, profile: &Profile) -> Result<(), ConfigError> {
        let misfit = profile
            .openrouter
            .as_ref()
            .and_then(|body| options::check::misfit(body, |text| text.contains("${")));
        let Some(misfit) = misfit else { return Ok(()) };
        let path: Vec<&str> = ["llm_profiles", name, "openrouter"]
            .into_iter()
            .chain(misfit.name.split('.'))
            .collect();
        Err(invalid(
            &self.path,
            locate::position_of(&self.text, &path),
            format!("{} {}", path.join("."), misfit.what),
        ))
    }

    /// Checks that the active profile exists.
    pub(super) fn check_active(&self) -> Result<(), ConfigError> {
        let Some(active) = &self.active else {
            return Ok(());
        };
        if self.profiles.contains_key(active) || active == defaults::DEMO_PROFILE {
            return Ok(());
        }
        let position = locate::position_of(&self.text, &["active_llm_profile"]);
        let suggestion = closest(active, self.profiles.keys().map(String::as_str));
        let suggestion =
            suggestion.map_or_else(String::new, |name| format!("; did you mean '{name}'?"));
        Err(ConfigError::Invalid {
            path: self.path.clone(),
            position,
            what: format!(
                "active_llm_profile is '{}', which is not among llm_profiles{suggestion}",
                active.escape_debug()
            ),
            hint: Some("amx profiles use NAME".to_owned()),
        })
    }

    /// Probable mistakes, each with its place.
    pub(super) fn collect_warnings(&self, schema_version: Option<u64>) -> Vec<String> {
        let mut warnings = Vec::new();
        if schema_version.is_some_and(|version| version > SCHEMA_VERSION) {
            warnings.push(format!(
                "{} was written by a newer amx: it can be read, but not edited",
                self.path.display()
            ));
        }
        for key in self
            .root()
            .as_mapping()
            .into_iter()
            .flatten()
            .filter_map(|(key, _)| key.as_str())
        {
            // Settings of other programs get no warning; a typo of one of ours does.
            if !TOP_LEVEL_KEYS.contains(&key)
                && let Some(meant) = typo_of(key, TOP_LEVEL_KEYS.iter().copied())
            {
                warnings.push(self.unknown_setting(&[key], &[meant]));
            }
        }
        for (name, profile) in &self.profiles {
            self.warn_about_profile(name, &mut warnings);
            for (field, meant) in profile.openrouter.iter().flat_map(options::check::typos) {
                warnings.push(
                    self.unknown_setting(&["llm_profiles", name, "openrouter", field], &[meant]),
                );
            }
        }
        warnings
    }

    fn warn_about_profile(&self, name: &str, warnings: &mut Vec<String>) {
        let Some(Value::Mapping(entries)) = self
            .root()
            .get("llm_profiles")
            .and_then(|profiles| profiles.get(name))
        else {
            return;
        };
        for (key, value) in entries {
            let Some(key) = key.as_str() else { continue };
            if !profile::KEYS.contains(&key) {
                warnings.push(self.unknown_setting(&["llm_profiles", name, key], profile::KEYS));
            }
            let Some((_, nested)) = profile::NESTED_KEYS
                .iter()
                .find(|(parent, _)| *parent == key)
            else {
                continue;
            };
            for inner in value
                .as_mapping()
                .into_iter()
                .flatten()
                .filter_map(|(inner, _)| inner.as_str())
            {
                if !nested.contains(&inner) {
                    warnings
                        .push(self.unknown_setting(&["llm_profiles", name, key, inner], nested));
                }
            }
        }
    }

    fn unknown_setting(&self, path: &[&str], known: &[&'static str]) -> String {
        let key = path.last().copied().unwrap_or_default();
        let line = locate::position_of_key(&self.text, path)
            .map_or_else(String::new, |position| format!(":{}", position.line));
        let suggestion = closest(key, known.iter().copied())
            .map_or_else(String::new, |name| format!("; did you mean '{name}'?"));
        format!(
            "{}{line}: unknown setting '{}'{suggestion}",
            self.path.display(),
            key.escape_debug()
        )
    }
}
