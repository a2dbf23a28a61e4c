//! The answer as a program reads it: the object of `--json`.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::chat::answer::{Answer, Attempt, ToolCall};
use crate::chat::confidence::{Confidence, Thresholds};
use crate::chat::cost::{Cost, CostSource, Spent};
use crate::chat::delta::PassedOver;
use crate::chat::finish_reason::FinishReason;
use crate::chat::turn::TurnState;
use crate::chat::usage::Usage;
use crate::config::defaults;
use crate::store::shortened;

/// An answer with what is needed to report it.
#[derive(Debug, Clone)]
pub struct AnswerReport<'a> {
    pub answer: &'a Answer,
    pub confidence: Option<Confidence>,
    pub state: TurnState,
    /// The value of an answer that keeps to its schema.
    pub structured: Option<&'a Value>,
    /// The conversation that the answer belongs to, when it is kept.
    pub session: Option<SessionReport>,
    /// It came from a recording, and cost nothing now.
    pub is_replayed: bool,
}

/// What a report tells of the conversation around the answer.
#[derive(Debug, Clone)]
pub struct SessionReport {
    /// Its name, else its number.
    pub label: String,
    /// The whole conversation's cost; `None` where only one answer was asked for.
    pub spent: Option<Spent>,
    /// How full the model's context is, where its size is known.
    pub context: Option<ContextUse>,
}

/// Tokens of the conversation, and the most that the model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextUse {
    pub used: u64,
    pub window: u64,
}

impl ContextUse {
    /// Whole percents, rounded up.
    pub fn percent(self) -> u64 {
        (self.used.saturating_mul(100)).div_ceil(self.window.max(1))
    }
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
    finish_reason: Option<&'a FinishReason>,
    native_finish_reason: Option<&'a str>,
    usage: Option<Usage>,
    cost_usd: Option<f64>,
    cost_source: crate::chat::cost::CostSource,
    confidence: Option<Confidence>,
    attempts: Vec<Value>,
    timing: Value,
    session: Option<&'a str>,
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
            session,
            is_replayed: false,
        }
    }

    /// The answer ended before the model had finished.
    pub fn is_incomplete(&self) -> bool {
        self.state != TurnState::Complete
    }

    /// The object of `--json`. Fields beyond the fixed ones are there only when they say something.
    pub fn to_json(&self) -> Value {
        let answer = self.answer;
        let fields = Fields {
            profile: named(&answer.profile),
            provider: &answer.provider,
            requested_model: &answer.requested_model,
            model: answer.model.as_deref(),
            served_by: answer.served_by.as_deref(),
            generation_id: answer.generation_id.as_deref(),
            content: &answer.text,
            reasoning: Some(answer.reasoning.as_str()).filter(|text| !text.is_empty()),
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
            session: self.session.as_ref().map(|session| session.label.as_str()),
        };
        let mut object = serde_json::to_value(fields).unwrap_or_default();
        if !answer.tool_calls.is_empty() && !self.is_incomplete() {
            object["tool_calls"] = self.tool_calls();
        }
        if let Some(value) = self.structured {
            object["structured"] = value.clone();
        }
        if self.is_incomplete() {
            object["incomplete"] = json!(true);
        }
        if self.is_replayed {
            object["replayed"] = json!(true);
        }
        object
    }

    /// The calls in the form of the OpenAI API.
    pub fn tool_calls(&self) -> Value {
        let call = |call: &ToolCall| {
            json!({
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            })
        };
        self.answer.tool_calls.iter().map(call).collect()
    }
}

fn attempt_json(attempt: &Attempt) -> Value {
    let status = status_json(&attempt.status);
    let mut object = json!({
        "model": attempt.model,
        "profile": named(&attempt.profile),
        "status": status,
        "waited_ms": millis(attempt.waited),
    });
    if let Some(reason) = &attempt.reason {
        object["reason"] = json!(reason);
    }
    if !attempt.passed_over.is_empty() {
        let passed_over = |over: &PassedOver| json!({"model": over.model, "provider": over.provider, "status": over.status});
        object["passed_over"] = attempt.passed_over.iter().map(passed_over).collect();
    }
    object
}

/// A status is a number where it is one.
pub fn status_json(status: &str) -> Value {
    status
        .parse::<u16>()
        .map_or_else(|_| json!(status), |status| json!(status))
}

/// Why those who were asked before did not answer: the profiles that failed, and the models that
/// the provider passed over.
pub fn failover_words(answer: &Answer) -> Vec<String> {
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
        // The last attempt of a profile says why it was given up.
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
        .flat_map(|attempt| &attempt.passed_over)
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

/// The name of a profile; `None` when none was chosen and settings of no profile hold.
pub fn named(profile: &str) -> Option<&str> {
    Some(profile).filter(|profile| *profile != defaults::UNNAMED_PROFILE && !profile.is_empty())
}

/// Whole milliseconds, as far as JSON numbers go.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `12 in`, or `in unknown`: a count of tokens, and which tokens.
pub fn count_words(tokens: Option<impl std::fmt::Display>, which: &str) -> String {
    tokens.map_or_else(
        || format!("{which} unknown"),
        |tokens| format!("{tokens} {which}"),
    )
}

/// `$0.0123`; `~` marks an estimate.
pub fn cost_words(cost: Cost) -> String {
    match (cost.usd, cost.source) {
        (Some(usd), CostSource::Estimate) => format!("~${}", amount(usd)),
        (Some(usd), _) => format!("${}", amount(usd)),
        (None, _) => "cost unknown".to_owned(),
    }
}

/// The cost of several answers: `~` before an estimate, `+` behind a sum that leaves something out.
/// What is not known is never nothing.
pub fn spent_words(spent: Spent) -> String {
    let (before, behind) = (
        if spent.has_estimates { "~" } else { "" },
        if spent.has_unknown { "+" } else { "" },
    );
    match spent.usd {
        None if spent.has_unknown => "cost unknown".to_owned(),
        usd => format!("{before}${}{behind}", amount(usd.unwrap_or_default())),
    }
}

/// Dollars with as many digits as a small amount needs: it is never shown as nothing.
pub fn amount(usd: f64) -> String {
    if usd == 0.0 {
        return "0".to_owned();
    }
    if usd >= 0.01 {
        return format!("{usd:.4}");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a few digits"
    )]
    let digits = (2.0 - usd.abs().log10().floor()).clamp(6.0, 15.0) as usize;
    format!("{usd:.digits$}")
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_amounts_keep_their_digits() {
        assert_eq!(
            [0.0, 0.00183, 4e-7, 0.25, 12.5].map(amount),
            ["0", "0.00183", "0.0000004", "0.2500", "12.5000"]
        );
    }

    #[test]
    fn unknown_costs_are_never_nothing() {
        let spent = |usd, has_unknown| {
            spent_words(Spent {
                usd,
                has_estimates: false,
                has_unknown,
            })
        };
        let known = [
            spent(None, true),
            spent(Some(0.5), true),
            spent(Some(0.5), false),
            spent(None, false),
        ];
        assert_eq!(known, ["cost unknown", "$0.5000+", "$0.5000", "$0"]);
    }
}
