//! What a row of the table of providers says.

/// How a provider is asked to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasoningField {
    /// `reasoning: {"effort": …}`.
    Object,
    /// `reasoning_effort: …`.
    Text,
    /// Its reasoning models take no wish.
    Unsupported,
}

/// How its key can be tried without paying for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyCheck {
    /// GET of a path that needs a valid key.
    Get(&'static str),
    /// There is nothing to try.
    Unavailable,
}

/// One provider: where it is and which variant of the OpenAI form it speaks.
#[derive(Debug, Clone, Copy)]
pub struct ProviderEntry {
    pub name: &'static str,
    /// Shown in prompts.
    pub title: &'static str,
    /// Documented compatible base URL; `None` when every user has their own.
    pub base_url: Option<&'static str>,
    pub key_variable: &'static str,
    pub works_without_key: bool,
    /// Beginning of its keys, for a hint.
    pub key_prefix: Option<&'static str>,
    /// Offered by the wizard.
    pub suggested_model: &'static str,
    pub reasoning: ReasoningField,
    pub max_tokens_field: &'static str,
    /// Usage must be asked for in streams.
    pub asks_for_usage: bool,
    /// Holds its answers to a `response_format` of type `json_schema`; the others pass it over, or
    /// refuse it.
    pub holds_to_schemas: bool,
    /// Takes OpenRouter's own fields and headers.
    pub is_openrouter: bool,
    pub key_check: KeyCheck,
    /// Where a user gets a key.
    pub keys_page: Option<&'static str>,
}
