//! How the rows of a job are asked: what decides their answers, and whether a later run agrees.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::row::RowDigest;
use crate::chat::schema::Schema;
use crate::config::Settings;

/// Everything that decides an answer, by name. Long texts are hashes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Configuration(Map<String, Value>);

/// Longest text that is shown as it is when it changed, in characters.
const SHOWN: usize = 60;

impl Configuration {
    /// Of the settings; `others` is what else decides, such as the prompt.
    pub(crate) fn of(
        settings: &Settings,
        schema: Option<&Schema>,
        others: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Self {
        let system = settings.written_system.as_ref();
        let system = system.or(settings.system.as_ref().map(|system| &system.value));
        let models = settings.fallback_models.as_ref();
        let all = [
            ("provider", json!(settings.entry.name)),
            ("base URL", json!(settings.base_url.value.as_str())),
            ("model", json!(settings.model.value)),
            ("fallback models", json!(models.map(|models| &models.value))),
            ("fallback profiles", json!(settings.fallback_profiles)),
            ("system prompt", hashed(system.map(String::as_str))),
            ("max_tokens", json!(settings.max_tokens.value)),
            (
                "temperature",
                json!(settings.temperature.as_ref().map(|set| set.value)),
            ),
            ("top_p", json!(settings.top_p.as_ref().map(|set| set.value))),
            (
                "reasoning effort",
                json!(settings.effort.as_ref().map(|set| set.value)),
            ),
            ("request options", Value::Object(settings.body.clone())),
            (
                "schema",
                hashed(schema.map(|schema| schema.sent().to_string()).as_deref()),
            ),
        ];
        let set = all.into_iter().chain(others);
        let set = set.filter(|(_, value)| !is_unset(value));
        Self(set.map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// As [`to_value`](Self::to_value) wrote it.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        value.as_object().cloned().map(Self)
    }

    pub(crate) fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// The hash that is part of the key of each row.
    pub(crate) fn hash(&self) -> [u8; 16] {
        RowDigest::of(&self.0).0
    }

    /// What differs in `now`, in words.
    pub(crate) fn changes(&self, now: &Self) -> Vec<String> {
        let names = self.0.keys().chain(now.0.keys());
        let mut changes: Vec<String> = Vec::new();
        for name in names {
            let (before, after) = (self.0.get(name), now.0.get(name));
            let is_listed = changes
                .iter()
                .any(|change| change.starts_with(name.as_str()));
            if before != after && !is_listed {
                changes.push(change(name, before, after));
            }
        }
        changes
    }
}

fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// A text as its hash.
pub(crate) fn hashed(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| {
        let hash = Sha256::digest(text.as_bytes());
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Value::from(format!("sha256:{hex}"))
    })
}

fn change(name: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let is_hash = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.starts_with("sha256:"))
    };
    let words = |value: Option<&Value>| match value {
        None => Some("none".to_owned()),
        Some(value) if is_hash(value) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    match (words(before), words(after)) {
        (Some(before), Some(after)) if before.len() + after.len() <= SHOWN => {
            format!("{name} ({before} before, {after} now)")
        }
        _ => name.to_owned(),
    }
}
