//! A profile of config.yml. Every setting is optional.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::command_tool::ToolSearch;
use super::generation::GenerationSettings;
use super::generation_fields;
use super::options::{ValueKind, path};
use super::response_cache::CacheChoice;
use crate::chat::pdf::PdfEngine;
use crate::chat::reasoning::{Effort, ReasoningMode};

/// How many alternatives one question may have.
pub(crate) const ALTERNATIVES: ValueKind = ValueKind::Integer { least: 1, most: 5 };

/// How often a model may be asked again after results of tools.
pub(crate) const STEPS: ValueKind = ValueKind::Integer {
    least: 1,
    most: 200,
};

/// USD per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Price {
    pub input: f64,
    pub output: f64,
}

/// Caps in USD.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct MaxCost {
    pub per_request: Option<f64>,
    pub per_day: Option<f64>,
}

/// The name of the application, for providers that attribute traffic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct App {
    pub referer: Option<String>,
    pub title: Option<String>,
    /// Categories of the application at OpenRouter.
    pub categories: Option<Vec<String>>,
}

/// One entry of `llm_profiles`. Prices are in USD per million tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "a mapping of settings")]
pub struct Profile {
    pub provider: Option<String>,
    pub model: Option<String>,
    pub api_key: Option<String>,
    pub base_url: Option<String>,
    pub allow_insecure: Option<bool>,
    #[serde(default, deserialize_with = "generation_fields::temperature")]
    pub temperature: Option<f64>,
    #[serde(default, deserialize_with = "generation_fields::top_p")]
    pub top_p: Option<f64>,
    #[serde(default, deserialize_with = "generation_fields::max_tokens")]
    pub max_tokens: Option<u32>,
    /// Maximum tokens of prompt and answer together.
    pub context_window: Option<u64>,
    /// The model of `amx embed`.
    pub embedding_model: Option<String>,
    /// The model of `amx rerank`.
    pub rerank_model: Option<String>,
    pub n_alternatives: Option<u8>,
    pub system: Option<String>,
    /// The schema of all answers: a file, a saved schema, JSON or the short form.
    pub schema: Option<String>,
    pub reasoning: Option<ReasoningMode>,
    #[serde(default, deserialize_with = "generation_fields::reasoning_effort")]
    pub reasoning_effort: Option<Effort>,
    pub show_reasoning: Option<bool>,
    /// The engine that reads PDFs; by default the first that is free of charge.
    pub pdf_engine: Option<PdfEngine>,
    /// The model may search the web.
    pub web: Option<bool>,
    /// Answers may come from the provider's cache.
    pub cache: Option<CacheChoice>,
    /// Requests name their conversation to the provider.
    pub enrich: Option<bool>,
    pub logprob_high: Option<f64>,
    pub logprob_medium: Option<f64>,
    pub fallback_models: Option<Vec<String>>,
    pub fallback_profiles: Option<Vec<String>>,
    pub app: Option<App>,
    /// Replaces `amx/VERSION`.
    pub user_agent: Option<String>,
    pub headers: Option<BTreeMap<String, String>>,
    /// Use only providers that neither store prompts nor train on them.
    pub private: Option<bool>,
    /// Fields of OpenRouter's body.
    pub openrouter: Option<serde_json::Map<String, serde_json::Value>>,
    /// Names and patterns of the tools that the model may call.
    pub tools: Option<Vec<String>>,
    /// How often the model may be asked again after results of tools.
    pub max_steps: Option<u32>,
    pub tool_search: Option<ToolSearch>,
    pub price: Option<Price>,
    pub max_cost: Option<MaxCost>,
}

/// The settings of a profile; a test compares them with the struct.
pub(crate) const KEYS: &[&str] = &[
    "provider",
    "model",
    "api_key",
    "base_url",
    "allow_insecure",
    "temperature",
    "top_p",
    "max_tokens",
    "context_window",
    "embedding_model",
    "rerank_model",
    "n_alternatives",
    "system",
    "schema",
    "reasoning",
    "reasoning_effort",
    "show_reasoning",
    "pdf_engine",
    "web",
    "cache",
    "enrich",
    "logprob_high",
    "logprob_medium",
    "fallback_models",
    "fallback_profiles",
    "app",
    "user_agent",
    "headers",
    "private",
    "openrouter",
    "tools",
    "max_steps",
    "tool_search",
    "price",
    "max_cost",
];

/// The settings inside those settings that have a fixed set.
pub(crate) const NESTED_KEYS: &[(&str, &[&str])] = &[
    ("app", &["referer", "title", "categories"]),
    ("price", &["input", "output"]),
    ("max_cost", &["per_request", "per_day"]),
];

impl Profile {
    /// The settings that are a model of a command, each with its name.
    pub(crate) fn models(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("model", self.model.as_deref()),
            ("embedding_model", self.embedding_model.as_deref()),
            ("rerank_model", self.rerank_model.as_deref()),
        ]
    }

    /// The settings that every provider supports.
    pub fn generation(&self) -> GenerationSettings {
        GenerationSettings {
            temperature: self.temperature,
            top_p: self.top_p,
            max_tokens: self.max_tokens,
            effort: self.reasoning_effort,
        }
    }

    /// Moves the fields of the `openrouter` map that are typed settings to those settings, so that
    /// precedence, reasoning floor and caps apply to them too. A setting under its own name wins.
    /// Fields that do not fit their option must have been refused before.
    #[must_use]
    pub fn lifted(mut self) -> Self {
        let Some(mut body) = self.openrouter.take() else {
            return self;
        };
        let mut lifted = GenerationSettings::default();
        // In this order: of two names of one setting, the later wins.
        for name in [
            "temperature",
            "top_p",
            "max_tokens",
            "max_completion_tokens",
            "reasoning_effort",
            "reasoning.effort",
        ] {
            let value = path::remove(&mut body, name).filter(|value| !value.is_null());
            if let Some(value) = value {
                lifted.set(name, Some(&value));
            }
        }
        let settings = self.generation().or(lifted);
        self.temperature = settings.temperature;
        self.top_p = settings.top_p;
        self.max_tokens = settings.max_tokens;
        self.reasoning_effort = settings.effort;
        self.openrouter = Some(body);
        self
    }
}

pub(crate) use crate::secrets::reference::is_entry_name as is_profile_name;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_settings_is_the_struct() {
        let serialized = serde_json::to_value(Profile::default()).unwrap();
        let fields: Vec<&str> = serialized
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(fields, KEYS);
    }

    #[test]
    fn profile_names_have_the_documented_form() {
        for name in ["a", "or-claude", "A.b_c-9", &"x".repeat(64)] {
            assert!(is_profile_name(name), "{name}");
        }
        for name in ["", "-a", ".a", "a b", "a/b", "ä", "a\n", &"x".repeat(65)] {
            assert!(!is_profile_name(name), "{name:?}");
        }
    }

    #[test]
    fn typed_settings_are_lifted_out_of_the_body() {
        let profile: Profile = serde_json::from_value(serde_json::json!({
            "temperature": 0.1,
            "openrouter": {
                "temperature": 1, "top_p": 0.5, "max_tokens": 5, "max_completion_tokens": 6,
                "reasoning_effort": "low", "reasoning": {"effort": "High"}, "seed": 1,
            },
        }))
        .unwrap();
        let lifted = profile.lifted();
        assert_eq!(
            lifted.generation(),
            GenerationSettings {
                temperature: Some(0.1),
                top_p: Some(0.5),
                max_tokens: Some(6),
                effort: Some(Effort::High),
            }
        );
        let body = serde_json::Value::from(lifted.openrouter.unwrap());
        assert_eq!(body, serde_json::json!({"seed": 1}));
    }
}
