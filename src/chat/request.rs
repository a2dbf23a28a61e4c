//! A request to a model in neutral terms, which a provider encodes as a body.

use serde_json::{Map, Value};

use super::message::Message;
use super::pdf::PdfEngine;
use super::reasoning::Effort;

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
    /// Further fields of the body under the provider's own names, merged over the others.
    pub extra: Map<String, Value>,
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
