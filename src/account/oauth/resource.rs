//! The server that a token is for (RFC 8707), and which URLs of a login may be called.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::wire::client::{Url, is_loopback};

/// The resource identifier of a server: its URL without a query.
pub(super) fn identifier(server: &Url) -> String {
    let mut resource = server.clone();
    resource.set_query(None);
    resource.set_fragment(None);
    let text = resource.to_string();
    match resource.path() {
        "/" => text.trim_end_matches('/').to_owned(),
        _ => text,
    }
}

/// Whether a token for `resource` may be sent to a server: same origin, and a path below that of
/// the resource.
pub(super) fn covers(resource: &str, server: &Url) -> bool {
    let Ok(resource) = Url::parse(resource) else {
        return false;
    };
    let below = |path: &str| {
        let path = path.trim_end_matches('/');
        server
            .path()
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    resource.origin() == server.origin() && resource.query().is_none() && below(resource.path())
}

/// A URL that the login of a server may call: `https`, or `http` on this machine when the server is
/// on this machine too.
pub(super) fn callable(text: &str, server: &Url) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_safe = match url.scheme() {
        "https" => true,
        "http" => is_loopback(&url) && is_loopback(server),
        _ => false,
    };
    let is_plain =
        url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (is_safe && is_plain && url.has_host()).then_some(url)
}

/// The audience of a token that is another server: of a JSON web token that names servers and none
/// of them is this one. Opaque tokens have none that can be read.
pub(super) fn foreign_audience(token: &str, resource: &str) -> Option<String> {
    let payload = token
        .split('.')
        .nth(1)
        .filter(|_| token.split('.').count() == 3)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    let audiences: Vec<&str> = match &claims["aud"] {
        Value::String(audience) => vec![audience],
        Value::Array(audiences) => audiences.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let servers: Vec<Url> = audiences
        .iter()
        .filter_map(|text| Url::parse(text).ok())
        .collect();
    let own = Url::parse(resource).ok()?;
    let is_foreign = !servers.is_empty() && servers.iter().all(|url| url.origin() != own.origin());
    is_foreign.then(|| audiences.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_resource_covers_its_own_paths_only() {
        let server = url("https://h.example/a/mcp?x=1");
        assert_eq!(identifier(&server), "https://h.example/a/mcp");
        assert_eq!(identifier(&url("https://h.example")), "https://h.example");
        for (resource, is_covered) in [
            ("https://h.example/a/mcp", true),
            ("https://h.example/a/", true),
            ("https://h.example", true),
            ("https://h.example/a/m", false),
            ("https://h.example/b", false),
            ("https://other.example", false),
            ("http://h.example", false),
            ("https://h.example:444", false),
            ("nonsense", false),
        ] {
            assert_eq!(covers(resource, &server), is_covered, "{resource}");
        }
    }

    #[test]
    fn a_server_elsewhere_cannot_lead_a_login_to_this_machine() {
        let (here, there) = (url("http://127.0.0.1:7/mcp"), url("https://h.example/mcp"));
        for (text, from_here, from_there) in [
            ("https://as.example/x", true, true),
            ("http://127.0.0.1:9/x", true, false),
            ("http://as.example/x", false, false),
            ("https://user@as.example/x", false, false),
            ("file:///etc/passwd", false, false),
        ] {
            assert_eq!(callable(text, &here).is_some(), from_here, "{text}");
            assert_eq!(callable(text, &there).is_some(), from_there, "{text}");
        }
    }

    #[test]
    fn a_token_for_another_server_is_recognised() {
        let token = |claims: &str| format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims));
        let foreign = |claims: &str| foreign_audience(&token(claims), "https://h.example/mcp");
        assert_eq!(foreign("{\"aud\":\"https://h.example/mcp\"}"), None);
        assert_eq!(
            foreign("{\"aud\":[\"https://h.example\",\"https://b.example\"]}"),
            None
        );
        assert_eq!(foreign("{\"aud\":\"client-7\"}"), None);
        assert_eq!(foreign("{}"), None);
        assert_eq!(foreign_audience("opaque", "https://h.example"), None);
        let other = foreign("{\"aud\":[\"https://b.example\",\"x\"]}");
        assert_eq!(other.as_deref(), Some("https://b.example, x"));
    }
}
