//! When to come back after a rate limit: the hints of its kind.

use std::time::Duration;

use crate::chat::refusal::RateLimit;
use crate::config::Settings;
use crate::ports::error::CommandError;

pub(super) fn rate_limited(
    error: CommandError,
    limit: RateLimit,
    wait: Option<Duration>,
    settings: &Settings,
) -> CommandError {
    let entry = settings.entry;
    if limit == RateLimit::Daily {
        let reset = match (wait, entry.daily_reset) {
            (Some(wait), _) => format!("run the same command again in {}", spoken(wait)),
            (None, Some(reset)) => format!("the daily quota resets {reset}"),
            (None, None) => "run the same command again tomorrow".to_owned(),
        };
        let page = entry
            .limits_page
            .map_or_else(String::new, |page| format!("   (limits: {page})"));
        return error.hint(reset).hint(format!(
            "choose another model with -m, or another key{page}"
        ));
    }
    let error = come_back(error, wait);
    match limit {
        RateLimit::FreeDaily => {
            error.hint("use the model without ':free', or add 10 credits for a higher daily limit")
        }
        RateLimit::FreePerMinute => {
            error.hint("free models allow 20 requests per minute; send fewer in parallel")
        }
        RateLimit::NewAccount => {
            error.hint("new accounts have a limit per model and minute; send fewer in parallel")
        }
        RateLimit::Upstream => {
            error.hint("add fallback_models to the profile, or choose another model with -m")
        }
        RateLimit::Unknown | RateLimit::Daily => error,
    }
}

pub(super) fn come_back(error: CommandError, wait: Option<Duration>) -> CommandError {
    match wait {
        Some(wait) if wait > Duration::from_secs(1) => {
            error.hint(format!("run the same command again in {}", spoken(wait)))
        }
        _ => error.hint("run the same command again in a moment"),
    }
}

/// A wait in the largest fitting unit, rounded up.
fn spoken(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    match seconds {
        0..=120 => format!("{seconds} s"),
        121..=7200 => format!("{} min", seconds.div_ceil(60)),
        7201..=172_800 => format!("{} h", seconds.div_ceil(3600)),
        _ => format!("{} days", seconds.div_ceil(86_400)),
    }
}
