//! How often the footer is drawn without text: thirty times a second, and a few at once.

use std::time::{Duration, Instant};

/// Time that one drawing costs.
const COST: Duration = Duration::from_millis(34);

/// Drawings that may follow each other at once, so that a key is shown when it is pressed.
const BURST: u32 = 6;

/// Allows drawings at a rate.
#[derive(Debug)]
pub(super) struct Throttle {
    /// When all drawings until now are paid for.
    paid_at: Instant,
}

impl Throttle {
    pub(super) fn new(now: Instant) -> Self {
        Self { paid_at: now }
    }

    /// Whether to draw now; counted if so.
    pub(super) fn takes(&mut self, now: Instant) -> bool {
        let takes = self.next(now) <= now;
        if takes {
            self.paid_at = self.paid_at.max(now) + COST;
        }
        takes
    }

    /// When the next drawing is allowed.
    pub(super) fn next(&self, now: Instant) -> Instant {
        self.paid_at
            .checked_sub(COST * (BURST - 1))
            .unwrap_or(now)
            .max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_thirty_a_second_after_the_first_few() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start);
        let drawn: Vec<u32> = (0..2000)
            .filter(|at| throttle.takes(start + Duration::from_millis(u64::from(*at))))
            .collect();
        assert_eq!(drawn.len(), 6 + 2000 / 34);
        assert_eq!(&drawn[..5], [0, 1, 2, 3, 4]);
        assert!(throttle.takes(start + Duration::from_millis(3000)));
    }

    #[test]
    fn it_says_when_the_next_one_is_allowed() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start);
        while throttle.takes(start) {}
        let next = throttle.next(start);
        assert!(next > start && next <= start + COST, "{:?}", next - start);
        assert!(throttle.takes(next));
    }
}
