//! Removes secrets from recorded bodies, also secrets that are escaped or split over events.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::key_forms::keys_in;
use super::redact::{Redactor, redacted, stored};

/// Removes secrets, and what has the form of a key, from the texts of a value.
fn value(value: &mut Value) {
    each_text(value, &mut String::new(), &mut |_, text| {
        if let Cow::Owned(clean) = clean(text) {
            *text = clean;
        }
    });
}

/// A text without secrets, and without what has the form of a key.
fn clean(text: &str) -> Cow<'_, str> {
    if is_data(text) {
        let clean = redacted(text);
        return if clean == text {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(clean)
        };
    }
    stored(text)
}

/// Whether the text is a file in base64, in which only a known secret is no chance.
pub(super) fn is_data(text: &str) -> bool {
    text.starts_with("data:")
}

/// The bytes of a body without secrets. Bytes that are not UTF-8 stay: secrets are text.
pub(super) fn body(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.extend_from_slice(text(chunk.valid()).as_bytes());
        out.extend_from_slice(chunk.invalid());
    }
    out
}

fn text(text: &str) -> String {
    // A provider may escape any character, such as `\u002d`: the decoded text counts. And it may
    // split a secret over events: where the first half was replaced alone, the second would stay.
    let clean = match serde_json::from_str::<Value>(text) {
        Ok(mut whole) => {
            let before = whole.clone();
            value(&mut whole);
            (whole != before).then(|| whole.to_string())
        }
        Err(_) if has_events(text) => events(text),
        Err(_) => Some(stored(text).into_owned()),
    };
    redacted(clean.as_deref().unwrap_or(text))
}

/// Whether the text is a stream of events.
fn has_events(text: &str) -> bool {
    text.split(['\n', '\r'])
        .any(|line| line.starts_with("data:"))
}

/// The same for a stream of events whose joined texts contain a secret; `None` when none do.
fn events(text: &str) -> Option<String> {
    let mut lines: Vec<String> = text
        .split_inclusive(['\n', '\r'])
        .map(str::to_owned)
        .collect();
    let mut events: Vec<(usize, Value)> = lines
        .iter()
        .enumerate()
        .filter_map(|(index, line)| {
            Some((
                index,
                serde_json::from_str(line.strip_prefix("data:")?).ok()?,
            ))
        })
        .collect();
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (_, event) in &mut events {
        each_text(event, &mut String::new(), &mut |path, text| {
            joined.entry(path.to_owned()).or_default().push_str(text);
        });
    }
    joined.retain(|_, text| clean(text) != *text);
    if joined.is_empty() {
        return None;
    }
    let mut redactors: BTreeMap<String, Redactor> = joined
        .into_iter()
        .map(|(path, text)| (path, redactor_for(&text)))
        .collect();
    // The last text of each path takes what the redactor held back.
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for (index, event) in &mut events {
        each_text(event, &mut String::new(), &mut |path, _| {
            last.insert(path.to_owned(), *index);
        });
    }
    for (index, event) in &mut events {
        each_text(event, &mut String::new(), &mut |path, text| {
            let Some(redactor) = redactors.get_mut(path) else {
                return;
            };
            let mut clean = String::new();
            redactor.push(text, &mut clean);
            if last.get(path) == Some(index) {
                redactor.finish(&mut clean);
            }
            *text = clean;
        });
        let ending = lines[*index]
            .trim_start_matches(|c| c != '\n' && c != '\r')
            .to_owned();
        lines[*index] = format!("data: {event}{ending}");
    }
    Some(lines.concat())
}

/// A redactor for the pieces of a text.
fn redactor_for(text: &str) -> Redactor {
    let keys = keys_in(text).filter(|_| !is_data(text));
    Redactor::with_found(keys.map(str::to_owned))
}

/// Visits every text of a value with its path.
fn each_text(value: &mut Value, path: &mut String, visit: &mut dyn FnMut(&str, &mut String)) {
    let length = path.len();
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                path.push_str(&format!("/{index}"));
                each_text(item, path, visit);
                path.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                path.push('/');
                path.push_str(name);
                each_text(item, path, visit);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::api_key::remember;
    use serde_json::json;

    const SECRET: &str = "sk-or-v1-scrub-me-0123456789";

    fn scrubbed(text: &str) -> String {
        remember(SECRET);
        String::from_utf8(body(text.as_bytes())).unwrap()
    }

    #[test]
    fn a_secret_is_found_in_any_text() {
        assert_eq!(scrubbed(&format!("<p>{SECRET}</p>")), "<p>[redacted]</p>");
        assert_eq!(
            scrubbed(&json!({"error": SECRET}).to_string()),
            r#"{"error":"[redacted]"}"#
        );
        let escaped = format!(r#"{{"error":"{}"}}"#, SECRET.replace('-', "\\u002d"));
        assert_eq!(scrubbed(&escaped), r#"{"error":"[redacted]"}"#);
        let mut request = json!({"messages": [{"content": format!("my key is {SECRET}")}]});
        value(&mut request);
        assert_eq!(request["messages"][0]["content"], "my key is [redacted]");
    }

    #[test]
    fn what_has_the_form_of_a_key_is_removed_although_it_was_never_read() {
        const OTHER: &str = "ghp_0123456789abcdefghijKLMN";
        let whole = json!({"choices": [{"message": {"content": format!("use {OTHER}!")}}]});
        assert!(scrubbed(&whole.to_string()).contains("use [redacted]!"));
        assert_eq!(scrubbed(&format!("<p>{OTHER}</p>")), "<p>[redacted]</p>");
        for cut in 1..OTHER.len() {
            let (one, two) = OTHER.split_at(cut);
            let [one, two] = [one, two].map(|text| {
                let event = json!({"choices": [{"delta": {"content": text}}]});
                format!("data: {event}\n\n")
            });
            let clean = scrubbed(&format!("{one}{two}data: [DONE]\n\n"));
            let kept = clean.contains(&OTHER[..8]) || clean.contains(&OTHER[OTHER.len() - 8..]);
            assert!(clean.contains("[redacted]") && !kept, "{cut}: {clean}");
        }
        // The base64 of an image may begin a word as a web token does.
        let image = json!({"url": "data:image/png;base64,iVBO/eyJ0123456789abcdefghij+"});
        assert_eq!(scrubbed(&image.to_string()), image.to_string());
    }

    #[test]
    fn a_secret_split_over_events_is_found_wherever_it_is_split() {
        let event = |text: &str, end: &str| {
            format!(
                "data: {}{end}{end}",
                json!({"choices": [{"delta": {"content": text}}]})
            )
        };
        for end in ["\n", "\r\n", "\r"] {
            for cut in 1..SECRET.len() {
                let stream = format!(
                    ": c\n\n{}{}data: [DONE]\n\n",
                    event(&SECRET[..cut], end),
                    event(&format!("{}!", &SECRET[cut..]), end)
                );
                let clean = scrubbed(&stream);
                let joined: String = clean
                    .split(['\n', '\r'])
                    .filter_map(|line| {
                        serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok()
                    })
                    .map(|event| {
                        event["choices"][0]["delta"]["content"]
                            .as_str()
                            .unwrap_or_default()
                            .to_owned()
                    })
                    .collect();
                assert_eq!(joined, "[redacted]!", "split at {cut}");
                assert!(
                    clean.contains("data: [DONE]") && !clean.contains("0123456789"),
                    "{clean}"
                );
            }
        }
    }

    #[test]
    fn a_body_without_secrets_keeps_its_bytes() {
        remember(SECRET);
        for text in [
            "data:  {\"a\" : 1.0}\n\ndata: sk-or-v1\n\n",
            "{\"b\": 1e3,  \"a\":\"\\u0041\"}",
            "",
        ] {
            assert_eq!(scrubbed(text), text);
        }
        assert_eq!(body(b"\xff\x00a"), b"\xff\x00a");
    }
}
