//! The request of one row: planned settings with the question of the row in place.

use serde_json::{Map, Value};

use super::plan::PlannedTarget;
use super::texts;
use crate::chat::endpoint::Endpoint;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::request::lay_over;
use crate::ports::equipment::Equipment;

/// What one row asks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RowContent {
    /// The messages after the system prompt. A system message among them replaces it.
    Messages(Vec<Message>),
    /// A whole body, whose members override the settings.
    Body(Map<String, Value>),
    /// The whole body of a request for vectors or scores.
    Texts(Endpoint, Map<String, Value>),
}

/// The fields of a body that limit the answer.
const LIMITS: [&str; 2] = ["max_completion_tokens", "max_tokens"];

/// Fields of a body that are not taken from it: the model is that of the settings, and the answer
/// is read as a whole.
const OWN: [&str; 3] = ["model", "stream", "stream_options"];

/// The field of a body with fallback models.
const MODELS: &str = "models";

/// The fallback models of a body; `None` without any, and for what is no list of texts.
pub(crate) fn fallback_models(body: &Map<String, Value>) -> Option<Vec<String>> {
    let models = body.get(MODELS)?.as_array()?;
    let text = |model: &Value| model.as_str().map(str::to_owned);
    let models: Option<Vec<String>> = models.iter().map(text).collect();
    models.filter(|models| !models.is_empty())
}

impl PlannedTarget {
    /// The same settings with the question of a row.
    pub(crate) fn with_row(&self, content: &RowContent, equipment: &Equipment) -> Self {
        let mut planned = self.clone();
        match content {
            RowContent::Messages(asked) => {
                let messages = &mut planned.target.request.messages;
                messages.pop();
                if asked
                    .first()
                    .is_some_and(|first| first.role == Role::System)
                {
                    messages.clear();
                }
                messages.extend_from_slice(asked);
                planned.replan(equipment);
            }
            RowContent::Body(body) => planned.take_body(body, equipment),
            RowContent::Texts(endpoint, body) => planned.take_texts(*endpoint, body),
        }
        planned
    }

    /// The body is sent as it is, but for the model.
    fn take_texts(&mut self, endpoint: Endpoint, body: &Map<String, Value>) {
        let is_own = |field: &String| OWN.contains(&field.as_str());
        let fields = body.iter().filter(|(field, _)| !is_own(field));
        let fields: Map<String, Value> = fields
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let texts = ["input", "query", "documents"]
            .iter()
            .filter_map(|field| body.get(*field));
        // The size of the texts, for estimates.
        let estimated: Vec<ContentPart> = texts
            .map(|texts| ContentPart::Text(texts.to_string().into()))
            .collect();
        texts::plan::retarget(self, endpoint, fields, estimated);
    }

    fn take_body(&mut self, body: &Map<String, Value>, equipment: &Equipment) {
        let text = body
            .get("messages")
            .map(Value::to_string)
            .unwrap_or_default();
        let estimated = ContentPart::Text(text.into());
        self.target.request.messages = vec![Message {
            content: vec![estimated],
            ..Message::text(Role::User, "")
        }];
        self.replan(equipment);
        let request = &mut self.target.request;
        // They are settings of the row, which are planned and priced.
        let has_models = self.settings.entry.is_openrouter && fallback_models(body).is_some();
        for (field, value) in body {
            let is_planned = field == MODELS && has_models;
            let is_kept = OWN.contains(&field.as_str()) || LIMITS.contains(&field.as_str());
            if !is_kept && !is_planned {
                lay_over(&mut request.extra, field, value);
            }
        }
        let limit = LIMITS.iter().find_map(|field| {
            let tokens = u32::try_from(body.get(*field)?.as_u64()?).ok()?;
            Some((*field, tokens))
        });
        match limit {
            Some((field, tokens)) => {
                (request.limit_field, request.max_tokens) = (Some(field), tokens);
            }
            // Without a limit in the body there is none in the request.
            None if self.settings.max_tokens.is_default() => {
                request.omit(LIMITS[1]);
            }
            None => {}
        }
        self.update_worst_case();
    }
}
