//! The table of providers: one row each.

use std::sync::Arc;

use super::compatible::Compatible;
use super::images::{self, Images};
use super::texts::TextsCodec;
use crate::chat::endpoint::Endpoint;
use crate::chat::provider::Provider;
use crate::wire::client::KeyHeader;

pub(crate) use super::entry::{
    BatchesApi, EmbeddingsApi, ImageApi, KeyCheck, ProviderEntry, ReasoningField, RerankApi,
    WebSearch,
};

/// The APIs that OpenRouter has, and that a server of the user's own may have.
const ALL_PATHS: &[&str] = &["chat/completions", "responses", "messages", "embeddings"];

/// Embeddings of a server of the user's own. Text Embeddings Inference accepts 32 texts by default.
const OWN_EMBEDDINGS: EmbeddingsApi = EmbeddingsApi {
    model: None,
    list: None,
    most_texts: 32,
    most_tokens: 32_000,
};

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
    reasons_at_temperature: true,
    has_responses_models: false,
    asks_for_usage: true,
    holds_to_schemas: true,
    returned_reasoning: Some("reasoning_content"),
    is_openrouter: false,
    web_search: WebSearch::Unsupported,
    images: None,
    paths: ALL_PATHS,
    embeddings: Some(OWN_EMBEDDINGS),
    rerank: Some(RerankApi {
        model: None,
        most_documents: 1000,
    }),
    batches: None,
    key_check: KeyCheck::Get("models"),
    list_key: KeyHeader::Bearer,
    list_headers: &[],
    list_query: None,
    list_prefix: None,
    keys_page: None,
    credits_page: None,
    limits_page: None,
    daily_reset: None,
    models_page: None,
    install_model: None,
    sign_in: None,
    start_server: Some("start the server, or see: amx config explain base_url"),
};

/// A server on the internet, which needs a key.
const HOSTED: ProviderEntry = ProviderEntry {
    works_without_key: false,
    paths: &["chat/completions"],
    embeddings: None,
    rerank: None,
    returned_reasoning: None,
    start_server: None,
    ..COMPATIBLE
};

const OPENROUTER: ProviderEntry = ProviderEntry {
    name: "openrouter",
    title: "OpenRouter, one key for hundreds of models",
    base_url: Some("https://openrouter.ai/api/v1"),
    key_variable: "OPENROUTER_API_KEY",
    key_prefix: Some("sk-or-"),
    suggested_model: "anthropic/claude-sonnet-5",
    reasoning: ReasoningField::Object,
    asks_for_usage: false,
    returned_reasoning: Some("reasoning"),
    is_openrouter: true,
    web_search: WebSearch::ServerTools,
    images: Some(images::OPENROUTER),
    paths: ALL_PATHS,
    // Cohere's models accept 96 texts, the fewest of its providers.
    embeddings: Some(EmbeddingsApi {
        model: Some("openai/text-embedding-3-small"),
        list: Some("embeddings/models"),
        most_texts: 96,
        most_tokens: 100_000,
    }),
    rerank: Some(RerankApi {
        model: Some("cohere/rerank-v3.5"),
        most_documents: 1000,
    }),
    batches: Some(BatchesApi {
        path: "batches",
        price_part: 0.5,
    }),
    key_check: KeyCheck::Get("key"),
    keys_page: Some("https://openrouter.ai/keys"),
    credits_page: Some("https://openrouter.ai/settings/credits"),
    models_page: Some("https://openrouter.ai/models"),
    ..HOSTED
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
        key_prefix: Some("sk-"),
        suggested_model: "gpt-6-luna",
        // Of its chat completions only these models search, with `web_search_options`.
        web_search: WebSearch::OwnModels(&["search-api", "search-preview"]),
        images: Some(images::OPENAI),
        // Its reasoning models refuse `max_tokens`; all of its models accept this one.
        max_tokens_field: "max_completion_tokens",
        reasons_at_temperature: false,
        has_responses_models: true,
        paths: &["chat/completions", "responses", "embeddings"],
        // It accepts 2,048 texts and 300,000 tokens; smaller requests are repeated at less cost.
        embeddings: Some(EmbeddingsApi {
            model: Some("text-embedding-3-small"),
            list: None,
            most_texts: 256,
            most_tokens: 200_000,
        }),
        keys_page: Some("https://platform.openai.com/api-keys"),
        credits_page: Some("https://platform.openai.com/settings/organization/billing"),
        limits_page: Some("https://platform.openai.com/settings/organization/limits"),
        models_page: Some("https://platform.openai.com/docs/models"),
        ..HOSTED
    },
    ProviderEntry {
        name: "anthropic",
        title: "Anthropic",
        base_url: Some("https://api.anthropic.com/v1"),
        key_variable: "ANTHROPIC_API_KEY",
        key_prefix: Some("sk-ant-"),
        suggested_model: "claude-sonnet-5-5",
        // The compatible API silently ignores `reasoning_effort` and `response_format`.
        reasoning: ReasoningField::Unsupported,
        holds_to_schemas: false,
        paths: &["chat/completions", "messages"],
        // Its own API: the compatible part is chat alone.
        list_key: KeyHeader::Named("x-api-key"),
        list_headers: &[("anthropic-version", "2023-06-01")],
        list_query: Some("limit=1000"),
        keys_page: Some("https://console.anthropic.com/settings/keys"),
        credits_page: Some("https://console.anthropic.com/settings/billing"),
        limits_page: Some("https://console.anthropic.com/settings/limits"),
        models_page: Some("https://docs.anthropic.com/en/docs/about-claude/models"),
        ..HOSTED
    },
    ProviderEntry {
        name: "gemini",
        title: "Google Gemini",
        base_url: Some("https://generativelanguage.googleapis.com/v1beta/openai"),
        key_variable: "GEMINI_API_KEY",
        suggested_model: "gemini-3.8-flash",
        paths: &["chat/completions", "embeddings"],
        // Refuses more than 100 texts: "at most 100 requests can be in one batch".
        embeddings: Some(EmbeddingsApi {
            model: Some("gemini-embedding-001"),
            list: None,
            most_texts: 100,
            most_tokens: 20_000,
        }),
        list_prefix: Some("models/"),
        keys_page: Some("https://aistudio.google.com/apikey"),
        credits_page: Some("https://aistudio.google.com/usage"),
        limits_page: Some("https://ai.google.dev/gemini-api/docs/rate-limits"),
        daily_reset: Some("at midnight Pacific time"),
        models_page: Some("https://ai.google.dev/gemini-api/docs/models"),
        ..HOSTED
    },
    ProviderEntry {
        name: "deepseek",
        title: "DeepSeek",
        base_url: Some("https://api.deepseek.com/v1"),
        key_variable: "DEEPSEEK_API_KEY",
        key_prefix: Some("sk-"),
        suggested_model: "deepseek-flash",
        reasoning: ReasoningField::Unsupported,
        // Its models that reason refuse calls without it.
        returned_reasoning: Some("reasoning_content"),
        // JSON mode without a schema.
        holds_to_schemas: false,
        keys_page: Some("https://platform.deepseek.com/api_keys"),
        credits_page: Some("https://platform.deepseek.com/top_up"),
        models_page: Some("https://api-docs.deepseek.com/quick_start/pricing"),
        ..HOSTED
    },
    ProviderEntry {
        name: "kimi",
        title: "Moonshot Kimi",
        base_url: Some("https://api.moonshot.ai/v1"),
        key_variable: "MOONSHOT_API_KEY",
        key_prefix: Some("sk-"),
        suggested_model: "kimi-k2.6",
        reasoning: ReasoningField::Unsupported,
        // Its models that reason refuse calls without it.
        returned_reasoning: Some("reasoning_content"),
        keys_page: Some("https://platform.moonshot.ai/console/api-keys"),
        credits_page: Some("https://platform.moonshot.ai/console/pay"),
        limits_page: Some("https://platform.moonshot.ai/console/limits"),
        ..HOSTED
    },
    ProviderEntry {
        name: "ollama",
        title: "Ollama on this machine",
        base_url: Some("http://localhost:11434/v1"),
        key_variable: "OLLAMA_API_KEY",
        suggested_model: "llama3.2",
        key_check: KeyCheck::Unavailable,
        embeddings: Some(EmbeddingsApi {
            model: Some("nomic-embed-text"),
            ..OWN_EMBEDDINGS
        }),
        rerank: None,
        credits_page: Some("https://ollama.com/upgrade"),
        models_page: Some("https://ollama.com/search"),
        install_model: Some("ollama pull"),
        sign_in: Some("ollama signin"),
        start_server: Some("ollama serve"),
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
        images: None,
        paths: &["chat/completions"],
        embeddings: Some(EmbeddingsApi {
            model: Some("demo/embedding"),
            list: None,
            most_texts: 8,
            most_tokens: 8_000,
        }),
        rerank: Some(RerankApi {
            model: Some("demo/rerank"),
            most_documents: 1000,
        }),
        batches: None,
        key_check: KeyCheck::Unavailable,
        keys_page: None,
        credits_page: None,
        models_page: None,
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

    /// The codec for an endpoint that takes texts and returns numbers.
    pub(crate) fn texts_codec(&'static self, endpoint: Endpoint) -> Arc<dyn Provider> {
        Arc::new(TextsCodec {
            chat: Compatible { entry: self },
            endpoint,
        })
    }

    /// The codec of its API for images, where it has one.
    pub fn image_codec(&'static self, has_inputs: bool) -> Option<Arc<dyn Provider>> {
        let api = self.images.as_ref()?;
        Some(Arc::new(Images {
            entry: self,
            api,
            has_inputs,
        }))
    }

    /// The headers of a request for the model list: those of every request, and the provider's
    /// own.
    pub(crate) fn with_list_headers(
        &self,
        mut headers: Vec<(String, String)>,
    ) -> Vec<(String, String)> {
        for (name, value) in self.list_headers {
            if !headers
                .iter()
                .any(|(other, _)| other.eq_ignore_ascii_case(name))
            {
                headers.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        headers
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
