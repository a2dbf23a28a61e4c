//! How long a reply is waited for.

use std::time::Duration;

use tokio::time::Instant;

use super::error::ChatError;
use crate::wire::client::WireError;

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadlines {
    /// Longest time without a data event.
    pub silence: Duration,
    /// When the whole answer must have arrived, and the limit that was set.
    pub limit: Option<(Instant, Duration)>,
}

impl Deadlines {
    /// Whether another attempt may start after `wait`.
    pub(super) fn allow(&self, wait: Duration) -> bool {
        self.limit
            .is_none_or(|(limit, _)| Instant::now() + wait < limit)
    }

    /// Awaits `future`, for as long as the silence since `since` and the limit allow.
    pub(super) async fn wait<T>(
        &self,
        since: Instant,
        future: impl Future<Output = T>,
    ) -> Result<T, ChatError> {
        let silent_until = since + self.silence;
        let until = self
            .limit
            .map_or(silent_until, |(limit, _)| limit.min(silent_until));
        tokio::time::timeout_at(until, future)
            .await
            .map_err(|_| match self.limit {
                Some((limit, given)) if limit <= silent_until => {
                    ChatError::TimeLimit { limit: given }
                }
                _ => ChatError::Stalled {
                    after: self.silence,
                },
            })
    }

    /// The error for a failure of the wire. A wait that timed out when it was recorded times out
    /// again, at once.
    pub(super) fn explain(&self, error: WireError) -> ChatError {
        match (error, self.limit) {
            (WireError::TimedOut { by_limit: true }, Some((_, limit))) => {
                ChatError::TimeLimit { limit }
            }
            (WireError::TimedOut { .. }, _) => ChatError::Stalled {
                after: self.silence,
            },
            (error, _) => error.into(),
        }
    }
}
