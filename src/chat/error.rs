//! How an answer can fail. What arrived before the failure travels with it.

use std::time::Duration;

use super::answer::Answer;
use super::finish_reason::FinishReason;
use super::refusal::Refusal;
use crate::secrets::SecretError;
pub use crate::wire::client::WireError;

/// A failure, and the part of the answer that had arrived.
#[derive(Debug)]
pub struct ChatFailure {
    pub error: ChatError,
    pub partial: Box<Answer>,
}

#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    #[error("no key for provider {provider}")]
    NoKey {
        provider: &'static str,
        variable: &'static str,
    },
    #[error("the key could not be had")]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("{}", refused(.0))]
    Refused(Refusal),
    /// A refusal in the middle of the answer, after visible text.
    #[error("the answer broke off: {}", refused(.0))]
    RefusedLate(Refusal),
    /// A 200 without a body, or with nothing but padding.
    #[error("{endpoint} sent an empty answer with status 200")]
    EmptyBody { endpoint: String },
    /// The stream ended before the model had finished.
    #[error("the answer was cut off: {why}")]
    Cut { why: String },
    /// No data event for so long.
    #[error("no data for {} s", .after.as_secs())]
    Stalled { after: Duration },
    /// The time for the whole answer is over.
    #[error("the time limit of {} s is over", .limit.as_secs_f64())]
    TimeLimit { limit: Duration },
    /// What came is not an answer of a chat-completions server.
    #[error("{endpoint} did not answer in the form of chat completions: {why}")]
    Unreadable { endpoint: String, why: String },
    /// The model finished without saying anything.
    #[error("{}", nothing_visible(.finish_reason.as_ref(), *.reasoning_tokens, *.max_tokens))]
    Empty {
        finish_reason: Option<FinishReason>,
        reasoning_tokens: Option<u64>,
        max_tokens: u32,
        on_reasoning_route: bool,
    },
    /// The model needs more room to think than a cap on costs allows.
    #[error(
        "all {used} tokens went into thinking, and asking again with {needed} could cost more than \
        the cap"
    )]
    BudgetCapped { used: u32, needed: u32 },
    #[error("the answer was withheld by a content filter")]
    Filtered { words: String },
}

impl ChatError {
    /// Whether the same request may be sent again. The outcome of the others is final, or unknown:
    /// then a second request might be billed twice.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Wire(WireError::Connect { .. } | WireError::ConnectTimeout { .. })
            | Self::EmptyBody { .. } => true,
            Self::Refused(refusal) => refusal.is_retryable(),
            _ => false,
        }
    }

    /// Whether another profile may take over.
    pub fn allows_fallback(&self) -> bool {
        match self {
            Self::Wire(
                WireError::Connect { .. }
                | WireError::ConnectTimeout { .. }
                | WireError::Certificate { .. },
            )
            | Self::EmptyBody { .. } => true,
            Self::Refused(refusal) => refusal.is_temporary() && !refusal.forbids_fallback(),
            _ => false,
        }
    }

    /// Whether the request was sent and may have been billed though no whole answer came.
    pub fn may_have_been_billed(&self) -> bool {
        matches!(
            self,
            Self::Wire(WireError::NoAnswer { .. } | WireError::Broken(_))
                | Self::Cut { .. }
                | Self::Stalled { .. }
                | Self::TimeLimit { .. }
                | Self::EmptyBody { .. }
                | Self::RefusedLate(_)
        )
    }

    /// Whether nothing can have reached the provider.
    pub fn is_unsent(&self) -> bool {
        match self {
            Self::NoKey { .. } | Self::Secret(_) => true,
            Self::Wire(error) => !matches!(
                error,
                WireError::NoAnswer { .. }
                    | WireError::Broken(_)
                    | WireError::TooLarge
                    | WireError::TimedOut { .. }
            ),
            _ => false,
        }
    }

    /// What an attempt that ended so is called in the list of attempts: a status or a word.
    pub fn status_word(&self) -> String {
        match self {
            Self::Refused(refusal) | Self::RefusedLate(refusal) if refusal.status != 0 => {
                refusal.status.to_string()
            }
            Self::Refused(_) | Self::RefusedLate(_) => "refused".to_owned(),
            Self::Wire(WireError::NoAnswer { .. } | WireError::Broken(_)) | Self::Cut { .. } => {
                "cut".to_owned()
            }
            Self::Wire(WireError::Replay(_)) => "not recorded".to_owned(),
            Self::Wire(_) => "unreachable".to_owned(),
            Self::EmptyBody { .. } | Self::Empty { .. } | Self::BudgetCapped { .. } => {
                "empty".to_owned()
            }
            Self::Stalled { .. } | Self::TimeLimit { .. } => "timeout".to_owned(),
            Self::Filtered { .. } => "filtered".to_owned(),
            Self::Unreadable { .. } => "unreadable".to_owned(),
            Self::NoKey { .. } | Self::Secret(_) => "no key".to_owned(),
        }
    }

    /// The wait that the provider asked for.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.wait,
            _ => None,
        }
    }
}

/// The error in one line, with the provider's own words when it has some.
pub fn explain(error: &ChatError) -> String {
    match error {
        ChatError::Refused(refusal) | ChatError::RefusedLate(refusal)
            if !refusal.message.is_empty() =>
        {
            format!("{error}: {}", refusal.message)
        }
        _ => error.to_string(),
    }
}

fn refused(refusal: &Refusal) -> String {
    use super::refusal::RefusalKind as Kind;
    let what = match &refusal.kind {
        Kind::BadRequest { field: Some(field) } => {
            format!("the provider refused the field '{field}'")
        }
        Kind::BadRequest { field: None } => "the provider refused the request".to_owned(),
        Kind::UnknownModel => "the provider knows no such model".to_owned(),
        Kind::ContextLength => "the prompt is longer than the model's context".to_owned(),
        Kind::Authentication => "the provider did not accept the key".to_owned(),
        Kind::Credits => "the account has no credits left".to_owned(),
        Kind::MaxTokensUnaffordable { .. } => {
            "the account cannot afford this many max_tokens".to_owned()
        }
        Kind::PromptUnaffordable => "the account cannot afford a prompt of this length".to_owned(),
        Kind::InFlight => "requests still running hold the rest of the credits".to_owned(),
        Kind::TooHeavy => {
            "the request alone is more than the account may have in flight".to_owned()
        }
        Kind::MinimumBalance => {
            "the account's balance is too low for this kind of output".to_owned()
        }
        Kind::KeyLimit => "the key has reached its spending limit".to_owned(),
        Kind::Moderated => "the provider's moderation refused the input".to_owned(),
        Kind::Forbidden => "the key may not do this".to_owned(),
        Kind::NoEndpoint { .. } => "no provider is left to route the request to".to_owned(),
        Kind::NotFound => "the provider knows no such model or address".to_owned(),
        Kind::TooLarge => "the request is too large for the provider".to_owned(),
        Kind::RateLimited(_) => "too many requests".to_owned(),
        Kind::Timeout => "the model's provider took too long".to_owned(),
        Kind::Server => "the provider failed".to_owned(),
        Kind::Redirect { .. } => {
            "the server redirects elsewhere, which amx does not follow".to_owned()
        }
        Kind::Other => "the provider reported an error".to_owned(),
    };
    if refusal.status == 0 {
        what
    } else {
        format!("{what} ({})", refusal.status)
    }
}

fn nothing_visible(
    finish_reason: Option<&FinishReason>,
    reasoning_tokens: Option<u64>,
    max_tokens: u32,
) -> String {
    if finish_reason != Some(&FinishReason::Length) {
        return "the model finished without visible text".to_owned();
    }
    match reasoning_tokens.filter(|tokens| *tokens > 0) {
        Some(reasoning_tokens) => format!(
            "the model spent all of its {max_tokens} tokens on thinking ({reasoning_tokens}) and \
            wrote no visible text"
        ),
        None => {
            format!("the model reached its limit of {max_tokens} tokens without visible text")
        }
    }
}
