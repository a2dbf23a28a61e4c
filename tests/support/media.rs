//! Images, audio and sources in an answer, in the forms of OpenRouter's documentation.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::reply::{self, Reply};

/// The smallest start of a PNG file: 40 by 20 pixels.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x28\0\0\0\x14\x08\x06\0\0\0";

pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";

/// An element of `images`, as a data URL of this media type.
pub fn image(mime: &str, bytes: &[u8]) -> Value {
    let url = format!("data:{mime};base64,{}", STANDARD.encode(bytes));
    json!({"type": "image_url", "image_url": {"url": url}})
}

/// An annotation with a source.
pub fn citation(url: &str, title: &str) -> Value {
    let cited = json!({
        "url": url, "title": title, "content": "An excerpt.", "start_index": 0, "end_index": 0,
    });
    json!({"type": "url_citation", "url_citation": cited})
}

/// A stream with these fields in deltas of their own after the text, a chunk each.
pub fn stream(text: &str, deltas: impl IntoIterator<Item = Value>) -> Reply {
    let texts = Some(text).filter(|text| !text.is_empty());
    let deltas = deltas.into_iter();
    deltas.fold(reply::stream(texts), |reply, fields| {
        let mut delta = json!({"role": "assistant", "content": ""});
        if let (Some(delta), Some(fields)) = (delta.as_object_mut(), fields.as_object()) {
            delta.extend(fields.clone());
        }
        let choice = json!({
            "index": 0, "delta": delta, "finish_reason": null, "native_finish_reason": null,
            "logprobs": null,
        });
        reply.event(json!({"choices": [choice]}))
    })
}

/// The same in one body.
pub fn whole(text: &str, fields: Value) -> Reply {
    let mut message = json!({"role": "assistant", "content": text, "refusal": null});
    if let (Some(message), Value::Object(fields)) = (message.as_object_mut(), fields) {
        message.extend(fields);
    }
    let choice = json!({
        "index": 0, "finish_reason": "stop", "native_finish_reason": "STOP", "message": message,
    });
    reply::json(json!({
        "id": "gen-1779760224-AbCdEfGhIjKlMnOpQrSt",
        "object": "chat.completion",
        "model": "google/gemini-2.5-flash-image",
        "provider": "Google",
        "choices": [choice],
        "usage": {
            "prompt_tokens": 5, "completion_tokens": 1290, "total_tokens": 1295, "cost": 0.03,
        },
    }))
}
