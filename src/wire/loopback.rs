//! Scripted answers on the loopback address, for the built-in demo provider and the browser's
//! redirect after a login.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use super::server::{
    ConnectionLimits, Handler, HeaderMap, IncomingRequest, Lanes, Listener, ReplyBody, ReplyOutput,
    ServerReply, serve,
};

/// Largest request body accepted, in bytes.
const LARGEST_REQUEST: usize = 64 * 1024 * 1024;

/// A request to the handler.
#[derive(Debug)]
pub(crate) struct Asked {
    pub method: String,
    pub path: String,
    /// Decoded pairs of the query, in order.
    pub query: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The response of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub pieces: Vec<Piece>,
    /// Close the connection after the last piece without ending the body.
    pub cut: bool,
}

/// Bytes of the body, and the wait before they are sent.
#[derive(Debug)]
pub(crate) struct Piece {
    pub after: Duration,
    pub bytes: Bytes,
}

impl Answer {
    /// A whole body at once.
    pub(crate) fn whole(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let pieces = vec![Piece {
            after: Duration::ZERO,
            bytes: body.into(),
        }];
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            pieces,
            cut: false,
        }
    }
}

/// A bound listener on 127.0.0.1.
#[derive(Debug)]
pub(crate) struct Loopback {
    listener: Listener,
}

impl Loopback {
    pub(crate) fn bind() -> io::Result<Self> {
        Self::bind_to(0)
    }

    /// The same at a port; 0 lets the system choose one.
    pub(crate) fn bind_to(port: u16) -> io::Result<Self> {
        Listener::on_loopback(port).map(|listener| Self { listener })
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.port()
    }

    /// Answers every connection until the task is dropped.
    pub(crate) async fn serve(self, handler: impl Fn(Asked) -> Answer + Send + Sync + 'static) {
        let (_open, close) = watch::channel(false);
        let served = serve(
            self.listener,
            Arc::new(Scripted(handler)),
            ConnectionLimits::default(),
            Arc::new(Lanes::default()),
            close,
        );
        if let Err(error) = served.await {
            tracing::debug!(%error, "the loopback server did not start");
        }
    }
}

/// Answers requests by a function.
struct Scripted<F>(F);

impl<F: Fn(Asked) -> Answer + Send + Sync + 'static> Handler for Scripted<F> {
    async fn handle(self: Arc<Self>, mut request: IncomingRequest) -> ServerReply {
        let Ok(body) = request.body(LARGEST_REQUEST).await else {
            return ServerReply::whole(413, "text/plain", "the request is too large\n");
        };
        let query = request.head.query.as_deref().unwrap_or_default().as_bytes();
        let answer = (self.0)(Asked {
            method: request.head.method.as_str().to_owned(),
            query: url::form_urlencoded::parse(query).into_owned().collect(),
            path: request.head.path,
            body: body.into(),
        });
        reply(answer)
    }
}

fn reply(answer: Answer) -> ServerReply {
    let mut reply = ServerReply {
        status: answer.status,
        headers: HeaderMap::default(),
        body: ReplyBody::generated(|output| send_pieces(output, answer.pieces, answer.cut)),
    };
    for (name, value) in &answer.headers {
        reply.set(name, value);
    }
    reply
}

async fn send_pieces(output: ReplyOutput, pieces: Vec<Piece>, cut: bool) {
    for piece in pieces {
        if !piece.after.is_zero() {
            tokio::time::sleep(piece.after).await;
        }
        output.send(piece.bytes).await;
    }
    if cut {
        // The bytes reach the client before the connection closes.
        tokio::time::sleep(Duration::from_millis(20)).await;
        output.cut().await;
    }
}
