//! The one HTTP client: no redirects, no hidden retries, a deadline for connecting, proxies and certificate authorities as configured.

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use bytes::Bytes;
pub use url::Url;

use super::api_key::ApiKey;
use anyhow::Context;

/// Time allowed to resolve the name, connect and finish the TLS handshake.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Most that is read of a reply that is not a stream of events, in bytes.
pub const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// How the client is set up.
#[derive(Debug, Clone, Default)]
pub struct ClientOptions {
    /// PEM file of certificate authorities trusted beside the system's.
    pub extra_authorities: Option<PathBuf>,
    /// PEM file that takes the place of the system's authorities (`SSL_CERT_FILE`).
    pub system_authorities: Option<PathBuf>,
    /// Never use a proxy, whatever the environment says: for servers inside this process.
    pub direct: bool,
}

/// Why a request got no answer, or why its answer stopped.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("the certificate file {} cannot be used", path.display())]
    Authorities {
        path: PathBuf,
        #[source]
        source: anyhow::Error,
    },
    #[error("the request could not be set up")]
    SetUp(#[source] reqwest::Error),
    /// Nothing reached the server: name resolution, connection, proxy.
    #[error("could not connect to {endpoint}")]
    Connect {
        endpoint: String,
        #[source]
        source: reqwest::Error,
    },
    /// The server could not prove who it is. Trying again will not help.
    #[error("could not make a secure connection to {endpoint}")]
    Certificate {
        endpoint: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("connecting to {endpoint} took longer than {} s", CONNECT_TIMEOUT.as_secs())]
    ConnectTimeout { endpoint: String },
    /// The request may have been read by the server; no answer came.
    #[error("{endpoint} closed the connection without an answer")]
    NoAnswer {
        endpoint: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("the connection broke while the answer was arriving")]
    Broken(#[source] reqwest::Error),
    #[error("the answer is larger than {} MiB", LARGEST_BODY / 1024 / 1024)]
    TooLarge,
}

impl WireError {
    /// What lies at the bottom, such as `Connection refused`; the layers between say little.
    pub fn root_cause(&self) -> String {
        match chain(self).last() {
            Some(cause) if !std::ptr::addr_eq(cause, self) => cause.to_string(),
            _ => String::new(),
        }
    }
}

/// One request. The key becomes the `Authorization` header and is marked sensitive.
#[derive(Debug)]
pub struct Request<'a> {
    pub url: Url,
    pub headers: &'a [(String, String)],
    pub key: Option<&'a ApiKey>,
    /// A JSON body makes it a POST; without one it is a GET.
    pub body: Option<Vec<u8>>,
}

/// The answer's head, and its body still on the network.
#[derive(Debug)]
pub struct Reply {
    response: reqwest::Response,
}

impl Reply {
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header as text; `None` when absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    pub fn is_event_stream(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream"))
    }

    /// The next bytes as they arrived; `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, WireError> {
        self.response.chunk().await.map_err(WireError::Broken)
    }

    /// The rest of the body, at most `limit` bytes of it.
    pub async fn body(&mut self, limit: usize) -> Result<Vec<u8>, WireError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            let room = limit.saturating_sub(body.len());
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                break;
            }
        }
        Ok(body)
    }
}

/// Sends requests. Made once per process and scheme: reading the system's certificates takes
/// milliseconds, so a client for plain `http` does without them.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
}

impl Client {
    /// Sets up a client for URLs of the scheme of `base`.
    ///
    /// # Errors
    /// [`WireError::Authorities`] when a certificate file is missing, unreadable or without a
    /// certificate.
    pub fn new(base: &Url, options: &ClientOptions) -> Result<Self, WireError> {
        let extra = options.extra_authorities.as_deref().map(read_authorities).transpose()?.unwrap_or_default();
        if base.scheme() != "https" {
            let http = builder(base, options).tls_certs_only([]).build().map_err(WireError::SetUp)?;
            return Ok(Self { http });
        }
        if let Some(path) = &options.system_authorities {
            read_authorities(path)?;
        }
        let http = builder(base, options).tls_certs_merge(extra.clone()).build().or_else(|_| {
            // No authorities on this machine (small containers): the bundled ones of Mozilla.
            let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
            let bundled = bundled.filter_map(|certificate| reqwest::Certificate::from_der(certificate).ok());
            builder(base, options).tls_certs_only(bundled.chain(extra)).build()
        });
        Ok(Self { http: http.map_err(WireError::SetUp)? })
    }

    /// Sends a request and waits for the head of the answer. The caller sets the deadline for that
    /// wait; connecting has its own.
    pub async fn send(&self, request: Request<'_>) -> Result<Reply, WireError> {
        let endpoint = endpoint(&request.url);
        let mut builder = match request.body {
            Some(body) => self.http.post(request.url).header("content-type", "application/json").body(body),
            None => self.http.get(request.url),
        };
        for (name, value) in request.headers {
            builder = builder.header(name, value.as_bytes());
        }
        if let Some(key) = request.key {
            builder = builder.bearer_auth(key.expose());
        }
        match builder.send().await {
            Ok(response) => Ok(Reply { response }),
            Err(error) => Err(classify(endpoint, error.without_url())),
        }
    }
}

fn builder(base: &Url, options: &ClientOptions) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("amx/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT);
    // What is for this machine and not encrypted stays on it: a proxy would read key and prompt.
    if options.direct || (base.scheme() == "http" && is_loopback(base)) { builder.no_proxy() } else { builder }
}

/// Whether a URL leads to this machine: `localhost` or a loopback address.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Scheme, host and port, which is all that a message needs to say of a URL.
pub fn endpoint(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn classify(endpoint: String, source: reqwest::Error) -> WireError {
    if source.is_connect() && source.is_timeout() {
        return WireError::ConnectTimeout { endpoint };
    }
    if source.is_builder() {
        return WireError::SetUp(source);
    }
    if source.is_connect() {
        let is_certificate = chain(&source).any(|cause| cause.to_string().contains("certificate"));
        return if is_certificate { WireError::Certificate { endpoint, source } } else { WireError::Connect { endpoint, source } };
    }
    WireError::NoAnswer { endpoint, source }
}

fn chain<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

fn read_authorities(path: &Path) -> Result<Vec<reqwest::Certificate>, WireError> {
    let read = || -> anyhow::Result<Vec<reqwest::Certificate>> {
        let pem = std::fs::read(path)?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)?;
        anyhow::ensure!(!certificates.is_empty(), "it contains no certificate in PEM form");
        // Framing alone does not make a certificate; this is where it is found out.
        reqwest::Client::builder().tls_certs_only(certificates.clone()).build().context("it contains something that is no certificate")?;
        Ok(certificates)
    };
    read().map_err(|source| WireError::Authorities { path: path.to_owned(), source })
}
