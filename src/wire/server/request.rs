//! A request as it is received: its head, and its body when it is asked for.

use std::net::IpAddr;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::{HeaderMap, Method};
use tokio::time::{Instant, timeout_at};

use super::limits::ConnectionLimits;

/// Most memory that is reserved before the body arrives, in bytes.
const MOST_RESERVED: usize = 1024 * 1024;

/// Who is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Address(IpAddr),
    /// A program of this user, at a Unix socket.
    #[cfg(unix)]
    Local,
}

impl Peer {
    pub(crate) fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(*address),
            #[cfg(unix)]
            Self::Local => None,
        }
    }
}

/// The head of a request.
#[derive(Debug)]
pub(crate) struct RequestHead {
    pub method: Method,
    /// As sent, not decoded.
    pub path: String,
    pub query: Option<String>,
    /// The server in the request line, where a client names it there.
    pub authority: Option<String>,
    pub headers: HeaderMap,
    pub peer: Peer,
}

impl RequestHead {
    /// Length in bytes, as far as a client decides it.
    pub(super) fn length(&self) -> usize {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + 4);
        self.path.len() + self.query.as_ref().map_or(0, String::len) + headers.sum::<usize>()
    }

    /// A header that occurs once and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }
}

/// Why the body of a request was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    TooLarge,
    /// A pause or the whole took too long.
    Slow,
    /// The connection was lost, or the body is not HTTP.
    Broken,
}

/// A request. Its body is still on the connection.
#[derive(Debug)]
pub(crate) struct IncomingRequest {
    pub head: RequestHead,
    body: Incoming,
    limits: ConnectionLimits,
}

impl IncomingRequest {
    pub(super) fn of(
        request: hyper::Request<Incoming>,
        peer: Peer,
        limits: ConnectionLimits,
    ) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            head: RequestHead {
                method: parts.method,
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().map(str::to_owned),
                authority: parts.uri.authority().map(ToString::to_string),
                headers: parts.headers,
                peer,
            },
            body,
            limits,
        }
    }

    /// Reads the body, at most `most` bytes.
    pub(crate) async fn body(&mut self, most: usize) -> Result<Bytes, BodyError> {
        let length = self.body.size_hint();
        let least = usize::try_from(length.lower()).unwrap_or(usize::MAX);
        if least > most {
            return Err(BodyError::TooLarge);
        }
        let over = Instant::now() + self.limits.body;
        let mut all = BytesMut::new();
        loop {
            let pause = (Instant::now() + self.limits.body_pause).min(over);
            let frame = timeout_at(pause, self.body.frame())
                .await
                .map_err(|_| BodyError::Slow)?;
            let Some(frame) = frame else {
                return Ok(all.freeze());
            };
            let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else {
                continue;
            };
            if data.len() > most - all.len() {
                return Err(BodyError::TooLarge);
            }
            if all.is_empty() && self.body.is_end_stream() {
                return Ok(data);
            }
            if all.is_empty() {
                all.reserve(least.clamp(data.len(), MOST_RESERVED));
            }
            all.extend_from_slice(&data);
        }
    }
}
