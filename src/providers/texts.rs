//! The codec of endpoints that take texts and return numbers: OpenAI's embeddings, and the rerank
//! endpoint of Cohere and Jina, which OpenRouter and vLLM have too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::compatible::{Compatible, parse};
use super::lenient;
use crate::chat::delta::Delta;
use crate::chat::endpoint::Endpoint;
use crate::chat::error::DecodeError;
use crate::chat::message::{ContentPart, Message};
use crate::chat::numbers::{Numbers, Score, Vector};
use crate::chat::provider::{Header, Provider, ReplyHead};
use crate::chat::refusal::Refusal;
use crate::chat::request::ChatRequest;
use crate::chat::usage::Usage;
use crate::wire::body::{BodyWriter, RequestBody};

/// Where a reply has the scores: Cohere, Jina, OpenRouter and vLLM; Voyage; Text Embeddings
/// Inference, whose body is the list.
const SCORES: [&str; 3] = ["/results", "/data", ""];

/// The names of a score.
const SCORE: [&str; 2] = ["relevance_score", "score"];

#[derive(Debug)]
pub(super) struct TextsCodec {
    pub chat: Compatible,
    pub endpoint: Endpoint,
}

impl Provider for TextsCodec {
    fn name(&self) -> &'static str {
        self.chat.name()
    }

    fn key_variable(&self) -> &'static str {
        self.chat.key_variable()
    }

    fn works_without_key(&self) -> bool {
        self.chat.works_without_key()
    }

    fn path(&self) -> &'static str {
        self.endpoint.path()
    }

    fn operation(&self) -> &'static str {
        self.endpoint.operation()
    }

    /// The texts of the request are those of its messages, unless its further fields have them.
    fn encode(&self, request: &ChatRequest) -> RequestBody {
        let mut writer = BodyWriter::default();
        let mut before = "{";
        let texts: Vec<&ContentPart> = request.messages.iter().flat_map(parts).collect();
        for (field, value) in &self.fields(request) {
            writer.raw(before);
            writer.value(field);
            writer.raw(":");
            match (self.endpoint, field.as_str(), value) {
                (Endpoint::Embeddings, "input", Value::Null) => write_list(&mut writer, &texts),
                (Endpoint::Rerank, "query", Value::Null) => {
                    write_text(&mut writer, texts.first().copied());
                }
                (Endpoint::Rerank, "documents", Value::Null) => {
                    write_list(&mut writer, texts.get(1..).unwrap_or_default());
                }
                _ => writer.value(value),
            }
            before = ",";
        }
        writer.raw("}");
        writer.finish()
    }

    fn words(&self, text: &[u8]) -> String {
        self.chat.words(text)
    }

    fn decode_event(&self, data: &[u8], delta: &mut Delta) -> Result<(), DecodeError> {
        self.decode_body(data, delta)
    }

    fn decode_body(&self, body: &[u8], delta: &mut Delta) -> Result<(), DecodeError> {
        let value = match parse(body) {
            Ok(value) => value,
            Err(_) if lenient::read_as_busy(body, delta) => return Ok(()),
            Err(error) => return Err(error),
        };
        lenient::read(&value, delta);
        delta.usage = delta.usage.map(complete);
        delta.numbers = match self.endpoint {
            Endpoint::Embeddings => vectors(&value).map(Numbers::Vectors),
            Endpoint::Rerank => scores(&value).map(Numbers::Scores),
        };
        if delta.numbers.is_some() {
            // Some servers send an empty error with a result.
            delta.error = None;
            return Ok(());
        }
        if delta.error.is_some() || lenient::read_as_error(&value, delta) {
            return Ok(());
        }
        Err(match self.endpoint {
            Endpoint::Embeddings => DecodeError::NoVectors,
            Endpoint::Rerank => DecodeError::NoScores,
        })
    }

    fn is_from_cache(&self, header: Header<'_>) -> bool {
        self.chat.is_from_cache(header)
    }

    fn cost_in_headers(&self, header: Header<'_>) -> Option<f64> {
        self.chat.cost_in_headers(header)
    }

    fn decode_refusal(&self, head: &ReplyHead<'_>, body: &[u8]) -> Refusal {
        self.chat.decode_refusal(head, body)
    }
}

impl TextsCodec {
    /// The fields of the body in order, with null where the texts belong.
    fn fields(&self, request: &ChatRequest) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(request.model));
        let texts: &[&str] = match self.endpoint {
            Endpoint::Embeddings => &["input"],
            Endpoint::Rerank => &["query", "documents"],
        };
        for field in texts {
            body.insert((*field).to_owned(), Value::Null);
        }
        for (field, value) in &request.extra {
            body.insert(field.clone(), value.clone());
        }
        for field in &request.without {
            body.shift_remove(field);
        }
        body
    }
}

fn parts(message: &Message) -> &[ContentPart] {
    &message.content
}

fn write_list(writer: &mut BodyWriter, texts: &[&ContentPart]) {
    let mut before = "[";
    for text in texts {
        writer.raw(before);
        write_text(writer, Some(text));
        before = ",";
    }
    writer.raw(if texts.is_empty() { "[]" } else { "]" });
}

fn write_text(writer: &mut BodyWriter, part: Option<&ContentPart>) {
    match part {
        Some(ContentPart::Text(text)) => writer.text(text),
        _ => writer.value(&""),
    }
}

/// The counts of a request without output: what is not in the prompt is the rest of the total.
fn complete(usage: Usage) -> Usage {
    let prompt = usage.prompt_tokens.or(usage.total_tokens);
    let rest = usage.total_tokens.zip(prompt);
    Usage {
        prompt_tokens: prompt,
        completion_tokens: usage
            .completion_tokens
            .or(rest.map(|(total, prompt)| total.saturating_sub(prompt))),
        ..usage
    }
}

/// The vectors of a reply; `None` when it has none.
fn vectors(body: &Value) -> Option<Vec<Vector>> {
    let list = body["data"].as_array().filter(|list| !list.is_empty())?;
    let vector = |item: &Value| Vector {
        index: index(item),
        values: values(&item["embedding"]),
    };
    Some(list.iter().map(vector).collect())
}

fn index(item: &Value) -> Option<usize> {
    usize::try_from(item["index"].as_u64()?).ok()
}

/// The values of a vector: a list of numbers, or little-endian 32-bit floats in base64.
fn values(vector: &Value) -> Option<Vec<f32>> {
    let values: Vec<f32> = match vector {
        Value::Array(numbers) => numbers.iter().map(number).collect::<Option<_>>()?,
        Value::String(base64) => {
            let bytes = STANDARD.decode(base64).ok()?;
            let (floats, rest) = bytes.as_chunks::<4>();
            if !rest.is_empty() {
                return None;
            }
            floats
                .iter()
                .map(|bytes| f32::from_le_bytes(*bytes))
                .collect()
        }
        _ => return None,
    };
    let is_usable = !values.is_empty() && values.iter().all(|value| value.is_finite());
    is_usable.then_some(values)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "vectors have 32-bit floats; a larger number becomes infinite, which is refused"
)]
fn number(value: &Value) -> Option<f32> {
    value.as_f64().map(|number| number as f32)
}

/// The scores of a reply; `None` when it has none.
fn scores(body: &Value) -> Option<Vec<Score>> {
    let list = SCORES
        .iter()
        .find_map(|place| body.pointer(place)?.as_array())
        .filter(|list| !list.is_empty())?;
    let score = |item: &Value| Score {
        index: index(item),
        score: SCORE
            .iter()
            .find_map(|name| item[*name].as_f64())
            .filter(|score| score.is_finite()),
    };
    Some(list.iter().map(score).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::registry::find;

    fn decoded(endpoint: Endpoint, body: &Value) -> Result<Delta, DecodeError> {
        let mut delta = Delta::default();
        let codec = find("openrouter").unwrap().texts_codec(endpoint);
        codec.decode_body(body.to_string().as_bytes(), &mut delta)?;
        Ok(delta)
    }

    fn first(embedding: Value) -> Option<Vec<f32>> {
        let body = json!({"data": [{"index": 0, "embedding": embedding}]});
        match decoded(Endpoint::Embeddings, &body).unwrap().numbers {
            Some(Numbers::Vectors(mut vectors)) => vectors.remove(0).values,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn vectors_are_numbers_or_little_endian_floats() {
        assert_eq!(first(json!([1, -0.5])), Some(vec![1.0, -0.5]));
        // 1.0 and -0.5
        assert_eq!(first(json!("AACAPwAAAL8=")), Some(vec![1.0, -0.5]));
        for unusable in [
            json!([]),
            json!(null),
            json!([1.0, null]),
            json!([1e300]),
            json!("AACAPwA="),
            json!("no base64"),
            // NaN
            json!("AADAfw=="),
        ] {
            assert_eq!(first(unusable.clone()), None, "{unusable}");
        }
    }

    #[test]
    fn what_is_not_in_the_prompt_is_the_rest_of_the_total() {
        let usage = |usage: Value| {
            let body = json!({"data": [{"index": 0, "embedding": [1]}], "usage": usage});
            decoded(Endpoint::Embeddings, &body).unwrap().usage
        };
        let tokens = |value: Value| usage(value).and_then(Usage::tokens);
        assert_eq!(
            tokens(json!({"prompt_tokens": 5, "total_tokens": 5})),
            Some((5, 0))
        );
        assert_eq!(tokens(json!({"total_tokens": 7})), Some((7, 0)));
        // Without a total the output is unknown, and not 0.
        assert_eq!(tokens(json!({"prompt_tokens": 5})), None);
        assert_eq!(usage(json!({})), None);
    }

    #[test]
    fn an_error_inside_a_reply_is_a_refusal() {
        let body = json!({"error": {"code": 429, "message": "slow down"}});
        let delta = decoded(Endpoint::Embeddings, &body).unwrap();
        assert_eq!(delta.error.map(|refusal| refusal.status), Some(429));
        let nothing = decoded(Endpoint::Rerank, &json!({"results": []}));
        assert_eq!(nothing.err(), Some(DecodeError::NoScores));
    }
}
