//! The answer as a program reads it: the object of `--json`.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::chat::answer::Answer;
use crate::chat::confidence::{Confidence, Thresholds};
use crate::chat::cost::Usage;
use crate::config::defaults;

/// An answer with what is needed to report it.
#[derive(Debug, Clone)]
pub struct AnswerReport {
    pub answer: Answer,
    pub confidence: Option<Confidence>,
    /// The answer ended before the model had finished.
    pub is_incomplete: bool,
}

/// The fields of `--json`, in the documented order.
#[derive(Debug, Serialize)]
struct Fields<'a> {
    profile: Option<&'a str>,
    provider: &'a str,
    requested_model: &'a str,
    model: Option<&'a str>,
    served_by: Option<&'a str>,
    generation_id: Option<&'a str>,
    content: &'a str,
    reasoning: Option<&'a str>,
    finish_reason: Option<&'a str>,
    native_finish_reason: Option<&'a str>,
    usage: Option<Usage>,
    cost_usd: Option<f64>,
    cost_source: crate::chat::cost::CostSource,
    confidence: Option<Confidence>,
    attempts: Vec<Value>,
    timing: Value,
    session: Option<&'a str>,
}

impl AnswerReport {
    pub fn new(answer: Answer, thresholds: Thresholds, is_incomplete: bool) -> Self {
        Self { confidence: answer.logprobs.confidence(thresholds), answer, is_incomplete }
    }

    /// The object of `--json`. Fields beyond the fixed ones are there only when they say something.
    pub fn to_json(&self) -> Value {
        let answer = &self.answer;
        let fields = Fields {
            profile: named(&answer.profile),
            provider: &answer.provider,
            requested_model: &answer.requested_model,
            model: answer.model.as_deref(),
            served_by: answer.served_by.as_deref(),
            generation_id: answer.generation_id.as_deref(),
            content: &answer.text,
            reasoning: Some(answer.reasoning.as_str()).filter(|text| !text.is_empty()),
            finish_reason: answer.finish_reason.as_deref(),
            native_finish_reason: answer.native_finish_reason.as_deref(),
            usage: answer.usage,
            cost_usd: answer.cost.usd,
            cost_source: answer.cost.source,
            confidence: self.confidence,
            attempts: answer.attempts.iter().map(|attempt| attempt_json(&attempt.model, &attempt.profile, &attempt.status, attempt.waited)).collect(),
            timing: json!({"first_token_ms": answer.first_token.map(millis), "total_ms": millis(answer.total)}),
            session: None,
        };
        let mut object = serde_json::to_value(fields).unwrap_or_default();
        if !answer.tool_calls.is_empty() && !self.is_incomplete {
            object["tool_calls"] = self.tool_calls();
        }
        if self.is_incomplete {
            object["incomplete"] = json!(true);
        }
        object
    }

    /// The calls in the form of the OpenAI API.
    pub fn tool_calls(&self) -> Value {
        let call =
            |call: &crate::chat::answer::ToolCall| json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}});
        self.answer.tool_calls.iter().map(call).collect()
    }
}

fn attempt_json(model: &str, profile: &str, status: &str, waited: Duration) -> Value {
    // A status is a number where it is one.
    let status = status.parse::<u16>().map_or_else(|_| json!(status), |status| json!(status));
    json!({"model": model, "profile": named(profile), "status": status, "waited_ms": millis(waited)})
}

/// The name of a profile; `None` when none was chosen and settings of no profile hold.
pub fn named(profile: &str) -> Option<&str> {
    Some(profile).filter(|profile| *profile != defaults::UNNAMED_PROFILE && !profile.is_empty())
}

/// Whole milliseconds, as far as JSON numbers go.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
