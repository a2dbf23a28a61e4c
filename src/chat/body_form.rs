//! What a body is, by how it starts: some servers name another content type.

use super::error::DecodeError;

/// What a body starts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyForm {
    /// JSON or a page, none of which is a stream of events.
    Document,
    Events,
    /// Any other text.
    Text,
}

/// The form of a body that starts with these bytes; `None` while nothing but white space is there.
pub(super) fn of(bytes: &[u8]) -> Option<BodyForm> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = start.trim_ascii_start();
    let starts_event = |prefix: &&[u8]| start.starts_with(prefix);
    Some(match start.first()? {
        b'{' | b'[' | b'<' => BodyForm::Document,
        _ if [b"data:".as_slice(), b":", b"event:"]
            .iter()
            .any(starts_event) =>
        {
            BodyForm::Events
        }
        _ => BodyForm::Text,
    })
}

/// The words for an event of a stream that cannot be read.
pub(super) fn unreadable_event(why: DecodeError, words: &str) -> String {
    if words.is_empty() {
        format!("unreadable stream event: {why}")
    } else {
        format!("unreadable stream event: {why}: {words}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_from_the_first_bytes() {
        let rows: [(&[u8], Option<BodyForm>); 7] = [
            (b" \n{\"a\":1}", Some(BodyForm::Document)),
            (b"\xef\xbb\xbf[{", Some(BodyForm::Document)),
            (b"<html>", Some(BodyForm::Document)),
            (b": keep-alive", Some(BodyForm::Events)),
            (b"data: {", Some(BodyForm::Events)),
            (b"upstream connect error", Some(BodyForm::Text)),
            (b" \r\n", None),
        ];
        for (bytes, form) in rows {
            assert_eq!(of(bytes), form, "{bytes:?}");
        }
    }
}
