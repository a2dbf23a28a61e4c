//! `${NAME}` in the strings of a profile: replaced when the profile is used.

use serde_yaml::Value;

use super::env::Environment;
use super::error::{ConfigError, Position};
use super::file::ConfigFile;
use super::profile::Profile;
use super::{locate, places};
use crate::secrets::reference::is_variable_name;

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
        serde_path_to_error::deserialize(value)
            .map_err(|error| places::in_value(&self.path, &self.text, &path, &error))
    }

    fn expand(
        &self,
        value: &mut Value,
        path: &mut Vec<String>,
        environment: &Environment,
    ) -> Result<(), ConfigError> {
        match value {
            Value::String(text) if text.contains('$') => {
                *text = expand_text(text, environment).map_err(|why| {
                    let what = match why {
                        ExpansionError::Unset(name) => format!(
                            "{} refers to ${{{name}}}, which is \
                            not set",
                            path.join(".")
                        ),
                        ExpansionError::Malformed => format!(
                            "{} has a '${{' without a name and '}}' \
                            after it; write $${{ for a literal '${{'",
                            path.join(".")
                        ),
                        ExpansionError::Environment(error) => error.to_string(),
                    };
                    places::invalid(&self.path, self.locate(path), what)
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

#[derive(Debug)]
enum ExpansionError {
    Unset(String),
    Malformed,
    Environment(ConfigError),
}

/// Replaces each `${NAME}` once, from left to right; the value of a variable is not expanded.
fn expand_text(text: &str, environment: &Environment) -> Result<String, ExpansionError> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$${") {
            expanded.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let (name, after) = after.split_once('}').ok_or(ExpansionError::Malformed)?;
            if !is_variable_name(name) {
                return Err(ExpansionError::Malformed);
            }
            let value = environment
                .named(name)
                .map_err(ExpansionError::Environment)?;
            expanded.push_str(value.ok_or_else(|| ExpansionError::Unset(name.to_owned()))?);
            rest = after;
        } else {
            expanded.push('$');
            rest = &rest[1..];
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn variables_are_replaced_at_use_except_in_the_key() {
        let text = "llm_profiles:\n  a:\n    model: ${M}\n    system: cost $5 or $${M}, ${M}\n    api_key: ${KEY}\n    headers: {X-A: \"${M}\"}\n";
        let file = ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned()).unwrap();
        let environment = Environment::from_pairs([("M", "a/b ${M}")]);
        let profile = file.expanded("a", &environment).unwrap();
        assert_eq!(profile.model.as_deref(), Some("a/b ${M}"));
        assert_eq!(profile.system.as_deref(), Some("cost $5 or ${M}, a/b ${M}"));
        assert_eq!(profile.api_key.as_deref(), Some("${KEY}"));
        let error = file
            .expanded("a", &Environment::default())
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "config.yml:3:12: llm_profiles.a.model refers to ${M}, which is not set"
        );
    }
}
