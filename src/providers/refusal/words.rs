//! The words of an error, wherever a provider puts them.

use serde_json::Value;

use crate::wire::redact::cut;

/// Longest message, in characters.
pub(super) const LONGEST_MESSAGE: usize = 300;

/// Most validation errors of one message.
const MOST_ISSUES: usize = 3;

/// Where an object has its words, as JSON pointers; the first with any wins. `message` is OpenAI's
/// and OpenRouter's (for Mistral an object), `detail` FastAPI's, `msg` that of one validation
/// error.
const PLACES: &[&str] = &[
    "/error/message",
    "/message",
    "/detail",
    "/error_message",
    "/msg",
    "/error",
];

/// The words of an error: a text, also one that holds JSON, an object, or a list of validation
/// errors.
pub(super) fn of(error: &Value) -> Option<String> {
    let words = match error {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Array(_) | Value::Object(_))) => {
                of(&value).unwrap_or_else(|| text.clone())
            }
            _ => text.clone(),
        },
        Value::Array(issues) => issues
            .iter()
            .take(MOST_ISSUES)
            .map(issue)
            .collect::<Vec<_>>()
            .join("; "),
        Value::Object(_) => PLACES.iter().find_map(|place| of(error.pointer(place)?))?,
        _ => return None,
    };
    Some(words).filter(|words| !words.trim().is_empty())
}

/// The words of the company behind a router: the same forms, else the JSON itself.
pub(super) fn of_raw(raw: &Value) -> Option<String> {
    match raw {
        Value::String(_) => of(raw),
        Value::Object(_) => of(raw).or_else(|| Some(raw.to_string())),
        _ => None,
    }
}

/// The JSON of an error without words.
pub(super) fn anything(error: &Value) -> String {
    match error {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// One validation error, after the path of the field.
fn issue(issue: &Value) -> String {
    let message = of(issue).unwrap_or_else(|| "invalid".to_owned());
    field_of(issue).map_or(message.clone(), |field| format!("{field}: {message}"))
}

/// The path of the field that a validation error is about: Zod's `path`, FastAPI's `loc`.
pub(super) fn field_of(issue: &Value) -> Option<String> {
    let path = issue["path"].as_array().or(issue["loc"].as_array())?;
    let parts: Vec<String> = path
        .iter()
        .enumerate()
        .filter(|(index, part)| *index > 0 || **part != "body")
        .map(|(_, part)| anything(part))
        .collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// The words of a page or a plain text: the title of a page, else the first line.
pub(super) fn of_page(text: &str) -> String {
    let title = text
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
        .map(|(title, _)| title.trim());
    match title {
        Some(title) => bounded(&format!("{title} (a web page, not an API response)")),
        None if text.trim_start().starts_with('<') => "a web page, not an API response".to_owned(),
        None => bounded(text.trim().lines().next().unwrap_or_default()),
    }
}

/// One line of at most [`LONGEST_MESSAGE`] characters.
pub(super) fn bounded(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&one_line, LONGEST_MESSAGE)
}
