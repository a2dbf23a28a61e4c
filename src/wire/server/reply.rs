//! The answer of the server: whole, or generated while the client reads it.

use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{HeaderName, HeaderValue};

/// Status, headers and body.
#[derive(Debug)]
pub(crate) struct ServerReply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: ReplyBody,
}

impl ServerReply {
    /// One with a whole body.
    pub(crate) fn whole(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut reply = Self {
            status,
            headers: HeaderMap::new(),
            body: ReplyBody(Source::Whole(Some(body.into()))),
        };
        reply.set("content-type", content_type);
        reply
    }

    /// Sets a header. A value that cannot be one is omitted.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
    }

    pub(super) fn into_http(self) -> hyper::Response<ReplyBody> {
        let mut response = hyper::Response::new(self.body);
        if let Ok(status) = hyper::StatusCode::from_u16(self.status) {
            *response.status_mut() = status;
        }
        *response.headers_mut() = self.headers;
        response
    }
}

/// The body of an answer.
pub(crate) struct ReplyBody(Source);

enum Source {
    Whole(Option<Bytes>),
    Generated {
        work: Pin<Box<dyn Future<Output = ()> + Send>>,
        output: ReplyOutput,
    },
}

impl ReplyBody {
    /// A body that `work` writes to its output. It only runs while the client reads, and is dropped
    /// when the client is gone.
    pub(crate) fn generated<F: Future<Output = ()> + Send + 'static>(
        work: impl FnOnce(ReplyOutput) -> F,
    ) -> Self {
        let output = ReplyOutput::default();
        Self(Source::Generated {
            work: Box::pin(work(output.clone())),
            output,
        })
    }
}

impl fmt::Debug for ReplyBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReplyBody")
    }
}

/// Where a generated body is written to.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReplyOutput(Arc<Mutex<Option<Piece>>>);

#[derive(Debug)]
enum Piece {
    Data(Bytes),
    /// The connection is to be closed without the end of the body.
    Cut,
}

impl ReplyOutput {
    /// Sends bytes; completes when the connection has taken them.
    pub(crate) async fn send(&self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.put(Piece::Data(bytes)).await;
        }
    }

    /// Closes the connection without the end of the body.
    pub(crate) async fn cut(&self) {
        self.put(Piece::Cut).await;
    }

    async fn put(&self, piece: Piece) {
        *self.slot() = Some(piece);
        // The body takes it after this poll, and polls again when it wants more.
        poll_fn(|_| {
            if self.slot().is_none() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    fn slot(&self) -> MutexGuard<'_, Option<Piece>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error with which a connection is closed on purpose.
fn cut() -> io::Error {
    io::Error::other("closed on purpose")
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let (work, output) = match &mut self.0 {
            Source::Whole(bytes) => {
                let bytes = bytes.take().filter(|bytes| !bytes.is_empty());
                return Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))));
            }
            Source::Generated { work, output } => (work, output),
        };
        let polled = work.as_mut().poll(context);
        let piece = output.slot().take();
        match (piece, polled) {
            (Some(Piece::Data(bytes)), Poll::Pending) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            (Some(Piece::Cut), _) => Poll::Ready(Some(Err(cut()))),
            (None, Poll::Pending) => Poll::Pending,
            (_, Poll::Ready(())) => {
                self.0 = Source::Whole(None);
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Source::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Source::Generated { .. } => SizeHint::default(),
        }
    }
}

/// A service of the HTTP library never fails.
pub(super) type Served = Result<hyper::Response<ReplyBody>, Infallible>;
