//! The HTTP library's client: proxies and certificate authorities.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use url::Url;

use super::background::Resolver;
use super::error::{CONNECT_TIMEOUT, WireError};
use super::files::read_bounded;
use super::options::ClientOptions;
use super::proxy;

/// Largest file of certificate authorities, in bytes.
const LARGEST_PEM: u64 = 16 * 1024 * 1024;

/// TLS with the algorithms of `ring`: the library of least code that rustls offers.
fn choose_tls_algorithms() {
    // It is an error when they are chosen already, by an earlier client.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client for URLs of the scheme of `base`. Reading the system's certificates takes
/// milliseconds, so a client for plain `http` reads none.
pub(super) fn http_client(
    base: &Url,
    options: &ClientOptions,
) -> Result<reqwest::Client, WireError> {
    let unusable = options.unusable_proxies.of(base);
    if let Some(variable) = unusable.filter(|_| !options.direct) {
        return Err(WireError::Proxy { variable });
    }
    let extra = options
        .extra_authorities
        .as_deref()
        .map(read_authorities)
        .transpose()?
        .unwrap_or_default();
    if base.scheme() != "https" {
        let http = builder(base, options).tls_certs_only([]).build();
        return http.map_err(WireError::SetUp);
    }
    if let Some(path) = &options.system_authorities {
        read_authorities(path)?;
    }
    let http = builder(base, options)
        .tls_certs_merge(extra.clone())
        .build()
        .or_else(|_| {
            // No authorities on this machine (small containers): the bundled ones of Mozilla.
            let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS
                .iter()
                .filter_map(|certificate| reqwest::Certificate::from_der(certificate).ok());
            builder(base, options)
                .tls_certs_only(bundled.chain(extra))
                .build()
        });
    http.map_err(WireError::SetUp)
}

fn builder(base: &Url, options: &ClientOptions) -> reqwest::ClientBuilder {
    choose_tls_algorithms();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("amx/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .dns_resolver(Arc::new(Resolver))
        .connect_timeout(CONNECT_TIMEOUT);
    if options.direct || !proxy::applies_to(base) {
        builder.no_proxy()
    } else {
        builder
    }
}

fn read_authorities(path: &Path) -> Result<Vec<reqwest::Certificate>, WireError> {
    let read = || -> anyhow::Result<Vec<reqwest::Certificate>> {
        let pem = read_bounded(path, LARGEST_PEM)?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)?;
        anyhow::ensure!(
            !certificates.is_empty(),
            "it contains no certificate in PEM form"
        );
        // The PEM frame says nothing of what is inside; building a client parses it.
        choose_tls_algorithms();
        reqwest::Client::builder()
            .tls_certs_only(certificates.clone())
            .build()
            .context("it contains something that is not a certificate")?;
        Ok(certificates)
    };
    read().map_err(|source| WireError::Authorities {
        path: path.to_owned(),
        source,
    })
}
