//! How an answer can fail. What arrived before the failure travels with it.

use crate::wire::error::WireError;
use std::time::Duration;

use super::answer::Answer;
use super::attempt_status::AttemptStatus;
use super::count::{thousands, token_words};
use super::finish_reason::FinishReason;
use super::refusal::{Refusal, RefusalKind};
use super::room::Room;
use crate::secrets::SecretError;

/// Why a body or an event cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("a web page; check the base URL")]
    WebPage,
    #[error("incomplete JSON")]
    IncompleteJson,
    #[error("not JSON")]
    NotJson,
    #[error("no choices")]
    NoChoices,
    #[error("no vectors")]
    NoVectors,
    #[error("no scores")]
    NoScores,
    #[error("no list of images")]
    NoImages,
    #[error("no account data")]
    NoAccountData,
    #[error("no batch")]
    NoBatch,
}

/// A failure, and the part of the answer that had arrived.
#[derive(Debug)]
pub(crate) struct ChatFailure {
    pub error: ChatError,
    pub partial: Box<Answer>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ChatError {
    #[error("no key for provider {provider}")]
    NoKey {
        provider: &'static str,
        variable: &'static str,
    },
    #[error("the key could not be read")]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("{}", refused(.0))]
    Refused(Refusal),
    /// A refusal in the middle of the answer, after visible text.
    #[error("the answer was interrupted: {}", refused(.0))]
    RefusedLate(Refusal),
    /// A 200 without a body, or with nothing but padding.
    #[error("{endpoint} returned an empty body (200)")]
    EmptyBody { endpoint: String },
    /// The answer ended before the model finished.
    #[error("incomplete answer: {why}")]
    Cut { why: String },
    /// No data event for so long.
    #[error("no data for {} s", .after.as_secs())]
    Stalled { after: Duration },
    /// No time is left for the answer.
    #[error("the time limit of {} s was exceeded", .limit.as_secs_f64())]
    TimeLimit { limit: Duration },
    /// The body is not that of an OpenAI-compatible server.
    #[error("{endpoint} returned an unexpected response: {why}")]
    Unreadable {
        endpoint: String,
        why: DecodeError,
        /// The start of what it holds.
        words: String,
    },
    /// The model finished without visible text or tool calls.
    #[error("{}", nothing_visible(.finish_reason.as_ref(), *.reasoning_tokens, *.max_tokens))]
    Empty {
        finish_reason: Option<FinishReason>,
        reasoning_tokens: Option<u64>,
        max_tokens: u32,
        /// The request set a reasoning effort.
        is_reasoning: bool,
    },
    /// The answer has no text, but parts that amx does not show.
    #[error("the answer has no text, only {parts}, which amx cannot show")]
    OnlyMedia { parts: String },
    /// The model needs more tokens for reasoning than a cap on costs affords.
    #[error(
        "all {} tokens were spent on reasoning, and a retry with {} could exceed the cost cap",
        thousands((*used).into()),
        thousands((*needed).into())
    )]
    BudgetCapped { used: u32, needed: u32 },
    #[error("the answer was withheld by a content filter")]
    Filtered { words: String },
}

impl ChatError {
    /// Whether the same request may be sent again. The outcome of the others is final, or unknown:
    /// then a second request might be billed twice.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::Wire(
                WireError::Connect { .. }
                | WireError::ConnectTimeout { .. }
                | WireError::NotTaken { .. },
            )
            | Self::EmptyBody { .. } => true,
            Self::Refused(refusal) => refusal.is_retryable(),
            _ => false,
        }
    }

    /// Whether the server refused it for its load, so that fewer requests at once would help.
    pub(crate) fn is_load(&self) -> bool {
        let Self::Refused(refusal) = self else {
            return false;
        };
        let is_busy = matches!(
            refusal.kind,
            RefusalKind::RateLimited(_) | RefusalKind::InFlight | RefusalKind::NotReady
        );
        let is_status = matches!(refusal.status, 429 | 503 | 529) || refusal.wait.is_some();
        refusal.is_retryable() && (is_busy || is_status)
    }

    /// Whether there was no connection to the server.
    pub(crate) fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Wire(WireError::Connect { .. } | WireError::ConnectTimeout { .. })
        )
    }

    /// Whether another profile may take over.
    pub(crate) fn allows_fallback(&self) -> bool {
        match self {
            Self::Wire(
                WireError::Connect { .. }
                | WireError::ConnectTimeout { .. }
                | WireError::NotTaken { .. }
                | WireError::Certificate { .. },
            )
            | Self::EmptyBody { .. } => true,
            Self::Refused(refusal) => {
                // An account that is empty, or a machine that is too small, says nothing of
                // another provider's.
                let is_elsewhere = matches!(
                    refusal.kind,
                    RefusalKind::Credits
                        | RefusalKind::NotLoaded
                        | RefusalKind::OutOfMemory
                        | RefusalKind::CannotRun
                );
                (refusal.is_temporary() || is_elsewhere) && !refusal.forbids_fallback()
            }
            _ => false,
        }
    }

    /// Whether the request was sent and may have been billed though no whole answer came.
    pub(crate) fn may_have_been_billed(&self) -> bool {
        matches!(
            self,
            Self::Wire(WireError::NoAnswer { .. } | WireError::Broken(_) | WireError::TooLarge)
                | Self::Cut { .. }
                | Self::Stalled { .. }
                | Self::TimeLimit { .. }
                | Self::EmptyBody { .. }
                | Self::RefusedLate(_)
        )
    }

    /// Whether nothing can have reached the provider.
    pub(crate) fn is_unsent(&self) -> bool {
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

    /// How an attempt that failed so is recorded.
    pub(crate) fn attempt_status(&self) -> AttemptStatus {
        match self {
            Self::Refused(refusal) | Self::RefusedLate(refusal) => match refusal.status {
                0 => AttemptStatus::Refused,
                status => AttemptStatus::Http(status),
            },
            Self::Wire(WireError::NoAnswer { .. } | WireError::Broken(_)) | Self::Cut { .. } => {
                AttemptStatus::Cut
            }
            Self::Wire(WireError::Replay(_)) => AttemptStatus::NotRecorded,
            Self::Wire(_) => AttemptStatus::Unreachable,
            Self::EmptyBody { .. }
            | Self::Empty { .. }
            | Self::OnlyMedia { .. }
            | Self::BudgetCapped { .. } => AttemptStatus::Empty,
            Self::Stalled { .. } | Self::TimeLimit { .. } => AttemptStatus::Timeout,
            Self::Filtered { .. } => AttemptStatus::Filtered,
            Self::Unreadable { .. } => AttemptStatus::Unreadable,
            Self::NoKey { .. } | Self::Secret(_) => AttemptStatus::NoKey,
        }
    }

    /// How long the provider asks to wait.
    pub(crate) fn wait(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.wait,
            _ => None,
        }
    }
}

/// The error in one line, with the provider's own words when it has some.
pub(crate) fn explain(error: &ChatError) -> String {
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
    let what = match &refusal.kind {
        RefusalKind::BadRequest { field: Some(field) } => {
            format!("the provider refused the field '{field}'")
        }
        RefusalKind::ContextLength => prompt_too_long(*refusal.room),
        RefusalKind::OutputTooLong => output_too_long(*refusal.room),
        kind => refused_words(kind).to_owned(),
    };
    if refusal.status == 0 {
        what
    } else {
        format!("{what} ({})", refusal.status)
    }
}

/// The counts of a prompt that is too long, where the server reports them.
fn prompt_too_long(room: Room) -> String {
    match (room.prompt, room.limit) {
        (_, Some(limit)) if room.is_quota => above_quota(room, limit),
        (Some(prompt), Some(limit)) => format!(
            "the prompt is too long: {}, but the context window of the model is {}",
            token_words(prompt),
            token_words(limit)
        ),
        (None, Some(limit)) => format!(
            "the prompt is too long for the model's context window of {}",
            token_words(limit)
        ),
        _ => refused_words(&RefusalKind::ContextLength).to_owned(),
    }
}

/// The counts of one request that is larger than what the account may use in a minute.
fn above_quota(room: Room, limit: u64) -> String {
    let limit = thousands(limit);
    match room.total {
        Some(total) => format!(
            "the request has {}, but the account's limit is {limit} per minute",
            token_words(total)
        ),
        None => format!("the request exceeds the account's limit of {limit} tokens per minute"),
    }
}

/// The counts of a `max_tokens` that is too large.
fn output_too_long(room: Room) -> String {
    if let Some(limit) = room.limit.filter(|_| room.is_quota) {
        return above_quota(room, limit);
    }
    let counts = [room.output_limit, room.limit, room.prompt];
    let [most, limit, prompt] = counts.map(|count| count.map(thousands));
    match (most, limit, prompt) {
        (Some(most), ..) => format!("max_tokens is more than the model's maximum of {most}"),
        (None, Some(limit), Some(prompt)) => format!(
            "max_tokens does not fit: the context window has {limit} tokens, and the prompt takes \
            {prompt} of them"
        ),
        (None, Some(limit), None) => {
            format!("max_tokens does not fit into the context window of {limit} tokens")
        }
        _ => refused_words(&RefusalKind::OutputTooLong).to_owned(),
    }
}

fn refused_words(kind: &RefusalKind) -> &'static str {
    match kind {
        RefusalKind::BadRequest { .. } => "the provider refused the request",
        RefusalKind::UnknownModel => "unknown model",
        RefusalKind::ContextLength => "the prompt is longer than the model's context window",
        RefusalKind::OutputTooLong => "max_tokens is more than the model allows",
        RefusalKind::NoChat => "the model does not support chat completions",
        RefusalKind::NoImages => "the model does not support image input",
        RefusalKind::Authentication => "the provider did not accept the key",
        RefusalKind::Credits => "the account has no credits left",
        RefusalKind::MaxTokensUnaffordable { .. } => {
            "the account cannot afford this many max_tokens"
        }
        RefusalKind::PromptUnaffordable => "the account cannot afford a prompt of this length",
        RefusalKind::InFlight => "requests in progress reserve the remaining credits",
        RefusalKind::TooHeavy => "the request exceeds what the account may have in progress",
        RefusalKind::MinimumBalance => "the account's balance is too low for this kind of output",
        RefusalKind::KeyLimit => "the key has reached its spending limit",
        RefusalKind::Moderated => "the provider's moderation rejected the input",
        RefusalKind::ForbiddenUpstream => "the model's provider refuses this request",
        RefusalKind::Forbidden => "the key has no permission for this request",
        RefusalKind::NoEndpoint { .. } => "no provider matches the routing options",
        RefusalKind::NotFound => "unknown model or URL",
        RefusalKind::TooLarge => "the request is too large for the provider",
        RefusalKind::RateLimited(_) => "too many requests",
        RefusalKind::Timeout => "the model's provider timed out",
        RefusalKind::NotReady => "the server is busy or still loading the model",
        RefusalKind::NotLoaded => "the server has not loaded the model",
        RefusalKind::OutOfMemory => "the server has not enough memory for the model",
        RefusalKind::CannotRun => "the server cannot run the model",
        RefusalKind::Server => "the provider failed",
        RefusalKind::Redirect { .. } => "the server redirects elsewhere; amx follows no redirects",
        RefusalKind::Other => "the provider reported an error",
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
    let max_tokens = token_words(max_tokens.into());
    match reasoning_tokens.filter(|tokens| *tokens > 0) {
        Some(reasoning_tokens) => format!(
            "the model used all {max_tokens} without visible text, {} of them for reasoning",
            thousands(reasoning_tokens)
        ),
        None => {
            format!("the model reached the limit of {max_tokens} without visible text")
        }
    }
}
