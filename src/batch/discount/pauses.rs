//! The pauses between two looks at the batches.

use std::time::Duration;

/// The first pause, and the longest.
const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(300);

/// How much longer each pause is than the one before.
const GROWTH: f64 = 1.5;

/// Pauses that grow while nothing changes.
#[derive(Debug)]
pub(super) struct Pauses {
    next: Duration,
    /// The same pause each time.
    fixed: Option<Duration>,
}

impl Pauses {
    pub(super) fn new(fixed: Option<Duration>) -> Self {
        Self { next: FIRST, fixed }
    }

    /// Something changed: the next pause is short again.
    pub(super) fn reset(&mut self) {
        self.next = FIRST;
    }

    /// The pause before the next look; longer where the provider asks for it.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let pause = self.fixed.unwrap_or(self.next);
        self.next = self.next.mul_f64(GROWTH).min(LONGEST);
        asked.map_or(pause, |asked| asked.clamp(pause, LONGEST.max(pause)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_ten_seconds_to_five_minutes() {
        let mut pauses = Pauses::new(None);
        let seconds: Vec<u64> = (0..12).map(|_| pauses.next(None).as_secs()).collect();
        assert_eq!(
            seconds,
            [10, 15, 22, 33, 50, 75, 113, 170, 256, 300, 300, 300]
        );
        pauses.reset();
        assert_eq!(pauses.next(None), FIRST);
        assert_eq!(pauses.next(Some(Duration::from_secs(40))).as_secs(), 40);
        assert_eq!(pauses.next(Some(Duration::from_secs(4000))), LONGEST);
        let mut fixed = Pauses::new(Some(Duration::from_millis(5)));
        fixed.next(None);
        assert_eq!(fixed.next(None), Duration::from_millis(5));
    }
}
