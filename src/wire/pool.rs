//! HTTP clients that many requests share, so that they share connections.

use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use super::error::WireError;

/// Most requests for one client: servers of HTTP/2 accept about a hundred in one connection, and a
/// client has one connection to each of them.
const REQUESTS_PER_CLIENT: usize = 64;

/// The clients of one command. Clones share them.
#[derive(Debug, Clone)]
pub struct ClientPool(Arc<Mutex<PoolState>>);

#[derive(Debug)]
struct PoolState {
    /// Clients for each server.
    per_server: usize,
    clients: Vec<PooledClient>,
    /// The number of requests so far.
    requests: usize,
}

#[derive(Debug)]
struct PooledClient {
    origin: String,
    slot: usize,
    http: reqwest::Client,
}

impl ClientPool {
    /// For `most` requests at once.
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new(Mutex::new(PoolState {
            per_server: most.div_ceil(REQUESTS_PER_CLIENT).max(1),
            clients: Vec::new(),
            requests: 0,
        })))
    }

    /// The client for the next request to the server of `base`, made by `new` where there is none
    /// yet. All requests to a server have the same options.
    pub(super) fn client(
        &self,
        base: &Url,
        new: impl FnOnce() -> Result<reqwest::Client, WireError>,
    ) -> Result<reqwest::Client, WireError> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = base.origin().ascii_serialization();
        let slot = state.requests % state.per_server;
        state.requests += 1;
        let is_it = |client: &&PooledClient| client.slot == slot && client.origin == origin;
        if let Some(found) = state.clients.iter().find(is_it) {
            return Ok(found.http.clone());
        }
        let http = new()?;
        state.clients.push(PooledClient {
            origin,
            slot,
            http: http.clone(),
        });
        Ok(http)
    }
}
