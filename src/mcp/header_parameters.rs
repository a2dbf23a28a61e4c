//! Arguments that are sent as headers too, so that a proxy can route by them. Pure.
//!
//! A property of the schema with `x-mcp-header: Name` is sent as `Mcp-Param-Name`, in revision
//! 2026-07-28 over HTTP.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// Deepest property that is looked at.
const DEEPEST: usize = 8;

/// The headers for a call with these arguments.
pub(super) fn of_call(schema: &Value, arguments: &Value) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    collect(schema, arguments, DEEPEST, &mut headers);
    headers
}

fn collect(schema: &Value, arguments: &Value, depth: usize, headers: &mut Vec<(String, String)>) {
    let Some(properties) = schema["properties"].as_object().filter(|_| depth > 0) else {
        return;
    };
    for (name, property) in properties {
        let argument = &arguments[name.as_str()];
        if let (Some(header), Some(text)) = (header_name(property), as_text(argument)) {
            headers.push((format!("Mcp-Param-{header}"), encoded(&text)));
        }
        collect(property, argument, depth - 1, headers);
    }
}

fn header_name(property: &Value) -> Option<&str> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    property["x-mcp-header"]
        .as_str()
        .filter(|name| !name.is_empty() && name.bytes().all(is_token))
}

fn as_text(argument: &Value) -> Option<String> {
    match argument {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(argument.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A text as the value of a header: as it is, else in Base64 with a mark.
pub(super) fn encoded(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && text.trim() == text
        && !text.starts_with("=?base64?");
    if is_plain {
        text.to_owned()
    } else {
        format!("=?base64?{}?=", BASE64_STANDARD.encode(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn marked_arguments_become_headers() {
        let schema = json!({"properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "count": {"type": "integer", "x-mcp-header": "Count"},
            "plain": {"type": "string"},
            "bad": {"type": "string", "x-mcp-header": "not a token"},
            "absent": {"type": "string", "x-mcp-header": "Absent"},
            "inner": {"properties": {"tenant": {"x-mcp-header": "Tenant"}}},
        }});
        let arguments = json!({"region": "eu", "count": 3, "plain": "x", "bad": "y",
            "inner": {"tenant": "Zoë"}});
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            of_call(&schema, &arguments),
            [
                pair("Mcp-Param-Region", "eu"),
                pair("Mcp-Param-Count", "3"),
                pair("Mcp-Param-Tenant", "=?base64?Wm/Dqw==?="),
            ]
        );
    }

    #[test]
    fn a_text_that_no_header_can_hold_is_encoded() {
        for plain in ["eu", "a b", ""] {
            assert_eq!(encoded(plain), plain);
        }
        for text in [" a", "a ", "a\nb", "é", "=?base64?x?="] {
            assert!(encoded(text).starts_with("=?base64?"), "{text:?}");
        }
    }
}
