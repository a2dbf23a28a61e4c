//! The settings at the top of a template.

use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::placeholder::is_variable_name;
use crate::catalog::nearest::closest;
use crate::config::error::ConfigError;
use crate::config::generation::{self, GenerationSettings};
use crate::config::options::OPTIONS;
use crate::config::profile::is_profile_name;
use crate::config::{locate, model_spec, places, yaml};

/// The settings of a front matter, in the order of the documentation.
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
    "tools",
    "vars",
];

/// The settings of a template as they are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FrontMatter {
    pub description: Option<String>,
    pub profile: Option<String>,
    pub model: Option<String>,
    /// May use variables.
    pub system: Option<String>,
    pub generation: GenerationSettings,
    /// A path, or the schema itself.
    pub schema: Option<serde_json::Value>,
    /// Files to attach, relative to the folder of the template.
    pub files: Vec<String>,
    /// Fields of the body by their own names.
    pub options: Vec<(String, serde_json::Value)>,
    /// Names and patterns of tools that the model may call.
    pub tools: Option<Vec<String>>,
    /// Variables with their defaults; one without is required.
    pub vars: Vec<(String, Option<String>)>,
}

/// A front matter being read.
struct FrontMatterText<'a> {
    path: &'a Path,
    /// With the same lines as the file, so that places are those of the file.
    text: &'a str,
    root: Mapping,
}

/// Reads the text between the two `---`, which has the same lines in `text` as in the file.
pub(super) fn read(path: &Path, text: &str) -> Result<FrontMatter, ConfigError> {
    let root: Value =
        yaml::parse_typed(text).map_err(|error| places::in_file(path, text, &error))?;
    let root = match root {
        Value::Null => Mapping::new(),
        Value::Mapping(root) => root,
        _ => {
            return Err(fault(
                path,
                text,
                &[],
                "the front matter must be a mapping of settings to values",
            ));
        }
    };
    let source = FrontMatterText { path, text, root };
    source.check_keys()?;
    Ok(FrontMatter {
        description: source.text("description", "a string", |_| true)?,
        profile: source.text("profile", "a profile name", is_profile_name)?,
        model: source.model()?,
        system: source.text("system", "a string", |_| true)?,
        generation: source.generation()?,
        schema: source.read("schema", "a path, or a JSON schema", |value| {
            if value.is_string() || value.is_mapping() {
                serde_json::to_value(value).ok()
            } else {
                None
            }
        })?,
        files: source
            .texts("files", "a list of paths")?
            .unwrap_or_default(),
        options: source.options()?,
        tools: source.texts("tools", "a list of names of tools")?,
        vars: source.vars()?,
    })
}

/// An error at the place of a setting of the front matter.
pub(super) fn fault(path: &Path, text: &str, keys: &[&str], what: &str) -> ConfigError {
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
                return Err(self.fault(&[], "the name of a setting must be a string"));
            };
            if !KEYS.contains(&name) {
                let suggestion = closest(name, KEYS.iter().copied()).map_or_else(
                    || format!("; use one of {}", KEYS.join(", ")),
                    |near| format!("; did you mean '{near}'?"),
                );
                let position = locate::position_of_key(self.text, &[name]);
                let what = format!("unknown setting '{}'{suggestion}", name.escape_debug());
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

    /// The value of a setting; `null` counts as unset.
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
        let model = self.text("model", "a string", |_| true)?;
        if let Some(Err(why)) = model.as_deref().map(model_spec::check) {
            return Err(self.fault(&["model"], &format!("model: {why}")));
        }
        Ok(model)
    }

    fn generation(&self) -> Result<GenerationSettings, ConfigError> {
        let mut settings = GenerationSettings::default();
        for option in OPTIONS.iter().filter(|option| option.is_setting()) {
            let name = option.name;
            let Some(value) = self.value(name) else {
                continue;
            };
            let value = generation::read_yaml(name, value)
                .map_err(|what| self.fault(&[name], &format!("{name} {what}")))?;
            settings.set(name, value.as_ref());
        }
        Ok(settings)
    }

    fn texts(&self, key: &str, expected: &str) -> Result<Option<Vec<String>>, ConfigError> {
        let text = |value: &Value| {
            let text = value.as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        self.read(key, expected, |value| {
            value.as_sequence()?.iter().map(text).collect()
        })
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
                    "the name of a variable has letters, digits, '_' and '-', and starts with a \
                    letter or '_'",
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
                            "the default of {name} must be a string, a number, or true or false"
                        ),
                    ));
                }
            };
            Ok((name.to_owned(), default))
        };
        vars.iter().map(variable).collect()
    }
}
