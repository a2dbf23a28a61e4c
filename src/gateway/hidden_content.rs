//! What makes a request larger than its bytes: images, which cost tokens of their own, and content
//! by URL or ID, whose size is unknown here.

use serde_json::{Map, Value};

use super::client_body::ClientBody;

/// Members whose content the provider keeps: an earlier answer, a conversation, a prompt.
const KEPT: &[&str] = &["previous_response_id", "conversation", "prompt"];

/// Members with messages and their parts.
const MESSAGES: &[&str] = &["messages", "input", "system"];

/// The types of parts that are no text, in all APIs.
const PARTS: &[&str] = &[
    "image",
    "image_url",
    "input_image",
    "file",
    "input_file",
    "document",
    "video",
    "video_url",
    "input_video",
    "input_audio",
    "container_upload",
];

/// What a text has of a body with such parts.
const MARKS: &[&str] = &["image", "file", "document", "video", "container_upload"];

/// The content of a request that its length says nothing about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct HiddenContent {
    pub images: usize,
    /// There is content of unknown size.
    pub is_unbounded: bool,
}

impl HiddenContent {
    pub(super) fn of(body: &ClientBody) -> Self {
        let mut found = Self::default();
        let is_given = |name: &&str| body.raw(name).is_some_and(|value| value != "null");
        found.is_unbounded = KEPT.iter().any(is_given);
        for name in MESSAGES {
            let text = body.raw(name).unwrap_or_default().as_bytes();
            let has_mark = |mark: &&str| memchr::memmem::find(text, mark.as_bytes()).is_some();
            if MARKS.iter().any(has_mark)
                && let Some(value) = body.value(name)
            {
                found.visit(&value);
            }
        }
        found
    }

    /// Looks at a message, a part, or a list of either.
    fn visit(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.visit(item)),
            Value::Object(fields) => {
                let kind = fields.get("type").and_then(Value::as_str);
                if kind.is_some_and(|kind| PARTS.contains(&kind)) {
                    self.images += usize::from(kind.is_some_and(|kind| kind.contains("image")));
                    self.is_unbounded |= is_elsewhere(fields);
                }
                // A message has its parts there, and the result of a tool.
                for name in ["content", "output"] {
                    if let Some(inner) = fields.get(name) {
                        self.visit(inner);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether the content of a part is not in the part.
fn is_elsewhere(fields: &Map<String, Value>) -> bool {
    fields.iter().any(|(name, value)| match value {
        Value::String(text) => {
            let is_url = name == "url" || name.ends_with("_url") || name == "file_data";
            name == "file_id" || is_url && text.contains("://")
        }
        Value::Object(inner) => is_elsewhere(inner),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;

    fn of(body: &Value) -> (usize, bool) {
        let body = ClientBody::read(Bytes::from(body.to_string())).unwrap();
        let found = HiddenContent::of(&body);
        (found.images, found.is_unbounded)
    }

    fn said(part: &Value) -> Value {
        json!({"messages": [{"role": "user", "content": [part]}]})
    }

    const DATA: &str = "data:image/png;base64,AAAA";
    const THERE: &str = "https://example.org/a.png";

    #[test]
    fn parts_of_chats_are_counted_and_content_elsewhere_is_seen() {
        for (part, expected) in [
            (json!({"type": "text", "text": THERE}), (0, false)),
            (
                json!({"type": "image_url", "image_url": {"url": DATA}}),
                (1, false),
            ),
            (
                json!({"type": "image_url", "image_url": {"url": THERE}}),
                (1, true),
            ),
            (
                json!({"type": "file", "file": {"file_data": DATA}}),
                (0, false),
            ),
            (
                json!({"type": "file", "file": {"file_id": "file-1"}}),
                (0, true),
            ),
            (
                json!({"type": "video_url", "video_url": {"url": THERE}}),
                (0, true),
            ),
        ] {
            assert_eq!(of(&said(&part)), expected, "{part}");
        }
        let text = json!({"messages": [{"content": "an image https://example.org/file"}]});
        assert_eq!(of(&text), (0, false));
    }

    #[test]
    fn parts_of_the_other_apis_are_counted_too() {
        let base64 = json!({"type": "image", "source": {"type": "base64", "data": "AAAA"}});
        let url = json!({"type": "image", "source": {"type": "url", "url": THERE}});
        let file = json!({"type": "document", "source": {"type": "file", "file_id": "f"}});
        let result = json!({"type": "tool_result", "content": [base64]});
        let call = json!({"type": "tool_use", "name": "image", "input": {"url": THERE}});
        for (part, expected) in [
            (url, (1, true)),
            (file, (0, true)),
            (result, (1, false)),
            (call, (0, false)),
        ] {
            assert_eq!(of(&said(&part)), expected, "{part}");
        }
        let images = json!([
            {"type": "input_image", "image_url": THERE},
            {"type": "input_image", "image_url": DATA},
        ]);
        let body = json!({"input": [{"role": "user", "content": images}]});
        assert_eq!(of(&body), (2, true));
        for (earlier, expected) in [(json!("resp_1"), true), (Value::Null, false)] {
            let body = json!({"input": "hi", "previous_response_id": earlier});
            assert_eq!(of(&body), (0, expected), "{body}");
        }
    }
}
