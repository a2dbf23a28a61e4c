//! Why a request got no answer, or why its answer stopped.

use std::path::PathBuf;
use std::time::Duration;

use super::recording::End;
use super::tape_error::ReplayError;

/// Time allowed to resolve the name, connect and finish the TLS handshake.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Most that is read of an answer that is not a stream of events, in bytes.
pub(crate) const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// A failure of the network or of the client, as opposed to a refusal by the server.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("the certificate file {} cannot be used", path.display())]
    Authorities {
        path: PathBuf,
        #[source]
        source: anyhow::Error,
    },
    /// A proxy was configured, and without it the request would go to the server directly.
    #[error("{variable} is not a proxy URL")]
    Proxy { variable: &'static str },
    #[error("the HTTP client could not be set up")]
    SetUp(#[source] reqwest::Error),
    /// Nothing reached the server: name resolution, connection, proxy.
    #[error("could not connect to {endpoint}")]
    Connect {
        endpoint: String,
        #[source]
        source: anyhow::Error,
    },
    /// The server's certificate was not accepted. A retry will not help.
    #[error("could not make a secure connection to {endpoint}")]
    Certificate {
        endpoint: String,
        #[source]
        source: anyhow::Error,
    },
    #[error("connecting to {endpoint} timed out after {} s", CONNECT_TIMEOUT.as_secs())]
    ConnectTimeout { endpoint: String },
    /// The server has not processed the request, and says so: it may be sent again.
    #[error("{endpoint} did not take the request")]
    NotTaken {
        endpoint: String,
        #[source]
        source: anyhow::Error,
    },
    /// The server may have read the request; no answer came.
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
    /// In a recording: the wait for the answer timed out.
    #[error("the wait for the answer timed out")]
    TimedOut { by_limit: bool },
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

impl WireError {
    /// The innermost cause, such as `Connection refused`; the layers between say little.
    pub fn root_cause(&self) -> String {
        match chain(self).last() {
            Some(cause) if !std::ptr::addr_eq(cause, self) => cause.to_string(),
            _ => String::new(),
        }
    }

    /// The error for a request that failed before its answer started.
    pub(super) fn of_request(endpoint: String, source: reqwest::Error) -> Self {
        if source.is_connect() && source.is_timeout() {
            return Self::ConnectTimeout { endpoint };
        }
        if source.is_builder() {
            return Self::SetUp(source);
        }
        let is_connect = source.is_connect();
        let is_certificate =
            is_connect && chain(&source).any(|cause| cause.to_string().contains("certificate"));
        let is_taken = !chain(&source).any(is_refused_stream);
        let source = anyhow::Error::from(source);
        match (is_connect, is_certificate) {
            (true, true) => Self::Certificate { endpoint, source },
            (true, false) => Self::Connect { endpoint, source },
            (false, _) if !is_taken => Self::NotTaken { endpoint, source },
            _ => Self::NoAnswer { endpoint, source },
        }
    }

    /// How a failure before any answer is recorded; `None` when nothing was sent.
    pub(super) fn end(&self) -> Option<End> {
        match self {
            Self::Connect { .. } => Some(End::Unreachable),
            Self::ConnectTimeout { .. } => Some(End::ConnectTimeout),
            Self::NotTaken { .. } => Some(End::NotTaken),
            Self::Certificate { .. } => Some(End::BadCertificate),
            Self::NoAnswer { .. } => Some(End::NoAnswer),
            _ => None,
        }
    }

    /// The error for a recorded exchange without an answer; `why` is the cause that was recorded.
    pub(super) fn of_recorded_request(end: End, why: Option<&str>, endpoint: String) -> Self {
        let source = anyhow::Error::msg(why.unwrap_or("the recording has no cause").to_owned());
        match end {
            End::Unreachable => Self::Connect { endpoint, source },
            End::ConnectTimeout => Self::ConnectTimeout { endpoint },
            End::BadCertificate => Self::Certificate { endpoint, source },
            End::NotTaken => Self::NotTaken { endpoint, source },
            End::Silence => Self::TimedOut { by_limit: false },
            End::TimeLimit => Self::TimedOut { by_limit: true },
            _ => Self::NoAnswer { endpoint, source },
        }
    }

    /// The error at the end of a recorded answer; `None` when it is complete.
    pub(super) fn of_recorded_answer(end: End, why: Option<&str>) -> Option<Self> {
        let broken = |why: &str| Some(Self::Broken(anyhow::Error::msg(why.to_owned())));
        match end {
            End::Complete => None,
            End::Silence => Some(Self::TimedOut { by_limit: false }),
            End::TimeLimit => Some(Self::TimedOut { by_limit: true }),
            End::Stopped => broken("the recording was stopped here"),
            _ => broken(why.unwrap_or_default()),
        }
    }
}

/// Whether HTTP/2 says that a stream was not processed (RFC 9113, 6.8 and 8.7): it was refused, or
/// came after the last one that the server takes. A stream that was taken ends with another error
/// when its connection does.
fn is_refused_stream(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.downcast_ref::<h2::Error>().is_some_and(|error| {
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (is_refused || error.is_go_away())
    })
}

fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}
