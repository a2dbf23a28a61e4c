//! Removes secrets from recorded bodies, also secrets that are escaped or split over events.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::key_forms::{REPLACEMENT, keys_in, public_length};
use super::redact::{Redactor, redacted, stored};

/// Shortest text that is data because it is base64, in characters. Keys are shorter.
const SHORTEST_BASE64: usize = 257;

/// Fields of reasoning details that the provider has signed or encrypted, in base64.
const SEALED: &[&str] = &["signature", "data"];

/// Removes secrets, and what has the form of a key, from the texts, numbers and names of a value.
pub(crate) fn value(value: &mut Value) {
    each_text(value, &mut String::new(), &mut |place, text| {
        if let Cow::Owned(clean) = clean(text, place.is_sealed) {
            *text = clean;
        }
    });
    clean_names_and_numbers(value);
}

/// The same for a text that may be JSON, as the arguments of a tool call are.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    let Ok(before) = serde_json::from_str::<Value>(text) else {
        return stored(text);
    };
    let mut clean = before.clone();
    value(&mut clean);
    // The text has more than the value where an object repeats a name.
    if clean == before && matches!(stored(text), Cow::Borrowed(_)) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(redacted(&clean.to_string()))
    }
}

/// Removes secrets from the names of fields, and from numbers: one that has a secret in it becomes
/// a text, for the rest of it is no JSON. Whether there were any.
fn clean_names_and_numbers(value: &mut Value) -> bool {
    let clean_all = |has_changed, item| clean_names_and_numbers(item) || has_changed;
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            let is_secret = stored(&text) != text;
            if is_secret {
                *value = Value::from(REPLACEMENT);
            }
            is_secret
        }
        Value::Array(items) => items.iter_mut().fold(false, clean_all),
        Value::Object(fields) => {
            let has_changed = fields.values_mut().fold(false, clean_all);
            if fields.keys().all(|name| stored(name) == *name) {
                return has_changed;
            }
            let named = std::mem::take(fields).into_iter();
            *fields = named
                .map(|(name, value)| (stored(&name).into_owned(), value))
                .collect();
            true
        }
        _ => false,
    }
}

/// A text without secrets, and without what has the form of a key.
fn clean(text: &str, is_sealed: bool) -> Cow<'_, str> {
    if is_sealed && is_base64(text) || is_data(text) {
        let clean = redacted(text);
        return if clean == text {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(clean)
        };
    }
    stored(text)
}

/// Whether the text is data in base64, in which the form of a key is chance.
pub(super) fn is_data(text: &str) -> bool {
    let is_long = || text.len() >= SHORTEST_BASE64 && public_length(text) == 0;
    is_data_url(text) || is_long() && is_base64(text)
}

/// Whether the text is a URL that holds a file in base64: `data:image/png;base64,…`.
fn is_data_url(text: &str) -> bool {
    let parts = text
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"));
    parts.is_some_and(|(head, data)| {
        let is_of_url = |byte| is_of_base64(byte) || matches!(byte, b'=' | b'%');
        !head.contains(char::is_whitespace) && data.bytes().all(is_of_url)
    })
}

/// Whether the text is base64 of either alphabet. Pieces that were joined may be padded each.
fn is_base64(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_padding = |at: usize| {
        let ends_group = (at + 1).is_multiple_of(4);
        bytes[at] == b'=' && (ends_group || bytes.get(at + 1) == Some(&b'='))
    };
    (0..bytes.len()).all(|at| is_of_base64(bytes[at]) || is_padding(at))
}

fn is_of_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
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
        Err(_) => match Lines::of(text) {
            Some(lines) => lines.clean(),
            None => Some(stored(text).into_owned()),
        },
    };
    redacted(clean.as_deref().unwrap_or(text))
}

/// A body in lines: a stream of events, or a JSON value a line.
struct Lines<'a> {
    lines: Vec<Cow<'a, str>>,
    /// The lines that are JSON.
    events: Vec<Event>,
}

/// A line that is JSON.
struct Event {
    index: usize,
    /// What is written before the JSON.
    prefix: &'static str,
    value: Value,
}

/// Texts of one place in all events.
#[derive(Default)]
struct Joined {
    text: String,
    is_sealed: bool,
    /// The last event with such a text: it takes what a redactor holds back.
    last: usize,
}

impl<'a> Lines<'a> {
    /// The lines of a text; `None` when none of them is JSON.
    fn of(text: &'a str) -> Option<Self> {
        let lines: Vec<Cow<'a, str>> = text
            .split_inclusive(['\n', '\r'])
            .map(Cow::Borrowed)
            .collect();
        let event = |(index, line): (usize, &Cow<'a, str>)| {
            let (prefix, json) = match line.strip_prefix("data:") {
                Some(data) => ("data: ", data),
                None => ("", line.as_ref()),
            };
            let value: Value = serde_json::from_str(json).ok()?;
            Some(Event {
                index,
                prefix,
                value,
            })
        };
        let events: Vec<Event> = lines.iter().enumerate().filter_map(event).collect();
        (!events.is_empty()).then_some(Self { lines, events })
    }

    /// The text without secrets and keys; `None` when it has none.
    fn clean(mut self) -> Option<String> {
        let has_changed = self.clean_other_lines() | self.clean_events();
        has_changed.then(|| self.lines.concat())
    }

    /// Cleans what stands between the events, such as the words of a proxy.
    fn clean_other_lines(&mut self) -> bool {
        let mut has_changed = false;
        let mut events = self.events.iter().map(|event| event.index).peekable();
        for (index, line) in self.lines.iter_mut().enumerate() {
            if events.next_if_eq(&index).is_none()
                && let Cow::Owned(clean) = stored(line)
            {
                *line = Cow::Owned(clean);
                has_changed = true;
            }
        }
        has_changed
    }

    /// Cleans the events. Their texts may be the pieces of one.
    fn clean_events(&mut self) -> bool {
        let mut joined: BTreeMap<String, Joined> = BTreeMap::new();
        for Event { index, value, .. } in &mut self.events {
            each_text(value, &mut String::new(), &mut |place, text| {
                let whole = joined.entry(place.path.to_owned()).or_default();
                whole.text.push_str(text);
                whole.is_sealed = whole.is_sealed || place.is_sealed;
                whole.last = *index;
            });
        }
        joined.retain(|_, whole| clean(&whole.text, whole.is_sealed) != whole.text);
        let mut redactors: BTreeMap<String, (Redactor, usize)> = joined
            .into_iter()
            .map(|(path, whole)| (path, (redactor_for(&whole), whole.last)))
            .collect();
        let mut has_changed = false;
        for Event {
            index,
            prefix,
            value,
        } in &mut self.events
        {
            let mut is_secret = false;
            each_text(value, &mut String::new(), &mut |place, text| {
                let Some((redactor, last)) = redactors.get_mut(place.path) else {
                    return;
                };
                let mut clean = String::new();
                redactor.push(text, &mut clean);
                if last == index {
                    redactor.finish(&mut clean);
                }
                *text = clean;
                is_secret = true;
            });
            if clean_names_and_numbers(value) || is_secret {
                let line = &mut self.lines[*index];
                let ending = line.trim_start_matches(|c| c != '\n' && c != '\r');
                *line = Cow::Owned(format!("{prefix}{value}{ending}"));
                has_changed = true;
            }
        }
        has_changed
    }
}

/// A redactor for the pieces of a text.
fn redactor_for(whole: &Joined) -> Redactor {
    let text = whole.text.as_str();
    let is_data = is_data(text) || whole.is_sealed && is_base64(text);
    let keys = keys_in(text).filter(|_| !is_data);
    Redactor::with_found(keys.map(str::to_owned))
}

/// Where a text of a value is.
struct Place<'a> {
    path: &'a str,
    /// A provider signed or encrypted it.
    is_sealed: bool,
}

/// Visits every text of a value with its place.
fn each_text(value: &mut Value, path: &mut String, visit: &mut dyn FnMut(&Place<'_>, &mut String)) {
    let length = path.len();
    match value {
        Value::String(text) => visit(
            &Place {
                path,
                is_sealed: false,
            },
            text,
        ),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                path.push_str(&format!("/{index}"));
                each_text(item, path, visit);
                path.truncate(length);
            }
        }
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str);
            let is_detail = kind.is_some_and(|kind| kind.starts_with("reasoning."));
            for (name, item) in fields {
                path.push('/');
                path.push_str(name);
                match item {
                    Value::String(text) => {
                        let is_sealed = is_detail && SEALED.contains(&name.as_str());
                        visit(&Place { path, is_sealed }, text);
                    }
                    _ => each_text(item, path, visit),
                }
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

    /// What has the form of a key, and was never read as one.
    const OTHER: &str = "ghp_0123456789abcdefghijKLMN";

    #[test]
    fn what_stands_between_events_is_searched_and_lines_of_json_are_events() {
        let event = |text: &str| json!({"choices": [{"delta": {"content": text}}]});
        let good = event(" hi");
        let stream = format!("data: {good}\n\nerror: refused key {OTHER}\n\ndata: [DONE]\n\n");
        assert_eq!(scrubbed(&stream), stream.replace(OTHER, "[redacted]"));
        let (one, two) = OTHER.split_at(9);
        let lines = format!("{}\n{}\n{good}\n", event(one), event(two));
        let clean = scrubbed(&lines);
        assert!(
            clean.contains("[redacted]") && !clean.contains(two),
            "{clean}"
        );
        let last = clean.lines().last().unwrap_or_default();
        assert_eq!(serde_json::from_str::<Value>(last).unwrap(), good);
    }

    #[test]
    fn names_and_texts_after_an_escape_are_searched() {
        let mut both = json!({"a": format!("line\n{OTHER}"), OTHER: 1});
        value(&mut both);
        assert_eq!(both, json!({"a": "line\n[redacted]", "[redacted]": 1}));
        assert_eq!(json(r#"{"a": 1}"#), r#"{"a": 1}"#);
        assert_eq!(
            json(&format!(r#"{{"a": "\n{OTHER}"}}"#)),
            r#"{"a":"\n[redacted]"}"#
        );
        assert_eq!(json(&format!("no json\\n{OTHER}")), "no json\\n[redacted]");
        for secret in [OTHER, SECRET] {
            remember(secret);
            let repeated = format!(r#"{{"a":"{secret}","a":"x"}}"#);
            assert_eq!(json(&repeated), r#"{"a":"x"}"#);
        }
    }

    #[test]
    fn a_number_with_a_secret_in_it_becomes_a_text() {
        remember("73519462073519462");
        let expected = json!({"a": "[redacted]", "b": [17, "x"]});
        for number in [
            "73519462073519462",
            "735194620735194629",
            "-173519462073519462",
        ] {
            let text = format!(r#"{{"a":{number},"b":[17,"x"]}}"#);
            let parsed: Value = serde_json::from_str(&json(&text)).unwrap();
            assert_eq!(parsed, expected, "{number}");
            let parsed: Value = serde_json::from_str(&scrubbed(&text)).unwrap();
            assert_eq!(parsed, expected, "{number}");
            let other = r#"data:  {"a":  "other"}"#;
            let clean = scrubbed(&format!("data: {text}\n\n{other}\n\n"));
            assert_eq!(clean, format!("data: {expected}\n\n{other}\n\n"));
        }
        let named = scrubbed(&format!("data: {{\"{OTHER}\":1}}\n\ndata: [DONE]\n\n"));
        assert_eq!(named, "data: {\"[redacted]\":1}\n\ndata: [DONE]\n\n");
    }

    #[test]
    fn base64_is_data_and_a_pasted_log_is_not() {
        let chance = "iVBO/eyJ0123456789abcdefghij+".repeat(12);
        let detail = json!({"type": "reasoning.text", "signature": "AAAA/eyJ0123456789abcdefghi+"});
        for kept in [
            json!({"data": [{"b64_json": chance}]}),
            json!({"reasoning_details": [detail]}),
            json!({"audio": {"data": format!("{chance}AAA=")}}),
        ] {
            assert_eq!(scrubbed(&kept.to_string()), kept.to_string());
        }
        let log = format!("data: {{\"key\": \"{OTHER}\"}}\n").repeat(20);
        for text in [
            log,
            OTHER.to_owned(),
            format!("data:text/plain,{OTHER}"),
            format!("data:;base64,{OTHER} and {OTHER}"),
            format!("sk-proj-{}", "a4Zc09Ux1e".repeat(30)),
        ] {
            let whole = json!({"data": text, "signature": text, "type": "text"});
            let clean = scrubbed(&whole.to_string());
            assert!(!clean.contains(&OTHER[4..]), "{clean}");
            assert!(clean.contains("[redacted]"), "{clean}");
        }
    }

    #[test]
    fn base64_in_pieces_is_data() {
        let chance = "/eyJ0123456789abcdefghij+AAAAAA=".repeat(10);
        let event = |piece: &str| json!({"choices": [{"delta": {"audio": {"data": piece}}}]});
        let (one, two) = chance.split_at(64);
        let stream = format!("data: {}\n\ndata: {}\n\n", event(one), event(two));
        assert_eq!(scrubbed(&stream), stream);
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
