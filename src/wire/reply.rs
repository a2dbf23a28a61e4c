//! The answer to a request, from the network or from a recording.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::error::WireError;
use super::player::RecordedReply;
use super::recorder::PendingExchange;
use super::recording::End;

/// The head of an answer, and its body still on the network.
#[derive(Debug)]
pub(crate) struct Reply {
    source: ReplySource,
}

#[derive(Debug)]
enum ReplySource {
    Network {
        response: reqwest::Response,
        pending: Option<PendingExchange>,
    },
    Recording(RecordedReply),
    /// It came inside another answer.
    Inner {
        status: u16,
        body: Option<Bytes>,
    },
}

impl Reply {
    /// `pending` is the record of the exchange, where one is made.
    pub(super) fn of_network(
        response: reqwest::Response,
        mut pending: Option<PendingExchange>,
    ) -> Self {
        if let Some(pending) = &mut pending {
            pending.answered(response.status().as_u16(), |name| {
                let value = response.headers().get(name)?;
                value.to_str().ok().map(str::to_owned)
            });
        }
        Self {
            source: ReplySource::Network { response, pending },
        }
    }

    pub(super) fn of_recording(reply: RecordedReply) -> Self {
        Self {
            source: ReplySource::Recording(reply),
        }
    }

    /// An answer that came inside another one, such as a result of a batch. It has no headers.
    pub(crate) fn inner(status: u16, body: Vec<u8>) -> Self {
        Self {
            source: ReplySource::Inner {
                status,
                body: Some(body.into()),
            },
        }
    }

    pub(crate) fn status(&self) -> u16 {
        match &self.source {
            ReplySource::Inner { status, .. } => *status,
            ReplySource::Network { response, .. } => response.status().as_u16(),
            ReplySource::Recording(reply) => reply.status(),
        }
    }

    /// A header as text; `None` when absent or not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        match &self.source {
            ReplySource::Inner { .. } => None,
            ReplySource::Network { response, .. } => response.headers().get(name)?.to_str().ok(),
            ReplySource::Recording(reply) => reply.header(name),
        }
    }

    /// The time against which dates in it are read.
    pub(crate) fn received_at(&self) -> SystemTime {
        match &self.source {
            ReplySource::Network { .. } | ReplySource::Inner { .. } => SystemTime::now(),
            ReplySource::Recording(reply) => UNIX_EPOCH
                .checked_add(Duration::from_millis(reply.received_unix_ms()))
                .unwrap_or(UNIX_EPOCH),
        }
    }

    /// Sets how its record ends, when the caller reads no further.
    pub(crate) fn ended(&mut self, end: End) {
        if let ReplySource::Network {
            pending: Some(pending),
            ..
        } = &mut self.source
        {
            pending.ended(end, None);
        }
    }

    pub(crate) fn is_event_stream(&self) -> bool {
        self.header("content-type").is_some_and(|kind| {
            kind.trim_start()
                .to_ascii_lowercase()
                .starts_with("text/event-stream")
        })
    }

    /// The next bytes as they arrived; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, WireError> {
        match &mut self.source {
            ReplySource::Inner { body, .. } => Ok(body.take()),
            ReplySource::Network { response, pending } => {
                let chunk = response
                    .chunk()
                    .await
                    .map_err(|error| WireError::Broken(error.into()));
                if let Some(pending) = pending {
                    match &chunk {
                        Ok(Some(bytes)) => pending.received(bytes),
                        Ok(None) => pending.ended(End::Complete, None),
                        Err(error) => pending.ended(End::ConnectionLost, Some(error.root_cause())),
                    }
                }
                chunk
            }
            ReplySource::Recording(reply) => match reply.next_chunk() {
                Some(chunk) => Ok(Some(chunk.into())),
                None => reply.error_at_end().map_or(Ok(None), Err),
            },
        }
    }

    /// The rest of the body, at most `limit` bytes of it.
    pub(crate) async fn body(&mut self, limit: usize) -> Result<Vec<u8>, WireError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            let room = limit.saturating_sub(body.len());
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                break;
            }
        }
        Ok(body)
    }
}
