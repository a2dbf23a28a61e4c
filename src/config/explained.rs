//! `config explain`: every setting as it is sent, with its source.

use serde_json::Value;

use super::headers::is_secret_header;
use super::layers::{Setting, ValueSource};
use super::options::Origin;
use super::options::path;
use super::settings::Settings;
use crate::secrets::KeySource;
use crate::wire::redact::cut;

/// One line of `config explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    pub key: String,
    pub value: String,
    pub source: String,
    pub overridden: Vec<(String, String)>,
}

/// The value of a setting that is not sent.
pub(crate) const NOT_SENT: &str = "not sent";

/// The value of a secret.
pub(crate) const HIDDEN: &str = "set, not shown";

impl Settings {
    /// Every setting as it is sent, with its source, for `config explain`, in the order of the
    /// documentation.
    pub fn explain(&self) -> Vec<Explained> {
        let mut lines = vec![
            explained("profile", &self.profile, ToString::to_string),
            explained("provider", &self.provider, ToString::to_string),
            self.explained_model(),
            explained("base_url", &self.base_url, ToString::to_string),
            explained("max_tokens", &self.max_tokens, ToString::to_string),
            explained("reasoning", &self.reasoning, |mode| {
                format!("{mode:?}").to_lowercase()
            }),
            explained("floor", &self.floor, ToString::to_string),
            explained("silence_timeout", &self.silence, |silence| {
                format!("{} s", silence.as_secs())
            }),
            explained("n_alternatives", &self.alternatives, ToString::to_string),
            explained("logprob_high", &self.logprob_high, ToString::to_string),
            explained("logprob_medium", &self.logprob_medium, ToString::to_string),
            explained("app.referer", &self.referer, ToString::to_string),
            explained("app.title", &self.title, ToString::to_string),
            explained("user_agent", &self.user_agent, ToString::to_string),
        ];
        lines.extend(self.explained_identity());
        lines.extend(optional("temperature", self.temperature.as_ref()));
        lines.extend(optional("top_p", self.top_p.as_ref()));
        let start = |text: &String| cut(text, 60);
        let system = self.system.as_ref();
        lines.extend(system.map(|setting| explained("system", setting, start)));
        lines.extend(optional("schema", self.schema.as_ref()));
        lines.extend(optional("reasoning_effort", self.effort.as_ref()));
        lines.extend(self.explained_fallbacks());
        lines.extend(self.explained_private());
        lines.extend(self.explained_body());
        lines.extend(optional("show_reasoning", self.show_reasoning.as_ref()));
        lines.extend(optional("pdf_engine", self.pdf_engine.as_ref()));
        lines.extend(optional("web", self.services.web.as_ref()));
        lines.extend(optional("cache", self.services.cache.as_ref()));
        lines.extend(optional("enrich", self.services.enrich.as_ref()));
        lines.extend(self.explained_tools());
        lines.extend(optional("max_cost.per_request", self.max_cost.as_ref()));
        lines.extend(self.explained_day_cap());
        lines.extend(self.explained_price());
        lines.push(self.explained_key());
        lines
    }

    fn explained_key(&self) -> Explained {
        let (value, source) = match &self.key {
            KeySource::NotNeeded => ("not needed".to_owned(), ValueSource::Default.to_string()),
            KeySource::Missing => ("missing".to_owned(), ValueSource::Default.to_string()),
            KeySource::Environment { variable, .. } => {
                ("set".to_owned(), format!("environment, {variable}"))
            }
            KeySource::Reference { reference, .. } => (reference.to_string(), self.file_words()),
        };
        Explained {
            key: "api_key".to_owned(),
            value,
            source,
            overridden: Vec::new(),
        }
    }

    /// Fields of the body, as JSON, each with its source.
    fn explained_body(&self) -> Vec<Explained> {
        let profile = self.profile.value.as_str();
        let line = |(field, value): (&String, &Value)| {
            let origin = self.options.origin(field);
            let source = origin.map_or_else(
                || ValueSource::Default.to_string(),
                |origin| origin.words(profile),
            );
            let overridden = self.overridden_below(field, value, &source);
            Explained {
                key: format!("body.{field}"),
                value: value.to_string(),
                source,
                overridden,
            }
        };
        self.body.iter().map(line).collect()
    }

    /// One option inside a field of the body, such as `provider.sort`; `None` when it is not sent.
    pub fn explained_option(&self, name: &str) -> Option<Explained> {
        let value = path::get(&self.body, name)?;
        let source = self.options.origin(name)?.words(&self.profile.value);
        let overridden = self.overridden_below(name, value, &source);
        Some(Explained {
            key: format!("body.{name}"),
            value: value.to_string(),
            source,
            overridden,
        })
    }

    /// The other values of an option in the layers below.
    fn overridden_below(&self, name: &str, value: &Value, source: &str) -> Vec<(String, String)> {
        let below = self
            .options
            .below_flags(name, &self.profile.value)
            .filter(|(below, from)| *below != value && from != source);
        below
            .map(|(below, from)| (below.to_string(), from))
            .collect()
    }

    /// Fallback models, where the provider supports them.
    fn explained_fallbacks(&self) -> Option<Explained> {
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

    /// The model, and the aliases that were replaced.
    fn explained_model(&self) -> Explained {
        let (value, mut source) = shown(&self.model);
        if !self.aliases.is_empty() {
            source = format!("{source}; model_aliases: {}", self.aliases.join(" → "));
        }
        Explained {
            key: "model".to_owned(),
            value,
            source,
            overridden: weaker(&self.model),
        }
    }

    /// The categories of the application, and further headers. Secrets are not shown.
    fn explained_identity(&self) -> Vec<Explained> {
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
                overridden: Vec::new(),
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

    /// The tools, and their limits where there are any.
    fn explained_tools(&self) -> Vec<Explained> {
        let Some(tools) = self.tools.as_ref().filter(|tools| !tools.value.is_empty()) else {
            return Vec::new();
        };
        vec![
            listed("tools", tools),
            explained("max_steps", &self.max_steps, ToString::to_string),
            explained("tool_search", &self.tool_search, ToString::to_string),
        ]
    }

    /// The daily cap, which only a profile has.
    fn explained_day_cap(&self) -> Option<Explained> {
        let cap = self.max_cost_per_day?;
        Some(Explained {
            key: "max_cost.per_day".to_owned(),
            value: cap.to_string(),
            source: self.file_words(),
            overridden: Vec::new(),
        })
    }

    /// The price of the profile's model, USD per million tokens.
    fn explained_price(&self) -> Vec<Explained> {
        let rates = self
            .price
            .as_ref()
            .map(|price| [("price.input", price.input), ("price.output", price.output)]);
        let line = |(key, rate): (&str, f64)| Explained {
            key: key.to_owned(),
            value: rate.to_string(),
            source: self.file_words(),
            overridden: Vec::new(),
        };
        rates.into_iter().flatten().map(line).collect()
    }

    fn explained_private(&self) -> Option<Explained> {
        let (value, origin) = self.options.private.as_ref()?;
        let source = origin.words(&self.profile.value);
        Some(Explained {
            key: "private".to_owned(),
            value: value.to_string(),
            source,
            overridden: Vec::new(),
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
    let overridden = setting
        .overridden
        .iter()
        .map(|(values, source)| (values.join(", "), source.to_string()))
        .collect();
    Explained {
        key: key.to_owned(),
        value: setting.value.join(", "),
        source: setting.source.to_string(),
        overridden,
    }
}

/// Value and source of a setting, as text.
pub(crate) fn shown<T: ToString>(setting: &Setting<T>) -> (String, String) {
    (setting.value.to_string(), setting.source.to_string())
}

/// The values that a setting overrides, with their sources.
pub(crate) fn weaker<T: ToString>(setting: &Setting<T>) -> Vec<(String, String)> {
    setting
        .overridden
        .iter()
        .map(|(value, source)| (value.to_string(), source.to_string()))
        .collect()
}

fn explained<T>(key: &'static str, setting: &Setting<T>, show: impl Fn(&T) -> String) -> Explained {
    Explained {
        key: key.to_owned(),
        value: show(&setting.value),
        source: setting.source.to_string(),
        overridden: setting
            .overridden
            .iter()
            .map(|(value, source)| (show(value), source.to_string()))
            .collect(),
    }
}

/// A line for a setting that is shown only where it is set.
fn optional<T: ToString>(key: &'static str, setting: Option<&Setting<T>>) -> Option<Explained> {
    setting.map(|setting| explained(key, setting, ToString::to_string))
}
