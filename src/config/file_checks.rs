//! The checks of config.yml beyond its types: names, values, references between profiles, typos.

use serde_yaml::Value;

use super::error::{ConfigError, Position};
use super::file::ConfigFile;
use super::places::invalid;
use super::profile::{self, Profile};
use super::profile_faults::with_path;
use super::{defaults, locate, misspelt, options, provider_header};
use crate::catalog::nearest::{closest, typo_of};
use crate::wire::control_characters::visible_name;

/// Settings of a profile that are texts of any content.
const TEXTS: &[&str] = &[
    "provider",
    "model",
    "api_key",
    "base_url",
    "system",
    "user_agent",
];

/// Words that YAML 1.1 reads as booleans and YAML 1.2 as texts.
const BOOLEANS: &[&str] = &["yes", "no", "on", "off"];

/// The word of a value that is a boolean for YAML of any version.
fn boolean(value: &Value) -> Option<String> {
    match value {
        Value::Bool(is_true) => Some(is_true.to_string()),
        Value::String(text) if BOOLEANS.contains(&text.to_ascii_lowercase().as_str()) => {
            Some(text.clone())
        }
        _ => None,
    }
}

/// Settings of a profile that decide which server is asked. Without any profile they were meant for
/// the only one.
const SERVERS: &[&str] = &["provider", "base_url"];

/// What is wrong with a setting of a profile at the top level, after its name.
pub(super) const MISPLACED: &str =
    "is a setting of a profile, and has no effect outside llm_profiles.NAME";

/// Top-level settings of amx. Others may belong to another program and are kept.
pub(super) const TOP_LEVEL_KEYS: &[&str] = &[
    "llm_profiles",
    "active_llm_profile",
    "schema_version",
    "model_aliases",
    "tools",
    "mcp_servers",
    "mcpServers",
    "keys",
    "theme",
    "footer",
    "status",
    "titles",
    "terminal_title",
    "prompt_marks",
    "notifications",
    "serve",
    "management_key",
    "telemetry",
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
            self.check_values(name, profile)?;
        }
        Ok(())
    }

    /// Checks the values of a profile, as they are written or with their variables replaced.
    pub(super) fn check_values(&self, name: &str, profile: &Profile) -> Result<(), ConfigError> {
        let Some(fault) = profile.faults().into_iter().next() else {
            return Ok(());
        };
        let path: Vec<&str> = ["llm_profiles", name]
            .into_iter()
            .chain(fault.path.iter().copied())
            .collect();
        let position = locate::position_of(&self.text, &path);
        let what = with_path(&path.join("."), &fault.what);
        Err(invalid(&self.path, position, what))
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

    /// Checks that the profile of `amx serve` exists.
    pub(crate) fn check_served_profile(&self) -> Result<(), ConfigError> {
        let is_known =
            |name: &str| self.profiles.contains_key(name) || name == defaults::DEMO_PROFILE;
        match &self.serve.profile {
            Some(name) if !is_known(name) => {
                let position = locate::position_of(&self.text, &["serve", "profile"]);
                let name = name.escape_debug();
                let what = format!("serve.profile: there is no profile '{name}'");
                Err(invalid(&self.path, position, what))
            }
            _ => Ok(()),
        }
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

    /// Refuses a misspelt setting without which text and key would go to another server.
    pub(super) fn check_spelling(&self) -> Result<(), ConfigError> {
        let fields = |value: &Value| value.as_mapping().cloned().unwrap_or_default();
        for (key, value) in fields(self.meant()) {
            let Some(key) = key.as_str().filter(|key| !TOP_LEVEL_KEYS.contains(key)) else {
                continue;
            };
            if let Some(meant) = misspelt::meant_above(key, &value) {
                return Err(self.misspelt(&[key], meant));
            }
            if self.profiles.is_empty() {
                self.check_outside(key, &value)?;
            }
        }
        let profiles = self.meant().get("llm_profiles").map(fields);
        for (name, profile) in profiles.into_iter().flatten() {
            let Some(name) = name.as_str() else { continue };
            for (key, value) in fields(&profile) {
                let Some(key) = key.as_str() else { continue };
                let above = ["llm_profiles", name];
                self.check_key(&above, key, profile::KEYS, &value)?;
                self.check_inside(name, key, &value)?;
            }
        }
        Ok(())
    }

    /// Refuses what decides the server at the top level of a file without profiles: it was meant
    /// for one.
    fn check_outside(&self, key: &str, value: &Value) -> Result<(), ConfigError> {
        let is_server =
            (SERVERS.contains(&key) && value.is_string()) || misspelt::decides_server(key, value);
        let (path, what) = if is_server {
            (vec![key], format!("{} {MISPLACED}", visible_name(key)))
        } else if let Some(path) = misspelt::misplaced_profile(key, value) {
            let name = visible_name(&path.join("."));
            let what =
                format!("{name} is a profile outside llm_profiles; indent it below that line");
            (path, what)
        } else {
            return Ok(());
        };
        let what = format!("{what}. Without it, another server may be used");
        Err(invalid(
            &self.path,
            locate::position_of_key(&self.text, &path),
            what,
        ))
    }

    /// The same inside a setting of a profile. A near name of that setting wins: it is a warning.
    fn check_inside(&self, profile: &str, key: &str, value: &Value) -> Result<(), ConfigError> {
        let nested = profile::NESTED_KEYS.iter().find(|(name, _)| *name == key);
        let known = match nested {
            Some((_, known)) => *known,
            None if key == "openrouter" => &[],
            None => return Ok(()),
        };
        let names = value.as_mapping().into_iter().flatten();
        for name in names.filter_map(|(name, _)| name.as_str()) {
            let is_near = typo_of(name, known.iter().copied()).is_some();
            if let Some(meant) = misspelt::meant_inside(key, name).filter(|_| !is_near) {
                return Err(self.misspelt(&["llm_profiles", profile, key, name], meant));
            }
        }
        Ok(())
    }

    /// Refuses words that YAML 1.1 reads as booleans, unless they are quoted: `model: yes` was
    /// hardly meant as the name of a model.
    pub(super) fn check_booleans(&self) -> Result<(), ConfigError> {
        let texts = |name: &str| -> Vec<Vec<String>> {
            let setting = |setting: &&str| {
                vec![
                    "llm_profiles".to_owned(),
                    name.to_owned(),
                    (*setting).to_owned(),
                ]
            };
            TEXTS.iter().map(setting).collect()
        };
        let paths = self.profiles.keys().flat_map(|name| texts(name));
        for path in std::iter::once(vec!["active_llm_profile".to_owned()]).chain(paths) {
            let keys: Vec<&str> = path.iter().map(String::as_str).collect();
            let value = keys
                .iter()
                .try_fold(self.meant(), |value, key| value.get(key));
            let Some(word) = value.and_then(boolean) else {
                continue;
            };
            let position = locate::position_of_value(&self.text, &keys);
            if position.is_some_and(|position| self.is_quoted_at(position)) {
                continue;
            }
            let what = format!("{word} is a boolean in YAML; quote it: \"{word}\"");
            return Err(invalid(
                &self.path,
                position,
                with_path(&path.join("."), &what),
            ));
        }
        Ok(())
    }

    /// Whether a value is written as a text: in quotation marks, as a block, or behind an anchor,
    /// an alias or a tag.
    fn is_quoted_at(&self, position: Position) -> bool {
        self.text
            .lines()
            .nth(position.line - 1)
            .and_then(|line| line.chars().nth(position.column - 1))
            .is_some_and(|c| "\"'|>&*!".contains(c))
    }

    fn check_key(
        &self,
        above: &[&str],
        key: &str,
        known: &[&str],
        value: &Value,
    ) -> Result<(), ConfigError> {
        if known.contains(&key) {
            return Ok(());
        }
        let found = match misspelt::meant(key, value) {
            Some(meant) => Some((vec![key], meant)),
            None => misspelt::meant_below(key, value),
        };
        match found {
            Some((path, meant)) => Err(self.misspelt(&[above, &path].concat(), meant)),
            None => Ok(()),
        }
    }

    fn misspelt(&self, path: &[&str], meant: &str) -> ConfigError {
        let what = format!(
            "unknown setting '{}'; did you mean '{meant}'? Without it, another server may be used",
            visible_name(&path.join("."))
        );
        invalid(&self.path, locate::position_of_key(&self.text, path), what)
    }
}
