//! A request to a model in neutral terms, which a provider encodes as a body.

use serde_json::{Map, Value};

use super::message::Message;
use super::pdf::PdfEngine;
use super::reasoning::Effort;
use super::tool::{Declaration, ToolChoice};

/// One request. `None`: the field is not sent, so that the model's own default applies.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    pub model: String,
    pub messages: Vec<Message>,
    /// Maximum output tokens, reasoning included.
    pub max_tokens: u32,
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    /// Set for a reasoning model.
    pub effort: Option<Effort>,
    /// Models that the provider itself falls back to when this one fails.
    pub fallback_models: Vec<String>,
    pub stream: bool,
    /// The parser of the documents in the messages, where the provider offers a choice.
    pub pdf_engine: Option<PdfEngine>,
    /// The tools that amx runs, always in the same order.
    pub tools: Vec<Declaration>,
    /// Sent with tools only.
    pub tool_choice: ToolChoice,
    /// The field of `max_tokens` in the body; `None` for the provider's own.
    pub limit_field: Option<&'static str>,
    /// Dotted names of fields that are not sent, whatever sets them.
    pub without: Vec<String>,
    /// Further fields of the body under the provider's own names, merged over the others.
    pub extra: Map<String, Value>,
}

/// The names of `max_tokens` in a body, the older first.
pub(crate) const LIMIT_FIELDS: [&str; 2] = ["max_tokens", "max_completion_tokens"];

impl ChatRequest {
    /// Whether the body limits the output.
    pub fn is_limited(&self) -> bool {
        let is_limit = |name: &String| LIMIT_FIELDS.contains(&name.as_str());
        !self.without.iter().any(is_limit)
    }

    /// Removes a field from the body, whatever sets it. Both names of `max_tokens` are one field.
    pub fn omit(&mut self, field: &str) {
        match field {
            "stream" => self.stream = false,
            "temperature" => self.temperature = None,
            "top_p" => self.top_p = None,
            "reasoning_effort" | "reasoning.effort" => {
                self.effort = None;
                self.omit_named("reasoning_effort");
                self.omit_named("reasoning.effort");
            }
            "reasoning" => {
                self.effort = None;
                self.omit_named("reasoning_effort");
                self.omit_named("reasoning");
            }
            "reasoning_details" => {
                let messages = self.messages.iter_mut();
                messages.for_each(|message| message.reasoning_details = None);
            }
            "annotations" => {
                let messages = self.messages.iter_mut();
                messages.for_each(|message| message.annotations.clear());
            }
            "reasoning_content" => {
                let messages = self.messages.iter_mut();
                messages.for_each(|message| message.reasoning = None);
            }
            field if LIMIT_FIELDS.contains(&field) => {
                LIMIT_FIELDS.iter().for_each(|name| self.omit_named(name));
            }
            field => self.omit_named(field),
        }
    }

    fn omit_named(&mut self, field: &str) {
        if !self.without.iter().any(|name| name == field) {
            self.without.push(field.to_owned());
        }
    }
}

#[cfg(test)]
impl ChatRequest {
    /// A plain streamed request, for tests.
    pub fn plain(messages: Vec<Message>) -> Self {
        Self {
            model: "a/b".to_owned(),
            messages,
            max_tokens: 4096,
            temperature: None,
            top_p: None,
            effort: None,
            fallback_models: Vec::new(),
            stream: true,
            pdf_engine: None,
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            limit_field: None,
            without: Vec::new(),
            extra: Map::new(),
        }
    }
}

/// Merges a field into a body. Objects are merged field by field, so that another field of
/// `reasoning` or `provider` does not drop the rest; any other value is replaced.
pub(crate) fn lay_over(body: &mut Map<String, Value>, field: &str, value: &Value) {
    match (body.get_mut(field), value) {
        (Some(Value::Object(below)), Value::Object(above)) => {
            for (field, value) in above {
                lay_over(below, field, value);
            }
        }
        _ => {
            body.insert(field.to_owned(), value.clone());
        }
    }
}
