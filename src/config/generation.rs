//! The settings that every provider supports. Flags, templates, profiles and model parameters hold
//! them alike; the table of options has their ranges.

use serde_json::{Map, Value};

use super::layers::{Setting, ValueSource, flag};
use super::options::{RequestOption, table};
use crate::chat::reasoning::Effort;

/// What one layer decides. `None` leaves a setting to the layers below.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GenerationSettings {
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub max_tokens: Option<u32>,
    pub effort: Option<Effort>,
}

impl GenerationSettings {
    /// The settings among the fields of a body. A field that does not fit its option is omitted:
    /// it was refused before.
    pub fn from_fields(fields: &Map<String, Value>) -> Self {
        let mut settings = Self::default();
        for (name, value) in fields {
            settings.set(name, Some(value));
        }
        settings
    }

    /// The value of the option of that name.
    pub fn get(&self, name: &str) -> Option<Value> {
        match name {
            "temperature" => self.temperature.map(Value::from),
            "top_p" => self.top_p.map(Value::from),
            "max_tokens" => self.max_tokens.map(Value::from),
            "reasoning_effort" => self.effort.map(|effort| Value::from(effort.as_str())),
            _ => None,
        }
    }

    /// Sets the option of that name, or unsets it. The value must fit the option's kind.
    pub fn set(&mut self, name: &str, value: Option<&Value>) {
        let number = || value.and_then(Value::as_f64);
        match table::find(name).map_or(name, |option| option.name) {
            "temperature" => self.temperature = number(),
            "top_p" => self.top_p = number(),
            "max_tokens" => {
                self.max_tokens = value
                    .and_then(Value::as_u64)
                    .and_then(|tokens| u32::try_from(tokens).ok());
            }
            "reasoning_effort" => {
                self.effort = value
                    .and_then(Value::as_str)
                    .and_then(|effort| effort.parse().ok());
            }
            _ => {}
        }
    }

    /// These settings, and those of a weaker layer where they are unset.
    #[must_use]
    pub fn or(self, weaker: Self) -> Self {
        Self {
            temperature: self.temperature.or(weaker.temperature),
            top_p: self.top_p.or(weaker.top_p),
            max_tokens: self.max_tokens.or(weaker.max_tokens),
            effort: self.effort.or(weaker.effort),
        }
    }

    /// These settings without those that the other layer decides.
    #[must_use]
    pub fn without(self, other: &Self) -> Self {
        Self {
            temperature: self.temperature.filter(|_| other.temperature.is_none()),
            top_p: self.top_p.filter(|_| other.top_p.is_none()),
            max_tokens: self.max_tokens.filter(|_| other.max_tokens.is_none()),
            effort: self.effort.filter(|_| other.effort.is_none()),
        }
    }
}

/// Reads a value of the option of that name from text.
///
/// # Errors
/// What the value must be; goes after the name of the option.
pub(crate) fn read(name: &str, text: &str) -> Result<Value, String> {
    option(name)?.read(text)
}

/// Reads a value of the option of that name from a YAML file; `None` for `null`.
///
/// # Errors
/// What the value must be; goes after the name of the option.
pub(crate) fn read_yaml(name: &str, value: &serde_yaml::Value) -> Result<Option<Value>, String> {
    let option = option(name)?;
    if value.is_null() {
        return Ok(None);
    }
    // A NaN becomes `null`, which fits no option.
    let value = serde_json::to_value(value).unwrap_or_default();
    if option.kind.fits(&value) {
        Ok(Some(value))
    } else {
        Err(option.must_be())
    }
}

fn option(name: &str) -> Result<&'static RequestOption, String> {
    table::find(name).ok_or_else(|| "is not an option of a request".to_owned())
}

/// All layers of one request.
pub(crate) struct GenerationLayers {
    pub flags: GenerationSettings,
    /// The layers below the flags, in any order.
    pub below: Vec<(GenerationSettings, ValueSource)>,
}

impl GenerationLayers {
    /// One setting of all layers; `option` is its flag.
    pub(crate) fn setting<T>(
        &self,
        option: &'static str,
        read: impl Fn(&GenerationSettings) -> Option<T>,
    ) -> Option<Setting<T>> {
        let below = self
            .below
            .iter()
            .map(|(settings, source)| Some((read(settings)?, source.clone())));
        Setting::stack(std::iter::once(flag(read(&self.flags), option)).chain(below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_read_and_set_by_its_row() {
        let names = table::OPTIONS.iter().filter(|option| option.is_setting());
        for option in names {
            let value: Value = serde_json::from_str(option.example).unwrap();
            let mut settings = GenerationSettings::default();
            settings.set(option.name, Some(&value));
            assert_eq!(settings.get(option.name), Some(value), "{}", option.name);
            assert_eq!(settings.or(GenerationSettings::default()), settings);
            assert_eq!(settings.without(&settings), GenerationSettings::default());
            settings.set(option.name, None);
            assert_eq!(settings, GenerationSettings::default(), "{}", option.name);
        }
    }

    #[test]
    fn values_of_files_are_checked_before_they_are_converted() {
        let read = |name: &str, text: &str| read_yaml(name, &serde_yaml::from_str(text).unwrap());
        assert_eq!(read("temperature", "~"), Ok(None));
        assert_eq!(read("temperature", "1"), Ok(Some(1.into())));
        for (name, text) in [
            ("temperature", ".nan"),
            ("temperature", "'1'"),
            ("max_tokens", "1.5"),
            ("max_tokens", "4294967296"),
            ("reasoning_effort", "[high]"),
        ] {
            let must_be = table::find(name).unwrap().must_be();
            assert_eq!(read(name, text), Err(must_be), "{name}: {text}");
        }
    }
}
