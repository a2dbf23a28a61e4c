//! What a URL says of its server.

use url::Url;

/// Whether a URL leads to this machine: `localhost` or a loopback address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Scheme, host and port, which is all that a message needs to say of a URL.
pub(crate) fn endpoint(url: &Url) -> String {
    url.origin().ascii_serialization()
}
