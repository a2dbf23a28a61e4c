//! The fields of the body that an error names where a field belongs.

use serde_json::Value;

use super::words::field_of;

/// Where errors have lists of validation errors: FastAPI, Mistral, others.
const ISSUES: &[&str] = &["/detail", "/message/detail", "/errors", "/issues"];

/// The fields that an error names: OpenAI's `param`, the path of each validation error, else those
/// in the error of the company behind a router.
pub(super) fn named(error: &Value) -> Vec<String> {
    let own = in_object(error);
    if !own.is_empty() {
        return own;
    }
    match &error["metadata"]["raw"] {
        Value::String(raw) => serde_json::from_str::<Value>(raw)
            .map(|raw| in_object(inner(&raw)))
            .unwrap_or_default(),
        raw => in_object(inner(raw)),
    }
}

/// The error object of a body: under `error`, or the body itself.
fn inner(body: &Value) -> &Value {
    match &body["error"] {
        Value::Null => body,
        error => error,
    }
}

fn in_object(error: &Value) -> Vec<String> {
    let param = error["param"].as_str().map(str::to_owned);
    let issues = ISSUES
        .iter()
        .filter_map(|place| error.pointer(place)?.as_array())
        .flatten()
        .filter_map(field_of);
    let mut fields: Vec<String> = Vec::new();
    for field in param.into_iter().chain(issues) {
        if is_field(&field) && !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

/// Whether the text may be the dotted name of a field.
fn is_field(text: &str) -> bool {
    let is_part =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.[]".contains(&byte);
    text.len() >= 2
        && text.bytes().all(is_part)
        && text.starts_with(|c: char| c.is_ascii_lowercase())
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
                json!({"metadata": {"raw": "{\"error\":{\"param\":\"max_tokens\"}}"}}),
                vec!["max_tokens"],
            ),
        ];
        for (error, fields) in rows {
            assert_eq!(named(&error), fields, "{error}");
        }
    }
}
