//! Notices a request that is sent again right after its stream broke: the provider bills it twice.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How soon a request counts as the same again.
const WINDOW: Duration = Duration::from_secs(2);

/// Most bytes at each end of a body that distinguish it from others.
const MOST_BYTES: usize = 4096;

/// The last broken stream of each client.
#[derive(Debug, Default)]
pub(super) struct Repeats(Mutex<HashMap<String, (u64, Instant)>>);

impl Repeats {
    /// A stream of a client broke.
    pub(super) fn broke(&self, client: &str, fingerprint: u64) {
        let mut broken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        broken.insert(client.to_owned(), (fingerprint, Instant::now()));
    }

    /// Whether a stream of the client broke a moment ago.
    pub(super) fn expects(&self, client: &str) -> bool {
        let broken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        broken
            .get(client)
            .is_some_and(|(_, at)| at.elapsed() < WINDOW)
    }

    /// Whether the same request broke a moment ago.
    pub(super) fn is_repeat(&self, client: &str, fingerprint: u64) -> bool {
        let broken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        broken
            .get(client)
            .is_some_and(|(other, at)| *other == fingerprint && at.elapsed() < WINDOW)
    }
}

/// What distinguishes a body from others. Whether it asks for a stream does not: a client may ask
/// again without.
pub(super) fn fingerprint(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    let most = body.len().min(MOST_BYTES);
    let text = String::from_utf8_lossy(&body[body.len() - most..]);
    let plain = text
        .replace("\"stream\":true", "")
        .replace("\"stream\":false", "");
    plain.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_body_is_noticed_with_and_without_a_stream() {
        let repeats = Repeats::default();
        let body = fingerprint(b"{\"a\":1,\"stream\":true}");
        assert!(!repeats.expects("laptop"));
        repeats.broke("laptop", body);
        assert!(repeats.expects("laptop") && !repeats.expects("phone"));
        assert!(repeats.is_repeat("laptop", fingerprint(b"{\"a\":1,\"stream\":false}")));
        assert!(!repeats.is_repeat("laptop", fingerprint(b"{\"a\":2,\"stream\":true}")));
        assert!(!repeats.is_repeat("phone", body));
    }
}
