//! A limit: what a request asks for, and how it is refused.

use std::time::Duration;

use crate::gateway::client_key::ClientKey;
use crate::gateway::problem::Problem;

/// Micro-USD in a USD.
const MICRO: f64 = 1e6;

/// What a request asks the limits for.
#[derive(Debug, Clone, Copy)]
pub(in crate::gateway) struct LimitRequest<'a> {
    pub key: &'a ClientKey,
    /// The most that it can cost, in micro-USD; `None` when that is unknown.
    pub reserve: Option<u64>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LimitReached {
    Rate {
        wait: Duration,
    },
    Concurrent,
    /// Of the key, or of all keys together.
    Day {
        is_of_key: bool,
    },
    /// The cost of a request is unknown, so that a limit on money cannot be kept.
    UnknownCost,
}

/// The time between two requests of a rate, and how many may come at once: a sixth of a minute's.
pub(super) fn pace(rpm: u32) -> (Duration, u32) {
    let emission = Duration::from_secs(60) / rpm.max(1);
    (emission, (rpm / 6).max(1))
}

/// Most micro-USD that are counted, a billion USD: a client can ask for any number of tokens, and
/// what it asks for is added up.
const MOST: f64 = 1e15;

/// USD as micro-USD, rounded up, at most a billion USD.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is between 0 and MOST"
)]
pub(in crate::gateway) fn micro(usd: f64) -> u64 {
    // What binary fractions add is no cent of anybody's.
    (usd * MICRO - 1e-6).clamp(0.0, MOST).ceil() as u64
}

impl LimitReached {
    pub(super) fn problem(self, key: &ClientKey) -> Problem {
        let name = &key.name;
        match self {
            Self::Rate { wait } => {
                let rpm = key.rpm.unwrap_or_default();
                let message = format!("key '{name}' is limited to {rpm} requests a minute");
                Problem::new(429, "rate_limited", message).retry_after(wait)
            }
            Self::Concurrent => {
                let most = key.concurrent.unwrap_or_default();
                let message = format!("key '{name}' is limited to {most} requests at a time");
                Problem::new(429, "too_many_concurrent", message)
                    .retry_after(Duration::from_secs(1))
            }
            Self::Day { is_of_key: true } => Problem::quota(format!(
                "the request could exceed the daily limit of key '{name}', ${}",
                key.per_day.unwrap_or_default()
            )),
            Self::Day { is_of_key: false } => {
                Problem::quota("the request could exceed the daily limit of this server")
            }
            Self::UnknownCost => Problem::quota(
                "the price of the model is unknown, so the daily limit cannot be enforced",
            ),
        }
    }
}
