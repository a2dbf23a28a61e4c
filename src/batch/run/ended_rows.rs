//! How many rows ended lately.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The time over which the rate is measured.
const MEASURED: Duration = Duration::from_secs(10);

/// Rows that ended within such a time are one entry: memory does not depend on their rate.
const GRAIN: Duration = Duration::from_millis(100);

/// Shortest time that a rate is of.
const SHORTEST: Duration = Duration::from_millis(500);

/// The rows that ended in the last seconds: when the first of an entry did, and how many they are.
#[derive(Debug, Default)]
pub(super) struct EndedRows(VecDeque<(Instant, u64)>);

impl EndedRows {
    /// A row ended.
    pub(super) fn add(&mut self, now: Instant) {
        match self.0.back_mut() {
            Some((start, rows)) if now - *start < GRAIN => *rows += 1,
            _ => {
                self.forget(now);
                self.0.push_back((now, 1));
            }
        }
    }

    /// Rows a second.
    pub(super) fn rate(&mut self, now: Instant) -> f64 {
        self.forget(now);
        let span = self.0.front().map_or(MEASURED, |(first, _)| now - *first);
        let rows: u64 = self.0.iter().map(|(_, rows)| rows).sum();
        #[expect(clippy::cast_precision_loss, reason = "rows of a few seconds")]
        let rows = rows as f64;
        rows / span.max(SHORTEST).as_secs_f64()
    }

    fn forget(&mut self, now: Instant) {
        let is_old = |(at, _): &(Instant, u64)| now - *at > MEASURED;
        while self.0.front().is_some_and(is_old) {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_job_takes_no_more_memory_than_a_slow_one_without_a_look_at_its_rate() {
        let (mut ended, start) = (EndedRows::default(), Instant::now());
        for step in 0..300_000 {
            ended.add(start + Duration::from_micros(100) * step);
        }
        assert!(ended.0.len() <= 102, "{} entries", ended.0.len());
        let now = start + Duration::from_secs(30);
        let rate = ended.rate(now);
        assert!((9_900.0..10_100.0).contains(&rate), "{rate} a second");
    }

    #[test]
    fn the_rate_is_of_the_last_ten_seconds() {
        let (mut ended, start) = (EndedRows::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut rates = vec![ended.rate(start)];
        ended.add(start);
        // One row in half a second at least.
        rates.push(ended.rate(start));
        (1..20).for_each(|second| ended.add(after(second)));
        rates.extend([20, 29, 40].map(|second| ended.rate(after(second))));
        let rates: Vec<String> = rates.iter().map(|rate| format!("{rate:.1}")).collect();
        assert_eq!(rates, ["0.0", "2.0", "1.0", "0.1", "0.0"]);
    }
}
