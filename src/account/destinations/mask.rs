//! The configuration of a destination without its secrets.

use serde_json::{Map, Value};

use super::kinds::{self, FieldForm};
use crate::present::text::one_line;
use crate::wire::client::Url;

/// In place of a secret.
const HIDDEN: &str = "***";

/// Most characters on each side of the gap in a mask of OpenRouter, such as `sk-l...AbCd`.
const MOST_BESIDE_GAP: usize = 6;

/// A segment of a path with so many characters may be a secret, as in the URLs of webhooks.
const LONG_SEGMENT: usize = 16;

/// A configuration whose secrets are replaced. A field that is not known is a secret.
pub(super) fn masked(kind: &str, config: &Map<String, Value>) -> Map<String, Value> {
    let kind = kinds::find(kind);
    let one = |(name, value): (&String, &Value)| {
        let form = kind
            .and_then(|kind| kind.field(name))
            .map(|field| field.form);
        (name.clone(), masked_value(form, value))
    };
    config.iter().map(one).collect()
}

fn masked_value(form: Option<FieldForm>, value: &Value) -> Value {
    match (form, value) {
        (_, Value::Null | Value::Bool(_) | Value::Number(_)) => value.clone(),
        (Some(FieldForm::Text | FieldForm::Word(_)), Value::String(text)) => {
            Value::String(one_line(text))
        }
        (Some(FieldForm::Url), Value::String(text)) => Value::String(url(text)),
        (_, Value::String(text)) => Value::String(secret(text).to_owned()),
        (_, Value::Object(map)) => {
            let inner = map.iter();
            Value::Object(
                inner
                    .map(|(name, value)| (one_line(name), masked_value(None, value)))
                    .collect(),
            )
        }
        (_, Value::Array(_)) => Value::String(HIDDEN.to_owned()),
    }
}

/// The mask that OpenRouter made, or one of our own.
fn secret(text: &str) -> &str {
    let is_masked = text.split_once("...").is_some_and(|(before, after)| {
        [before, after].iter().all(|part| {
            part.len() <= MOST_BESIDE_GAP && part.bytes().all(|byte| byte.is_ascii_graphic())
        })
    });
    if is_masked { text } else { HIDDEN }
}

/// A URL without user, query, fragment and long segments of its path.
fn url(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        return secret(text).to_owned();
    };
    let is_cut = !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some();
    // A URL without a host has no user either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    let shown: Vec<&str> = url
        .as_str()
        .split('/')
        .enumerate()
        .map(|(index, part)| {
            // The first three are the scheme, nothing, and the host.
            if index > 2 && part.chars().count() >= LONG_SEGMENT {
                HIDDEN
            } else {
                part
            }
        })
        .collect();
    let shown = shown.join("/");
    let shown = if shown.ends_with('/') && !text.ends_with('/') {
        shown.trim_end_matches('/').to_owned()
    } else {
        shown
    };
    if is_cut {
        format!("{shown}?{HIDDEN}")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(kind: &str, config: &Value) -> Value {
        Value::Object(masked(kind, config.as_object().unwrap()))
    }

    #[test]
    fn secrets_are_hidden_and_other_fields_shown() {
        let config = json!({
            "publicKey": "pk-l...EfGh", "secretKey": "sk-lf-0123456789-in-full",
            "baseUrl": "https://us.cloud.langfuse.com", "headers": {"X-Scope": "abc"},
            "invented": "value", "flag": true,
        });
        let expected = json!({
            "publicKey": "pk-l...EfGh", "secretKey": "***",
            "baseUrl": "https://us.cloud.langfuse.com", "headers": {"X-Scope": "***"},
            "invented": "***", "flag": true,
        });
        assert_eq!(shown("langfuse", &config), expected);
        let unknown = json!({"a": "b", "list": ["c"], "deep": {"d": {"e": "f"}}});
        let expected = json!({"a": "***", "list": "***", "deep": {"d": {"e": "***"}}});
        assert_eq!(shown("new-kind", &unknown), expected);
    }

    #[test]
    fn a_mask_of_the_server_is_recognised_by_its_length() {
        assert_eq!(secret("sk-l...AbCd"), "sk-l...AbCd");
        for text in ["sk-live-0123...", "...0123456789", "a...b c", "plain", ""] {
            assert_eq!(secret(text), "***", "{text}");
        }
    }

    #[test]
    fn urls_lose_what_may_be_a_secret() {
        for (text, expected) in [
            ("https://a.example/traces", "https://a.example/traces"),
            ("https://a.example", "https://a.example"),
            ("https://u:p@a.example/x", "https://a.example/x?***"),
            ("https://a.example/x?token=1", "https://a.example/x?***"),
            (
                "https://hooks.example/T0/0123456789abcdef",
                "https://hooks.example/T0/***",
            ),
            ("no url", "***"),
        ] {
            assert_eq!(url(text), expected);
        }
    }
}
