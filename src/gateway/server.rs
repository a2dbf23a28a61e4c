//! The threads of the server, each with an event queue of its own, and their end.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::state::{Gateway, Phase};
use super::worker::Worker;
use crate::wire::server::{ConnectionLimits, Lanes, Listener, serve};

/// Most threads: the network and not the processor is the limit beyond them.
const MOST_THREADS: usize = 4;

/// Time for the last bytes of streams that were cut.
const LAST_BYTES: Duration = Duration::from_millis(500);

/// The running server.
pub(crate) struct Server {
    gateway: Arc<Gateway>,
    threads: Vec<JoinHandle<()>>,
    close: watch::Sender<bool>,
    end: watch::Sender<bool>,
}

impl Server {
    /// Starts to answer.
    ///
    /// # Errors
    /// The system refuses a thread or an event queue.
    pub(crate) fn start(gateway: &Arc<Gateway>, listener: Listener) -> io::Result<Self> {
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        let limits = ConnectionLimits {
            connections: gateway.options.max_connections,
            connections_per_address: gateway.options.max_connections.div_ceil(4),
            ..ConnectionLimits::default()
        };
        let lanes = Arc::new(Lanes::default());
        let mut server = Self {
            gateway: Arc::clone(gateway),
            threads: Vec::new(),
            close: watch::Sender::new(false),
            end: watch::Sender::new(false),
        };
        for number in 0..count.min(MOST_THREADS) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let listener = listener.try_clone()?;
            let worker = Worker::new(Arc::clone(gateway), listener.address().clone());
            let (lanes, close) = (Arc::clone(&lanes), server.close.subscribe());
            let mut end = server.end.subscribe();
            let work = async move {
                tokio::select! {
                    ended = serve(listener, Arc::new(worker), limits, lanes, close) => {
                        if let Err(error) = ended {
                            tracing::error!(%error, "a thread cannot accept connections");
                        }
                    }
                    // The sender is dropped with the server.
                    _ = end.wait_for(|end| *end) => {}
                }
            };
            let thread = std::thread::Builder::new()
                .name(format!("serve-{number}"))
                .spawn(move || {
                    runtime.block_on(work);
                    runtime.shutdown_timeout(Duration::ZERO);
                })?;
            server.threads.push(thread);
        }
        Ok(server)
    }

    /// Refuses new requests, waits for those in progress, and ends those that take too long.
    pub(crate) async fn drain(self) {
        self.gateway.enter_phase(Phase::Draining);
        self.close.send_replace(true);
        let idle = self.gateway.idle();
        if timeout(self.gateway.options.drain, idle).await.is_err() {
            self.gateway.enter_phase(Phase::Cutting);
            // What is not over then waits for its client.
            let _ = timeout(LAST_BYTES, self.gateway.idle()).await;
        }
        // The last bytes are written after their request has ended.
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.end.send_replace(true);
        for thread in self.threads {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}
