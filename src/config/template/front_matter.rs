//! Reads the settings at the head of a template, and says precisely what is wrong with them.

use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::placeholder::is_variable_name;
use crate::chat::reasoning::Effort;
use crate::config::error::ConfigError;
use crate::config::file::{at_location, nearest};
use crate::config::profile::is_profile_name;
use crate::config::{locate, model_spec, yaml};

/// The keys of a front matter, in the order of the documentation.
const KEYS: &[&str] = &[
    "description",
    "profile",
    "model",
    "system",
    "temperature",
    "top_p",
    "max_tokens",
    "reasoning_effort",
    "schema",
    "files",
    "options",
    "vars",
];

/// The settings of a template as they are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FrontMatter {
    pub description: Option<String>,
    pub profile: Option<String>,
    pub model: Option<String>,
    /// May hold variables.
    pub system: Option<String>,
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub max_tokens: Option<u32>,
    pub effort: Option<Effort>,
    /// A path, or the schema itself.
    pub schema: Option<serde_json::Value>,
    /// Files that go along, relative to the folder of the template.
    pub files: Vec<String>,
    /// Fields of the body by their own names.
    pub options: Vec<(String, serde_json::Value)>,
    /// Variables with their defaults; one without must be given.
    pub vars: Vec<(String, Option<String>)>,
}

/// A front matter under reading.
struct FrontMatterText<'a> {
    path: &'a Path,
    /// With as many lines before it as the file has, so that places are those of the file.
    text: &'a str,
    root: Mapping,
}

/// Reads the text between the two `---`, which begins in the file where it begins in `text`.
pub fn read(path: &Path, text: &str) -> Result<FrontMatter, ConfigError> {
    // Twice as a value: that is what notices a key written twice.
    let root: Value = yaml::parse(text).map_err(|error| at_location(path, text, &error))?;
    let root = match root {
        Value::Null => Mapping::new(),
        Value::Mapping(root) => root,
        _ => {
            return Err(fault(
                path,
                text,
                &[],
                "the front matter must be a mapping of keys to values",
            ));
        }
    };
    let source = FrontMatterText { path, text, root };
    source.check_keys()?;
    Ok(FrontMatter {
        description: source.text("description", "a text", |_| true)?,
        profile: source.text("profile", "the name of a profile", is_profile_name)?,
        model: source.model()?,
        system: source.text("system", "a text", |_| true)?,
        temperature: source.number("temperature", 2.0)?,
        top_p: source.number("top_p", 1.0)?,
        max_tokens: source.read("max_tokens", "a whole number above 0", |value| {
            value
                .as_u64()
                .and_then(|tokens| u32::try_from(tokens).ok())
                .filter(|tokens| *tokens > 0)
        })?,
        effort: source.read(
            "reasoning_effort",
            "one of none, minimal, low, medium, high, xhigh, max",
            |value| value.as_str()?.parse().ok(),
        )?,
        schema: source.read("schema", "a path, or a JSON schema", |value| {
            if value.is_string() || value.is_mapping() {
                serde_json::to_value(value).ok()
            } else {
                None
            }
        })?,
        files: source.files()?,
        options: source.options()?,
        vars: source.vars()?,
    })
}

/// A fault at the place of a key of the front matter.
pub fn fault(path: &Path, text: &str, keys: &[&str], what: &str) -> ConfigError {
    let position = locate::position_of(text, keys);
    ConfigError::Invalid {
        path: path.to_owned(),
        position,
        what: what.to_owned(),
        hint: None,
    }
}

impl FrontMatterText<'_> {
    fn check_keys(&self) -> Result<(), ConfigError> {
        let keys = self.root.iter().map(|(key, _)| key);
        for key in keys {
            let Some(name) = key.as_str() else {
                return Err(self.fault(&[], "a key must be a text"));
            };
            if !KEYS.contains(&name) {
                let suggestion = nearest(name, KEYS.iter().copied()).map_or_else(
                    || format!("; known are {}", KEYS.join(", ")),
                    |near| format!("; did you mean '{near}'?"),
                );
                let position = locate::position_of_key(self.text, &[name]);
                let what = format!("unknown key '{}'{suggestion}", name.escape_debug());
                return Err(ConfigError::Invalid {
                    path: self.path.to_owned(),
                    position,
                    what,
                    hint: None,
                });
            }
        }
        Ok(())
    }

    fn fault(&self, keys: &[&str], what: &str) -> ConfigError {
        fault(self.path, self.text, keys, what)
    }

    /// The value of a key; nothing and `null` are alike.
    fn value(&self, key: &str) -> Option<&Value> {
        self.root.get(key).filter(|value| !value.is_null())
    }

    fn read<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        read(value)
            .map(Some)
            .ok_or_else(|| self.fault(&[key], &format!("{key} must be {expected}")))
    }

    fn text(
        &self,
        key: &str,
        expected: &str,
        is_fine: impl FnOnce(&str) -> bool,
    ) -> Result<Option<String>, ConfigError> {
        self.read(key, expected, |value| {
            value
                .as_str()
                .filter(|text| is_fine(text))
                .map(str::to_owned)
        })
    }

    fn model(&self) -> Result<Option<String>, ConfigError> {
        let model = self.text("model", "a text", |_| true)?;
        if let Some(Err(why)) = model.as_deref().map(model_spec::check) {
            return Err(self.fault(&["model"], &format!("model: {why}")));
        }
        Ok(model)
    }

    fn number(&self, key: &str, most: f64) -> Result<Option<f64>, ConfigError> {
        self.read(key, &format!("a number between 0 and {most}"), |value| {
            value
                .as_f64()
                .filter(|number| (0.0..=most).contains(number))
        })
    }

    fn files(&self) -> Result<Vec<String>, ConfigError> {
        let texts = |value: &Value| {
            value
                .as_sequence()?
                .iter()
                .map(|file| {
                    file.as_str()
                        .filter(|file| !file.is_empty())
                        .map(str::to_owned)
                })
                .collect()
        };
        Ok(self
            .read("files", "a list of paths", texts)?
            .unwrap_or_default())
    }

    fn options(&self) -> Result<Vec<(String, serde_json::Value)>, ConfigError> {
        let option = |(name, value): (&Value, &Value)| {
            Some((name.as_str()?.to_owned(), serde_json::to_value(value).ok()?))
        };
        let options = |value: &Value| value.as_mapping()?.iter().map(option).collect();
        Ok(self
            .read(
                "options",
                "a mapping of fields of the body to values",
                options,
            )?
            .unwrap_or_default())
    }

    fn vars(&self) -> Result<Vec<(String, Option<String>)>, ConfigError> {
        let Some(vars) = self.read("vars", "a mapping of variables to defaults", |value| {
            value.as_mapping().cloned()
        })?
        else {
            return Ok(Vec::new());
        };
        let variable = |(name, default): (&Value, &Value)| {
            let Some(name) = name.as_str().filter(|name| is_variable_name(name)) else {
                return Err(self.fault(
                    &["vars"],
                    "a variable is called by letters, digits, '_' and \
                    '-', beginning with a letter or '_'",
                ));
            };
            let default = match default {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(flag) => Some(flag.to_string()),
                _ => {
                    return Err(self.fault(
                        &["vars", name],
                        &format!(
                            "the default of {name} must be a text, a number, or true or false"
                        ),
                    ));
                }
            };
            Ok((name.to_owned(), default))
        };
        vars.iter().map(variable).collect()
    }
}
