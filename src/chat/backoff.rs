//! How long to wait before another attempt, when the provider does not say.

use std::time::Duration;

/// First back-off; doubled each time, each wait drawn between zero and the whole ("full jitter").
const FIRST: Duration = Duration::from_millis(500);

/// Longest back-off of our own.
const LONGEST: Duration = Duration::from_secs(30);

/// Full jitter: a random part of the exponential back-off.
pub(super) fn backoff(attempt: u32) -> Duration {
    let ceiling = FIRST
        .saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)))
        .min(LONGEST);
    ceiling.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_grows_and_stays_below_the_cap() {
        for attempt in 1..40 {
            let ceiling = Duration::from_millis(500)
                .saturating_mul(1 << (attempt - 1).min(20))
                .min(LONGEST);
            assert!(
                (0..20).all(|_| backoff(attempt) <= ceiling),
                "attempt {attempt}"
            );
        }
    }
}
