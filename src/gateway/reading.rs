//! Reads the start of a provider's answer, as far as it takes to see whether it is one.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout, timeout_at};

use super::answer::{FailedAttempt, OpenStream, Opened, ReplyHeaders, WholeReply};
use super::attempt_result::AttemptResult;
use super::bill::{bill, whole_result};
use super::front::Front;
use super::members::Members;
use super::route::RouteTarget;
use super::stream_scan::StreamScan;
use super::veil::Veil;
use crate::chat::error::ChatError;
use crate::chat::provider::{ReplyHead, with_head};
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::providers;
use crate::wire::client::{LARGEST_BODY, Reply, endpoint};
use crate::wire::error::WireError;

/// Most that is read of a refusal, in bytes.
const LARGEST_REFUSAL: usize = 1024 * 1024;

/// Most that is read of a stream before its first event with data, in bytes.
const LARGEST_START: usize = 1024 * 1024;

/// How an answer is read.
pub(super) struct Reading<'a> {
    pub front: Front,
    pub veil: &'a Veil,
    /// Longest silence.
    pub idle: Duration,
    /// The client asked for a stream.
    pub is_stream: bool,
    /// The place of the target in its route.
    pub index: usize,
    pub target: &'a RouteTarget,
}

impl Reading<'_> {
    /// Reads the start of a stream, or all of another answer.
    pub(super) async fn open(&self, reply: Reply) -> Result<Opened, FailedAttempt> {
        let headers = ReplyHeaders::of(&reply, self.veil);
        let is_good = (200..300).contains(&reply.status());
        if is_good && self.is_stream && reply.is_event_stream() {
            return self.stream(reply, headers).await;
        }
        self.whole(reply, headers).await
    }

    fn empty(&self) -> FailedAttempt {
        let endpoint = endpoint(&self.target.base_url);
        ChatError::EmptyBody { endpoint }.into()
    }

    /// Reads a stream up to its first event with data. An error in that place is a refusal.
    async fn stream(
        &self,
        mut reply: Reply,
        headers: ReplyHeaders,
    ) -> Result<Opened, FailedAttempt> {
        let idle = self.idle;
        let over = Instant::now() + idle;
        let mut scan = StreamScan::new(self.front);
        let mut start: Vec<u8> = Vec::new();
        while scan.report.events == 0 && !scan.report.has_end && start.len() < LARGEST_START {
            let chunk = timeout_at(over, reply.chunk())
                .await
                .map_err(|_| ChatError::Stalled { after: idle })?
                .map_err(ChatError::Wire)?;
            let Some(chunk) = chunk else { break };
            scan.push(&chunk);
            if start.is_empty() && scan.report.events > 0 {
                return self.opened(reply, scan, chunk, headers);
            }
            start.extend_from_slice(&chunk);
        }
        if start.is_empty() {
            return Err(self.empty());
        }
        self.opened(reply, scan, start.into(), headers)
    }

    fn opened(
        &self,
        reply: Reply,
        scan: StreamScan,
        first: Bytes,
        headers: ReplyHeaders,
    ) -> Result<Opened, FailedAttempt> {
        let report = &scan.report;
        if let Some(error) = report.error.as_ref().filter(|_| report.events == 1) {
            let body = json!({"error": error}).to_string();
            let refusal = refusal_inside(self.target, error, body.as_bytes());
            let status = status_for(&refusal);
            let (identity, usage) = (&report.identity, Value::Object(report.usage.clone()));
            let (usage, cost) = bill(self.front, self.target, usage);
            return Err(FailedAttempt {
                error: ChatError::Refused(refusal),
                reported: Box::new(AttemptResult {
                    model: identity.model.clone(),
                    generation_id: headers
                        .generation_id
                        .clone()
                        .or_else(|| identity.id.clone()),
                    usage,
                    cost,
                    ..AttemptResult::default()
                }),
                refusal: Some(Box::new(WholeReply {
                    status,
                    headers: ReplyHeaders {
                        content_type: Some("application/json".to_owned()),
                        ..headers
                    },
                    body: self.veil.whole(body.into_bytes()),
                    is_refusal: true,
                })),
                is_sent: true,
            });
        }
        Ok(Opened::Stream(Box::new(OpenStream {
            reply,
            scan,
            first,
            headers,
            target: self.index,
        })))
    }

    /// Reads a whole answer. An error inside a good one is a refusal.
    async fn whole(
        &self,
        mut reply: Reply,
        headers: ReplyHeaders,
    ) -> Result<Opened, FailedAttempt> {
        let status = reply.status();
        let is_good = (200..300).contains(&status);
        let most = if is_good {
            LARGEST_BODY
        } else {
            LARGEST_REFUSAL
        };
        let body = self.body(&mut reply, most + 1).await?;
        if is_good && body.len() > most {
            return Err(ChatError::Wire(WireError::TooLarge).into());
        }
        if is_good && body.trim_ascii().is_empty() {
            return Err(self.empty());
        }
        let whole = |status, body: Vec<u8>, is_refusal| WholeReply {
            status,
            headers: headers.clone(),
            body: self.veil.whole(body),
            is_refusal,
        };
        let error = is_good.then(|| error_inside(self.front, &body)).flatten();
        let refusal = match error {
            Some(error) => refusal_inside(self.target, &error, &body),
            None if is_good => return Ok(Opened::Whole(whole(status, body, false))),
            None => with_head(&reply, |head| {
                self.target.provider.decode_refusal(head, &body)
            }),
        };
        let status = if is_good {
            status_for(&refusal)
        } else {
            status
        };
        let whole = whole(status, body, true);
        Err(FailedAttempt {
            error: ChatError::Refused(refusal),
            reported: Box::new(whole_result(self.front, self.target, &whole)),
            refusal: Some(Box::new(whole)),
            is_sent: true,
        })
    }
}

impl Reading<'_> {
    /// The rest of a body, at most so many bytes of it. Only silence ends it before.
    async fn body(&self, reply: &mut Reply, most: usize) -> Result<Vec<u8>, ChatError> {
        let silent = |_| ChatError::Stalled { after: self.idle };
        let mut body = Vec::new();
        while body.len() < most {
            let chunk = timeout(self.idle, reply.chunk()).await.map_err(silent)?;
            let Some(chunk) = chunk.map_err(ChatError::Wire)? else {
                break;
            };
            let room = most - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        Ok(body)
    }
}

/// The error inside a body with a good status.
fn error_inside(front: Front, body: &[u8]) -> Option<Value> {
    let member = front.row().answer_member.as_bytes();
    if memchr::memmem::find(body, member).is_none() {
        // No answer: errors have other forms there, such as the text of LM Studio.
        let body: Value = serde_json::from_slice(body).ok()?;
        return providers::error_in_place_of_answer(&body).cloned();
    }
    let has_error = memchr::memmem::find(&body[..body.len().min(4096)], b"\"error\"").is_some();
    if !has_error {
        return None;
    }
    let error = Members::of(body).error()?;
    // A response has `error: null`; one that failed is an answer with a status of its own.
    (error.is_object() && memchr::memmem::find(body, b"\"object\"").is_none()).then_some(error)
}

/// The refusal that an error object inside a good reply is.
fn refusal_inside(target: &RouteTarget, error: &Value, body: &[u8]) -> Refusal {
    let status = error["code"]
        .as_u64()
        .and_then(|code| u16::try_from(code).ok());
    // Without a status, its words decide whether it is worth another attempt.
    let head = ReplyHead {
        status: status
            .filter(|status| (400..600).contains(status))
            .unwrap_or(if error["error"].is_string() { 0 } else { 502 }),
        header: &|_| None,
        now: std::time::SystemTime::now(),
    };
    target.provider.decode_refusal(&head, body)
}

/// The status for a refusal that came with a good one.
fn status_for(refusal: &Refusal) -> u16 {
    match refusal.status {
        status @ 400..600 => status,
        _ if refusal.kind == RefusalKind::NotFound => 404,
        _ => 502,
    }
}
