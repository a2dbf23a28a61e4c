//! The open connections of a server, counted across its threads.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::limits::ConnectionLimits;
use super::request::Peer;

/// Counts open connections: all of them, and those of each IP address that is not this machine's.
#[derive(Debug, Default)]
pub(super) struct OpenConnections {
    all: AtomicUsize,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

impl OpenConnections {
    /// Counts a connection until the result is dropped; `None` when a limit is reached.
    pub(super) fn enter(
        self: &Arc<Self>,
        peer: &Peer,
        limits: &ConnectionLimits,
    ) -> Option<OpenConnection> {
        let address = peer.address().filter(|address| !address.is_loopback());
        if self.all.fetch_add(1, Ordering::Relaxed) >= limits.connections {
            self.all.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let connection = OpenConnection {
            counts: Arc::clone(self),
            address,
        };
        let Some(address) = address else {
            return Some(connection);
        };
        let mut counts = self.by_address();
        let count = counts.entry(address).or_default();
        *count += 1;
        let is_within = *count <= limits.connections_per_address;
        drop(counts);
        is_within.then_some(connection)
    }

    fn by_address(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.by_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the open connections.
#[derive(Debug)]
pub(super) struct OpenConnection {
    counts: Arc<OpenConnections>,
    /// Unless it is this machine's.
    address: Option<IpAddr>,
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.counts.all.fetch_sub(1, Ordering::Relaxed);
        let Some(address) = self.address else { return };
        let mut counts = self.counts.by_address();
        if let Some(count) = counts.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_per_address_and_together() {
        let open = Arc::new(OpenConnections::default());
        let limits = ConnectionLimits {
            connections: 4,
            connections_per_address: 2,
            ..ConnectionLimits::default()
        };
        let enter = |text: &str| open.enter(&Peer::Address(text.parse().unwrap()), &limits);
        let held = [enter("192.0.2.1"), enter("192.0.2.1")];
        assert!(held.iter().all(Option::is_some));
        assert!(enter("192.0.2.1").is_none(), "the address has two");
        let count = || open.all.load(Ordering::Relaxed);
        assert_eq!(count(), 2);
        let local = [enter("127.0.0.1"), enter("127.0.0.1")];
        assert!(enter("127.0.0.1").is_none(), "the server has four");
        drop(local);
        drop(held);
        assert_eq!((count(), open.by_address().len()), (0, 0));
        assert!(enter("192.0.2.1").is_some());
    }
}
