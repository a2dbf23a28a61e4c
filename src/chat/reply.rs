//! Reads one reply: bytes from the network through the decoders, with deadlines.

use std::time::Duration;

use tokio::time::Instant;

use super::answer::Assembly;
use super::delta::Delta;
use super::error::ChatError;
use super::keep::Keep;
use super::provider::{Provider, ReplyHead};
use crate::wire::client::{self, Bytes, Reply, WireError};
use crate::wire::recording::End;
use crate::wire::sse::Decoder;

/// Largest body of a refusal that is read, in bytes.
const LARGEST_REFUSAL: usize = 256 * 1024;

/// What one step of reading brought.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub text: String,
    pub reasoning: String,
    /// The reply is complete.
    pub ended: bool,
    /// Why the reply failed after that text.
    pub error: Option<ChatError>,
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadlines {
    /// Longest time without a data event.
    pub silence: Duration,
    /// When the whole answer must have arrived, and the limit that was set.
    pub limit: Option<(Instant, Duration)>,
}

impl Deadlines {
    /// Whether another attempt may start after `wait`.
    pub(super) fn allow(&self, wait: Duration) -> bool {
        self.limit
            .is_none_or(|(limit, _)| Instant::now() + wait < limit)
    }

    /// Awaits `future`, for as long as the silence since `since` and the limit allow.
    pub(super) async fn wait<T>(
        &self,
        since: Instant,
        future: impl Future<Output = T>,
    ) -> Result<T, ChatError> {
        let silent_until = since + self.silence;
        let until = self
            .limit
            .map_or(silent_until, |(limit, _)| limit.min(silent_until));
        tokio::time::timeout_at(until, future)
            .await
            .map_err(|_| match self.limit {
                Some((limit, given)) if limit <= silent_until => {
                    ChatError::TimeLimit { limit: given }
                }
                _ => ChatError::Stalled {
                    after: self.silence,
                },
            })
    }
}

impl Deadlines {
    /// The error for a failure of the wire. A wait that timed out when it was recorded times out
    /// again, at once.
    pub(super) fn explain(&self, error: WireError) -> ChatError {
        match (error, self.limit) {
            (WireError::TimedOut { by_limit: true }, Some((_, limit))) => {
                ChatError::TimeLimit { limit }
            }
            (WireError::TimedOut { .. }, _) => ChatError::Stalled {
                after: self.silence,
            },
            (error, _) => error.into(),
        }
    }
}

/// Longest wait for the body of a refusal: the status says most of it.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(5);

/// As much of a refusal's body as arrives in time.
async fn refusal_body(reply: &mut Reply, deadlines: &Deadlines) -> Vec<u8> {
    let deadlines = Deadlines {
        silence: REFUSAL_TIMEOUT.min(deadlines.silence),
        limit: deadlines.limit,
    };
    let (started, mut body) = (Instant::now(), Vec::new());
    while let Ok(Ok(Some(chunk))) = deadlines.wait(started, reply.chunk()).await {
        body.extend_from_slice(&chunk);
        if body.len() >= LARGEST_REFUSAL {
            break;
        }
    }
    body
}

/// A reply that is being read.
pub(super) struct LiveReply {
    reply: Reply,
    endpoint: String,
    decoder: Decoder,
    delta: Delta,
    pub assembly: Assembly,
    /// When the last data event arrived. Comments and padding are not data.
    last_data: Instant,
    is_stream: bool,
    whole: Vec<u8>,
    saw_bytes: bool,
    saw_done: bool,
}

impl LiveReply {
    /// Reads the head of a reply; a refusal is read to its end.
    pub(super) async fn open(
        mut reply: Reply,
        endpoint: String,
        provider: &dyn Provider,
        keep: Keep,
        deadlines: &Deadlines,
    ) -> Result<Self, ChatError> {
        let status = reply.status();
        if status != 200 {
            let body = refusal_body(&mut reply, deadlines).await;
            // A replay reads the same part of the body.
            reply.ended(End::Complete);
            let head = ReplyHead {
                status,
                header: &|name| reply.header(name),
                now: reply.received_at(),
            };
            return Err(ChatError::Refused(provider.decode_refusal(&head, &body)));
        }
        let delta = Delta {
            generation_id: reply.header("x-generation-id").map(str::to_owned),
            received_at: Some(reply.received_at()),
            ..Delta::default()
        };
        Ok(Self {
            is_stream: reply.is_event_stream(),
            reply,
            endpoint,
            decoder: Decoder::new(),
            delta,
            assembly: Assembly::new(keep),
            last_data: Instant::now(),
            whole: Vec::new(),
            saw_bytes: false,
            saw_done: false,
        })
    }

    /// Model, provider and generation ID, as far as they are known.
    pub(super) fn identity(&self) -> &Delta {
        &self.delta
    }

    /// Reads once from the network and decodes every complete event.
    pub(super) async fn step(
        &mut self,
        provider: &dyn Provider,
        deadlines: &Deadlines,
    ) -> Result<Step, ChatError> {
        let mut step = Step::default();
        let chunk = match deadlines.wait(self.last_data, self.reply.chunk()).await {
            Ok(chunk) => chunk,
            // The model had finished; some servers keep the connection open after that.
            Err(_) if self.is_stream && self.is_complete() => {
                self.reply.ended(End::Complete);
                return Ok(Step {
                    ended: true,
                    ..step
                });
            }
            Err(error) => {
                self.reply
                    .ended(if matches!(error, ChatError::TimeLimit { .. }) {
                        End::TimeLimit
                    } else {
                        End::Silence
                    });
                return Err(error);
            }
        };
        // Text before an error in the same read is not lost.
        step.error = self.process(chunk, provider, deadlines, &mut step).err();
        if step.ended {
            self.reply.ended(End::Complete);
        }
        Ok(step)
    }

    fn process(
        &mut self,
        chunk: Result<Option<Bytes>, WireError>,
        provider: &dyn Provider,
        deadlines: &Deadlines,
        step: &mut Step,
    ) -> Result<(), ChatError> {
        match chunk {
            Ok(Some(bytes)) => {
                self.saw_bytes =
                    self.saw_bytes || bytes.iter().any(|byte| !byte.is_ascii_whitespace());
                if !self.is_stream {
                    return self.collect(&bytes);
                }
                self.decoder.push(&bytes);
                self.decode_events(provider, step)
            }
            Ok(None) => self.end(provider, step),
            // Some servers break the connection after the last event.
            Err(_) if self.is_stream && self.is_complete() => {
                step.ended = true;
                Ok(())
            }
            Err(error) => Err(deadlines.explain(error)),
        }
    }

    fn collect(&mut self, bytes: &[u8]) -> Result<(), ChatError> {
        if self.whole.len() + bytes.len() > client::LARGEST_BODY {
            return Err(WireError::TooLarge.into());
        }
        // Padding that keeps the connection alive is skipped; JSON never starts with it.
        if self.saw_bytes {
            self.last_data = Instant::now();
            self.whole.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn decode_events(&mut self, provider: &dyn Provider, step: &mut Step) -> Result<(), ChatError> {
        loop {
            let event = self.decoder.next().map_err(|error| ChatError::Cut {
                why: error.to_string(),
            })?;
            let Some(data) = event else { return Ok(()) };
            if self.saw_done || data.is_empty() {
                continue;
            }
            self.last_data = Instant::now();
            if data.trim_ascii() == b"[DONE]" {
                self.saw_done = true;
                step.ended = true;
                continue;
            }
            self.delta.clear();
            let decoded = provider.decode_event(data, &mut self.delta);
            decoded.map_err(|why| ChatError::Cut {
                why: format!("unreadable stream event: {why}"),
            })?;
            self.apply_delta(step)?;
        }
    }

    fn apply_delta(&mut self, step: &mut Step) -> Result<(), ChatError> {
        self.assembly.keep(&self.delta);
        step.text.push_str(&self.delta.text);
        step.reasoning.push_str(&self.delta.reasoning);
        let error = self.delta.error.take();
        self.assembly.absorb(&mut self.delta);
        error.map_or(Ok(()), |refusal| Err(ChatError::Refused(refusal)))
    }

    fn is_complete(&self) -> bool {
        self.saw_done || self.assembly.finish_reason.is_some()
    }

    fn end(&mut self, provider: &dyn Provider, step: &mut Step) -> Result<(), ChatError> {
        step.ended = true;
        if !self.saw_bytes {
            return Err(ChatError::EmptyBody {
                endpoint: self.endpoint.clone(),
            });
        }
        if self.is_stream {
            return if self.is_complete() {
                Ok(())
            } else {
                Err(ChatError::Cut {
                    why: "the stream ended before the model finished".to_owned(),
                })
            };
        }
        if self.looks_like_events() {
            // Some servers stream under another content type.
            self.is_stream = true;
            self.decoder.push(&std::mem::take(&mut self.whole));
            self.decode_events(provider, step)?;
            return self.end(provider, step);
        }
        self.delta.clear();
        let unreadable = |why| ChatError::Unreadable {
            endpoint: self.endpoint.clone(),
            why,
        };
        provider
            .decode_body(&self.whole, &mut self.delta)
            .map_err(unreadable)?;
        self.apply_delta(step)
    }

    fn looks_like_events(&self) -> bool {
        let start = self.whole.trim_ascii_start();
        [b"data:".as_slice(), b":", b"event:"]
            .iter()
            .any(|prefix| start.starts_with(prefix))
    }
}
