//! A small HTTP server on the loopback address, for the built-in demo provider and the browser's
//! redirect after a login.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

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

/// A bound listener on 127.0.0.1 at a port that the system chose.
#[derive(Debug)]
pub(crate) struct Loopback {
    listener: TcpListener,
    port: u16,
}

impl Loopback {
    pub(crate) async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Answers every connection until the task is dropped.
    pub(crate) async fn serve(self, handler: impl Fn(Asked) -> Answer + Send + Sync + 'static) {
        let handler = Arc::new(handler);
        while let Ok((connection, _)) = self.listener.accept().await {
            tokio::spawn(answer_connection(connection, Arc::clone(&handler)));
        }
    }
}

async fn answer_connection(
    connection: TcpStream,
    handler: Arc<impl Fn(Asked) -> Answer + Send + Sync + 'static>,
) {
    let service = service_fn(|request| {
        let handler = Arc::clone(&handler);
        async move { Ok::<_, Infallible>(respond(request, &*handler).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(connection), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a loopback connection ended early");
    }
}

async fn respond(
    request: hyper::Request<Incoming>,
    handler: &(impl Fn(Asked) -> Answer + Sync),
) -> hyper::Response<Channel<Bytes, io::Error>> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_REQUEST).collect().await else {
        return send(Answer::whole(
            413,
            "text/plain",
            "the request is too large\n",
        ));
    };
    let query = head.uri.query().unwrap_or_default().as_bytes();
    send(handler(Asked {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query).into_owned().collect(),
        body: body.to_bytes().into(),
    }))
}

fn send(answer: Answer) -> hyper::Response<Channel<Bytes, io::Error>> {
    let (sender, body) = Channel::new(1);
    let mut response = hyper::Response::new(body);
    if let Ok(status) = hyper::StatusCode::from_u16(answer.status) {
        *response.status_mut() = status;
    }
    for (name, value) in &answer.headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(*name, value);
        }
    }
    tokio::spawn(send_pieces(sender, answer.pieces, answer.cut));
    response
}

async fn send_pieces(mut sender: Sender<Bytes, io::Error>, pieces: Vec<Piece>, cut: bool) {
    for piece in pieces {
        if !piece.after.is_zero() {
            tokio::time::sleep(piece.after).await;
        }
        if sender.send(Frame::data(piece.bytes)).await.is_err() {
            return;
        }
    }
    if cut {
        // The bytes reach the client before the connection closes.
        tokio::time::sleep(Duration::from_millis(20)).await;
        sender.abort(io::Error::other("closed on purpose"));
    }
}
