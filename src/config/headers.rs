//! Headers of a profile: which are refused, and which hold a secret.

pub(crate) use super::secret_words::is_secret_value as is_secret_header;

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

/// Headers that the protocol of MCP servers sets besides those; `authorization` may be set there.
const REFUSED_OF_SERVERS: &[&str] = &[
    "accept",
    "last-event-id",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
];

/// What is wrong with a header.
pub(crate) fn fault(name: &str, value: &str) -> Option<String> {
    form_fault(name, value, |name| REFUSED_HEADERS.contains(&name))
}

/// What is wrong with a header of an MCP server.
pub(crate) fn fault_of_server(name: &str, value: &str) -> Option<String> {
    form_fault(name, value, |name| {
        name != "authorization"
            && (REFUSED_HEADERS.contains(&name)
                || REFUSED_OF_SERVERS.contains(&name)
                || name.starts_with("mcp-param-"))
    })
}

/// What is wrong with a header of a collector of traces; `authorization` may be set there.
pub(crate) fn fault_of_collector(name: &str, value: &str) -> Option<String> {
    form_fault(name, value, |name| {
        name != "authorization" && REFUSED_HEADERS.contains(&name)
    })
}

fn form_fault(name: &str, value: &str, is_refused: impl Fn(&str) -> bool) -> Option<String> {
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    if !is_name {
        Some(format!("'{}' is not a header name", name.escape_debug()))
    } else if is_refused(&name.to_ascii_lowercase()) {
        Some(format!("'{name}' is set by amx and cannot be overridden"))
    } else if value.chars().any(char::is_control) {
        Some(format!(
            "the value of '{name}' has a control character, which a header cannot have"
        ))
    } else {
        None
    }
}
