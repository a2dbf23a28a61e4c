//! Notices a request that is sent again right after its stream broke: the provider bills it twice.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::client_body::ClientBody;

/// How soon a request counts as the same again.
const WINDOW: Duration = Duration::from_secs(2);

/// Most bytes at each end of a member that distinguish it from others. A conversation grows at its
/// end, whatever follows it in the body.
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
pub(super) fn fingerprint(body: &ClientBody) -> u64 {
    let mut hasher = DefaultHasher::new();
    let of_stream = |name: &str| matches!(name, "stream" | "stream_options");
    for (name, value) in body.members().filter(|(name, _)| !of_stream(name)) {
        let most = value.len().min(MOST_BYTES);
        let (start, end) = (&value[..most], &value[value.len() - most..]);
        (name, value.len(), start, end).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> u64 {
        let body = ClientBody::read(text.to_owned().into());
        fingerprint(&body.unwrap_or_else(|problem| panic!("{}", problem.message)))
    }

    #[test]
    fn the_same_body_is_noticed_with_and_without_a_stream() {
        let repeats = Repeats::default();
        let body = of(r#"{"a":1,"stream":true}"#);
        assert!(!repeats.expects("laptop"));
        repeats.broke("laptop", body);
        assert!(repeats.expects("laptop") && !repeats.expects("phone"));
        for again in [
            r#"{"a":1,"stream":false}"#,
            r#"{"a":1}"#,
            r#"{ "stream" : false, "a": 1 }"#,
        ] {
            assert!(repeats.is_repeat("laptop", of(again)), "{again}");
        }
        assert!(!repeats.is_repeat("laptop", of(r#"{"a":2,"stream":true}"#)));
        assert!(!repeats.is_repeat("phone", body));
    }

    #[test]
    fn another_question_is_no_repeat_whatever_stands_around_it() {
        let long = "x".repeat(3 * MOST_BYTES);
        let body = |question: &str| {
            of(&format!(
                r#"{{"system":"{long}","messages":["{long}","{question}"],"tools":["{long}"]}}"#
            ))
        };
        assert_eq!(body("one"), body("one"));
        assert_ne!(body("one"), body("two"));
    }
}
