//! What a client may take of the server: time and connections.

use std::time::Duration;

/// Limits of connections. A limit that is reached ends the connection, and nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionLimits {
    /// From the first byte of a connection, or the end of the answer before, to the end of the
    /// head of a request.
    pub head: Duration,
    /// Longest pause in the body of a request.
    pub body_pause: Duration,
    /// Longest time for the body of a request.
    pub body: Duration,
    /// Longest time that a client may leave an answer unread.
    pub stall: Duration,
    /// Largest head of a request, in bytes.
    pub largest_head: usize,
    /// Most connections at the same time.
    pub connections: usize,
    /// Most connections of one IP address, unless it is this machine's.
    pub connections_per_address: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body_pause: Duration::from_secs(30),
            body: Duration::from_secs(300),
            stall: Duration::from_secs(30),
            largest_head: 32 * 1024,
            connections: 1024,
            connections_per_address: 256,
        }
    }
}
