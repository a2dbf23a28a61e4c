//! `${NAME}` and `${NAME:-DEFAULT}` in the strings of a profile: replaced when the profile is used.

use serde_yaml::Value;

use super::env::Environment;
use super::error::{ConfigError, Position};
use super::file::ConfigFile;
use super::profile::Profile;
use super::{locate, places};
use crate::platform::commands::SET_VARIABLE;
use crate::secrets::expansion::{ExpansionFault, MALFORMED, expanded};

impl ConfigFile {
    /// A profile with every `${NAME}` in its strings replaced, except in `api_key`, which is a
    /// reference of its own.
    pub fn expanded(&self, name: &str, environment: &Environment) -> Result<Profile, ConfigError> {
        let Some(profile) = self.profiles.get(name) else {
            return Err(self.no_profile(name, "-p"));
        };
        let Some(value) = self
            .meant()
            .get("llm_profiles")
            .and_then(|profiles| profiles.get(name))
        else {
            return Ok(profile.clone());
        };
        if !self.text.contains("${") {
            return Ok(profile.clone());
        }
        let mut value = value.clone();
        let mut path = vec!["llm_profiles".to_owned(), name.to_owned()];
        self.expand(&mut value, &mut path, environment)?;
        if let Some(entries) = value.as_mapping_mut() {
            // An empty variable is an unset one; a model may be given elsewhere.
            for (key, _) in profile.models() {
                if entries.get(key).and_then(Value::as_str) == Some("") {
                    entries.remove(key);
                }
            }
            if let Some(Value::Sequence(models)) = entries.get_mut("fallback_models") {
                models.retain(|model| model.as_str() != Some(""));
            }
        }
        let profile: Profile = serde_path_to_error::deserialize(value)
            .map_err(|error| places::in_value(&self.path, &self.text, &path, &error))?;
        self.check_values(name, &profile)?;
        Ok(profile)
    }

    fn expand(
        &self,
        value: &mut Value,
        path: &mut Vec<String>,
        environment: &Environment,
    ) -> Result<(), ConfigError> {
        match value {
            Value::String(text) if text.contains('$') => {
                let mut look_up = |name: &str| {
                    let value = environment.named(name)?;
                    Ok::<_, ConfigError>(value.map(str::to_owned))
                };
                *text = expanded(text, &mut look_up).map_err(|fault| {
                    let place = path.join(".");
                    let (what, hint) = match fault {
                        ExpansionFault::Unset(name) => (
                            format!("{place} refers to ${{{name}}}, which is not set"),
                            Some(SET_VARIABLE.with([name.as_str(), "…"])),
                        ),
                        ExpansionFault::Malformed => (format!("{place} {MALFORMED}"), None),
                        ExpansionFault::Unreadable(error) => (error.to_string(), None),
                    };
                    ConfigError::Invalid {
                        path: self.path.clone(),
                        position: self.locate(path),
                        what,
                        hint,
                    }
                })?;
            }
            Value::Sequence(items) => {
                for item in items {
                    self.expand(item, path, environment)?;
                }
            }
            Value::Mapping(entries) => {
                for (key, item) in entries.iter_mut() {
                    let Some(key) = key.as_str() else { continue };
                    if key == "api_key" && path.len() == 2 {
                        continue;
                    }
                    path.push(key.to_owned());
                    self.expand(item, path, environment)?;
                    path.pop();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn locate(&self, path: &[String]) -> Option<Position> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        locate::position_of(&self.text, &path)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn an_empty_variable_is_no_model() {
        let text = "llm_profiles:\n  a:\n    model: ${M:-}\n    rerank_model: ${R:-}\n    \
            fallback_models: ['${F:-}', b]\n";
        let file = ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned()).unwrap();
        let profile = file.expanded("a", &Environment::default()).unwrap();
        assert_eq!((profile.model, profile.rerank_model), (None, None));
        assert_eq!(profile.fallback_models, Some(vec!["b".to_owned()]));
    }

    #[test]
    fn variables_are_replaced_at_use_except_in_the_key() {
        let text = "llm_profiles:\n  a:\n    model: ${M:-none}\n    system: cost $5 or $${M}, \
            ${M}\n    api_key: ${KEY}\n    headers: {X-A: \"${H:-h}\"}\n";
        let file = ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned()).unwrap();
        let environment = Environment::from_pairs([("M", "a/b${M}")]);
        let profile = file.expanded("a", &environment).unwrap();
        assert_eq!(profile.model.as_deref(), Some("a/b${M}"));
        assert_eq!(profile.system.as_deref(), Some("cost $5 or ${M}, a/b${M}"));
        assert_eq!(profile.api_key.as_deref(), Some("${KEY}"));
        let with_line_feed = Environment::from_pairs([("M", "m"), ("H", "a\nX-B: c")]);
        let error = file.expanded("a", &with_line_feed).unwrap_err().to_string();
        assert!(
            error.contains("llm_profiles.a.headers: the value of 'X-A'"),
            "{error}"
        );
        let error = file
            .expanded("a", &Environment::default())
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "config.yml:4:13: llm_profiles.a.system refers to ${M}, which is not set"
        );
    }
}
