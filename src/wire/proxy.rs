//! The variables that name a proxy. The HTTP library ignores a value that it cannot use, and would
//! send the request directly.

use super::server_url::is_loopback;
use url::Url;

/// All variables, in the order in which they are read.
pub(crate) const VARIABLES: &[&str] = &[
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

const SCHEMES: &[&str] = &["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// The URL of a proxy, which may be written as `host:port`; `None` when it cannot be used.
pub(crate) fn parsed(text: &str) -> Option<Url> {
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("http://{text}"))
    };
    let is_uri = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    url.ok()
        .filter(|url| is_uri && url.has_host() && SCHEMES.contains(&url.scheme()))
}

/// Whether requests to a server use a proxy when a variable names one.
pub(crate) fn applies_to(base: &Url) -> bool {
    // Unencrypted traffic to this machine stays on it: a proxy would read key and prompt.
    base.scheme() != "http" || !is_loopback(base)
}

/// The variables whose proxy is that of a scheme, the first that is set wins.
pub(crate) fn variables_of(scheme: &str) -> impl Iterator<Item = &'static str> {
    let own: &[&str] = if scheme == "https" {
        &["HTTPS_PROXY", "https_proxy"]
    } else {
        &["HTTP_PROXY", "http_proxy"]
    };
    own.iter().chain(&["ALL_PROXY", "all_proxy"]).copied()
}

/// The variable of each scheme that is set and does not name a proxy that can be used.
#[derive(Debug, Clone, Default)]
pub struct UnusableProxies {
    http: Option<&'static str>,
    https: Option<&'static str>,
}

impl UnusableProxies {
    /// `value` looks up a variable, with an error for one that is no text.
    pub(crate) fn find<'a, E>(value: impl Fn(&'static str) -> Result<Option<&'a str>, E>) -> Self {
        let of = |scheme| {
            let is_usable = |name| match value(name) {
                Ok(text) => text.map(|text| (name, parsed(text).is_some())),
                Err(_) => Some((name, false)),
            };
            let (name, is_usable) = variables_of(scheme).find_map(is_usable)?;
            (!is_usable).then_some(name)
        };
        Self {
            http: of("http"),
            https: of("https"),
        }
    }

    /// The one that requests to a server would ignore.
    pub(crate) fn of(&self, base: &Url) -> Option<&'static str> {
        let name = if base.scheme() == "https" {
            self.https
        } else {
            self.http
        };
        name.filter(|_| applies_to(base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_that_applies_is_named_when_it_cannot_be_used() {
        let of = |variables: &[(&str, &'static str)], url: &str| {
            let value = |name| {
                let found = variables.iter().find(|(other, _)| *other == name);
                Ok::<_, ()>(found.map(|(_, value)| *value))
            };
            UnusableProxies::find(value).of(&Url::parse(url).unwrap())
        };
        let bad = "ftp://proxy.example";
        let https = "https://a.example";
        assert_eq!(of(&[("HTTPS_PROXY", bad)], https), Some("HTTPS_PROXY"));
        assert_eq!(of(&[("all_proxy", bad)], https), Some("all_proxy"));
        assert_eq!(of(&[("HTTP_PROXY", bad)], https), None);
        assert_eq!(of(&[("HTTP_PROXY", bad)], "http://127.0.0.1:9"), None);
        assert_eq!(
            of(&[("HTTPS_PROXY", "p:1"), ("ALL_PROXY", bad)], https),
            None
        );
    }

    #[test]
    fn a_proxy_is_a_url_of_a_known_scheme_or_a_host() {
        for text in [
            "http://proxy.example:3128",
            "proxy.example:3128",
            "socks5h://user:pass@[::1]:1080",
            "https://user:p%40ss@proxy.example",
        ] {
            assert!(parsed(text).is_some(), "{text}");
        }
        for text in [
            "ftp://proxy.example",
            "http://h:99999",
            "http://",
            "http://user:pa ss@proxy.example",
            "http://user:p|ss@proxy.example",
            "sock5://proxy.example:1080",
        ] {
            assert!(parsed(text).is_none(), "{text}");
        }
    }
}
