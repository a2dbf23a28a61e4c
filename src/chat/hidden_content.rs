//! What makes a request larger than its bytes: images and videos, which cost tokens of their own,
//! and content by URL or ID, whose size is unknown here.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Members whose content the provider keeps: an earlier answer, a conversation, a prompt, the files
/// of a container, a preset.
const KEPT: &[&str] = &[
    "previous_response_id",
    "conversation",
    "prompt",
    "container",
    "preset",
];

/// Members with messages and their parts.
const MESSAGES: &[&str] = &["messages", "input", "system"];

/// The types of parts that are no text, in all APIs.
const PARTS: &[&str] = &[
    "image",
    "image_url",
    "input_image",
    "computer_screenshot",
    "file",
    "input_file",
    "document",
    "video",
    "video_url",
    "input_video",
    "audio_url",
    "input_audio",
    "container_upload",
];

/// Those of documents.
const DOCUMENTS: &[&str] = &["file", "input_file", "document"];

/// Members with content by URL, also of a part without a type.
const URLS: &[&str] = &["image_url", "video_url", "audio_url", "file_url"];

/// The content of a request that its length says nothing about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct HiddenContent {
    /// Images, and videos, which are split into images.
    pub images: usize,
    pub has_documents: bool,
    /// There is content of unknown size.
    pub is_unbounded: bool,
}

impl HiddenContent {
    /// Of a body: whether a member is given and not null, and its value where it may have such
    /// content.
    pub(crate) fn of<'a>(
        is_given: impl Fn(&str) -> bool,
        value: impl Fn(&str) -> Option<Cow<'a, Value>>,
    ) -> Self {
        let mut found = Self {
            is_unbounded: KEPT.iter().any(|name| is_given(name)),
            ..Self::default()
        };
        for name in MESSAGES {
            let Some(value) = value(name) else { continue };
            if *name == "input" {
                found.is_unbounded |= value
                    .as_array()
                    .is_some_and(|items| items.iter().any(is_reference));
            }
            found.visit(&value);
        }
        found
    }

    /// Of the fields of a body.
    pub(crate) fn of_fields(fields: &Map<String, Value>) -> Self {
        let is_given = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
        Self::of(is_given, |name| fields.get(name).map(Cow::Borrowed))
    }

    /// Looks at a message, a part, or what is inside either.
    fn visit(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.visit(item)),
            Value::Object(fields) => {
                self.see(fields);
                let kind = kind_of(fields);
                for (name, inner) in fields {
                    // The arguments of a call are text to the model.
                    if !(name == "input" && kind.ends_with("tool_use")) {
                        self.visit(inner);
                    }
                }
            }
            _ => {}
        }
    }

    /// Looks at the members of one object.
    fn see(&mut self, fields: &Map<String, Value>) {
        let kind = kind_of(fields);
        let has_url = URLS.iter().any(|name| fields.contains_key(*name));
        if PARTS.contains(&kind) || has_url {
            let is_document = DOCUMENTS.contains(&kind);
            let is_audio = kind.contains("audio");
            self.images += usize::from(!is_document && !is_audio && kind != "container_upload");
            self.has_documents |= is_document;
            self.is_unbounded |= is_elsewhere(fields);
        }
        // The spoken answer of an earlier turn.
        self.is_unbounded |= fields
            .get("audio")
            .is_some_and(|audio| audio["id"].is_string());
    }
}

fn kind_of(fields: &Map<String, Value>) -> &str {
    fields
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Whether an item of a response is one that the provider keeps, by its ID alone.
fn is_reference(item: &Value) -> bool {
    let kind = item["type"].as_str().unwrap_or_default();
    match kind {
        "item_reference" => true,
        "image_generation_call" => !item["result"].is_string(),
        "" => item["id"].is_string() && item["content"].is_null(),
        _ => false,
    }
}

/// Whether the content of a part is not in the part.
fn is_elsewhere(fields: &Map<String, Value>) -> bool {
    fields.iter().any(|(name, value)| match value {
        Value::String(text) => {
            let is_url = name == "url" || name.ends_with("_url");
            let is_data = text
                .get(..5)
                .is_some_and(|start| start.eq_ignore_ascii_case("data:"));
            let is_other_url = name == "file_data" && text.contains("://");
            name == "file_id" || is_url && !is_data || is_other_url
        }
        Value::Object(inner) => is_elsewhere(inner),
        Value::Array(items) => items.iter().filter_map(Value::as_object).any(is_elsewhere),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(body: &Value) -> (usize, bool) {
        let found = HiddenContent::of_fields(body.as_object().unwrap());
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
                (1, true),
            ),
        ] {
            assert_eq!(of(&said(&part)), expected, "{part}");
        }
        let text = json!({"messages": [{"content": "an image https://example.org/file"}]});
        assert_eq!(of(&text), (0, false));
    }

    #[test]
    fn content_is_found_wherever_it_is_and_however_it_is_written() {
        let image = json!({"type": "image", "source": {"type": "url", "url": THERE}});
        let screen = |member: &str, value: &str| {
            let output = json!({"type": "computer_screenshot", member: value});
            json!({"input": [{"type": "computer_call_output", "output": output}]})
        };
        let nested = json!({"type": "content", "content": [image]});
        for (body, expected) in [
            (
                json!({"input": [{"type": "item_reference", "id": "msg_1"}]}),
                (0, true),
            ),
            (json!({"input": [{"id": "msg_1"}]}), (0, true)),
            (json!({"input": [{"id": "msg_1", "type": null}]}), (0, true)),
            (
                json!({"input": [{"id": "m", "role": "user", "content": "x"}]}),
                (0, false),
            ),
            (screen("image_url", THERE), (1, true)),
            (screen("image_url", DATA), (1, false)),
            (screen("file_id", "file-1"), (1, true)),
            (
                said(&json!({"type": "document", "source": nested})),
                (1, true),
            ),
            (
                json!({"messages": [{"role": "assistant", "audio": {"id": "audio_1"}}]}),
                (0, true),
            ),
            (
                json!({"messages": [{"role": "assistant", "audio": null}]}),
                (0, false),
            ),
            (
                json!({"messages": [{"content": {"type": "image_url", "image_url": THERE}}]}),
                (1, true),
            ),
            (
                json!({"input": [{"content": [{"type": "image_url", "image_url": THERE}]}]}),
                (1, true),
            ),
            (json!({"preset": "large", "messages": []}), (0, true)),
            (
                json!({"container": "container_1", "messages": []}),
                (0, true),
            ),
            (
                json!({"container": null, "preset": null, "messages": []}),
                (0, false),
            ),
        ] {
            assert_eq!(of(&body), expected, "{body}");
        }
    }

    #[test]
    fn each_video_counts_as_an_image_at_least() {
        let video =
            json!({"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}});
        assert_eq!(of(&said(&video)), (1, false));
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
