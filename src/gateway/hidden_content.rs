//! The content of a client's request that its length says nothing about.

use std::borrow::Cow;

use super::client_body::ClientBody;
use crate::chat::hidden_content::HiddenContent;

/// What the text of a body with such content has. Characters of a name may be escaped.
const MARKS: &[&str] = &[
    "image",
    "screenshot",
    "file",
    "document",
    "video",
    "audio",
    "container_upload",
    "\\u00",
];

/// The hidden content of a body, most of which is not parsed for it.
pub(super) fn of(body: &ClientBody) -> HiddenContent {
    let is_given = |name: &str| body.raw(name).is_some_and(|value| value != "null");
    HiddenContent::of(is_given, |name| {
        let text = body.raw(name)?.as_bytes();
        let has = |mark: &str| memchr::memmem::find(text, mark.as_bytes()).is_some();
        let may_refer = name == "input" && has("\"id\"");
        let may_have = may_refer || MARKS.iter().any(|mark| has(mark));
        may_have.then(|| body.value(name)).flatten().map(Cow::Owned)
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::{Value, json};

    use super::*;

    fn of_text(text: String) -> (usize, bool) {
        let body = ClientBody::read(Bytes::from(text)).unwrap();
        let found = of(&body);
        (found.images, found.is_unbounded)
    }

    #[test]
    fn content_is_found_by_its_marks_and_by_its_id() {
        let image = json!({"type": "image_url", "image_url": {"url": "https://example.org/a.png"}});
        let said = |part: &Value| json!({"messages": [{"role": "user", "content": [part]}]});
        let said = said(&image).to_string();
        assert_eq!(of_text(said.clone()), (1, true));
        assert_eq!(of_text(said.replace("image", "\\u0069mage")), (1, true));
        let item = json!({"input": [{"id": "msg_1"}]});
        assert_eq!(of_text(item.to_string()), (0, true));
        let preset = json!({"preset": "large", "messages": []});
        assert_eq!(of_text(preset.to_string()), (0, true));
        let text = json!({"preset": null, "messages": [{"content": "https://example.org"}]});
        assert_eq!(of_text(text.to_string()), (0, false));
    }
}
