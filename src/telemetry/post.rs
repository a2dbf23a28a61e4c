//! One export: a POST, sent again where the collector asks for it.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::futures::Notified;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::wire::body::RequestBody;
use crate::wire::client::{Client, KeyHeader, Request, endpoint};
use crate::wire::error::WireError;
use crate::wire::retry_after;

/// Statuses after which the same body may be sent again.
const RETRYABLE: &[u16] = &[429, 502, 503, 504];

/// How often a body is sent.
const ATTEMPTS: u32 = 5;

/// The first wait where the collector names none; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The least wait: a collector that asks for none is not asked in a loop.
const LEAST_WAIT: Duration = Duration::from_millis(100);

/// Most that is read of a reply, in bytes.
const LARGEST_REPLY: usize = 64 * 1024;

/// When an export must have ended. It may move closer while the export waits.
pub(super) trait Limit {
    fn deadline(&self) -> Option<Instant>;

    /// Completes when the deadline has moved since the call.
    fn moved(&self) -> Notified<'_>;
}

/// A destination, with the headers of each request.
pub(super) struct Collector {
    pub client: Client,
    pub headers: Vec<(String, String)>,
    /// Longest time of one export.
    pub timeout: Duration,
}

/// Why something was not exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// In a few words.
    pub words: String,
    pub fate: Fate,
}

/// What became of an export that was not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// No collector took it: it may be sent later.
    NotTaken,
    /// It was sent, and no answer came.
    Unknown,
    /// Refused for good, with this status: the same body may never be sent again.
    Refused(u16),
}

impl Failure {
    /// Nothing was sent.
    pub(super) fn before(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            fate: Fate::NotTaken,
        }
    }
}

/// What a try brought.
enum Tried {
    Taken,
    /// It may be sent again after this wait, where the collector names one; and why.
    Again(Option<Duration>, String),
}

impl Collector {
    /// Posts a body until it is taken, refused for good, or the time is over.
    pub(super) async fn post(
        &self,
        url: &Url,
        body: String,
        limit: &impl Limit,
    ) -> Result<(), Failure> {
        let last = Instant::now() + self.timeout;
        let body = RequestBody::from(body.into_bytes());
        let mut backoff = FIRST_WAIT;
        for attempt in 1.. {
            let tried = timeout_at(last, self.try_once(url, body.clone())).await;
            let silent = |_| Failure {
                words: format!("{} did not answer in time", endpoint(url)),
                fate: Fate::Unknown,
            };
            let (wait, why) = match tried.map_err(silent)?? {
                Tried::Taken => return Ok(()),
                Tried::Again(wait, why) => (wait.unwrap_or(backoff).max(LEAST_WAIT), why),
            };
            if attempt == ATTEMPTS || !pause(wait, last, limit).await {
                return Err(Failure::before(why));
            }
            backoff *= 2;
        }
        Ok(())
    }

    async fn try_once(&self, url: &Url, body: RequestBody) -> Result<Tried, Failure> {
        let request = Request {
            url: url.clone(),
            headers: &self.headers,
            key: None,
            key_header: KeyHeader::Bearer,
            body: Some(body),
        };
        let sent = self.client.send(request, &mut None).await;
        let mut reply = sent.map_err(|error| unanswered(&error))?;
        let status = reply.status();
        let why = || format!("{} answered {status}", endpoint(url));
        if (200..300).contains(&status) {
            let body = reply.body(LARGEST_REPLY).await.unwrap_or_default();
            report_rejected(&body);
            return Ok(Tried::Taken);
        }
        if !RETRYABLE.contains(&status) {
            return Err(Failure {
                words: why(),
                fate: Fate::Refused(status),
            });
        }
        let now = reply.received_at();
        let wait = reply
            .header("retry-after")
            .and_then(|value| retry_after::parse(value, now));
        Ok(Tried::Again(wait, why()))
    }
}

/// Waits; false when that would pass the deadline.
async fn pause(wait: Duration, last: Instant, limit: &impl Limit) -> bool {
    let until = Instant::now() + wait;
    loop {
        let moved = limit.moved();
        let deadline = limit.deadline().map_or(last, |deadline| deadline.min(last));
        if until >= deadline {
            return false;
        }
        tokio::select! {
            () = tokio::time::sleep_until(until) => return true,
            () = moved => {}
        }
    }
}

/// A failure without an answer, with its innermost cause, such as `Connection refused`.
fn unanswered(error: &WireError) -> Failure {
    let cause = error.root_cause();
    let words = if cause.is_empty() {
        error.to_string()
    } else {
        format!("{error}: {cause}")
    };
    let is_unknown = matches!(
        error,
        WireError::NoAnswer { .. } | WireError::Broken(_) | WireError::TimedOut { .. }
    );
    let fate = if is_unknown {
        Fate::Unknown
    } else {
        Fate::NotTaken
    };
    Failure { words, fate }
}

/// Logs what a collector rejected of what it took.
fn report_rejected(body: &[u8]) {
    let Ok(Value::Object(reply)) = serde_json::from_slice(body) else {
        return;
    };
    let Some(partial) = reply.get("partialSuccess") else {
        return;
    };
    let rejected = ["rejectedSpans", "rejectedDataPoints"]
        .iter()
        .find_map(|name| partial.get(*name))
        .map(|count| count.to_string().trim_matches('"').to_owned())
        .unwrap_or_default();
    let words = partial.get("errorMessage").and_then(Value::as_str);
    let words = words.unwrap_or_default();
    if !(words.is_empty() && matches!(rejected.as_str(), "" | "0")) {
        tracing::warn!(
            rejected,
            words,
            "the collector rejected a part of the telemetry"
        );
    }
}
