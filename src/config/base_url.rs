//! The base URL of a server: what it must be, so that no reader can take it for another server.

use url::Url;

use super::headers::is_secret_header;
use crate::wire::client::is_loopback;
use crate::wire::control_characters::is_hidden_in_name;
use crate::wire::redact::cut;

/// Longest URL that an error shows, in characters.
const LONGEST_SHOWN: usize = 80;

/// Checks a base URL: `http` or `https`, a server name that is read as it is written, no user,
/// query or fragment, not the endpoint itself, and `http` only to this machine.
pub(crate) fn parse_base_url(text: &str, allow_insecure: bool) -> Result<Url, String> {
    checked(text, allow_insecure).map_err(|problem| format!("'{}' {problem}", shown(text)))
}

/// Checks the URL of a server that is called as it is written: as a base URL, but it may have a
/// query, in which a key may be only where a variable `is_expanded`.
pub(crate) fn parse_server_url(text: &str, is_expanded: bool) -> Result<Url, String> {
    called(text, is_expanded).map_err(|problem| format!("'{}' {problem}", shown(text)))
}

fn called(text: &str, is_expanded: bool) -> Result<Url, String> {
    let url = well_formed(text)?;
    if url.fragment().is_some() {
        Err("must not have a fragment".to_owned())
    } else if !is_expanded
        && url
            .query_pairs()
            .any(|(name, text)| is_secret_header(&name, &text))
    {
        Err("has a key in its query; use a header, or a variable such as ?key=${NAME}".to_owned())
    } else if url.scheme() == "http" && !is_loopback(&url) {
        Err("is plain http to another machine, which exposes the exchange; use https".to_owned())
    } else {
        Ok(url)
    }
}

fn checked(text: &str, allow_insecure: bool) -> Result<Url, String> {
    let url = well_formed(text)?;
    let path = url.path().trim_end_matches('/');
    if url.query().is_some() || url.fragment().is_some() {
        Err("must not have a query or fragment".to_owned())
    } else if path.ends_with("/chat/completions") || path.ends_with("/completions") {
        Err("must end before /chat/completions, which amx adds".to_owned())
    } else if url.scheme() == "http" && !allow_insecure && !is_loopback(&url) {
        Err(
            "is plain http to another machine, which exposes the key; use https, or set \
            allow_insecure: true in the profile"
                .to_owned(),
        )
    } else {
        Ok(url)
    }
}

/// A URL of `http` or `https` with a server name that is read as it is written, and no user.
fn well_formed(text: &str) -> Result<Url, String> {
    if text.trim() != text
        || text
            .chars()
            .any(|c| c.is_whitespace() || is_hidden_in_name(c))
    {
        return Err("has white space or hidden characters around or in it".to_owned());
    }
    if text.contains('\\') {
        return Err("has a backslash, which some programs read as '/'".to_owned());
    }
    let not_a_url = || match with_scheme(text) {
        Some(url) => format!("is not a URL, which starts with http:// or https://; try {url}"),
        None => "is not a URL; it must start with https://".to_owned(),
    };
    let (scheme, rest) = text.split_once("://").ok_or_else(not_a_url)?;
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err("must start with https://".to_owned());
    }
    let server = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if server.is_empty() {
        return Err("has no server name after ://".to_owned());
    }
    if server.contains('@') {
        return Err("must not have a user or password; use api_key or headers".to_owned());
    }
    let (host, port) = host_and_port(server);
    if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return Err("has no valid port; a port is a number from 1 to 65535".to_owned());
    }
    let url = Url::parse(text).map_err(|_| not_a_url())?;
    check_host(host, url.host_str().unwrap_or_default())?;
    Ok(url)
}

/// The URL of a server that was written without `http://` or `https://`.
fn with_scheme(text: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".:/-_[]".contains(c);
    let server = text.split('/').next().unwrap_or_default();
    let (host, port) = host_and_port(server);
    let is_server = match port {
        Some(port) => !host.is_empty() && port.parse::<u16>().is_ok(),
        None => host.contains('.'),
    };
    if !is_server || !text.chars().all(is_plain) {
        return None;
    }
    let url = Url::parse(&format!("http://{text}")).ok()?;
    let scheme = if is_loopback(&url) { "http" } else { "https" };
    Some(format!("{scheme}://{text}"))
}

/// The server name, and the text after its `:`.
fn host_and_port(server: &str) -> (&str, Option<&str>) {
    let name_end = server.rfind(']').unwrap_or(0);
    match server[name_end..].rfind(':') {
        Some(at) => (&server[..name_end + at], Some(&server[name_end + at + 1..])),
        None => (server, None),
    }
}

/// Refuses a server name that is read otherwise than it is written: `0x7f.1`, `ex%61mple`.
fn check_host(written: &str, read: &str) -> Result<(), String> {
    if written.starts_with('[') {
        return Ok(());
    }
    let is_same = if written.is_ascii() {
        written.eq_ignore_ascii_case(read)
    } else {
        written
            .chars()
            .all(|c| c.is_alphanumeric() || c == '-' || c == '.')
    };
    if !is_same {
        return Err(format!(
            "has a server name that is read as '{read}'; write it so"
        ));
    }
    let labels = read.strip_suffix('.').unwrap_or(read);
    let is_label =
        |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    if labels.split('.').all(is_label) {
        Ok(())
    } else {
        Err("has a server name with an empty or invalid part".to_owned())
    }
}

/// A URL without what may be a secret: user, password, query and anything like a key.
fn shown(text: &str) -> String {
    let text: String = text.chars().filter(|c| !is_hidden_in_name(*c)).collect();
    let (text, mark) = match text.find(['?', '#']) {
        Some(at) => (&text[..at], format!("{}…", &text[at..=at])),
        None => (text.as_str(), String::new()),
    };
    let text = match (text.split_once("://"), text.rfind('@')) {
        (Some((scheme, _)), Some(at)) => format!("{scheme}://…{}", &text[at..]),
        _ => text.to_owned(),
    };
    format!("{}{mark}", cut(&text, LONGEST_SHOWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_checked() {
        for good in [
            "https://x.example/v1",
            "http://127.0.0.1:8080/v1",
            "http://localhost:11434/v1/",
            "http://[::1]/v1",
            "HTTPS://X.example:8443/v1",
            "https://x.example./v1",
            "https://münchen.example/v1",
            "https://my_host/v1",
            "http://127.0.0.1:080/v1",
        ] {
            assert!(parse_base_url(good, false).is_ok(), "{good}");
        }
        for bad in [
            "x.example",
            "ftp://x.example",
            "https://user:secret-pw@x.example",
            "https://x.example?key=1",
            "https://x.example/v1/chat/completions",
            "http://x.example/v1",
            " https://x.example",
            "https://x.example/\n",
            "",
            "https://h:0",
            "https://h:/v1",
            "https://h:99999",
            "https://h:4x3",
            "https:///v1",
            "https:/v1",
            "https:v1",
            "https://",
            "https://?x",
            "https://:443/v1",
            "https://h\\@evil/v1",
            "https:\\\\h/v1",
            "https://h@evil/v1",
            "https://@h/v1",
            "https://h%2eevil/v1",
            "https://ex%61mple.com",
            "https://0x7f.1/v1",
            "https://2130706433/v1",
            "https://h..x/v1",
            "https://.h/v1",
            "https://-h/v1",
            "https://h\u{200b}.x/v1",
            "https://h。evil/v1",
            "https://h/v1#",
            "https://h/v1?",
        ] {
            let error = parse_base_url(bad, false).unwrap_err();
            assert!(!error.contains("secret-pw"), "{error}");
        }
        assert!(parse_base_url("http://x.example/v1", true).is_ok());
    }

    #[test]
    fn an_error_shows_no_secret_of_the_url() {
        for (text, expected) in [
            ("https://u:hunter2@h/v1", "'https://…@h/v1' must not"),
            ("https://h\\@evil/v1", "'https://…@evil/v1' has a backslash"),
            (
                "https://h/v1?key=hunter2",
                "'https://h/v1?…' must not have a query",
            ),
            (
                "ftp://h/sk-or-v1-0123456789abcdef",
                "'ftp://h/[redacted]' must start",
            ),
        ] {
            let error = parse_base_url(text, false).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
