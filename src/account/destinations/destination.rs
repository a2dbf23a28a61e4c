//! One destination, decoded from OpenRouter's answer.

use serde_json::{Map, Value, json};

use super::mask;

/// A destination. Its secrets are replaced when it is decoded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Destination {
    pub id: String,
    pub name: String,
    /// `type` in the API.
    pub kind: String,
    pub is_enabled: bool,
    /// Prompts and answers are not sent.
    pub privacy_mode: bool,
    /// Share of requests, from 0 to 1.
    pub sampling_rate: f64,
    pub config: Map<String, Value>,
    /// Requests of these keys only; `None` for all.
    pub api_key_hashes: Option<Vec<String>>,
    /// Only some requests are sent, by rules that were set on the web page.
    pub has_filter: bool,
    pub workspace_id: Option<String>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
}

impl Destination {
    /// Decodes an object of the API; `None` without an ID or a type.
    pub(crate) fn decode(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let kind = text("type")?;
        let hashes = value["api_key_hashes"].as_array().map(|hashes| {
            let hashes = hashes.iter().filter_map(Value::as_str);
            hashes.map(str::to_owned).collect()
        });
        let config = value["config"].as_object();
        Some(Self {
            id: text("id")?,
            name: text("name").unwrap_or_default(),
            is_enabled: value["enabled"].as_bool().unwrap_or(true),
            privacy_mode: value["privacy_mode"].as_bool().unwrap_or_default(),
            sampling_rate: value["sampling_rate"].as_f64().unwrap_or(1.0),
            config: config
                .map(|config| mask::masked(&kind, config))
                .unwrap_or_default(),
            kind,
            api_key_hashes: hashes,
            has_filter: !value["filter_rules"].is_null(),
            workspace_id: text("workspace_id"),
            created_at: text("created_at"),
            updated_at: text("updated_at"),
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "enabled": self.is_enabled,
            "privacy_mode": self.privacy_mode,
            "sampling_rate": self.sampling_rate,
            "config": self.config,
            "api_key_hashes": self.api_key_hashes,
            "has_filter_rules": self.has_filter,
            "workspace_id": self.workspace_id,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_fields_have_their_defaults() {
        let decoded = Destination::decode(&json!({"id": "1", "type": "s3"})).unwrap();
        assert!(decoded.is_enabled && !decoded.privacy_mode && !decoded.has_filter);
        assert!((decoded.sampling_rate - 1.0).abs() < f64::EPSILON);
        assert_eq!(decoded.api_key_hashes, None);
        assert_eq!(Destination::decode(&json!({"id": "1"})), None);
        assert_eq!(Destination::decode(&json!({"type": "s3"})), None);
    }
}
