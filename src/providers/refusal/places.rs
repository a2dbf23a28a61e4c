//! Where an error has what: its object in a body, its codes, its status, the field it is about.

use std::borrow::Cow;

use serde_json::Value;

use super::reasons;

/// Where an error names its reason, as JSON pointers; the first text is its code.
const CODES: &[&str] = &[
    "/metadata/error_type",
    "/availability/code",
    // Anthropic's spend limit is a `rate_limit_error` otherwise
    "/details/error_code",
    "/error_type",
    "/code",
    "/type",
    // Google
    "/details/0/reason",
    "/status",
    // Azure
    "/innererror/code",
];

/// Where an error has a status of its own, as a number or a text.
const STATUSES: &[&str] = &[
    "/code",
    "/status",
    "/status_code",
    "/error_code",
    "/error",
    "/error/code",
    "/error/status",
    // MiniMax
    "/base_resp/status_code",
];

/// The error object of a body: under `error`, or the body itself. Google wraps it in a list.
pub(in crate::providers) fn object(body: &Value) -> &Value {
    let body = body.get(0).unwrap_or(body);
    match &body["error"] {
        // Beside the words of Text Generation Inference and of OAuth are their types; beside a
        // status or a mere `true` are the words.
        Value::Null | Value::String(_) | Value::Number(_) | Value::Bool(_) => body,
        error => error,
    }
}

/// The body of the company behind a router, where it is JSON: an object, or its text.
pub(super) fn raw_of(metadata: &Value) -> Option<Cow<'_, Value>> {
    match &metadata["raw"] {
        Value::String(raw) => serde_json::from_str(raw).ok().map(Cow::Owned),
        Value::Null => None,
        raw => Some(Cow::Borrowed(raw)),
    }
}

/// Whether a body has an error object of its own.
pub(super) fn holds_error(body: &Value) -> bool {
    body.get(0).unwrap_or(body)["error"].is_object()
}

/// The names of the reason, the most precise first.
pub(super) fn codes_of(error: &Value) -> Vec<&str> {
    let named = CODES
        .iter()
        .filter_map(|place| error.pointer(place)?.as_str());
    let is_name = |code: &&str| !code.is_empty() && code.parse::<u16>().is_err();
    named.filter(is_name).collect()
}

/// The status of an error inside a 200: a number, a numeric text, or the one that a documented
/// code stands for.
pub(super) fn status_of(error: &Value, codes: &[&str]) -> u16 {
    let number = |value: &Value| {
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
        u16::try_from(number)
            .ok()
            .filter(|status| (300..600).contains(status))
    };
    STATUSES
        .iter()
        .find_map(|place| number(error.pointer(place)?))
        .or_else(|| codes.iter().find_map(|code| reasons::status_of(code)))
        .unwrap_or(0)
}
