//! What a provider answers: the start of a stream, a whole body, or why there is neither.

use bytes::Bytes;

use super::attempt_result::AttemptResult;
use super::front::Front;
use super::problem::Problem;
use super::stream_scan::StreamScan;
use super::veil::Veil;
use crate::chat::error::{ChatError, explain};
use crate::wire::client::Reply;
use crate::wire::redact::without_keys;

/// The start of an answer.
pub(super) enum Opened {
    Whole(WholeReply),
    Stream(Box<OpenStream>),
}

/// An answer that is not a stream.
pub(super) struct WholeReply {
    pub status: u16,
    pub headers: ReplyHeaders,
    pub body: Vec<u8>,
    /// The same request cannot succeed now.
    pub is_refusal: bool,
}

/// A stream whose first event has arrived.
pub(super) struct OpenStream {
    pub reply: Reply,
    pub scan: StreamScan,
    pub first: Bytes,
    pub headers: ReplyHeaders,
    pub target: usize,
}

/// The headers of a reply that the client gets.
#[derive(Debug, Clone, Default)]
pub(super) struct ReplyHeaders {
    pub content_type: Option<String>,
    pub retry_after: Option<String>,
    pub generation_id: Option<String>,
}

/// Why no answer came: words of ours, or the provider's refusal as it is.
pub(super) enum Failure {
    Own(Problem),
    Refused(Box<WholeReply>),
}

/// How one attempt failed.
pub(super) struct FailedAttempt {
    pub error: ChatError,
    /// What the provider said, to be handed on.
    pub refusal: Option<Box<WholeReply>>,
    /// What the refusal reports.
    pub reported: Box<AttemptResult>,
    /// The server may have processed the request.
    pub is_sent: bool,
}

impl FailedAttempt {
    /// Whether the provider may bill it all the same. A refusal is not billed, unless it reports
    /// tokens or a cost.
    pub(super) fn may_have_cost(&self) -> bool {
        let AttemptResult { usage, cost, .. } = &*self.reported;
        self.error.may_have_been_billed() || usage.is_some() || cost.usd.is_some()
    }

    /// Whether it counts nothing against a limit on money.
    pub(super) fn is_free(&self) -> bool {
        !self.may_have_cost() || self.reported.cost.usd == Some(0.0)
    }

    /// What is recorded of it.
    pub(super) fn result(&self) -> AttemptResult {
        AttemptResult {
            status: Some(self.error.attempt_status()),
            may_have_cost: self.may_have_cost(),
            is_unsent: !self.is_sent,
            ..AttemptResult::clone(&self.reported)
        }
    }
}

impl From<ChatError> for FailedAttempt {
    fn from(error: ChatError) -> Self {
        Self {
            is_sent: !error.is_unsent(),
            error,
            refusal: None,
            reported: Box::default(),
        }
    }
}

/// Words of ours for a failure of the network.
pub(super) fn own_problem(error: &ChatError, front: Front) -> Problem {
    let (status, code) = match error {
        ChatError::Stalled { .. } | ChatError::TimeLimit { .. } => (504, "provider_silent"),
        ChatError::NoKey { .. } | ChatError::Secret(_) => (502, "no_provider_key"),
        ChatError::EmptyBody { .. } => (502, "empty_answer"),
        _ => (502, "provider_unreachable"),
    };
    let billed = if error.may_have_been_billed() {
        "; it may have been billed"
    } else {
        ""
    };
    let message = without_keys(&format!("{}{billed}", explain(error)));
    Problem::new(front.status_of_failure(status), code, message).made_final()
}

impl ReplyHeaders {
    pub(super) fn of(reply: &Reply, veil: &Veil) -> Self {
        let header = |name| {
            let value = reply.header(name)?;
            veil.header(value).map(str::to_owned)
        };
        Self {
            content_type: header("content-type"),
            retry_after: header("retry-after"),
            generation_id: header("x-generation-id"),
        }
    }
}
