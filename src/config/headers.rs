//! Headers of a profile: which are refused, and which hold a secret.

use crate::secrets::reference::looks_like_a_key;

/// Headers that the client or the transport sets: the key, the format of the body, and all that
/// apply to one hop (RFC 9110, 7.6.1).
const REFUSED_HEADERS: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What is wrong with a header.
pub(crate) fn fault(name: &str, value: &str) -> Option<String> {
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    if !is_name {
        Some(format!("'{}' is not a header name", name.escape_debug()))
    } else if REFUSED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        Some(format!("'{name}' is set by amx and cannot be overridden"))
    } else if value.chars().any(char::is_control) {
        Some(format!(
            "the value of '{name}' has a control character, which a header cannot have"
        ))
    } else {
        None
    }
}

/// Whether the value of a header is a secret: by its name, or because it has the form of a key.
pub(crate) fn is_secret_header(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if value.split_whitespace().any(looks_like_a_key) {
        return true;
    }
    ["key", "token", "secret", "auth", "password", "cookie"]
        .iter()
        .any(|word| name.contains(word))
}
