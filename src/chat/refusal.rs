//! A provider's refusal, by what the user can do about it.

use std::time::Duration;

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
        }
    }

    /// Whether the same request may succeed when it is sent again.
    pub fn is_retryable(&self) -> bool {
        if self.retryable == Some(false) {
            return false;
        }
        match self.kind {
            RefusalKind::InFlight => true,
            RefusalKind::RateLimited(limit) => {
                !matches!(limit, RateLimit::FreeDaily | RateLimit::Daily)
            }
            // The fault is in the request, whatever the status.
            RefusalKind::Credits
            | RefusalKind::ContextLength
            | RefusalKind::UnknownModel
            | RefusalKind::Authentication => false,
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
