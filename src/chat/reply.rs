//! Reads one reply: bytes from the network through the decoders, with deadlines.

use std::time::Duration;

use tokio::time::Instant;

use super::answer::Assembly;
use super::body_form::{self, BodyForm};
use super::deadlines::Deadlines;
use super::delta::Delta;
use super::error::{ChatError, DecodeError};
use super::keep::Keep;
use super::provider::{Provider, with_head};
use super::repeated::Arrived;
use super::think_tags::ThinkTags;
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
    think_tags: ThinkTags,
    arrived: Arrived,
    saw_bytes: bool,
    /// A line of a body in lines was a chunk.
    saw_choice: bool,
    saw_done: bool,
    /// The body of a reply that is no stream; `None` where it is not kept.
    pub body: Option<Vec<u8>>,
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
            let refusal = with_head(&reply, |head| provider.decode_refusal(head, &body));
            return Err(ChatError::Refused(refusal));
        }
        let delta = Delta {
            generation_id: reply.header("x-generation-id").map(str::to_owned),
            is_cached: provider.is_from_cache(&|name| reply.header(name)),
            received_at: Some(reply.received_at()),
            ..Delta::default()
        };
        Ok(Self {
            is_stream: reply.is_event_stream(),
            reply,
            endpoint,
            decoder: Decoder::new(client::LARGEST_BODY),
            delta,
            assembly: Assembly::new(keep),
            last_data: Instant::now(),
            whole: Vec::new(),
            think_tags: ThinkTags::default(),
            arrived: Arrived::default(),
            saw_bytes: false,
            saw_choice: false,
            saw_done: false,
            body: None,
        })
    }

    /// Model, provider and generation ID, as far as they are known.
    pub(super) fn identity(&self) -> &Delta {
        &self.delta
    }

    /// The bill in USD, where one was sent: nothing for a reply from the cache.
    pub(super) fn billed(&self) -> Option<f64> {
        let of_cache = self.delta.is_cached.then_some(0.0);
        self.assembly.billed.or(of_cache)
    }

    /// Reads once from the network and decodes every complete event.
    pub(super) async fn step(&mut self, provider: &dyn Provider, deadlines: &Deadlines) -> Step {
        let mut step = Step::default();
        match deadlines.wait(self.last_data, self.reply.chunk()).await {
            // Text before an error in the same read is not lost.
            Ok(chunk) => step.error = self.process(chunk, provider, deadlines, &mut step).err(),
            // The model had finished; some servers keep the connection open after that.
            Err(_) if self.is_stream && self.is_complete() => {
                step.ended = true;
                step.error = self.decode_last_event(provider, &mut step).err();
            }
            Err(error) => {
                let is_limit = matches!(error, ChatError::TimeLimit { .. });
                self.reply.ended(if is_limit {
                    End::TimeLimit
                } else {
                    End::Silence
                });
                step.error = Some(error);
            }
        }
        if step.ended {
            self.reply.ended(End::Complete);
        }
        if step.ended || step.error.is_some() {
            self.release_text(&mut step);
        }
        step
    }

    /// What was held back as the start of a tag is text after all.
    fn release_text(&mut self, step: &mut Step) {
        self.delta.clear();
        self.think_tags.finish(&mut self.delta.text);
        self.assembly.is_cut_in_reasoning = self.think_tags.is_inside();
        self.assembly.keep(&self.delta);
        step.text.push_str(&self.delta.text);
        self.assembly.absorb(&mut self.delta);
        self.assembly.separate_reasoning();
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
                if !self.saw_bytes {
                    self.see_first_bytes(&bytes);
                }
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
                self.decode_last_event(provider, step)
            }
            Err(error) => Err(deadlines.explain(error)),
        }
    }

    fn see_first_bytes(&mut self, bytes: &[u8]) {
        if let Some(form) = body_form::of(bytes) {
            self.saw_bytes = true;
            self.is_stream = self.is_stream && form != BodyForm::Document;
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
                why: body_form::unreadable_event(why, &provider.words(data)),
            })?;
            self.apply_delta(step)?;
        }
    }

    /// Decodes an event at the end of the stream that no empty line ended: it may have the usage,
    /// also after the model has finished. One that was cut off cannot be read.
    fn decode_last_event(
        &mut self,
        provider: &dyn Provider,
        step: &mut Step,
    ) -> Result<(), ChatError> {
        if self.saw_done {
            return Ok(());
        }
        let Ok(Some(data)) = self.decoder.finish() else {
            return Ok(());
        };
        self.delta.clear();
        if provider.decode_event(data, &mut self.delta).is_ok() {
            self.apply_delta(step)
        } else {
            Ok(())
        }
    }

    fn apply_delta(&mut self, step: &mut Step) -> Result<(), ChatError> {
        self.arrived.remove_from(&mut self.delta);
        self.think_tags.split(&mut self.delta);
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
            self.decode_last_event(provider, step)?;
            return if self.is_complete() {
                Ok(())
            } else {
                Err(self.cut(provider))
            };
        }
        if body_form::of(&self.whole) == Some(BodyForm::Events) {
            // Some servers stream under another content type.
            self.is_stream = true;
            self.decoder.push(&std::mem::take(&mut self.whole));
            self.decode_events(provider, step)?;
            return self.end(provider, step);
        }
        let whole = std::mem::take(&mut self.whole);
        self.body = self.body.take().map(|_| whole.clone());
        self.delta.clear();
        if let Err(why) = provider.decode_body(&whole, &mut self.delta) {
            return self.decode_lines(&whole, why, provider, step);
        }
        let in_headers = || provider.cost_in_headers(&|name| self.reply.header(name));
        self.delta.cost = self.delta.cost.or_else(in_headers);
        self.apply_delta(step)
    }

    /// Reads a body that is no JSON as a chunk a line, as some servers stream.
    ///
    /// # Errors
    /// When the body is not that either.
    fn decode_lines(
        &mut self,
        whole: &[u8],
        why: DecodeError,
        provider: &dyn Provider,
        step: &mut Step,
    ) -> Result<(), ChatError> {
        let lines = whole.split(|byte| *byte == b'\n');
        for line in lines.filter(|line| !line.trim_ascii().is_empty()) {
            self.delta.clear();
            let is_chunk = why == DecodeError::NotJson
                && provider.decode_event(line, &mut self.delta).is_ok()
                && (self.delta.has_choice || self.delta.error.is_some() || self.saw_choice);
            if !is_chunk {
                return Err(ChatError::Unreadable {
                    endpoint: self.endpoint.clone(),
                    why,
                    words: provider.words(whole),
                });
            }
            self.saw_choice = true;
            self.apply_delta(step)?;
        }
        if self.is_complete() {
            Ok(())
        } else {
            Err(self.cut(provider))
        }
    }

    /// The error of a stream that ended early, with what a proxy wrote between the events.
    fn cut(&self, provider: &dyn Provider) -> ChatError {
        let words = provider.words(self.decoder.foreign_line());
        let why = "the stream ended before the model finished";
        ChatError::Cut {
            why: if words.is_empty() {
                why.to_owned()
            } else {
                format!("{why}: {words}")
            },
        }
    }
}
