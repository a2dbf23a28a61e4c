//! What the gateway refuses by itself: a status, a code for programs, and a sentence.

use std::time::Duration;

/// A refusal of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    pub retry_after: Option<Duration>,
    /// The SDKs are asked not to send the request again.
    pub is_final: bool,
}

/// Type of an error by its status, for OpenAI and for Anthropic.
const TYPES: &[(u16, &str, &str)] = &[
    (400, "invalid_request_error", "invalid_request_error"),
    (401, "authentication_error", "authentication_error"),
    (403, "permission_error", "permission_error"),
    (404, "invalid_request_error", "not_found_error"),
    (405, "invalid_request_error", "invalid_request_error"),
    (408, "invalid_request_error", "invalid_request_error"),
    (413, "invalid_request_error", "request_too_large"),
    (415, "invalid_request_error", "invalid_request_error"),
    (421, "invalid_request_error", "invalid_request_error"),
    (429, "rate_limit_error", "rate_limit_error"),
    (503, "server_error", "overloaded_error"),
];

/// The code of spent money, which SDKs and codex do not retry.
pub(super) const INSUFFICIENT_QUOTA: &str = "insufficient_quota";

impl Problem {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
            is_final: false,
        }
    }

    /// A request that cannot succeed as it is.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", message)
    }

    /// The server ends, so that another one has to answer.
    pub(super) fn shutting_down() -> Self {
        Self::new(503, "shutting_down", "the server is shutting down")
    }

    /// A limit on money.
    pub(super) fn quota(message: impl Into<String>) -> Self {
        Self {
            is_final: true,
            ..Self::new(429, INSUFFICIENT_QUOTA, message)
        }
    }

    /// The same, and the SDKs are asked not to send the request again.
    #[must_use]
    pub(super) fn made_final(self) -> Self {
        Self {
            is_final: true,
            ..self
        }
    }

    #[must_use]
    pub(super) fn retry_after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }

    pub(super) fn openai_type(&self) -> &'static str {
        if self.code == INSUFFICIENT_QUOTA {
            return INSUFFICIENT_QUOTA;
        }
        self.types().0
    }

    pub(super) fn anthropic_type(&self) -> &'static str {
        self.types().1
    }

    fn types(&self) -> (&'static str, &'static str) {
        let row = TYPES.iter().find(|(status, ..)| *status == self.status);
        row.map_or(("server_error", "api_error"), |(_, openai, anthropic)| {
            (openai, anthropic)
        })
    }
}
