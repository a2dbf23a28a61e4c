//! The table of providers: one row each.

use std::sync::Arc;

use super::compatible::Compatible;
use crate::chat::provider::Provider;

pub(crate) use super::entry::{KeyCheck, ProviderEntry, ReasoningField};

const COMPATIBLE: ProviderEntry = ProviderEntry {
    name: "local",
    title: "any OpenAI-compatible server",
    base_url: None,
    key_variable: "LOCAL_API_KEY",
    works_without_key: true,
    key_prefix: None,
    suggested_model: "default",
    reasoning: ReasoningField::Text,
    max_tokens_field: "max_tokens",
    asks_for_usage: true,
    holds_to_schemas: true,
    is_openrouter: false,
    key_check: KeyCheck::Get("models"),
    keys_page: None,
    credits_page: None,
};

const OPENROUTER: ProviderEntry = ProviderEntry {
    name: "openrouter",
    title: "OpenRouter, one key for hundreds of models",
    base_url: Some("https://openrouter.ai/api/v1"),
    key_variable: "OPENROUTER_API_KEY",
    works_without_key: false,
    key_prefix: Some("sk-or-"),
    suggested_model: "anthropic/claude-sonnet-4",
    reasoning: ReasoningField::Object,
    asks_for_usage: false,
    is_openrouter: true,
    key_check: KeyCheck::Get("key"),
    keys_page: Some("https://openrouter.ai/keys"),
    credits_page: Some("https://openrouter.ai/settings/credits"),
    ..COMPATIBLE
};

/// Every provider, in the order of lists and prompts.
///
/// Base URLs are those of each provider's page on OpenAI compatibility: Anthropic "OpenAI SDK
/// compatibility", Google "OpenAI compatibility", DeepSeek and Moonshot API docs, Ollama "OpenAI
/// compatibility".
pub const PROVIDERS: &[ProviderEntry] = &[
    OPENROUTER,
    ProviderEntry {
        name: "openai",
        title: "OpenAI",
        base_url: Some("https://api.openai.com/v1"),
        key_variable: "OPENAI_API_KEY",
        works_without_key: false,
        key_prefix: Some("sk-"),
        suggested_model: "gpt-5-mini",
        // Its reasoning models refuse `max_tokens`; all of its models accept this one.
        max_tokens_field: "max_completion_tokens",
        keys_page: Some("https://platform.openai.com/api-keys"),
        credits_page: Some("https://platform.openai.com/settings/organization/billing"),
        ..COMPATIBLE
    },
    ProviderEntry {
        name: "anthropic",
        title: "Anthropic",
        base_url: Some("https://api.anthropic.com/v1"),
        key_variable: "ANTHROPIC_API_KEY",
        works_without_key: false,
        key_prefix: Some("sk-ant-"),
        suggested_model: "claude-sonnet-4-5",
        // The compatible API silently ignores `reasoning_effort` and `response_format`.
        reasoning: ReasoningField::Unsupported,
        holds_to_schemas: false,
        keys_page: Some("https://console.anthropic.com/settings/keys"),
        credits_page: Some("https://console.anthropic.com/settings/billing"),
        ..COMPATIBLE
    },
    ProviderEntry {
        name: "gemini",
        title: "Google Gemini",
        base_url: Some("https://generativelanguage.googleapis.com/v1beta/openai"),
        key_variable: "GEMINI_API_KEY",
        works_without_key: false,
        suggested_model: "gemini-2.5-flash",
        keys_page: Some("https://aistudio.google.com/apikey"),
        ..COMPATIBLE
    },
    ProviderEntry {
        name: "deepseek",
        title: "DeepSeek",
        base_url: Some("https://api.deepseek.com/v1"),
        key_variable: "DEEPSEEK_API_KEY",
        works_without_key: false,
        key_prefix: Some("sk-"),
        suggested_model: "deepseek-chat",
        reasoning: ReasoningField::Unsupported,
        // JSON mode without a schema.
        holds_to_schemas: false,
        keys_page: Some("https://platform.deepseek.com/api_keys"),
        credits_page: Some("https://platform.deepseek.com/top_up"),
        ..COMPATIBLE
    },
    ProviderEntry {
        name: "kimi",
        title: "Moonshot Kimi",
        base_url: Some("https://api.moonshot.ai/v1"),
        key_variable: "MOONSHOT_API_KEY",
        works_without_key: false,
        key_prefix: Some("sk-"),
        suggested_model: "kimi-k2-0905-preview",
        reasoning: ReasoningField::Unsupported,
        keys_page: Some("https://platform.moonshot.ai/console/api-keys"),
        ..COMPATIBLE
    },
    ProviderEntry {
        name: "ollama",
        title: "Ollama on this machine",
        base_url: Some("http://localhost:11434/v1"),
        key_variable: "OLLAMA_API_KEY",
        suggested_model: "llama3.2",
        key_check: KeyCheck::Unavailable,
        ..COMPATIBLE
    },
    COMPATIBLE,
    ProviderEntry {
        name: "demo",
        title: "a scripted OpenRouter inside amx, no key, no network",
        // Replaced by the URL of the server that starts inside the program.
        base_url: Some("http://127.0.0.1/api/v1"),
        key_variable: "DEMO_API_KEY",
        works_without_key: true,
        key_prefix: None,
        suggested_model: "demo/scripted",
        key_check: KeyCheck::Unavailable,
        keys_page: None,
        credits_page: None,
        ..OPENROUTER
    },
];

/// The provider of that name.
pub(crate) fn find(name: &str) -> Option<&'static ProviderEntry> {
    PROVIDERS.iter().find(|entry| entry.name == name)
}

/// Every name, in order.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PROVIDERS.iter().map(|entry| entry.name)
}

impl ProviderEntry {
    /// The codec for this provider.
    pub fn codec(&'static self) -> Arc<dyn Provider> {
        Arc::new(Compatible { entry: self })
    }

    pub fn is_demo(&self) -> bool {
        self.name == "demo"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_base_urls_are_plain() {
        for (index, entry) in PROVIDERS.iter().enumerate() {
            assert!(
                PROVIDERS[..index]
                    .iter()
                    .all(|other| other.name != entry.name),
                "{}",
                entry.name
            );
            assert!(
                entry
                    .base_url
                    .is_none_or(|url| !url.ends_with('/') && !url.contains('?')),
                "{}",
                entry.name
            );
        }
        assert_eq!(
            find("openrouter").map(|entry| entry.key_variable),
            Some("OPENROUTER_API_KEY")
        );
        assert!(find("OpenRouter").is_none());
    }
}
