//! What a request carries and why, where that is more than one setting says: the budget and the
//! effort of a reasoning route, fields of the body.

use serde_json::Value;

use super::layers::{Setting, ValueSource};
use super::options::merged::Origin;
use super::options::path;
use super::profile::is_secret_header;
use super::settings::{Explained, Settings};

/// Said of a setting that stays behind.
pub const NOT_SENT: &str = "not sent";

/// Said of a value that is a secret.
const HIDDEN: &str = "set, not shown";

impl Settings {
    /// As set; which number is sent depends on the model as well.
    pub(super) fn explained_max_tokens(&self) -> Explained {
        let (value, source) = shown(&self.max_tokens);
        Explained {
            key: "max_tokens".to_owned(),
            value,
            source,
            hides: hidden(&self.max_tokens),
        }
    }

    /// Fields of the body by their own names, as JSON, each with the layers that it is made of.
    pub(super) fn explained_body(&self) -> Vec<Explained> {
        let profile = self.profile.value.as_str();
        let line = |(field, value): (&String, &Value)| {
            let origin = self.options.origin(field);
            let source = origin.map_or_else(
                || ValueSource::Default.to_string(),
                |origin| origin.words(profile),
            );
            let hides = self.hidden_below(field, value, &source);
            Explained {
                key: format!("body.{field}"),
                value: value.to_string(),
                source,
                hides,
            }
        };
        self.body.iter().map(line).collect()
    }

    /// One option inside a field of the body, such as `provider.sort`; `None` when it is not sent.
    pub fn explained_option(&self, name: &str) -> Option<Explained> {
        let value = path::get(&self.body, name)?;
        let source = self.options.origin(name)?.words(&self.profile.value);
        let hides = self.hidden_below(name, value, &source);
        Some(Explained {
            key: format!("body.{name}"),
            value: value.to_string(),
            source,
            hides,
        })
    }

    /// What the layers below say otherwise of an option.
    fn hidden_below(&self, name: &str, value: &Value, source: &str) -> Vec<(String, String)> {
        let below = self
            .options
            .below_flags(name, &self.profile.value)
            .filter(|(below, from)| *below != value && from != source);
        below
            .map(|(below, from)| (below.to_string(), from))
            .collect()
    }

    /// Models to fall back to, where the provider is told of them.
    pub(super) fn explained_fallbacks(&self) -> Option<Explained> {
        let models = self
            .fallback_models
            .as_ref()
            .filter(|_| self.entry.is_openrouter)?;
        let mut line = listed("fallback_models", models);
        if let Some(origin @ Origin::Chosen(_)) = self.options.origin("models") {
            line.source = origin.words(&self.profile.value);
        }
        Some(line)
    }

    /// The model, and the aliases that led to it.
    pub(super) fn explained_model(&self) -> Explained {
        let (value, mut source) = shown(&self.model);
        if !self.aliases.is_empty() {
            source = format!("{source}; model_aliases: {}", self.aliases.join(" → "));
        }
        Explained {
            key: "model".to_owned(),
            value,
            source,
            hides: hidden(&self.model),
        }
    }

    /// How the application names itself beyond its title, and further headers; what may be a secret
    /// is not shown.
    pub(super) fn explained_identity(&self) -> Vec<Explained> {
        let header = |(name, value): &(String, String)| {
            let value = if is_secret_header(name, value) {
                HIDDEN.to_owned()
            } else {
                value.clone()
            };
            Explained {
                key: format!("headers.{name}"),
                value,
                source: self.file_words(),
                hides: Vec::new(),
            }
        };
        let categories = self
            .categories
            .as_ref()
            .map(|categories| listed("app.categories", categories));
        categories
            .into_iter()
            .chain(self.headers.iter().map(header))
            .collect()
    }

    pub(super) fn explained_private(&self) -> Option<Explained> {
        let (value, origin) = self.options.private.as_ref()?;
        let source = origin.words(&self.profile.value);
        Some(Explained {
            key: "private".to_owned(),
            value: value.to_string(),
            source,
            hides: Vec::new(),
        })
    }

    fn file_words(&self) -> String {
        ValueSource::File {
            profile: self.profile.value.clone(),
        }
        .to_string()
    }
}

fn listed(key: &str, setting: &Setting<Vec<String>>) -> Explained {
    let hides = setting
        .hides
        .iter()
        .map(|(values, source)| (values.join(", "), source.to_string()))
        .collect();
    Explained {
        key: key.to_owned(),
        value: setting.value.join(", "),
        source: setting.source.to_string(),
        hides,
    }
}

/// Value and source of a setting, as text.
pub fn shown<T: ToString>(setting: &Setting<T>) -> (String, String) {
    (setting.value.to_string(), setting.source.to_string())
}

/// The values that a setting overrides, with their sources.
pub fn hidden<T: ToString>(setting: &Setting<T>) -> Vec<(String, String)> {
    setting
        .hides
        .iter()
        .map(|(value, source)| (value.to_string(), source.to_string()))
        .collect()
}
