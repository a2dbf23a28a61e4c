//! A server that cannot be reached any more: how long to wait for it.

use std::time::Duration;

use tokio::time::Instant;

/// How long rows wait for a server that is away.
const PATIENCE: Duration = Duration::from_secs(600);

/// The first pause between two tries, which doubles, and the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// Since when a server is away.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Away {
    since: Option<Instant>,
    /// When the last pause started.
    paused_at: Option<Instant>,
    pause: Duration,
}

impl Away {
    /// A request that was admitted at `admitted` could not connect. Returns how long to wait now,
    /// once for all requests that were admitted before the last pause.
    pub(super) fn failed(&mut self, now: Instant, admitted: Instant) -> Option<Duration> {
        self.since.get_or_insert(now);
        let is_known = self.paused_at.is_some_and(|paused| admitted <= paused);
        if is_known || !self.is_awaited(now) {
            return None;
        }
        self.paused_at = Some(now);
        self.pause = (self.pause * 2).clamp(FIRST, LONGEST);
        Some(self.pause)
    }

    /// Whether rows still wait for the server.
    pub(super) fn is_awaited(&self, now: Instant) -> bool {
        self.since.is_none_or(|since| now - since < PATIENCE)
    }

    pub(super) fn is_away(&self) -> bool {
        self.since.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_one_for_all_requests_that_failed_together() {
        let start = Instant::now();
        let mut away = Away::default();
        let (mut now, mut pauses) = (start, Vec::new());
        while let Some(pause) = away.failed(now, now) {
            let earlier = now.checked_sub(Duration::from_millis(1)).unwrap();
            assert_eq!(away.failed(now, earlier), None, "of the same time");
            pauses.push(pause.as_secs());
            now += pause + Duration::from_millis(1);
        }
        assert_eq!(pauses[..7], [1, 2, 4, 8, 16, 30, 30]);
        let waited: u64 = pauses.iter().sum();
        assert!((570..=630).contains(&waited), "{waited} s");
        assert!(!away.is_awaited(now));
        assert!(Away::default().is_awaited(now));
    }
}
