//! Accepts connections and answers their requests.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, watch};

use super::accepted::{Accepted, Connection};
use super::head_timer::HeadTimer;
use super::lanes::{Lanes, Place};
use super::limits::ConnectionLimits;
use super::listener::{AsyncListener, Listener};
use super::open::OpenConnection;
use super::reply::{Served, ServerReply};
use super::request::{IncomingRequest, Peer};
use super::stall::StallGuard;

/// The pause after the system refused a connection: it has no file descriptor or memory left.
const PAUSE: Duration = Duration::from_millis(50);

/// What a connection above the limit receives.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: \
    1\r\ncontent-type: application/json\r\ncontent-length: 59\r\n\r\n{\"error\":{\"message\":\
    \"too many connections\",\"code\":\"full\"}}\n";

/// Answers requests.
pub(crate) trait Handler: Send + Sync + 'static {
    fn handle(
        self: Arc<Self>,
        request: IncomingRequest,
    ) -> impl Future<Output = ServerReply> + Send;
}

/// Answers every connection until `close` is true: from then on a connection is closed after the
/// answer in progress, one that has asked nothing yet is answered once, and new ones are accepted
/// as before. Ends when the task is dropped. Threads that serve the same listener have the same
/// `lanes`.
///
/// # Errors
/// The runtime refuses the listener.
pub(crate) async fn serve<H: Handler>(
    listener: Listener,
    handler: Arc<H>,
    limits: ConnectionLimits,
    lanes: Arc<Lanes>,
    close: watch::Receiver<bool>,
) -> io::Result<()> {
    let listener = listener.into_async()?;
    let mut lane = lanes.lane();
    loop {
        let arrival = tokio::select! {
            (connection, peer) = accept(&listener) => {
                lane.place(connection, peer, &limits, |connection| {
                    tokio::spawn(refuse(connection.into_connection()));
                })
            }
            arrival = lane.handed_over() => arrival,
        };
        let Some(arrival) = arrival else { continue };
        let served = ServedConnection {
            handler: Arc::clone(&handler),
            limits,
            peer: arrival.peer,
            close: close.clone(),
            _entered: arrival.entered,
            _place: arrival.place,
        };
        tokio::spawn(served.serve(arrival.connection.into_connection()));
    }
}

/// The next connection. An error is that of one connection, or of a system without resources.
async fn accept(listener: &AsyncListener) -> (Accepted, Peer) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::debug!(%error, "a connection was not accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Says that there are too many connections, and closes.
async fn refuse(mut connection: Box<dyn Connection>) {
    let said = async {
        connection.write_all(FULL).await?;
        connection.shutdown().await?;
        // What the client has sent is read, or the system would discard the answer.
        connection.read(&mut [0; 4096]).await
    };
    // The client may be gone.
    let _ = tokio::time::timeout(Duration::from_secs(1), said).await;
}

/// One connection.
struct ServedConnection<H> {
    handler: Arc<H>,
    limits: ConnectionLimits,
    peer: Peer,
    close: watch::Receiver<bool>,
    _entered: OpenConnection,
    _place: Place,
}

impl<H: Handler> ServedConnection<H> {
    async fn serve(mut self, connection: Box<dyn Connection>) {
        let (limits, peer) = (self.limits, self.peer);
        let handler = Arc::clone(&self.handler);
        let asked = Arc::new(Notify::new());
        let has_asked = Arc::clone(&asked);
        let service = service_fn(move |request| {
            has_asked.notify_one();
            let handler = Arc::clone(&handler);
            let request = IncomingRequest::of(request, peer, limits);
            async move {
                let reply = if request.head.length() > limits.largest_head {
                    ServerReply::whole(431, "text/plain", "the head is too large\n")
                } else {
                    handler.handle(request).await
                };
                Served::Ok(reply.into_http())
            }
        });
        // A new connection is answered once while the server ends.
        let is_closing = *self.close.borrow();
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(HeadTimer::new(limits.head))
            .header_read_timeout(limits.head)
            .max_buf_size(limits.largest_head)
            .keep_alive(!is_closing)
            .serve_connection(
                TokioIo::new(StallGuard::new(connection, limits.stall)),
                service,
            );
        let mut connection = std::pin::pin!(connection);
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = closing(&mut self.close, &asked), if !is_closing => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = served {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// Completes when the server closes and the connection has asked: its first request may be on the
/// way, and a connection closed before it would leave the client without an answer. Never when
/// nobody can say any more that the server closes.
async fn closing(close: &mut watch::Receiver<bool>, asked: &Notify) {
    if close.wait_for(|close| *close).await.is_err() {
        std::future::pending::<()>().await;
    }
    asked.notified().await;
}
