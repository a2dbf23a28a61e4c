//! The one HTTP client: no redirects, no hidden retries, a deadline for connecting, proxies and
//! certificate authorities as configured.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use bytes::Bytes;
pub use url::Url;

use super::api_key::ApiKey;
use super::body::RequestBody;
use super::recording::{End, Response};
use super::tape::{self, PendingExchange, Played, Player, Recorder, ReplayError, Tape};
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
    /// Records what is exchanged, or answers in place of the network.
    pub tape: Option<Tape>,
    /// Which of several answers side by side is asked for, from 1 on: what a recording keeps apart.
    pub lane: Option<usize>,
}

impl ClientOptions {
    /// Whether nothing goes to the network.
    pub fn is_replay(&self) -> bool {
        self.tape.as_ref().is_some_and(Tape::is_replay)
    }
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
        source: anyhow::Error,
    },
    /// The server could not prove who it is. Trying again will not help.
    #[error("could not make a secure connection to {endpoint}")]
    Certificate {
        endpoint: String,
        #[source]
        source: anyhow::Error,
    },
    #[error("connecting to {endpoint} took longer than {} s", CONNECT_TIMEOUT.as_secs())]
    ConnectTimeout { endpoint: String },
    /// The request may have been read by the server; no answer came.
    #[error("{endpoint} closed the connection without an answer")]
    NoAnswer {
        endpoint: String,
        #[source]
        source: anyhow::Error,
    },
    #[error("connection lost mid-answer")]
    Broken(#[source] anyhow::Error),
    #[error("the answer is larger than {} MiB", LARGEST_BODY / 1024 / 1024)]
    TooLarge,
    /// Recorded: the wait for the answer was given up.
    #[error("no more came until the wait was given up")]
    TimedOut { by_limit: bool },
    #[error(transparent)]
    Replay(#[from] ReplayError),
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
    pub body: Option<RequestBody>,
}

/// The answer's head, and its body still on the network.
#[derive(Debug)]
pub struct Reply {
    source: AuthoritySource,
}

/// Where a reply comes from.
#[derive(Debug)]
enum AuthoritySource {
    Network {
        response: reqwest::Response,
        take: Option<PendingExchange>,
    },
    Recording {
        response: Response,
        played: Played,
    },
}

impl Reply {
    pub fn status(&self) -> u16 {
        match &self.source {
            AuthoritySource::Network { response, .. } => response.status().as_u16(),
            AuthoritySource::Recording { response, .. } => response.status,
        }
    }

    /// A header as text; `None` when absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        match &self.source {
            AuthoritySource::Network { response, .. } => {
                response.headers().get(name)?.to_str().ok()
            }
            AuthoritySource::Recording { response, .. } => {
                response.headers.get(name).map(String::as_str)
            }
        }
    }

    /// The time against which dates in it are read.
    pub fn received_at(&self) -> SystemTime {
        match &self.source {
            AuthoritySource::Network { .. } => SystemTime::now(),
            AuthoritySource::Recording { response, .. } => UNIX_EPOCH
                .checked_add(Duration::from_millis(response.received_unix_ms))
                .unwrap_or(UNIX_EPOCH),
        }
    }

    /// How it ended, for its record: what came last is all that is waited for, or the wait is over.
    pub fn ended(&mut self, end: End) {
        if let AuthoritySource::Network {
            take: Some(take), ..
        } = &mut self.source
        {
            take.ended(end, None);
        }
    }

    pub fn is_event_stream(&self) -> bool {
        self.header("content-type").is_some_and(|kind| {
            kind.trim_start()
                .to_ascii_lowercase()
                .starts_with("text/event-stream")
        })
    }

    /// The next bytes as they arrived; `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, WireError> {
        match &mut self.source {
            AuthoritySource::Network { response, take } => {
                let chunk = response
                    .chunk()
                    .await
                    .map_err(|error| WireError::Broken(error.into()));
                if let Some(take) = take {
                    match &chunk {
                        Ok(Some(bytes)) => take.received(bytes),
                        Ok(None) => take.ended(End::Complete, None),
                        Err(error) => take.ended(End::ConnectionLost, Some(error.root_cause())),
                    }
                }
                chunk
            }
            AuthoritySource::Recording { played, .. } => match played.piece() {
                Some(piece) => Ok(Some(piece.into())),
                None => recorded_end(played).map_or(Ok(None), Err),
            },
        }
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
    transport: Transport,
    lane: Option<usize>,
}

#[derive(Debug)]
enum Transport {
    Network {
        http: reqwest::Client,
        recorder: Option<Arc<Recorder>>,
    },
    Recording(Arc<Player>),
}

impl Client {
    /// Sets up a client for URLs of the scheme of `base`.
    ///
    /// # Errors
    /// [`WireError::Authorities`] when a certificate file is missing, unreadable or without a
    /// certificate.
    pub fn new(base: &Url, options: &ClientOptions) -> Result<Self, WireError> {
        let recorder = match &options.tape {
            Some(Tape::Replaying(player)) => {
                return Ok(Self {
                    transport: Transport::Recording(Arc::clone(player)),
                    lane: options.lane,
                });
            }
            Some(Tape::Recording(recorder)) => Some(Arc::clone(recorder)),
            None => None,
        };
        let http = Self::http(base, options)?;
        Ok(Self {
            transport: Transport::Network { http, recorder },
            lane: options.lane,
        })
    }

    fn http(base: &Url, options: &ClientOptions) -> Result<reqwest::Client, WireError> {
        let extra = options
            .extra_authorities
            .as_deref()
            .map(read_authorities)
            .transpose()?
            .unwrap_or_default();
        if base.scheme() != "https" {
            let http = builder(base, options)
                .tls_certs_only([])
                .build()
                .map_err(WireError::SetUp)?;
            return Ok(http);
        }
        if let Some(path) = &options.system_authorities {
            read_authorities(path)?;
        }
        let http = builder(base, options)
            .tls_certs_merge(extra.clone())
            .build()
            .or_else(|_| {
                // No authorities on this machine (small containers): the bundled ones of Mozilla.
                let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
                let bundled = bundled
                    .filter_map(|certificate| reqwest::Certificate::from_der(certificate).ok());
                builder(base, options)
                    .tls_certs_only(bundled.chain(extra))
                    .build()
            });
        http.map_err(WireError::SetUp)
    }

    /// The record of a request that is about to be sent, where one is made.
    pub fn take(&self, request: &Request<'_>) -> Option<PendingExchange> {
        let Transport::Network {
            recorder: Some(recorder),
            ..
        } = &self.transport
        else {
            return None;
        };
        Some(PendingExchange::begin(
            recorder,
            self.lane,
            request.as_recorded(),
        ))
    }

    /// Sends a request and waits for the head of the answer. The caller sets the deadline for that
    /// wait; connecting has its own. `take` follows the exchange until it has ended.
    pub async fn send(
        &self,
        request: Request<'_>,
        take: &mut Option<PendingExchange>,
    ) -> Result<Reply, WireError> {
        let endpoint = endpoint(&request.url);
        let http = match &self.transport {
            Transport::Network { http, .. } => http,
            Transport::Recording(player) => return play(player, self.lane, &request, endpoint),
        };
        let mut builder = match request.body {
            Some(body) => http
                .post(request.url)
                .header("content-type", "application/json")
                .body(body.into_http()),
            None => http.get(request.url),
        };
        for (name, value) in request.headers {
            builder = builder.header(name, value.as_bytes());
        }
        if let Some(key) = request.key {
            builder = builder.bearer_auth(key.expose());
        }
        match builder.send().await {
            Ok(response) => {
                let mut take = take.take();
                if let Some(take) = &mut take {
                    take.answered(response.status().as_u16(), |name| {
                        response
                            .headers()
                            .get(name)?
                            .to_str()
                            .ok()
                            .map(str::to_owned)
                    });
                }
                Ok(Reply {
                    source: AuthoritySource::Network { response, take },
                })
            }
            Err(error) => {
                let error = classify(endpoint, error.without_url());
                if let Some(mut take) = take.take() {
                    match end_of(&error) {
                        Some(end) => take.ended(end, Some(error.root_cause())),
                        None => take.unsent(),
                    }
                }
                Err(error)
            }
        }
    }
}

impl Request<'_> {
    fn as_recorded(&self) -> super::recording::Request {
        tape::request(
            if self.body.is_some() { "POST" } else { "GET" },
            &self.url,
            self.body.as_ref(),
        )
    }
}

/// Answers a request from a recording.
fn play(
    player: &Player,
    lane: Option<usize>,
    request: &Request<'_>,
    endpoint: String,
) -> Result<Reply, WireError> {
    let answer = player.play(lane, &request.as_recorded())?;
    match answer.exchange.response.clone() {
        Some(response) => Ok(Reply {
            source: AuthoritySource::Recording {
                response,
                played: answer,
            },
        }),
        None => Err(recorded_failure(&answer, endpoint)),
    }
}

/// How a failure before any answer is recorded; `None` when nothing was sent.
fn end_of(error: &WireError) -> Option<End> {
    match error {
        WireError::Connect { .. } => Some(End::Unreachable),
        WireError::ConnectTimeout { .. } => Some(End::ConnectTimeout),
        WireError::Certificate { .. } => Some(End::BadCertificate),
        WireError::NoAnswer { .. } => Some(End::NoAnswer),
        _ => None,
    }
}

/// The failure of an exchange that brought no answer.
fn recorded_failure(played: &Played, endpoint: String) -> WireError {
    let source = anyhow::Error::msg(
        played
            .exchange
            .why
            .clone()
            .unwrap_or_else(|| "it was recorded so".to_owned()),
    );
    match played.exchange.end {
        End::Unreachable => WireError::Connect { endpoint, source },
        End::ConnectTimeout => WireError::ConnectTimeout { endpoint },
        End::BadCertificate => WireError::Certificate { endpoint, source },
        End::Silence => WireError::TimedOut { by_limit: false },
        End::TimeLimit => WireError::TimedOut { by_limit: true },
        _ => WireError::NoAnswer { endpoint, source },
    }
}

/// How the body of a recorded answer ends; `None` when all of it is there.
fn recorded_end(played: &Played) -> Option<WireError> {
    match played.exchange.end {
        End::Complete => None,
        End::Silence => Some(WireError::TimedOut { by_limit: false }),
        End::TimeLimit => Some(WireError::TimedOut { by_limit: true }),
        End::Stopped => Some(WireError::Broken(anyhow::Error::msg(
            "it was stopped here when it was recorded",
        ))),
        _ => Some(WireError::Broken(anyhow::Error::msg(
            played.exchange.why.clone().unwrap_or_default(),
        ))),
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
    if options.direct || (base.scheme() == "http" && is_loopback(base)) {
        builder.no_proxy()
    } else {
        builder
    }
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
    let is_connect = source.is_connect();
    let is_certificate =
        is_connect && chain(&source).any(|cause| cause.to_string().contains("certificate"));
    let source = anyhow::Error::from(source);
    match (is_connect, is_certificate) {
        (true, true) => WireError::Certificate { endpoint, source },
        (true, false) => WireError::Connect { endpoint, source },
        _ => WireError::NoAnswer { endpoint, source },
    }
}

fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

fn read_authorities(path: &Path) -> Result<Vec<reqwest::Certificate>, WireError> {
    let read = || -> anyhow::Result<Vec<reqwest::Certificate>> {
        let pem = std::fs::read(path)?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)?;
        anyhow::ensure!(
            !certificates.is_empty(),
            "it contains no certificate in PEM form"
        );
        // Framing alone does not make a certificate; this is where it is found out.
        reqwest::Client::builder()
            .tls_certs_only(certificates.clone())
            .build()
            .context("it contains something that is no certificate")?;
        Ok(certificates)
    };
    read().map_err(|source| WireError::Authorities {
        path: path.to_owned(),
        source,
    })
}
