//! What one chunk of a stream, or a whole body, adds to the answer.

use std::time::SystemTime;

use serde_json::Value;

use super::finish_reason::FinishReason;
use super::media::MediaPart;
use super::numbers::Numbers;
use super::refusal::Refusal;
use super::usage::Usage;

/// A piece of a tool call; pieces with the same index belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolFragment {
    pub index: Option<u64>,
    pub id: Option<String>,
    pub name: Option<String>,
    pub arguments: Option<String>,
    /// Google's attachment to a call.
    pub extra_content: Option<Value>,
}

/// A model that a router tried before the one that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedModel {
    pub model: String,
    /// The company that runs it.
    pub provider: Option<String>,
    /// Its HTTP status.
    pub status: Option<u16>,
}

/// Filled by a provider from one event, and reused for the next, so that its strings are allocated
/// once.
#[derive(Debug, Default)]
pub struct Delta {
    pub text: String,
    pub reasoning: String,
    pub refusal: String,
    /// `None` when the event had no list of details, which is not the same as an empty one.
    pub reasoning_details: Option<Vec<Value>>,
    /// Such as citations and the parse of a file.
    pub annotations: Vec<Value>,
    pub tool_fragments: Vec<ToolFragment>,
    /// Images, audio and other parts that are not text.
    pub media: Vec<MediaPart>,
    /// Vectors or scores, of an endpoint that returns no text.
    pub numbers: Option<Numbers>,
    /// Tokens with their natural log probabilities.
    pub logprobs: Vec<(String, f64)>,
    pub finish_reason: Option<FinishReason>,
    /// The provider's own word, where it is another.
    pub native_finish_reason: Option<String>,
    pub generation_id: Option<String>,
    pub model: Option<String>,
    /// The company that ran the model, where a router reports it.
    pub served_by: Option<String>,
    /// The reply came from the provider's cache.
    pub is_cached: bool,
    /// Models that the router tried before the one that answered, in order.
    pub skipped_models: Vec<SkippedModel>,
    pub usage: Option<Usage>,
    /// The bill in USD.
    pub cost: Option<f64>,
    pub error: Option<Refusal>,
    /// The event held a choice, whatever was in it.
    pub has_choice: bool,
    /// It held a whole message, in place of a piece of one.
    pub is_whole: bool,
    /// When a recorded reply arrived, to which dates in it are relative; `None` for a live one.
    pub received_at: Option<SystemTime>,
}

impl Delta {
    /// Empties it for the next event, except what identifies the answer.
    pub fn clear(&mut self) {
        self.text.clear();
        self.reasoning.clear();
        self.refusal.clear();
        self.reasoning_details = None;
        self.annotations.clear();
        self.tool_fragments.clear();
        self.media.clear();
        self.numbers = None;
        self.logprobs.clear();
        self.finish_reason = None;
        self.native_finish_reason = None;
        self.usage = None;
        self.cost = None;
        self.error = None;
        self.has_choice = false;
        self.is_whole = false;
    }
}
