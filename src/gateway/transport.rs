//! What a request must be before its key is looked at: for this server, from no foreign web page,
//! and JSON.

use super::options::GatewayOptions;
use super::problem::Problem;
use crate::wire::server::{HeaderMap, HeaderName, ListenAddress, RequestHead};

/// Headers by which other gateways let a client choose the server.
const CHOOSING: &[&str] = &[
    "x-base-url",
    "x-api-base",
    "x-upstream",
    "x-upstream-url",
    "x-target-url",
    "x-proxy-url",
    "x-openai-base-url",
    "x-original-url",
    "x-rewrite-url",
];

/// Headers that a proxy before this server adds, where `--allow-host` says that there is one.
const OF_PROXIES: &[&str] = &[
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-forwarded-prefix",
    "x-real-ip",
];

/// Checks `Host` and `Origin`, and the headers that choose a server.
///
/// # Errors
/// 421 for another host, 403 for a web page that is not allowed, 400 for the others.
pub(super) fn check(
    head: &RequestHead,
    listen: &ListenAddress,
    options: &GatewayOptions,
) -> Result<(), Problem> {
    let host = head.header("host");
    let is_here = host.is_some_and(|host| is_own(host, listen, options))
        && head
            .authority
            .as_deref()
            .is_none_or(|named| Some(named) == host);
    if !is_here {
        let message = "the request is for another host; use the URL that amx serve printed, \
            or --allow-host NAME";
        return Err(Problem::new(421, "wrong_host", message).made_final());
    }
    if head.headers.contains_key("origin") && allowed_origin(&head.headers, options).is_none() {
        let message = "web pages of this origin are not allowed; see --allow-origin";
        return Err(Problem::new(403, "wrong_origin", message).made_final());
    }
    let is_behind_proxy = !options.hosts.is_empty();
    let mut names = head.headers.keys().map(HeaderName::as_str);
    let is_refused =
        |name: &&str| CHOOSING.contains(name) || (!is_behind_proxy && OF_PROXIES.contains(name));
    if let Some(name) = names.find(is_refused) {
        let message = format!(
            "header {name} is not accepted: server and key are those of the profile; behind a \
            proxy use --allow-host NAME"
        );
        return Err(Problem::bad_request(message).made_final());
    }
    Ok(())
}

/// The origin of a request, where web pages of it are allowed.
pub(super) fn allowed_origin<'a>(
    headers: &HeaderMap,
    options: &'a GatewayOptions,
) -> Option<&'a str> {
    let mut sent = headers.get_all("origin").iter();
    let origin = sent.next()?.to_str().ok()?;
    let mut allowed = options.origins.iter();
    allowed
        .find(|allowed| sent.next().is_none() && *allowed == origin)
        .map(String::as_str)
}

/// Whether a `Host` is this server: `localhost` or an IP address with its port, or a name of
/// `--allow-host`. Another name could be one that an attacker's DNS leads here.
fn is_own(host: &str, listen: &ListenAddress, options: &GatewayOptions) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    };
    let mut hosts = options.hosts.iter();
    if hosts.any(|own| own.eq_ignore_ascii_case(host) || own.eq_ignore_ascii_case(name)) {
        return true;
    }
    let is_address = name.parse::<std::net::Ipv4Addr>().is_ok()
        || name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'))
            .is_some_and(|name| name.parse::<std::net::Ipv6Addr>().is_ok());
    let is_local = name.eq_ignore_ascii_case("localhost");
    let has_port = match listen {
        ListenAddress::Tcp(address) => {
            let own = address.port().to_string();
            port.map_or(own == "80", |port| port == own)
        }
        ListenAddress::Unix(_) => true,
    };
    (is_local || is_address) && has_port
}

/// Checks that a body is JSON as it is.
///
/// # Errors
/// 415 for another type, or a body that is compressed.
pub(super) fn check_type(head: &RequestHead) -> Result<(), Problem> {
    let is_plain = !head.headers.contains_key("content-encoding")
        || head.header("content-encoding") == Some("identity");
    let kind = head.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if is_plain && kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message = "the body must be uncompressed JSON, with content-type: application/json";
    Err(Problem::new(415, "wrong_type", message).made_final())
}
