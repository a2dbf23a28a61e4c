//! How the HTTP client is set up.

use std::path::PathBuf;

use super::pool::ClientPool;
use super::proxy::UnusableProxies;
use super::tape::Tape;

/// How the client is set up.
#[derive(Debug, Clone, Default)]
pub struct ClientOptions {
    /// PEM file of certificate authorities trusted in addition to the system's.
    pub extra_authorities: Option<PathBuf>,
    /// PEM file that replaces the system's authorities (`SSL_CERT_FILE`).
    pub system_authorities: Option<PathBuf>,
    /// Never use a proxy, whatever the environment says: for servers inside this process.
    pub direct: bool,
    /// Variables without whose proxy a request would go to the server directly.
    pub unusable_proxies: UnusableProxies,
    /// Records what is exchanged, or answers in place of the network.
    pub tape: Option<Tape>,
    /// The number of the answer among several in parallel, from 1 on; a recording keeps them apart.
    pub lane: Option<usize>,
    /// The connections that many requests share; `None` for a client with its own.
    pub pool: Option<ClientPool>,
}

impl ClientOptions {
    /// Whether nothing goes to the network.
    pub fn is_replay(&self) -> bool {
        self.tape.as_ref().is_some_and(Tape::is_replay)
    }
}
