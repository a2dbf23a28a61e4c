//! The words of an error, wherever a provider puts them.

use serde_json::Value;

use crate::wire::redact::cut;

/// Longest message, in characters.
pub(super) const LONGEST_MESSAGE: usize = 300;

/// Most validation errors of one message.
const MOST_ISSUES: usize = 3;

/// Most characters of a page without a title.
const MOST_OF_PAGE: usize = 120;

/// Where an object has its words, as JSON pointers; the first with any wins.
const PLACES: &[&str] = &[
    // OpenAI, OpenRouter, Google, Anthropic, Groq, LiteLLM
    "/error/message",
    // Mistral, for which it may be an object, and vLLM
    "/message",
    // FastAPI, and problem details (RFC 9457) with a title for want of words
    "/detail",
    "/error_message",
    "/error_msg",
    "/error_description",
    "/errorMessage",
    // MiniMax
    "/base_resp/status_msg",
    // Apigee
    "/fault/faultstring",
    // One validation error
    "/msg",
    // LM Studio, Ollama, Text Generation Inference
    "/error",
    // Cloudflare
    "/errors",
    "/Message",
    "/title",
    "/details",
];

/// The words of an error: a text, also one that holds JSON, an object, or a list of validation
/// errors.
pub(super) fn of(error: &Value) -> Option<String> {
    let words = match error {
        Value::String(text) => inner(text)
            .and_then(|value| of(&value))
            .unwrap_or_else(|| text.clone()),
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

/// The JSON inside a text, when that is a list or an object.
pub(super) fn inner(text: &str) -> Option<Value> {
    let starts = |c: char| matches!(c, '{' | '[');
    let text = trimmed(text);
    if !text.starts_with(starts) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// A text without white space around it, and without the byte order mark that some servers write
/// before it.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim().trim_start_matches('\u{feff}').trim_start()
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

/// The words of a page or a plain text: the title of a page, else what it shows, else the first
/// line.
pub(super) fn of_page(text: &str) -> String {
    let text = text.trim();
    if !text.starts_with('<') {
        return bounded(text.lines().next().unwrap_or_default());
    }
    let shown = match between(text, "<title>", "</title>") {
        Some(title) => bounded(title),
        None => shortened(&without_tags(text), MOST_OF_PAGE),
    };
    if shown.is_empty() {
        "a web page, not an API response".to_owned()
    } else {
        format!("{shown} (a web page, not an API response)")
    }
}

/// What is between two tags, in any case.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let lower = text.to_ascii_lowercase();
    let start = lower.find(open)? + open.len();
    let end = start + lower.get(start..)?.find(close)?;
    text.get(start..end)
        .map(str::trim)
        .filter(|words| !words.is_empty())
}

/// The text of a page between its tags.
fn without_tags(page: &str) -> String {
    let mut shown = String::new();
    let mut is_tag = false;
    for c in page.chars() {
        match c {
            '<' => is_tag = true,
            '>' if is_tag => {
                is_tag = false;
                shown.push(' ');
            }
            c if !is_tag => shown.push(c),
            _ => {}
        }
    }
    shown
}

/// One line of at most [`LONGEST_MESSAGE`] characters.
pub(super) fn bounded(text: &str) -> String {
    shortened(text, LONGEST_MESSAGE)
}

/// One line of at most so many characters.
fn shortened(text: &str, most: usize) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&one_line, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_form_has_its_words() {
        let rows = [
            (json!({"error": {"message": "a"}}), "a"),
            (
                json!({"message": {"detail": [{"loc": ["body", "n"], "msg": "b"}]}}),
                "n: b",
            ),
            (
                json!({"message": "{\"detail\":[{\"loc\":[\"body\",\"n\"],\"msg\":\"b\"}]}"}),
                "n: b",
            ),
            (json!({"detail": "c"}), "c"),
            (
                json!({"title": "Not Found", "status": 404, "detail": "d"}),
                "d",
            ),
            (json!({"title": "Not Found", "status": 404}), "Not Found"),
            (
                json!({"errors": [{"code": 7003, "message": "e"}], "success": false}),
                "e",
            ),
            (json!({"errors": ["f", "g"]}), "f; g"),
            (
                json!({"base_resp": {"status_code": 1004, "status_msg": "h"}}),
                "h",
            ),
            (json!({"error_code": 336_003, "error_msg": "i"}), "i"),
            (
                json!({"error": "invalid_grant", "error_description": "j"}),
                "j",
            ),
            (json!({"message": "{not json"}), "{not json"),
        ];
        for (error, words) in rows {
            assert_eq!(of(&error).as_deref(), Some(words), "{error}");
        }
        assert_eq!(of(&json!({"code": 1, "message": " "})), None);
    }

    #[test]
    fn a_page_shows_its_title_or_its_text() {
        let page = " (a web page, not an API response)";
        let rows = [
            (
                "<html><TITLE>502 Bad\nGateway</TITLE>",
                format!("502 Bad Gateway{page}"),
            ),
            (
                "<html><body><h1>503 Service Unavailable</h1>\nNo server.</body></html>",
                format!("503 Service Unavailable No server.{page}"),
            ),
            (
                "<html></html>",
                "a web page, not an API response".to_owned(),
            ),
            (
                " no healthy upstream\nmore",
                "no healthy upstream".to_owned(),
            ),
            ("", String::new()),
        ];
        for (text, words) in rows {
            assert_eq!(of_page(text), words, "{text}");
        }
    }
}
