//! The codec of OpenAI's chat completions, for OpenRouter and every compatible server.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::entry::ProviderEntry;
use super::{body, lenient, refusal, usage};
use crate::chat::delta::Delta;
use crate::chat::error::DecodeError;
use crate::chat::provider::{Header, Provider, ReplyHead};
use crate::chat::refusal::Refusal;
use crate::chat::request::ChatRequest;
use crate::wire::body::RequestBody;

/// What some servers of Windows write before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[derive(Debug)]
pub(super) struct Compatible {
    pub entry: &'static ProviderEntry,
}

impl Provider for Compatible {
    fn name(&self) -> &'static str {
        self.entry.name
    }

    fn key_variable(&self) -> &'static str {
        self.entry.key_variable
    }

    fn works_without_key(&self) -> bool {
        self.entry.works_without_key
    }

    fn encode(&self, request: &ChatRequest) -> RequestBody {
        body::encode(self.entry, request)
    }

    fn words(&self, text: &[u8]) -> String {
        refusal::words_of(text)
    }

    fn decode_event(&self, data: &[u8], delta: &mut Delta) -> Result<(), DecodeError> {
        if read_plain_chunk(data, delta) {
            return Ok(());
        }
        lenient::read(&parse(data)?, delta);
        Ok(())
    }

    fn decode_body(&self, body: &[u8], delta: &mut Delta) -> Result<(), DecodeError> {
        let value = match parse(body) {
            Ok(value) => value,
            Err(_) if lenient::read_as_busy(body, delta) => return Ok(()),
            Err(error) => return Err(error),
        };
        lenient::read(&value, delta);
        if delta.error.is_some() || delta.has_choice || lenient::read_as_error(&value, delta) {
            Ok(())
        } else {
            Err(DecodeError::NoChoices)
        }
    }

    fn is_from_cache(&self, header: Header<'_>) -> bool {
        is_from_cache(self.entry, header)
    }

    fn cost_in_headers(&self, header: Header<'_>) -> Option<f64> {
        usage::cost_in_headers(header)
    }

    fn decode_refusal(&self, head: &ReplyHead<'_>, body: &[u8]) -> Refusal {
        refusal::read(head, body)
    }
}

/// Whether a header of OpenRouter says that its cache answered.
pub(super) fn is_from_cache(entry: &ProviderEntry, header: Header<'_>) -> bool {
    entry.is_openrouter
        && header("x-openrouter-cache-status")
            .is_some_and(|status| status.eq_ignore_ascii_case("hit"))
}

pub(super) fn parse(data: &[u8]) -> Result<Value, DecodeError> {
    let data = data.strip_prefix(BYTE_ORDER_MARK).unwrap_or(data);
    match serde_json::from_slice(data) {
        Ok(value) => Ok(value),
        // Invalid UTF-8 inside a string must not cost the answer.
        Err(error) => {
            serde_json::from_str(&String::from_utf8_lossy(data)).map_err(|_| not_json(data, &error))
        }
    }
}

fn not_json(data: &[u8], error: &serde_json::Error) -> DecodeError {
    let start = String::from_utf8_lossy(&data[..data.len().min(200)]);
    let start = start.trim_start();
    if start.starts_with('<') {
        DecodeError::WebPage
    } else if error.is_eof() {
        DecodeError::IncompleteJson
    } else {
        DecodeError::NotJson
    }
}

/// The chunk that makes up nearly all of a stream: text and nothing else. It is read without
/// building a tree. Anything else is left to [`lenient::read`].
#[derive(Deserialize)]
struct PlainChunk<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    provider: Option<Text<'a>>,
    #[serde(borrow)]
    choices: [PlainChoice<'a>; 1],
    usage: Option<IgnoredAny>,
    x_groq: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
    openrouter_metadata: Option<IgnoredAny>,
    citations: Option<IgnoredAny>,
    search_results: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct PlainChoice<'a> {
    index: Option<u8>,
    #[serde(borrow)]
    delta: PlainDelta<'a>,
    finish_reason: Option<IgnoredAny>,
    native_finish_reason: Option<IgnoredAny>,
    logprobs: Option<IgnoredAny>,
    usage: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct PlainDelta<'a> {
    #[serde(borrow)]
    content: Option<Text<'a>>,
    reasoning: Option<IgnoredAny>,
    reasoning_content: Option<IgnoredAny>,
    thinking: Option<IgnoredAny>,
    reasoning_text: Option<IgnoredAny>,
    reasoning_details: Option<Vec<IgnoredAny>>,
    annotations: Option<IgnoredAny>,
    images: Option<IgnoredAny>,
    videos: Option<IgnoredAny>,
    audio: Option<IgnoredAny>,
    tool_calls: Option<Vec<IgnoredAny>>,
    refusal: Option<IgnoredAny>,
}

/// A string that borrows from the input unless it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn read_plain_chunk(data: &[u8], delta: &mut Delta) -> bool {
    let Ok(chunk) = serde_json::from_slice::<PlainChunk<'_>>(data) else {
        return false;
    };
    let [choice] = &chunk.choices;
    let fields = &choice.delta;
    let has_more = chunk.usage.is_some()
        || chunk.x_groq.is_some()
        || chunk.error.is_some()
        || chunk.openrouter_metadata.is_some()
        || chunk.citations.is_some()
        || chunk.search_results.is_some()
        || choice.index.is_some_and(|index| index != 0)
        || choice.finish_reason.is_some()
        || choice.native_finish_reason.is_some()
        || choice.logprobs.is_some()
        || choice.usage.is_some()
        || choice.error.is_some()
        || fields.reasoning.is_some()
        || fields.reasoning_content.is_some()
        || fields.thinking.is_some()
        || fields.reasoning_text.is_some()
        || fields.refusal.is_some()
        || fields.annotations.is_some()
        || fields.images.is_some()
        || fields.videos.is_some()
        || fields.audio.is_some()
        || fields
            .reasoning_details
            .as_ref()
            .is_some_and(|details| !details.is_empty())
        || fields
            .tool_calls
            .as_ref()
            .is_some_and(|calls| !calls.is_empty());
    if has_more {
        return false;
    }
    let set = |place: &mut Option<String>, text: &Option<Text<'_>>| {
        if let Some(Text(text)) = text
            && place.as_deref() != Some(text)
            && !text.is_empty()
        {
            *place = Some(text.clone().into_owned());
        }
    };
    set(&mut delta.generation_id, &chunk.id);
    set(&mut delta.model, &chunk.model);
    set(&mut delta.served_by, &chunk.provider);
    delta.has_choice = true;
    if fields.reasoning_details.is_some() {
        delta.reasoning_details = Some(Vec::new());
    }
    if let Some(Text(text)) = &fields.content {
        delta.text.push_str(text);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::finish_reason::FinishReason;
    use crate::chat::usage::Usage;
    use crate::providers::find;
    use proptest::prelude::*;
    use serde_json::json;

    fn codec() -> Compatible {
        Compatible {
            entry: find("openrouter").unwrap(),
        }
    }

    fn event(value: &Value) -> Delta {
        let mut delta = Delta::default();
        codec()
            .decode_event(value.to_string().as_bytes(), &mut delta)
            .unwrap();
        delta
    }

    fn chunk(delta: Value) -> Value {
        json!({
            "id": "gen-1", "model": "a/b", "provider": "P",
            "choices": [{"index": 0, "delta": delta, "finish_reason": null, "logprobs": null}],
        })
    }

    #[test]
    fn both_readers_agree_on_a_plain_chunk() {
        for content in ["", "Hel", "a \"quoted\"\n line", "héllo 👋🏽", "\u{0}\u{7f}"] {
            let value = chunk(json!({
                "role": "assistant", "content": content, "reasoning": null,
                "reasoning_details": [],
            }));
            let (mut plain, mut lenient) = (Delta::default(), Delta::default());
            assert!(read_plain_chunk(value.to_string().as_bytes(), &mut plain));
            lenient::read(&value, &mut lenient);
            assert_eq!(plain.text, content);
            assert_eq!(format!("{plain:?}"), format!("{lenient:?}"));
        }
    }

    #[test]
    fn anything_but_plain_text_is_left_to_the_lenient_reader() {
        for delta in [
            json!({"reasoning": "x"}),
            json!({"reasoning_content": "x"}),
            json!({"thinking": "x"}),
            json!({"reasoning_text": "x"}),
            json!({"reasoning_details": [{}]}),
            json!({"tool_calls": [{}]}),
            json!({"content": ["parts"]}),
            json!({"refusal": "no"}),
            json!({"annotations": []}),
            json!({"images": [{}]}),
            json!({"videos": [{}]}),
            json!({"audio": {}}),
        ] {
            assert!(
                !read_plain_chunk(
                    chunk(delta.clone()).to_string().as_bytes(),
                    &mut Delta::default()
                ),
                "{delta}"
            );
        }
        for more in [
            json!({"usage": {}}),
            json!({"x_groq": {}}),
            json!({"error": {}}),
            json!({"openrouter_metadata": {}}),
            json!({"citations": []}),
            json!({"search_results": []}),
            json!({"choices": []}),
            json!({"choices": null}),
        ] {
            let mut value = chunk(json!({"content": "x"}));
            value
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            assert!(
                !read_plain_chunk(value.to_string().as_bytes(), &mut Delta::default()),
                "{value}"
            );
        }
    }

    #[test]
    fn the_providers_own_word_beside_text_is_read() {
        let choice = json!({"delta": {"content": "Hi"}, "native_finish_reason": "STOP"});
        let delta = event(&json!({"choices": [choice]}));
        assert_eq!(delta.native_finish_reason.as_deref(), Some("STOP"));
    }

    #[test]
    fn reasoning_that_is_sent_twice_is_read_once() {
        let details = json!([{"type": "reasoning.text", "text": "hm"}]);
        let delta = event(&chunk(
            json!({"content": "", "reasoning": "hm", "reasoning_details": details}),
        ));
        assert_eq!(
            (delta.reasoning.as_str(), delta.reasoning_details),
            ("hm", Some(vec![details[0].clone()]))
        );
        let other = event(&chunk(json!({"content": null, "reasoning_content": "ah"})));
        assert_eq!(other.reasoning, "ah");
        let only_details = event(&chunk(
            json!({"reasoning_details": [{"type": "reasoning.summary", "summary": "so"}]}),
        ));
        assert_eq!(only_details.reasoning, "so");
    }

    #[test]
    fn the_usage_chunk_is_read_in_its_three_shapes() {
        let usage = json!({
            "prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30, "cost": 0.00183,
            "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 21},
        });
        let expected = Usage {
            prompt_tokens: Some(10),
            completion_tokens: Some(20),
            reasoning_tokens: Some(21),
            cached_tokens: Some(4),
            total_tokens: Some(30),
        };
        for choices in [
            json!([{"delta": {"role": "assistant", "content": ""}, "finish_reason": null}]),
            json!([]),
            json!([{"delta": {}, "finish_reason": "stop", "native_finish_reason": "end_turn"}]),
        ] {
            let delta = event(&json!({"choices": choices, "usage": usage}));
            assert_eq!((delta.usage, delta.cost), (Some(expected), Some(0.00183)));
        }
    }

    #[test]
    fn usage_inside_the_choice_is_read() {
        let last = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop",
            "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}}]});
        let usage = event(&last).usage.and_then(Usage::tokens);
        assert_eq!(usage, Some((12, 3)));
        let with_text = json!({
            "choices": [{"index": 0, "delta": {"content": "Hi"}, "usage": {"prompt_tokens": 12}}],
        });
        assert!(event(&with_text).usage.is_some());
    }

    #[test]
    fn finish_reasons_are_normalised_and_the_own_word_is_kept() {
        let reasons = |choice: Value| {
            let delta = event(&json!({"choices": [choice]}));
            (delta.finish_reason, delta.native_finish_reason)
        };
        let native = |word: &str| Some(word.to_owned());
        assert_eq!(
            reasons(json!({"finish_reason": "MAX_TOKENS"})),
            (Some(FinishReason::Length), native("MAX_TOKENS"))
        );
        assert_eq!(
            reasons(json!({"finish_reason": "stop", "native_finish_reason": "end_turn"})),
            (Some(FinishReason::Stop), native("end_turn"))
        );
        assert_eq!(
            reasons(json!({"finish_reason": "length"})),
            (Some(FinishReason::Length), None)
        );
        assert_eq!(reasons(json!({"finish_reason": ""})), (None, None));
    }

    #[test]
    fn a_body_without_choices_is_not_an_answer() {
        for body in [
            json!({"choices": null}),
            json!({}),
            json!({"choices": []}),
            json!([1]),
            json!("x"),
            json!(null),
        ] {
            let outcome = codec().decode_body(body.to_string().as_bytes(), &mut Delta::default());
            assert_eq!(outcome, Err(DecodeError::NoChoices), "{body}");
        }
        let web_page = codec().decode_body(b"<html>", &mut Delta::default());
        assert_eq!(web_page, Err(DecodeError::WebPage));
    }

    #[test]
    fn an_error_inside_a_200_is_an_error() {
        let mut delta = Delta::default();
        let body = br#"           {"error":{"message":"The operation was aborted","code":504}}"#;
        codec().decode_body(body, &mut delta).unwrap();
        assert_eq!(
            delta
                .error
                .map(|refusal| (refusal.status, refusal.is_retryable())),
            Some((504, true))
        );
        let nested = event(&json!({
            "choices": [{
                "finish_reason": "error",
                "error": {"code": "server_error", "message": "boom"},
                "delta": {},
            }],
        }));
        assert_eq!(nested.error.map(|refusal| refusal.status), Some(500));
    }

    #[test]
    fn an_error_in_place_of_an_answer_is_read_in_every_form() {
        for (body, status, words) in [
            (
                json!({"object": "error", "message": "model overloaded", "code": 503}),
                503,
                "model overloaded",
            ),
            (
                json!({"error_type": "overloaded_error", "error_message": "busy"}),
                503,
                "busy",
            ),
            (json!({"detail": "no such route"}), 0, "no such route"),
            (
                json!([{"error": {"code": 400, "message": "listed"}}]),
                400,
                "listed",
            ),
        ] {
            let refusal = event(&body).error.unwrap();
            assert_eq!((refusal.status, refusal.message.as_str()), (status, words));
        }
    }

    #[test]
    fn thinking_parts_are_reasoning() {
        let delta = event(&chunk(json!({"content": [
            {"type": "thinking", "thinking": [{"type": "text", "text": "plan"}]},
            {"type": "text", "text": "Answer"},
        ]})));
        assert_eq!(
            (delta.reasoning.as_str(), delta.text.as_str()),
            ("plan", "Answer")
        );
    }

    #[test]
    fn logprobs_are_collected() {
        let value = json!({
            "choices": [{
                "delta": {"content": "Hi"},
                "logprobs": {"content": [{"token": "Hi", "logprob": -0.25, "top_logprobs": []}]},
            }],
        });
        assert_eq!(event(&value).logprobs, [("Hi".to_owned(), -0.25)]);
    }

    /// A JSON value of any form, with the names of the protocol among its keys.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from),
        ];
        let key = prop_oneof![
            Just("choices"),
            Just("delta"),
            Just("message"),
            Just("content"),
            Just("error"),
            Just("code"),
            Just("metadata"),
            Just("raw"),
            Just("usage"),
            Just("tool_calls"),
            Just("function"),
            Just("reasoning_details"),
            Just("logprobs"),
            Just("finish_reason"),
            Just("x"),
        ];
        leaf.prop_recursive(5, 40, 5, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::vec((key.clone(), inner), 0..6).prop_map(|entries| {
                    Value::Object(
                        entries
                            .into_iter()
                            .map(|(key, value)| (key.to_owned(), value))
                            .collect(),
                    )
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_reply_panics(value in any_json(), status in 100_u16..600) {
            let bytes = value.to_string();
            let _ = codec().decode_event(bytes.as_bytes(), &mut Delta::default());
            let _ = codec().decode_body(bytes.as_bytes(), &mut Delta::default());
            let head = ReplyHead {
                status, header: &|_| None, now: std::time::SystemTime::UNIX_EPOCH,
            };
            let _ = codec().decode_refusal(&head, bytes.as_bytes());
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = codec().decode_event(&bytes, &mut Delta::default());
            let _ = codec().decode_body(&bytes, &mut Delta::default());
        }
    }
}
