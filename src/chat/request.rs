//! What is asked of a model, in neutral words; a provider turns it into a body.

use serde_json::{Map, Value};

use super::message::Message;
use super::pdf::PdfEngine;
use super::reasoning::Effort;

/// One request. `None` means: not sent, the model's own default applies.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    pub model: String,
    pub messages: Vec<Message>,
    /// Most tokens the model may produce, thinking included.
    pub max_tokens: u32,
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    /// Set on a reasoning route.
    pub effort: Option<Effort>,
    /// Models that the provider tries itself when this one fails.
    pub fallback_models: Vec<String>,
    pub stream: bool,
    /// Who reads the documents among the messages, where the provider lets one choose.
    pub pdf_engine: Option<PdfEngine>,
    /// Further fields of the body by the provider's own names; they are laid over the others.
    pub extra: Map<String, Value>,
}

#[cfg(test)]
impl ChatRequest {
    /// A plain one, streamed, for tests.
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

/// Lays a field over those below it. Objects are merged, so that one more field of `reasoning` or
/// `provider` does not drop the rest.
pub fn lay_over(body: &mut Map<String, Value>, field: &str, value: &Value) {
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
