//! Collects rows into batches: each has one model, one routing, and at most 1,000 rows.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::batch::fit::ADDED;
use crate::batch::noted::NotedRow;

/// Most rows of a batch.
pub(crate) const MOST_ROWS: usize = 1000;

/// Most bytes of the bodies of a batch.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Most bytes of all rows that wait for others.
const MOST_WAITING: usize = 128 * 1024 * 1024;

/// The models of this author take one form of answers in a batch.
const ONE_FORMAT: &str = "google/";

/// What the rows of a batch have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Common {
    pub model: String,
    /// Which providers may run it, as JSON.
    pub provider: Option<String>,
    /// The form of the answers, where all must have the same.
    format: Option<String>,
}

/// The rows of a batch.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub rows: Vec<NotedRow>,
    /// The bodies of their requests, as JSON.
    pub bodies: Vec<String>,
    bytes: usize,
}

/// Batches that are not full yet.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    waiting: HashMap<Common, Chunk>,
    bytes: usize,
}

impl Chunk {
    /// The most that it may cost in USD; `None` where the price of a row is unknown.
    pub(super) fn usd(&self) -> Option<f64> {
        self.rows.iter().map(|row| row.usd).sum()
    }
}

impl Chunks {
    /// Adds a row. Returns a batch that is full.
    pub(super) fn add(
        &mut self,
        row: NotedRow,
        mut body: Map<String, Value>,
    ) -> Option<(Common, Chunk)> {
        let common = take_common(&mut body);
        let body = Value::Object(body).to_string();
        self.bytes += body.len();
        let chunk = self.waiting.entry(common.clone()).or_default();
        chunk.bytes += body.len();
        chunk.rows.push(row);
        chunk.bodies.push(body);
        let is_full = chunk.rows.len() >= MOST_ROWS || chunk.bytes >= MOST_BYTES;
        if is_full {
            return self.take(&common);
        }
        if self.bytes < MOST_WAITING {
            return None;
        }
        let largest = self.waiting.iter().max_by_key(|(_, chunk)| chunk.bytes);
        let largest = largest.map(|(common, _)| common.clone())?;
        self.take(&largest)
    }

    /// A batch of the rows that are left; `None` when there are none.
    pub(super) fn rest(&mut self) -> Option<(Common, Chunk)> {
        let first = self.waiting.keys().next().cloned()?;
        self.take(&first)
    }

    fn take(&mut self, common: &Common) -> Option<(Common, Chunk)> {
        let taken = self.waiting.remove_entry(common)?;
        self.bytes -= taken.1.bytes;
        Some(taken)
    }
}

/// Takes out of a body what is said once for the whole batch.
fn take_common(body: &mut Map<String, Value>) -> Common {
    let model = body.shift_remove("model");
    let model = model.as_ref().and_then(Value::as_str).unwrap_or_default();
    // The ID of the price list of batches: a batch has that price by itself.
    let model = model.strip_suffix(":batch").unwrap_or(model).to_owned();
    for field in ["stream", "stream_options"] {
        body.shift_remove(field);
    }
    let mut provider = body.shift_remove("provider");
    let routing = provider.as_mut().and_then(Value::as_object_mut);
    let is_routed = routing.is_some_and(|routing| {
        routing.shift_remove(ADDED);
        routing.retain(|_, value| !value.is_null());
        !routing.is_empty()
    });
    let provider = provider.filter(|_| is_routed);
    let format = body.get("response_format");
    Common {
        provider: provider.map(|provider| provider.to_string()),
        format: format
            .filter(|_| model.starts_with(ONE_FORMAT))
            .map(Value::to_string),
        model,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn add(chunks: &mut Chunks, body: Value) -> Option<(Common, Chunk)> {
        let Value::Object(body) = body else {
            panic!("an object was expected")
        };
        chunks.add(NotedRow::default(), body)
    }

    #[test]
    fn a_batch_has_one_model_and_at_most_a_thousand_rows() {
        let mut chunks = Chunks::default();
        for row in 0..MOST_ROWS - 1 {
            assert!(add(&mut chunks, json!({"model": "m/a", "n": row})).is_none());
        }
        assert!(add(&mut chunks, json!({"model": "m/b"})).is_none());
        let (common, full) = add(&mut chunks, json!({"model": "m/a:batch", "x": 1})).unwrap();
        assert_eq!((common.model.as_str(), full.rows.len()), ("m/a", MOST_ROWS));
        assert_eq!(full.bodies.last().unwrap(), r#"{"x":1}"#);
        let (rest, one) = chunks.rest().unwrap();
        assert_eq!((rest.model.as_str(), one.rows.len()), ("m/b", 1));
        assert!(chunks.rest().is_none());
        assert_eq!(chunks.bytes, 0);
    }

    #[test]
    fn models_of_google_take_one_form_of_answers_in_a_batch() {
        for (model, batches) in [("google/gemini", 2), ("openai/gpt", 1)] {
            let mut chunks = Chunks::default();
            for format in ["a", "b", "a"] {
                let body = json!({"model": model, "response_format": {"name": format}});
                assert!(add(&mut chunks, body).is_none());
            }
            assert_eq!(chunks.waiting.len(), batches, "{model}");
        }
    }

    #[test]
    fn routing_and_price_belong_to_the_whole_batch() {
        let mut body = json!({"model": "m/a", "stream": false,
            "provider": {"only": ["x"], "require_parameters": true}});
        let common = take_common(body.as_object_mut().unwrap());
        assert_eq!(common.provider.as_deref(), Some(r#"{"only":["x"]}"#));
        assert_eq!(body, json!({}));
        let priced = |usd| NotedRow {
            usd,
            ..NotedRow::default()
        };
        let mut chunk = Chunk::default();
        chunk.rows.extend([priced(Some(0.25)), priced(Some(0.5))]);
        assert_eq!(chunk.usd(), Some(0.75));
        chunk.rows.push(priced(None));
        assert_eq!(chunk.usd(), None);
    }
}
