//! A JSON object a line, and the requests of OpenAI's batch API.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::lines::{Line, Lines, too_long};
use super::reader::{FileFault, RawRow, RowReader};
use crate::batch::question::EMBEDDINGS;
use crate::batch::row::RowDigest;

/// The path of the requests that can be asked.
const CHAT_COMPLETIONS: &str = "/v1/chat/completions";

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
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let column = error.column();
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
