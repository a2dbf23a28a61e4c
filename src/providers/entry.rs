//! The columns of the table of providers.

use crate::wire::client::KeyHeader;

/// How a provider accepts a reasoning effort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasoningField {
    /// `reasoning: {"effort": …}`.
    Object,
    /// `reasoning_effort: …`.
    Text,
    /// Not at all.
    Unsupported,
}

/// How a provider searches the web for a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebSearch {
    /// Tools of OpenRouter that run there, for any model that calls tools.
    ServerTools,
    /// Models of their own, by a part of their IDs.
    OwnModels(&'static [&'static str]),
    Unsupported,
}

/// Where the input images of a request are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageInputs {
    /// In this field, as parts of a message.
    Parts(&'static str),
    /// In this field, as objects with an `image_url`.
    Urls(&'static str),
}

/// An API that makes images from a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageApi {
    /// Path below the base URL.
    pub path: &'static str,
    /// The same for a request with input images.
    pub edit_path: &'static str,
    pub inputs: ImageInputs,
    /// Fields of the body that it accepts beside model, prompt and input images, in their order.
    pub fields: &'static [&'static str],
    /// Fields of `provider` that it accepts.
    pub routing: &'static [&'static str],
    /// Path of the list of the models that it accepts, where there is one.
    pub list: Option<&'static str>,
    /// Parts of the IDs of these models, where there is no list.
    pub marks: &'static [&'static str],
    /// Models for a hint, where no list is cached.
    pub suggested: &'static [&'static str],
}

/// How to check a key without paying for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyCheck {
    /// GET of a path that needs a valid key.
    Get(&'static str),
    /// There is no such path.
    Unavailable,
}

/// The embeddings of a provider, and what one request for them may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbeddingsApi {
    /// The model without one in the profile; `None` when every server has its own.
    pub model: Option<&'static str>,
    /// The path of the list of its models, where the catalogue does not have them.
    pub list: Option<&'static str>,
    pub most_texts: usize,
    /// Most tokens of all its texts together. One text may have more.
    pub most_tokens: u64,
}

/// The discounted batches of a provider.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchesApi {
    /// Its path below the base URL.
    pub path: &'static str,
    /// The price of a request in a batch, as a part of the price of one outside.
    pub price_part: f64,
}

/// The rerank endpoint of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RerankApi {
    /// The model without one in the profile; `None` when every server has its own.
    pub model: Option<&'static str>,
    /// Most documents of a request.
    pub most_documents: usize,
}

/// One provider: its server, and its variant of OpenAI's chat completions.
#[derive(Debug, Clone, Copy)]
pub struct ProviderEntry {
    pub name: &'static str,
    /// Shown in prompts.
    pub title: &'static str,
    /// Documented compatible base URL; `None` when every user has their own.
    pub base_url: Option<&'static str>,
    pub key_variable: &'static str,
    pub works_without_key: bool,
    /// Start of its keys, for a hint.
    pub key_prefix: Option<&'static str>,
    /// Suggested by the wizard.
    pub suggested_model: &'static str,
    pub reasoning: ReasoningField,
    pub max_tokens_field: &'static str,
    /// Its reasoning models accept a temperature.
    pub reasons_at_temperature: bool,
    /// Some of its models have the Responses API alone, and OpenRouter has them as chat models.
    pub has_responses_models: bool,
    /// Streams report usage only with `stream_options`.
    pub asks_for_usage: bool,
    /// Enforces a `response_format` of type `json_schema`; the others ignore or refuse it.
    pub holds_to_schemas: bool,
    /// The field in which plain reasoning is sent back with tool calls; `None` where it is not
    /// accepted or not needed.
    pub returned_reasoning: Option<&'static str>,
    /// Accepts OpenRouter's own fields and headers.
    pub is_openrouter: bool,
    pub web_search: WebSearch,
    /// How it makes images; `None` where only its chat may do so, or nothing.
    pub images: Option<ImageApi>,
    /// Paths of its APIs below the base URL, with the names that OpenRouter gives them.
    pub paths: &'static [&'static str],
    /// `None` without such an endpoint.
    pub embeddings: Option<EmbeddingsApi>,
    /// `None` without such an endpoint.
    pub rerank: Option<RerankApi>,
    /// Its API for discounted batches; `None` where it has none of OpenRouter's form.
    pub batches: Option<BatchesApi>,
    pub key_check: KeyCheck,
    /// The header of the key in a request for the model list, which some servers answer by their
    /// own API.
    pub list_key: KeyHeader,
    /// Further headers of that request.
    pub list_headers: &'static [(&'static str, &'static str)],
    /// The query of that request, for a list in pages: as many models as a page may have.
    pub list_query: Option<&'static str>,
    /// What the IDs of its list start with, and the IDs of requests need not.
    pub list_prefix: Option<&'static str>,
    /// Where a user creates a key.
    pub keys_page: Option<&'static str>,
    /// Where a user adds credits.
    pub credits_page: Option<&'static str>,
    /// Where a user reads the rate limits of the account.
    pub limits_page: Option<&'static str>,
    /// When its quotas per day start again, after "resets".
    pub daily_reset: Option<&'static str>,
    /// Where a user finds the model IDs.
    pub models_page: Option<&'static str>,
    /// The command that installs a missing model, before its ID.
    pub install_model: Option<&'static str>,
    /// The command that signs in to the provider, where a server without a key refuses.
    pub sign_in: Option<&'static str>,
    /// What to do when nothing listens; `None` for a server on the internet.
    pub start_server: Option<&'static str>,
}
