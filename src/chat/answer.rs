//! An answer: text, reasoning, tool calls and usage, put together from the deltas of its attempts.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::attempt_status::AttemptStatus;
use super::citation::{self, Citation};
use super::confidence::LogprobSum;
use super::cost::Cost;
use super::delta::{Delta, SkippedModel};
use super::finish_reason::FinishReason;
use super::keep::Keep;
use super::media::{MediaKind, MediaPart};
use super::numbers::Numbers;
use super::pdf::is_parse;
use super::reasoning_details::ReasoningDetails;
use super::think_tags;
use super::tool::{self, ToolCall, ToolStep};
use super::tool_assembly::ToolAssembly;
use super::usage::{self, Usage};

/// One request that was made, and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    pub model: String,
    pub profile: String,
    pub status: AttemptStatus,
    /// The error in one line; `None` for an attempt that succeeded.
    pub reason: Option<String>,
    /// The wait before it.
    pub waited: Duration,
    /// Models that the provider tried before the one that answered, where it reports them.
    pub skipped_models: Vec<SkippedModel>,
    /// For the ledger; `None` when nothing reached the provider.
    pub sent: Option<Sent>,
    /// The record that was made before it was sent.
    pub record: Option<RecordId>,
}

/// The record of a request, made before it was sent; see
/// [`RequestLog`](super::request_log::RequestLog).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordId(pub i64);

/// A request that left this machine, and what it may have cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub at: SystemTime,
    pub provider: String,
    /// The model that answered, as the provider names it.
    pub model: Option<String>,
    pub served_by: Option<String>,
    pub generation_id: Option<String>,
    pub usage: Option<Usage>,
    pub cost: Cost,
    /// The most that it may cost in USD, where the price is known.
    pub worst: Option<f64>,
    /// False when the provider refused it, which costs nothing. When true and the cost is unknown,
    /// it may have been billed.
    pub may_have_cost: bool,
}

impl Sent {
    /// What it counts against a cap, in USD: its cost, or the worst case while that is unknown.
    pub fn counted(&self) -> Option<f64> {
        if self.may_have_cost {
            self.cost.usd.or(self.worst)
        } else {
            Some(0.0)
        }
    }
}

/// An answer, complete or not.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub profile: String,
    pub provider: String,
    pub requested_model: String,
    /// The model that answered, as the provider names it.
    pub model: Option<String>,
    pub served_by: Option<String>,
    pub generation_id: Option<String>,
    /// The provider answered from its cache, which costs nothing.
    pub is_cached: bool,
    /// As much as [`Keep`] allows.
    pub text: String,
    /// The text has a visible character, kept or not.
    pub has_visible_text: bool,
    /// More text arrived than was to be kept.
    pub is_cut: bool,
    pub reasoning: String,
    pub reasoning_details: Option<Vec<Value>>,
    /// The parse of each file in the question, to be sent back to the router.
    pub annotations: Vec<Value>,
    /// The sources that it cites, each once.
    pub citations: Vec<Citation>,
    /// Calls that were not run.
    pub tool_calls: Vec<ToolCall>,
    /// The answers with calls before this one, and the results of their calls.
    pub steps: Vec<ToolStep>,
    /// Parts that are not text. They are saved as files, and not with the conversation.
    pub media: Vec<MediaPart>,
    /// Vectors or scores, of an endpoint that returns no text.
    pub numbers: Option<Numbers>,
    pub finish_reason: Option<FinishReason>,
    pub native_finish_reason: Option<String>,
    /// Of all attempts that reported it.
    pub usage: Option<Usage>,
    pub cost: Cost,
    pub logprobs: LogprobSum,
    pub attempts: Vec<Attempt>,
    /// The limit of the last request.
    pub max_tokens: u32,
    /// The body of the reply as it came, where it is kept.
    pub body: Option<Vec<u8>>,
    pub first_token: Option<Duration>,
    pub total: Duration,
}

impl Answer {
    /// Whether a request for it may have been billed.
    pub fn may_have_cost(&self) -> bool {
        self.attempts
            .iter()
            .filter_map(|attempt| attempt.sent.as_ref())
            .any(|sent| sent.may_have_cost)
    }

    /// Adds usage, cost, time and attempts of an earlier answer to the same question, which this
    /// one replaces.
    pub fn follow(&mut self, earlier: Self) {
        self.cost = match (earlier.may_have_cost(), self.may_have_cost()) {
            (true, true) => earlier.cost.plus(self.cost),
            (true, false) => earlier.cost,
            (false, _) => self.cost,
        };
        self.usage = usage::sum(earlier.usage, self.usage);
        self.first_token = earlier
            .first_token
            .or(self.first_token.map(|first| earlier.total + first));
        self.total += earlier.total;
        self.attempts.splice(0..0, earlier.attempts);
        self.steps.splice(0..0, earlier.steps);
        self.requested_model = earlier.requested_model;
    }
}

/// Most parsed files that are kept, in bytes of JSON: the others are parsed again.
const MOST_ANNOTATIONS: usize = 16 * 1024 * 1024;

/// Most parts that are reported.
const MOST_MEDIA: usize = 256;

/// Most data of all parts, in bytes of base64. What exceeds it is reported and not saved.
const MOST_MEDIA_DATA: usize = 96 * 1024 * 1024;

/// Puts the deltas of one attempt together.
#[derive(Debug)]
pub(crate) struct Assembly {
    keep: Keep,
    pub text: String,
    pub reasoning: String,
    pub refusal_words: String,
    /// The text has a visible character.
    pub has_visible_text: bool,
    /// The text ended inside the tags of its reasoning.
    pub is_cut_in_reasoning: bool,
    pub media: Vec<MediaPart>,
    pub numbers: Option<Numbers>,
    /// More text arrived than was to be kept.
    is_cut: bool,
    pub finish_reason: Option<FinishReason>,
    pub native_finish_reason: Option<String>,
    pub usage: Option<Usage>,
    pub billed: Option<f64>,
    pub logprobs: LogprobSum,
    details: ReasoningDetails,
    annotations: Vec<Value>,
    /// Bytes of JSON in them.
    annotations_size: usize,
    citations: Vec<Citation>,
    /// Bytes of base64 in the media.
    media_size: usize,
    tools: ToolAssembly,
}

impl Assembly {
    pub(crate) fn new(keep: Keep) -> Self {
        Self {
            keep,
            text: String::new(),
            reasoning: String::new(),
            refusal_words: String::new(),
            has_visible_text: false,
            is_cut_in_reasoning: false,
            media: Vec::new(),
            numbers: None,
            is_cut: false,
            finish_reason: None,
            native_finish_reason: None,
            usage: None,
            billed: None,
            logprobs: LogprobSum::default(),
            details: ReasoningDetails::default(),
            annotations: Vec::new(),
            annotations_size: 0,
            citations: Vec::new(),
            media_size: 0,
            tools: ToolAssembly::default(),
        }
    }

    /// Adds a delta, except its text and reasoning (see [`Self::keep`]).
    pub(crate) fn absorb(&mut self, delta: &mut Delta) {
        self.has_visible_text =
            self.has_visible_text || delta.text.chars().any(|c| !c.is_whitespace());
        for part in delta.media.drain(..) {
            self.add_media(part);
        }
        self.numbers = delta.numbers.take().or(self.numbers.take());
        self.refusal_words.push_str(&delta.refusal);
        if let Some(fragments) = delta
            .reasoning_details
            .take()
            .filter(|_| self.keep != Keep::Nothing)
        {
            self.details.extend(fragments);
        }
        for annotation in delta.annotations.drain(..) {
            self.add_annotation(annotation);
        }
        let fragments = delta.tool_fragments.drain(..);
        if delta.is_whole {
            self.tools.add_whole(fragments);
        } else {
            fragments.for_each(|fragment| self.tools.add(fragment));
        }
        for (token, logprob) in &delta.logprobs {
            self.logprobs.add(token, *logprob);
        }
        // The last reason wins: a later null must not erase it.
        self.finish_reason = delta.finish_reason.take().or(self.finish_reason.take());
        self.native_finish_reason = delta
            .native_finish_reason
            .take()
            .or(self.native_finish_reason.take());
        // Some providers report the prompt in the first chunk and the rest in the last.
        if let Some(usage) = delta.usage {
            self.usage = Some(self.usage.unwrap_or_default().updated(usage));
        }
        self.billed = delta.cost.or(self.billed);
    }

    /// Keeps as much of text and reasoning as [`Keep`] allows.
    pub(crate) fn keep(&mut self, delta: &Delta) {
        let kept = self.keep.part_of(&delta.text, self.text.len());
        self.text.push_str(kept);
        self.is_cut = self.is_cut || kept.len() < delta.text.len();
        self.reasoning
            .push_str(self.keep.part_of(&delta.reasoning, self.reasoning.len()));
    }

    /// Text that turns out to be reasoning at its end, where a closing tag follows it, is no
    /// answer. A stream has shown it by then.
    pub(crate) fn separate_reasoning(&mut self) {
        if let Some(length) = think_tags::unopened(&self.text) {
            self.text.truncate(length);
            self.reasoning.push_str(self.text.trim());
            self.text.clear();
            self.has_visible_text = false;
        }
    }

    /// Audio arrives in pieces, each a part of its own. A part without data is no piece.
    fn add_media(&mut self, mut part: MediaPart) {
        self.media_size += part.data.as_ref().map_or(0, String::len);
        if self.media_size > MOST_MEDIA_DATA {
            part.data = None;
        }
        if let Some(open) = self.media.last_mut()
            && let Some(more) = part.bytes
            && (&open.kind, &part.kind) == (&MediaKind::Audio, &MediaKind::Audio)
            && open.bytes.is_some()
        {
            open.bytes = Some(open.bytes.unwrap_or_default() + more);
            open.mime = open.mime.take().or(part.mime);
            // A clip with a piece missing is no clip.
            open.data = open.data.take().zip(part.data).map(|(mut data, more)| {
                data.push_str(&more);
                data
            });
        } else if self.media.len() < MOST_MEDIA {
            self.media.push(part);
        }
    }

    /// Citations are for readers; the parse of a file is for the next request.
    fn add_annotation(&mut self, annotation: Value) {
        if let Some(cited) = Citation::of(&annotation) {
            return citation::add(cited, &mut self.citations);
        }
        if self.keep == Keep::Nothing || !is_parse(&annotation) {
            return;
        }
        let size = annotation.to_string().len();
        let fits = self.annotations_size.saturating_add(size) <= MOST_ANNOTATIONS;
        // Some chunks repeat what an earlier one had.
        if fits && !self.annotations.contains(&annotation) {
            self.annotations_size += size;
            self.annotations.push(annotation);
        }
    }

    /// The complete tool calls. One without an ID has an empty one.
    pub(crate) fn tool_calls(&self) -> Vec<ToolCall> {
        self.tools.calls()
    }

    /// Moves what was assembled into the answer.
    pub(crate) fn finish_into(self, answer: &mut Answer) {
        answer.tool_calls = self.tool_calls();
        let seed = answer.generation_id.as_deref().unwrap_or_default();
        tool::identify(&mut answer.tool_calls, seed, &[]);
        answer.text = self.text;
        answer.has_visible_text = self.has_visible_text;
        answer.is_cut = self.is_cut;
        answer.reasoning = self.reasoning;
        answer.media = self.media;
        answer.numbers = self.numbers;
        answer.reasoning_details = self.details.finish();
        answer.annotations = self.annotations;
        answer.citations = self.citations;
        answer.native_finish_reason = self.native_finish_reason;
        answer.logprobs = self.logprobs;
        // Some providers send `stop`, or no reason, with tool calls.
        let has_tool_calls = !answer.tool_calls.is_empty()
            && matches!(self.finish_reason, None | Some(FinishReason::Stop));
        answer.finish_reason = if has_tool_calls {
            Some(FinishReason::ToolCalls)
        } else {
            self.finish_reason
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::delta::ToolFragment;
    use serde_json::json;

    #[test]
    fn the_parse_of_a_file_is_kept_once_and_so_is_a_citation() {
        let parse = json!({
            "type": "file", "file": {"hash": "h", "content": [{"type": "text", "text": "page"}]},
        });
        let brought = || {
            vec![
                parse.clone(),
                json!({"type": "url_citation", "url_citation": {"url": "https://x.example"}}),
                json!({"type": "file"}),
            ]
        };
        let answers = [Keep::Everything, Keep::Nothing].map(|keep| {
            let mut assembly = Assembly::new(keep);
            assembly.absorb(&mut Delta {
                annotations: brought(),
                ..Delta::default()
            });
            assembly.absorb(&mut Delta {
                annotations: brought(),
                ..Delta::default()
            });
            let mut answer = Answer::default();
            assembly.finish_into(&mut answer);
            assert_eq!(answer.citations.len(), 1);
            answer.annotations
        });
        assert_eq!(answers, [vec![parse.clone()], Vec::new()]);
    }

    #[test]
    fn pieces_of_audio_are_one_clip_and_a_clip_at_a_url_is_another() {
        let piece = |data: &str| MediaPart::holding(MediaKind::Audio, data, None);
        let url = "https://x.example/a.wav";
        let mut assembly = Assembly::new(Keep::Everything);
        assembly.absorb(&mut Delta {
            media: vec![
                MediaPart::at(MediaKind::Audio, url),
                piece("AAAA"),
                piece("BBBB"),
            ],
            ..Delta::default()
        });
        let sources = assembly.media.iter();
        let sources: Vec<_> = sources
            .map(|part| (part.url.as_deref(), part.data.as_deref()))
            .collect();
        assert_eq!(sources, [(Some(url), None), (None, Some("AAAABBBB"))]);
    }

    #[test]
    fn a_late_null_does_not_erase_the_finish_reason() {
        let mut assembly = Assembly::new(Keep::Everything);
        assembly.absorb(&mut Delta {
            finish_reason: Some(FinishReason::Length),
            ..Delta::default()
        });
        assembly.absorb(&mut Delta::default());
        let mut answer = Answer::default();
        assembly.finish_into(&mut answer);
        assert_eq!(answer.finish_reason, Some(FinishReason::Length));
    }

    #[test]
    fn tool_calls_with_finish_stop_are_tool_calls() {
        let mut assembly = Assembly::new(Keep::Everything);
        let tool_fragments = vec![ToolFragment {
            name: Some("one".to_owned()),
            ..ToolFragment::default()
        }];
        assembly.absorb(&mut Delta {
            finish_reason: Some(FinishReason::Stop),
            tool_fragments,
            ..Delta::default()
        });
        let mut answer = Answer::default();
        assembly.finish_into(&mut answer);
        assert_eq!(answer.finish_reason, Some(FinishReason::ToolCalls));
    }
}
