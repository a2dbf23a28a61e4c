//! Whether and when a request is sent again to the same profile.

use std::time::Duration;

use super::backoff::backoff;
use super::error::ChatError;
use crate::wire::error::WireError;

/// Most requests for one profile.
const ATTEMPTS: u32 = 4;

/// Most attempts to reach a server that accepts no connection, or does not finish its handshake:
/// each of them waits for the whole timeout.
const ATTEMPTS_TO_CONNECT: u32 = 2;

/// Shortest wait: a server that fails is not asked again at once.
const SHORTEST_WAIT: Duration = Duration::from_millis(250);

/// Longest wait that a provider may request; a longer one ends the attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Most requests for one profile, the last of which failed so.
pub(crate) fn most_attempts(error: &ChatError) -> u32 {
    match error {
        ChatError::Wire(WireError::ConnectTimeout { .. }) => ATTEMPTS_TO_CONNECT,
        _ => ATTEMPTS,
    }
}

/// How long to wait before another attempt, when `attempt` failed so; `None` when there is none.
pub(crate) fn wait_before(error: &ChatError, attempt: u32) -> Option<Duration> {
    if !error.is_retryable() || attempt >= most_attempts(error) {
        return None;
    }
    let wait = error.wait().unwrap_or_else(|| backoff(attempt));
    Some(wait.max(SHORTEST_WAIT)).filter(|wait| *wait <= LONGEST_WAIT)
}
