//! A JSON object a line, and the requests of OpenAI's batch API.

use std::io::BufRead;

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::lines::{Line, Lines, too_long};
use super::reader::{FileFault, RawRow, RowReader, text_of};
use crate::batch::question::EMBEDDINGS;
use crate::batch::row::RowDigest;

/// The path of the requests that can be asked.
const CHAT_COMPLETIONS: &str = "/v1/chat/completions";

/// What is wrong with JSON that no value holds.
const UNREADABLE: &str = "a number is out of range, an escape is half a character, or lists and \
    objects are nested too deeply";

/// Blank lines are no rows.
pub(super) struct JsonRows<R> {
    lines: Lines<R>,
    is_openai: bool,
}

impl<R: BufRead> JsonRows<R> {
    /// With `is_openai`, each row must be a request.
    pub(super) fn new(source: R, is_openai: bool) -> Self {
        Self {
            lines: Lines::new(source),
            is_openai,
        }
    }
}

impl<R: BufRead> RowReader for JsonRows<R> {
    fn next(&mut self) -> Result<Option<RawRow>, FileFault> {
        loop {
            let Some((line, found)) = self.lines.next()? else {
                return Ok(None);
            };
            let (values, digest) = match found {
                Line::TooLong(start) => (Err(too_long()), Some(RowDigest::of_bytes(start))),
                Line::Text(bytes) if bytes.trim_ascii().is_empty() => continue,
                Line::Text(bytes) => {
                    let values = read(bytes, self.is_openai);
                    let digest = values.is_err().then(|| RowDigest::of_bytes(bytes));
                    (values, digest)
                }
            };
            return Ok(Some(RawRow {
                line,
                values,
                digest,
            }));
        }
    }
}

fn read(bytes: &[u8], is_openai: bool) -> Result<Map<String, Value>, String> {
    let text = text_of(bytes).map_err(|what| format!("it {what}"))?;
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let column = error.column();
        if serde_json::from_str::<IgnoredAny>(text).is_ok() {
            return format!("{UNREADABLE} (column {column})");
        }
        format!("it is not JSON (column {column})")
    })?;
    if is_openai {
        check_request(&value)?;
    }
    match value {
        Value::Object(values) => Ok(values),
        _ => Err("it is not a JSON object".to_owned()),
    }
}

/// Whether a row has the members of a request of OpenAI's batch API.
pub(super) fn is_request(value: &Value) -> bool {
    let has = |member: &str| value.get(member).is_some();
    has("custom_id") && has("method") && has("url") && value["body"].is_object()
}

fn check_request(value: &Value) -> Result<(), String> {
    if !value["custom_id"].is_string() {
        return Err("custom_id is missing or not a string".to_owned());
    }
    if !value["body"].is_object() {
        return Err("body is missing or not an object".to_owned());
    }
    match value["url"].as_str() {
        Some(CHAT_COMPLETIONS | EMBEDDINGS) => {}
        Some(other) => {
            return Err(format!(
                "url is {}, and only {CHAT_COMPLETIONS} and {EMBEDDINGS} can be asked",
                other.escape_debug()
            ));
        }
        None => return Err("url is missing".to_owned()),
    }
    match value["method"].as_str() {
        Some("POST") => Ok(()),
        _ => Err("method is not POST".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_no_value_holds_is_told_from_what_is_no_json() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
        for text in [r#"{"a":1e400}"#, r#"{"a":"\ud800"}"#, &deep] {
            let why = read(text.as_bytes(), false).unwrap_err();
            assert!(why.starts_with(UNREADABLE), "{why}");
        }
        for text in [r#"{"a":1e}"#, "{", "", "{\"a\":1}}"] {
            let why = read(text.as_bytes(), false).unwrap_err();
            assert!(why.starts_with("it is not JSON"), "{why}");
        }
        let why = read(b"{\0}\0", false).unwrap_err();
        assert!(why.contains("UTF-16"), "{why}");
    }
}
