//! The result of a call as text for the model. Pure.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::message::AtMost;

/// Most parts of a result that are read.
const MOST_PARTS: usize = 1000;

/// The result of a call, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallResult {
    /// All of it; limits are applied where it is given to the model.
    pub text: String,
    pub is_error: bool,
}

#[derive(Deserialize)]
struct Outcome<'a> {
    #[serde(borrow, default)]
    content: AtMost<Part<'a>, MOST_PARTS>,
    #[serde(borrow, default, rename = "structuredContent")]
    structured: Option<&'a RawValue>,
    #[serde(default, rename = "isError")]
    is_error: bool,
    #[serde(default, rename = "resultType")]
    result_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(rename = "mimeType")]
    mime_type: Option<String>,
    uri: Option<String>,
    #[serde(borrow)]
    resource: Option<Resource<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resource<'a> {
    uri: Option<String>,
    text: Option<String>,
    #[serde(rename = "mimeType")]
    mime_type: Option<String>,
    #[serde(borrow)]
    blob: Option<&'a RawValue>,
}

/// Reads the result of `tools/call`.
pub(super) fn read(result: &str) -> Result<CallResult, String> {
    let outcome: Outcome<'_> = serde_json::from_str(result)
        .map_err(|error| format!("the result cannot be read: {error}"))?;
    if outcome.result_type.as_deref() == Some("input_required") {
        return Ok(CallResult {
            text: "error: the server asks for input, which amx does not provide".to_owned(),
            is_error: true,
        });
    }
    let mut parts: Vec<String> = outcome.content.items.iter().map(words_of).collect();
    if outcome.content.has_more {
        parts.push(format!(
            "[more than {MOST_PARTS} parts, the rest not shown]"
        ));
    }
    let text = match outcome.structured {
        Some(structured) if parts.iter().all(String::is_empty) => structured.get().to_owned(),
        _ => parts.join("\n"),
    };
    Ok(CallResult {
        text: if outcome.is_error {
            format!("error: {text}")
        } else {
            text
        },
        is_error: outcome.is_error,
    })
}

fn words_of(part: &Part<'_>) -> String {
    let not_shown = |mime: Option<&str>, data: Option<&RawValue>| {
        let size = size_in_words(bytes_of_base64(data));
        format!("[{}, {size}, not shown]", mime.unwrap_or("data"))
    };
    match (part.kind.as_deref(), &part.resource) {
        (Some("text"), _) => part.text.clone().unwrap_or_default(),
        (Some("resource_link"), _) => part.uri.clone().unwrap_or_default(),
        (Some("resource"), Some(resource)) => match (&resource.text, resource.blob) {
            (Some(text), _) => text.clone(),
            (None, Some(blob)) => not_shown(resource.mime_type.as_deref(), Some(blob)),
            (None, None) => resource.uri.clone().unwrap_or_default(),
        },
        (kind, _) => not_shown(part.mime_type.as_deref().or(kind), part.data),
    }
}

/// How many bytes a JSON string of Base64 stands for.
fn bytes_of_base64(data: Option<&RawValue>) -> usize {
    data.map_or(0, |data| {
        let text = data.get().trim_matches('"').trim_end_matches('=');
        text.len() * 3 / 4
    })
}

fn size_in_words(bytes: usize) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{} MB", bytes.div_ceil(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn text(result: Value) -> String {
        read(&result.to_string()).unwrap().text
    }

    #[test]
    fn texts_are_joined_and_the_rest_is_named() {
        let result = json!({"content": [
            {"type": "text", "text": "one"},
            {"type": "image", "data": "A".repeat(16_000), "mimeType": "image/png"},
            {"type": "audio", "data": "QUJD", "mimeType": "audio/wav"},
            {"type": "resource_link", "uri": "file:///a", "name": "a"},
            {"type": "resource", "resource": {"uri": "file:///b", "text": "inside"}},
            {"type": "resource", "resource": {"uri": "file:///c", "blob": "QUJD"}},
            {"type": "hologram"},
            {"type": "text", "text": "two"},
        ]});
        assert_eq!(
            text(result),
            "one\n[image/png, 12 kB, not shown]\n[audio/wav, 3 bytes, not shown]\nfile:///a\n\
             inside\n[data, 3 bytes, not shown]\n[hologram, 0 bytes, not shown]\ntwo"
        );
    }

    #[test]
    fn structured_content_replaces_missing_text() {
        let structured = json!({"structuredContent": {"result": 3}, "content": []});
        assert_eq!(text(structured), "{\"result\":3}");
        let both = json!({"structuredContent": {"result": 3},
            "content": [{"type": "text", "text": "3"}]});
        assert_eq!(text(both), "3");
        assert_eq!(text(json!({})), "");
    }

    #[test]
    fn an_error_is_marked_and_input_is_refused() {
        let failed = json!({"content": [{"type": "text", "text": "no town"}], "isError": true});
        let failed = read(&failed.to_string()).unwrap();
        assert_eq!(
            (failed.text.as_str(), failed.is_error),
            ("error: no town", true)
        );
        let asks = json!({"resultType": "input_required", "inputRequests": {}});
        let asks = read(&asks.to_string()).unwrap();
        assert!(
            asks.is_error && asks.text.contains("asks for input"),
            "{asks:?}"
        );
        assert!(read("7").is_err() && read("{\"content\":7}").is_err());
    }

    #[test]
    fn the_parts_are_bounded() {
        let parts = vec![json!({"type": "text", "text": "x"}); MOST_PARTS + 1];
        let read = text(json!({"content": parts}));
        assert!(read.ends_with("[more than 1000 parts, the rest not shown]"));
    }
}
