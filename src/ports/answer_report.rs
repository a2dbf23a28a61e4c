//! The answer as a program reads it: the object of `--json`.

use crate::present::time::millis;
use serde::Serialize;
use serde_json::{Value, json};

use super::saved_media::SavedMedia;

use crate::chat::answer::{Answer, Attempt};
use crate::chat::citation::Citation;
use crate::chat::confidence::{Confidence, Thresholds};
use crate::chat::cost::{CostSource, Spent};
use crate::chat::delta::SkippedModel;
use crate::chat::finish_reason::FinishReason;
use crate::chat::media::MediaKind;
use crate::chat::tool::{ToolCall, ToolStep};
use crate::chat::turn::TurnState;
use crate::chat::usage::Usage;
use crate::config::defaults;
use crate::present::text::shortened;

/// An answer, and what its report needs beside it.
#[derive(Debug, Clone)]
pub struct AnswerReport<'a> {
    pub answer: &'a Answer,
    pub confidence: Option<Confidence>,
    pub state: TurnState,
    /// The value of an answer that matches its schema.
    pub structured: Option<&'a Value>,
    /// The command of an answer to `-e`.
    pub command: Option<&'a Value>,
    /// The conversation of the answer, when it is saved.
    pub session: Option<SessionReport>,
    /// It was replayed from a recording and cost nothing.
    pub is_replayed: bool,
    /// Its images, audio and video.
    pub media: &'a [SavedMedia],
}

/// The conversation of a reported answer.
#[derive(Debug, Clone)]
pub struct SessionReport {
    /// Its name, else its ID.
    pub label: String,
    /// The name of its current branch.
    pub branch: Option<String>,
    /// The cost of the whole conversation; `None` outside an interactive one.
    pub spent: Option<Spent>,
    /// What the profile has spent today of its daily cap, in words; `None` without a cap.
    pub today: Option<String>,
    /// How full the model's context is, where its size is known.
    pub context: Option<ContextUse>,
}

impl SessionReport {
    /// Of a conversation in which a single question was asked.
    pub fn named(label: String) -> Self {
        Self {
            label,
            branch: None,
            spent: None,
            today: None,
            context: None,
        }
    }
}

/// Tokens of the conversation, and the size of the model's context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextUse {
    pub used: u64,
    pub window: u64,
}

impl ContextUse {
    /// In percent, rounded up.
    pub fn percent(self) -> u64 {
        (self.used.saturating_mul(100)).div_ceil(self.window.max(1))
    }
}

/// A text, or null.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct MaybeText<'a>(Option<&'a str>);

/// The fields of `--json`, in the documented order.
#[derive(Debug, Serialize)]
struct Fields<'a> {
    profile: Option<&'a str>,
    provider: &'a str,
    requested_model: &'a str,
    model: Option<&'a str>,
    served_by: Option<&'a str>,
    generation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<MaybeText<'a>>,
    finish_reason: Option<&'a FinishReason>,
    native_finish_reason: Option<&'a str>,
    usage: Option<Usage>,
    cost_usd: Option<f64>,
    cost_source: CostSource,
    confidence: Option<Confidence>,
    attempts: Vec<Value>,
    timing: Value,
    session: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cached: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    audio: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    videos: Vec<Value>,
    #[serde(skip_serializing_if = "<[Citation]>::is_empty")]
    citations: &'a [Citation],
    #[serde(skip_serializing_if = "Option::is_none")]
    structured: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shell_command: Option<&'a Value>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    incomplete: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replayed: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'a [String],
}

impl<'a> AnswerReport<'a> {
    pub fn new(
        answer: &'a Answer,
        thresholds: Thresholds,
        state: TurnState,
        session: Option<SessionReport>,
    ) -> Self {
        Self {
            confidence: answer.logprobs.confidence(thresholds),
            answer,
            state,
            structured: None,
            command: None,
            session,
            is_replayed: false,
            media: &[],
        }
    }

    /// The answer ended before the model finished.
    pub fn is_incomplete(&self) -> bool {
        self.state != TurnState::Complete
    }

    /// The object of `--json`. Fields beyond the fixed ones are present only when they apply.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self.fields(&[])).unwrap_or_default()
    }

    /// The same with warnings, to be written without a copy of its texts.
    pub fn with_warnings(&self, warnings: &'a [String]) -> impl Serialize + use<'a> {
        self.fields(warnings)
    }

    /// The same without text, reasoning and tool calls, which have been shown already.
    pub fn without_texts(&self, warnings: &[String]) -> Value {
        let fields = Fields {
            content: None,
            reasoning: None,
            tool_calls: None,
            warnings,
            ..self.fields(&[])
        };
        serde_json::to_value(fields).unwrap_or_default()
    }

    fn fields<'b>(&self, warnings: &'b [String]) -> Fields<'b>
    where
        'a: 'b,
    {
        let answer = self.answer;
        let reasoning = Some(answer.reasoning.as_str()).filter(|text| !text.is_empty());
        let has_calls = !answer.tool_calls.is_empty() && !self.is_incomplete();
        Fields {
            profile: named(&answer.profile),
            provider: &answer.provider,
            requested_model: &answer.requested_model,
            model: answer.model.as_deref(),
            served_by: answer.served_by.as_deref(),
            generation_id: answer.generation_id.as_deref(),
            content: Some(&answer.text),
            reasoning: Some(MaybeText(reasoning)),
            finish_reason: answer.finish_reason.as_ref(),
            native_finish_reason: answer.native_finish_reason.as_deref(),
            usage: answer.usage,
            cost_usd: answer.cost.usd,
            cost_source: answer.cost.source,
            confidence: self.confidence,
            attempts: answer.attempts.iter().map(attempt_json).collect(),
            timing: json!({
                "first_token_ms": answer.first_token.map(millis),
                "total_ms": millis(answer.total),
            }),
            session: self.session.as_ref().map(|session| session.label.clone()),
            cached: answer.is_cached,
            tool_calls: has_calls.then(|| self.tool_calls()),
            steps: answer.steps.iter().map(ToolStep::to_json).collect(),
            images: self.media_json(&MediaKind::Image),
            audio: self.media_json(&MediaKind::Audio),
            videos: self.media_json(&MediaKind::Video),
            citations: &answer.citations,
            structured: self.structured,
            shell_command: self.command,
            incomplete: self.is_incomplete(),
            replayed: self.is_replayed,
            warnings,
        }
    }

    fn media_json(&self, kind: &MediaKind) -> Vec<Value> {
        let of_kind = self.media.iter().filter(|saved| saved.kind == *kind);
        of_kind.map(SavedMedia::to_json).collect()
    }

    /// The calls in the form of the OpenAI API.
    pub fn tool_calls(&self) -> Value {
        self.answer
            .tool_calls
            .iter()
            .map(ToolCall::to_json)
            .collect()
    }
}

fn attempt_json(attempt: &Attempt) -> Value {
    let mut object = json!({
        "model": attempt.model,
        "profile": named(&attempt.profile),
        "status": attempt.status,
        "waited_ms": millis(attempt.waited),
    });
    if let Some(reason) = &attempt.reason {
        object["reason"] = json!(reason);
    }
    if !attempt.skipped_models.is_empty() {
        let skipped = |skipped: &SkippedModel| {
            json!({
                "model": skipped.model,
                "provider": skipped.provider,
                "status": skipped.status,
            })
        };
        object["passed_over"] = attempt.skipped_models.iter().map(skipped).collect();
    }
    object
}

/// Why others did not answer: the profiles that failed, and the models that the provider skipped.
pub(crate) fn failover_words(answer: &Answer) -> Vec<String> {
    let mut failed: Vec<(&str, String)> = Vec::new();
    for attempt in answer
        .attempts
        .iter()
        .filter(|attempt| attempt.profile != answer.profile)
    {
        let Some(reason) = &attempt.reason else {
            continue;
        };
        let words = format!(
            "not {} ({}): {}",
            attempt.model,
            attempt.profile,
            shortened(reason, WIDEST_REASON)
        );
        // The last attempt of a profile has the reason for the fallback.
        match failed
            .iter_mut()
            .find(|(profile, _)| *profile == attempt.profile)
        {
            Some((_, last)) => *last = words,
            None => failed.push((&attempt.profile, words)),
        }
    }
    let passed_over = answer
        .attempts
        .last()
        .into_iter()
        .flat_map(|attempt| &attempt.skipped_models)
        .map(|over| {
            let place = over
                .provider
                .as_ref()
                .map_or(String::new(), |provider| format!(" at {provider}"));
            format!(
                "not {}{place}: {}",
                over.model,
                over.status
                    .map_or("no answer".to_owned(), |status| status.to_string())
            )
        });
    failed
        .into_iter()
        .map(|(_, words)| words)
        .chain(passed_over)
        .collect()
}

/// Columns of a reason in a line about something else.
const WIDEST_REASON: usize = 80;

/// The name of a profile; `None` without a profile.
pub(crate) fn named(profile: &str) -> Option<&str> {
    Some(profile).filter(|profile| *profile != defaults::UNNAMED_PROFILE && !profile.is_empty())
}

/// `12 in`, or `in unknown`: a count of tokens, and which tokens.
pub(crate) fn count_words(tokens: Option<impl std::fmt::Display>, which: &str) -> String {
    tokens.map_or_else(
        || format!("{which} unknown"),
        |tokens| format!("{tokens} {which}"),
    )
}
