//! One line of the output: what became of a row.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::row::RowKey;
use super::status::RowStatus;
use crate::ask::outcome::Outcome;
use crate::chat::answer::Sent;
use crate::chat::cost::CostSource;
use crate::chat::numbers::Numbers;
use crate::chat::usage::Usage;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::time::millis;
use crate::wire::control_characters::inert_json;
use crate::wire::redact::{redacted, without_keys};

/// What became of a row, with its members in the order of the output. Times are in milliseconds,
/// costs in USD.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct OutputLine {
    pub id: Value,
    pub row: u64,
    pub key: String,
    pub status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structured: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LineError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<LineUsage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_source: Option<String>,
    /// The most that requests may have cost whose cost is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_at_most_usd: Option<f64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts: usize,
    #[serde(default, skip_serializing_if = "is_zero_time")]
    pub ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Map<String, Value>>,
    /// The reply as the provider sent it, for the output in OpenAI's form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
}

/// The tokens of a row, of all its requests.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names of the output")]
pub(crate) struct LineUsage {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_tokens: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_tokens: Option<u64>,
}

/// Why a row has no usable answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LineError {
    pub kind: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caused_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    pub exit_code: u8,
    pub retryable: bool,
    /// What to change in the command, where the provider refused the row for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde calls"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde calls"
)]
fn is_zero_time(number: &u64) -> bool {
    *number == 0
}

impl LineError {
    pub(crate) fn of(error: &CommandError) -> Self {
        let value = error.to_json();
        let text = |member: &str| value[member].as_str().map(str::to_owned);
        Self {
            kind: text("kind").unwrap_or_default(),
            message: text("message").unwrap_or_default(),
            caused_by: text("caused_by").map(|words| without_keys(&words)),
            status: error.status,
            exit_code: error.kind.exit_code(),
            retryable: error.retryable,
            hint: (error.kind == ErrorKind::Refused)
                .then(|| text("hint"))
                .flatten(),
        }
    }
}

impl LineError {
    /// The error with the provider's words, in one text.
    pub(crate) fn words(&self) -> String {
        match &self.caused_by {
            Some(why) => format!("{}: {why}", self.message),
            None => self.message.clone(),
        }
    }
}

impl From<Usage> for LineUsage {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            cached_tokens: usage.cached_tokens,
            total_tokens: usage.total_tokens,
        }
    }
}

impl OutputLine {
    /// A line without an answer.
    pub(crate) fn new(id: Value, row: u64, key: RowKey, status: RowStatus) -> Self {
        Self {
            id,
            row,
            key: key.to_string(),
            status: status.word().to_owned(),
            ..Self::default()
        }
    }

    /// The line of an outcome, and why it has no usable answer. `carried` is what earlier requests
    /// for the row cost, in USD.
    pub(crate) fn with_outcome(
        mut self,
        outcome: Outcome,
        carried: f64,
    ) -> (Self, Option<CommandError>) {
        let counted = counted(&outcome) + carried;
        let answer = outcome.answer;
        let known = answer.cost.usd.map(|usd| usd + carried);
        let is_more = counted > known.unwrap_or_default() + 1e-12;
        self.cost_at_most_usd = is_more.then_some(counted);
        self.content = answer.has_visible_text.then_some(answer.text);
        self.structured = answer.numbers.as_ref().map(Numbers::to_json);
        if outcome.structured.is_some() {
            (self.content, self.structured) = (None, outcome.structured);
        }
        self.error = outcome.error.as_ref().map(LineError::of);
        self.response = answer.body.map(|body| {
            let body: Value = serde_json::from_slice(&body).unwrap_or_default();
            json!({"status_code": 200, "request_id": answer.generation_id, "body": body})
        });
        self.model = answer.model;
        self.usage = answer.usage.map(LineUsage::from);
        self.cost_usd = known;
        self.cost_source = (answer.cost.source != CostSource::Unknown)
            .then(|| format!("{:?}", answer.cost.source).to_lowercase());
        let sent = answer
            .attempts
            .iter()
            .filter(|attempt| attempt.sent.is_some());
        self.attempts = sent.count();
        self.ms = millis(answer.total);
        (self, outcome.error)
    }

    /// The line as it is written, without its end: without secrets, and inert on a terminal.
    pub(crate) fn to_text(&self) -> String {
        // Texts and numbers always have a form in JSON.
        let text = serde_json::to_string(self).unwrap_or_default();
        inert_json(redacted(&text)).into_owned()
    }
}

/// What all requests of an outcome count against a cap, in USD.
pub(crate) fn counted(outcome: &Outcome) -> f64 {
    let sent = outcome
        .answer
        .attempts
        .iter()
        .filter_map(|attempt| attempt.sent.as_ref());
    sent.filter_map(Sent::counted).sum()
}
