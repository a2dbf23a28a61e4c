//! A provider's refusal, by what the user can do about it.

use std::time::Duration;

use serde_json::{Map, Value};

use super::room::Room;

/// A refusal, by status, by an error object inside a 200, or in the middle of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The HTTP status, or the code in the body when the status was 200. 0 when neither is known.
    pub status: u16,
    pub kind: RefusalKind,
    /// The provider's own words on one line, at most 300 characters.
    pub message: String,
    /// The company behind the router that refused, when known.
    pub provider_name: Option<String>,
    /// How long the provider asks to wait.
    pub wait: Option<Duration>,
    pub generation_id: Option<String>,
    /// The provider's own name of the reason, such as `insufficient_quota`.
    pub code: Option<String>,
    /// Whether the provider says that the same request may succeed later.
    pub retryable: Option<bool>,
    /// Models that the provider offers instead.
    pub offered_models: Vec<String>,
    /// The fields of the body that the error names where a field belongs (`param`, `loc`).
    pub fields: Vec<String>,
    /// The token counts in it, when it is about the length of the request.
    pub room: Box<Room>,
}

/// Why the provider refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusalKind {
    /// 400: a field is wrong.
    BadRequest { field: Option<String> },
    /// The model ID does not exist.
    UnknownModel,
    /// The prompt is longer than the model's context.
    ContextLength,
    /// `max_tokens` is more than the model allows, or than is left beside the prompt.
    OutputTooLong,
    /// The model has another API than chat completions, such as `/responses` or embeddings.
    NoChat,
    /// The model has no image input; with 400, 404, or llama.cpp's 500.
    NoImages,
    /// 401, and Google's 400: the key is missing, wrong or disabled.
    Authentication,
    /// 402, and OpenAI's 429 `insufficient_quota`: the account is empty.
    Credits,
    /// 402: the account cannot afford `max_tokens`; fewer would do.
    MaxTokensUnaffordable { affordable: Option<u32> },
    /// 402: the account cannot afford the prompt.
    PromptUnaffordable,
    /// 402: other requests hold the rest of the credit; waiting helps.
    InFlight,
    /// 402: one request alone is more than the account allows.
    TooHeavy,
    /// 402: images and video need a minimum balance.
    MinimumBalance,
    /// 403: the key has reached its spending limit.
    KeyLimit,
    /// 403: the input was flagged.
    Moderated,
    /// 403 of the company behind a router, or of a company that does not serve the region.
    ForbiddenUpstream,
    /// 403 for another reason.
    Forbidden,
    /// 404: no provider is left after this routing rule.
    NoEndpoint { rule: RoutingRule },
    /// 404: no such URL.
    NotFound,
    /// 413.
    TooLarge,
    /// 429, by whose limit it is.
    RateLimited(RateLimit),
    /// 408, 504, 524.
    Timeout,
    /// The model is still being loaded, or the server has too much to do; also an error inside a
    /// 200 that has nothing but the words.
    NotReady,
    /// The server has the model, and has not loaded it; it does not load models by itself.
    NotLoaded,
    /// The machine of the server has not enough memory for the model.
    OutOfMemory,
    /// The server cannot load the model, or what runs it has stopped.
    CannotRun,
    /// 5xx otherwise.
    Server,
    /// 3xx: never followed, because the key would be sent along.
    Redirect { location: String },
    /// Anything else.
    Other,
}

/// The rule that left no provider to route to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoutingRule {
    Privacy,
    Tools,
    MaxPrice,
    Parameters,
    /// Which providers are allowed.
    Providers,
    Quantizations,
    Region,
    Unknown,
}

/// Whose limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    /// Free models, per day: waiting seconds does not help.
    FreeDaily,
    /// A quota per day of another provider.
    Daily,
    /// Free models, per minute.
    FreePerMinute,
    /// A new account, per model and minute.
    NewAccount,
    /// The company that runs the model.
    Upstream,
    Unknown,
}

impl Refusal {
    /// One with nothing but a status, a reason and words.
    pub fn new(status: u16, kind: RefusalKind, message: String) -> Self {
        Self {
            status,
            kind,
            message,
            provider_name: None,
            wait: None,
            generation_id: None,
            code: None,
            retryable: None,
            offered_models: Vec::new(),
            fields: Vec::new(),
            room: Box::default(),
        }
    }

    /// The first of the fields of the body that it is about: one that it names where a field
    /// belongs, else one in quotation marks. `is_sent` is whether the body has a field.
    pub fn field(&self, is_sent: impl Fn(&str) -> bool) -> Option<&str> {
        let named = self.fields.first().map(String::as_str);
        named.or_else(|| quoted(&self.message).find(|word| is_sent(word)))
    }

    /// Whether it names the field: where a field belongs, else by a quoted word or an unmistakable
    /// identifier in its words.
    pub fn names(&self, field: &str) -> bool {
        let is_path = |word: &str| {
            let mut parts = word.split('.');
            word == field || (word.contains('.') && parts.any(|part| part == field))
        };
        if !self.fields.is_empty() {
            return self.fields.iter().any(|named| is_path(named));
        }
        let is_identifier = |word: &str| {
            let is_marked = field.contains('_') || word.contains('.');
            is_marked && is_path(word.trim_end_matches('.'))
        };
        let other = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.');
        quoted(&self.message).any(is_path) || self.message.split(other).any(is_identifier)
    }

    /// Decides by the request that was sent what the words alone leave open: which quoted word is a
    /// field, whether the model or the URL is unknown, and whether the prompt is too long or the
    /// answer.
    pub fn settle(&mut self, body: &Map<String, Value>, max_tokens: u32) {
        match self.kind {
            RefusalKind::BadRequest { .. } => {
                let field = self.field(|word| has(body, word)).map(str::to_owned);
                self.kind = RefusalKind::BadRequest { field };
            }
            RefusalKind::NotFound if self.status == 404 => {
                let model = body.get("model").and_then(Value::as_str);
                if model.is_some_and(|model| !model.is_empty() && self.message.contains(model)) {
                    self.kind = RefusalKind::UnknownModel;
                }
            }
            RefusalKind::ContextLength | RefusalKind::OutputTooLong => {
                self.room.prompt = self.room.prompt_tokens(max_tokens);
                if let Some(is_prompt) = self.room.is_prompt_too_long(max_tokens) {
                    self.kind = if is_prompt {
                        RefusalKind::ContextLength
                    } else {
                        RefusalKind::OutputTooLong
                    };
                }
            }
            _ => {}
        }
    }

    /// Whether the same request may succeed when it is sent again.
    pub fn is_retryable(&self) -> bool {
        if self.retryable == Some(false) {
            return false;
        }
        match self.kind {
            RefusalKind::InFlight | RefusalKind::NotReady => true,
            RefusalKind::RateLimited(limit) => {
                !matches!(limit, RateLimit::FreeDaily | RateLimit::Daily)
            }
            // The fault is in the request, whatever the status.
            RefusalKind::Credits
            | RefusalKind::ContextLength
            | RefusalKind::OutputTooLong
            | RefusalKind::UnknownModel
            | RefusalKind::NoChat
            | RefusalKind::NoImages
            | RefusalKind::BadRequest { .. }
            | RefusalKind::Authentication => false,
            // So is one of the machine, until somebody does something about it.
            RefusalKind::NotLoaded | RefusalKind::OutOfMemory | RefusalKind::CannotRun => false,
            _ => matches!(
                self.status,
                408 | 429 | 500 | 502 | 503 | 504 | 520..=524 | 529
            ),
        }
    }

    /// Whether load or a failure caused it, not this request: a later attempt may succeed, also
    /// when it is not worth waiting for now.
    pub fn is_temporary(&self) -> bool {
        self.is_retryable()
            || matches!(
                self.kind,
                RefusalKind::RateLimited(_) | RefusalKind::Timeout | RefusalKind::Server
            )
    }

    /// Whether another profile must not hide it: the request or the account needs attention.
    pub fn forbids_fallback(&self) -> bool {
        matches!(self.status, 400..=403)
    }
}

/// Words that may name a field: before a colon, and between quotation marks.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    let before_colon = message.split(": ");
    let marked = message.split(['"', '\'', '`']).skip(1);
    before_colon.chain(marked)
}

/// Whether the body has the field of that name, which may be dotted.
fn has(body: &Map<String, Value>, name: &str) -> bool {
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    match body.get(first) {
        Some(Value::Object(inner)) if !rest.is_empty() => has(inner, rest),
        found => found.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(message: &str, fields: &[&str]) -> Refusal {
        let kind = RefusalKind::BadRequest { field: None };
        Refusal {
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            ..Refusal::new(400, kind, message.to_owned())
        }
    }

    fn settled(message: &str, fields: &[&str]) -> RefusalKind {
        let body = json!({"stream": true, "max_tokens": 5, "reasoning": {"effort": "low"}});
        let mut refusal = refusal(message, fields);
        refusal.settle(body.as_object().unwrap(), 5);
        refusal.kind
    }

    #[test]
    fn a_quoted_word_is_a_field_only_when_it_was_sent() {
        let field = |field: &str| RefusalKind::BadRequest {
            field: Some(field.to_owned()),
        };
        let none = RefusalKind::BadRequest { field: None };
        assert_eq!(settled("Set 'context_window_fallback'", &[]), none);
        assert_eq!(
            settled("'fallback' or 'max_tokens'", &[]),
            field("max_tokens")
        );
        assert_eq!(
            settled("it doesn't accept 'max_tokens'", &[]),
            field("max_tokens")
        );
        assert_eq!(
            settled("reasoning.effort: Invalid option", &[]),
            field("reasoning.effort")
        );
        assert_eq!(settled("reasoning.budget: Invalid", &[]), none);
        assert_eq!(settled("'max_tokens'", &["seed"]), field("seed"));
        assert_eq!(
            settled("Acme: max_tokens: too large", &[]),
            field("max_tokens")
        );
    }

    #[test]
    fn a_404_that_names_the_model_is_about_the_model() {
        let body = json!({"model": "acme-1"});
        for (message, kind) in [
            ("acme-1 is retired", RefusalKind::UnknownModel),
            ("no such page", RefusalKind::NotFound),
        ] {
            let mut refusal = Refusal::new(404, RefusalKind::NotFound, message.to_owned());
            refusal.settle(body.as_object().unwrap(), 5);
            assert_eq!(refusal.kind, kind, "{message}");
        }
    }

    #[test]
    fn a_field_is_named_where_it_belongs_or_unmistakably() {
        let names =
            |message: &str, fields: &[&str], field: &str| refusal(message, fields).names(field);
        for message in [
            "Unrecognized request argument supplied: stream_options",
            "stream_options: extra fields not permitted",
            "'loc': ('body', 'stream_options')",
            "Unknown field stream_options.include_usage.",
        ] {
            assert!(names(message, &[], "stream_options"), "{message}");
            assert!(!names(message, &[], "stream"), "{message}");
        }
        assert!(names(
            "x",
            &["messages.1.reasoning_details"],
            "reasoning_details"
        ));
        assert!(names("`reasoning` is unknown", &[], "reasoning"));
        assert!(names("reasoning.effort is unknown", &[], "reasoning"));
        assert!(!names("the reasoning is wrong", &[], "reasoning"));
        assert!(!names("'max_tokens'", &["temperature"], "max_tokens"));
    }
}
