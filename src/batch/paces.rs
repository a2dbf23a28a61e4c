//! The paces of all servers of a job: each profile that rows fall back to may have its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::pace::{PaceLimits, ServerPace};
use crate::wire::client::Url;

/// The paces of all servers.
#[derive(Clone)]
pub(crate) struct Paces {
    limits: PaceLimits,
    servers: Arc<Mutex<BTreeMap<String, Arc<ServerPace>>>>,
    changed: Arc<Notify>,
}

impl Paces {
    pub(crate) fn new(limits: PaceLimits) -> Self {
        Self {
            limits,
            servers: Arc::default(),
            changed: Arc::default(),
        }
    }

    /// The pace of the server of a URL.
    pub(crate) fn of(&self, url: &Url) -> Arc<ServerPace> {
        let origin = url.origin().ascii_serialization();
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(ServerPace::new(self.limits, Arc::clone(&self.changed)));
        Arc::clone(servers.entry(origin).or_insert_with(new))
    }

    /// The longest wait for a server now, and whether that one is away.
    pub(crate) fn held(&self) -> Option<(Duration, bool)> {
        let servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let held = servers.values().filter_map(|server| server.held());
        held.map(|(until, is_away)| (until.saturating_duration_since(now), is_away))
            .filter(|(left, _)| !left.is_zero())
            .max()
    }

    /// Completes after any of them changed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}
