//! A line for each request: who, what, how it ended, what it cost. Never bodies, never keys.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::front::Front;
use super::options::LogForm;
use crate::chat::usage::Usage;
use crate::present::time;

/// What the log reports of a request.
#[derive(Debug, Clone)]
pub(crate) struct LogLine {
    pub at: SystemTime,
    pub id: String,
    pub method: String,
    pub path: String,
    pub front: Option<Front>,
    pub client: String,
    pub status: u16,
    pub asked_model: String,
    pub profile: String,
    pub model: String,
    pub attempts: u32,
    pub first_byte: Option<Duration>,
    pub total: Duration,
    pub usage: Option<Usage>,
    pub usd: Option<f64>,
    pub is_estimate: bool,
    pub why: Option<String>,
}

impl LogLine {
    /// The line in a form.
    pub(super) fn text(&self, form: LogForm) -> String {
        match form {
            LogForm::Json => self.json().to_string(),
            LogForm::Text => self.words(),
        }
    }

    fn json(&self) -> Value {
        let millis = |duration: Duration| time::millis(duration);
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let usage = self.usage.unwrap_or_default();
        json!({
            "at": time::utc(self.at),
            "request_id": self.id,
            "key": text(&self.client),
            "api": self.front.map(|front| front.row().name),
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "asked_model": text(&self.asked_model),
            "profile": text(&self.profile),
            "model": text(&self.model),
            "attempts": self.attempts,
            "first_byte_ms": self.first_byte.map(millis),
            "total_ms": millis(self.total),
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "cost_usd": self.usd,
            "cost_is_estimate": self.usd.map(|_| self.is_estimate),
            "why": self.why,
        })
    }

    fn words(&self) -> String {
        let mut words = vec![
            time::utc(self.at),
            self.status.to_string(),
            self.method.clone(),
            self.path.clone(),
            format!("{} ms", time::millis(self.total)),
        ];
        let named = [
            ("key", self.client.clone()),
            ("asked", self.asked_model.clone()),
            ("profile", self.profile.clone()),
            ("model", self.model.clone()),
            ("attempts", at_least_two(self.attempts)),
            (
                "first byte",
                self.first_byte
                    .map(|first| format!("{} ms", time::millis(first)))
                    .unwrap_or_default(),
            ),
            ("cost", self.cost().unwrap_or_default()),
            ("request", self.id.clone()),
        ];
        let named = named.into_iter().filter(|(_, value)| !value.is_empty());
        words.extend(named.map(|(name, value)| format!("{name} {value}")));
        words.extend(self.why.clone());
        words.join(" · ")
    }

    fn cost(&self) -> Option<String> {
        let mark = if self.is_estimate { "~" } else { "" };
        Some(format!("{mark}${}", self.usd?))
    }
}

/// The count when it is worth a word.
fn at_least_two(attempts: u32) -> String {
    if attempts < 2 {
        String::new()
    } else {
        attempts.to_string()
    }
}
