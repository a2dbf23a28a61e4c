//! The fields of the body that an error names where a field belongs.

use serde_json::Value;

use super::places::{object, raw_of};
use super::words::{field_of, inner};

/// Where an error names one field: OpenAI; Google.
const NAMES: &[&str] = &["/param", "/details/0/fieldViolations/0/field"];

/// Where errors have lists of validation errors: FastAPI, Mistral, OpenRouter, others.
const ISSUES: &[&str] = &[
    "/detail",
    "/message/detail",
    "/message",
    "/error/detail",
    "/errors",
    "/issues",
];

/// The fields that an error names: OpenAI's `param`, the path of each validation error, else those
/// in the error of the company behind a router.
pub(super) fn named(error: &Value) -> Vec<String> {
    let own = in_object(error);
    if !own.is_empty() {
        return own;
    }
    let raw = raw_of(&error["metadata"]);
    raw.map(|raw| in_object(object(&raw))).unwrap_or_default()
}

fn in_object(error: &Value) -> Vec<String> {
    let names = NAMES
        .iter()
        .filter_map(|place| error.pointer(place)?.as_str())
        .map(str::to_owned);
    let issues = ISSUES
        .iter()
        .filter_map(|place| error.pointer(place))
        .flat_map(issue_fields);
    let mut fields: Vec<String> = Vec::new();
    for field in names.chain(issues) {
        if is_field(&field) && !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

/// The fields of a list of validation errors, which may be inside a text.
fn issue_fields(issues: &Value) -> Vec<String> {
    match issues {
        Value::Array(issues) => issues.iter().filter_map(field_of).collect(),
        Value::String(text) => inner(text).as_ref().map(issue_fields).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Whether the text may be the dotted name of a field.
fn is_field(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.[]-".contains(&byte);
    // Some servers write Python's `None`.
    (2..=100).contains(&text.len())
        && text != "None"
        && text.bytes().all(is_part)
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_is_named_by_param_or_by_a_path() {
        let rows = [
            (
                json!({"param": "max_tokens", "message": "x"}),
                vec!["max_tokens"],
            ),
            (json!({"param": "None"}), vec![]),
            (json!({"param": null}), vec![]),
            (json!({"param": "input_tokens, max_tokens"}), vec![]),
            (
                json!({"detail": [
                    {"loc": ["body", "stream_options"], "msg": "extra fields not permitted"},
                    {"loc": ["body", "reasoning_effort"], "msg": "extra fields not permitted"},
                ]}),
                vec!["stream_options", "reasoning_effort"],
            ),
            (
                json!({"message": {"detail": [{"loc": ["body", "seed"], "msg": "x"}]}}),
                vec!["seed"],
            ),
            (
                json!({
                    "name": "ZodError",
                    "message": "[{\"path\":[\"messages\",0],\"message\":\"x\"}]",
                }),
                vec!["messages.0"],
            ),
            (
                json!({"details": [{"fieldViolations": [{"field": "generationConfig.topK"}]}]}),
                vec!["generationConfig.topK"],
            ),
            (
                json!({"metadata": {"raw": "{\"error\":{\"param\":\"max_tokens\"}}"}}),
                vec!["max_tokens"],
            ),
        ];
        for (error, fields) in rows {
            assert_eq!(named(&error), fields, "{error}");
        }
    }
}
