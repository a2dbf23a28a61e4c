//! The caps of a request, and the `max_tokens` that they afford. Costs are in USD.

use std::time::SystemTime;

use crate::chat::cost::WorstCase;
use crate::config::{Settings, ValueSource, defaults};
use crate::ports::equipment::Equipment;
use crate::present::money::usd;
use crate::store::{DayUse, Store};

/// Which cap is the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CapKind {
    /// `--max-cost` or `max_cost.per_request`.
    Request,
    /// What is left today of `max_cost.per_day`.
    Day,
}

/// What a request of one target may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cap {
    pub kind: CapKind,
    /// USD for one request: a cap of several answers is divided by their number.
    pub left: f64,
}

/// A limit that amx lowers to a cap is a multiple of this.
const STEP: u32 = 1024;

/// The least `max_tokens` of a reasoning model to which a cap lowers the floor.
pub(crate) const LEAST: u32 = defaults::MAX_TOKENS;

/// Parts of a token that a difference of binary fractions may miss.
const ROUNDING: f64 = 1e-6;

/// USD by which a sum of binary fractions may exceed a cap.
const TOLERANCE: f64 = 1e-12;

/// Whether so much may be spent.
pub(crate) fn fits(usd: f64, cap: f64) -> bool {
    usd <= cap + TOLERANCE
}

/// Whether a cap applies. The demo costs nothing.
pub(crate) fn is_capped(settings: &Settings) -> bool {
    let has_cap = settings.max_cost.is_some() || settings.max_cost_per_day.is_some();
    has_cap && !settings.entry.is_demo()
}

/// The lowest cap of a profile for one of `answers` requests; `None` without a cap. What was spent
/// today is read from the store, and counts as nothing when that cannot be read.
pub(crate) fn lowest(settings: &Settings, answers: usize, equipment: &Equipment) -> Option<Cap> {
    if !is_capped(settings) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of answers")]
    let answers = answers.max(1) as f64;
    let request = settings.max_cost.as_ref().map(|cap| Cap {
        kind: CapKind::Request,
        left: match cap.source {
            // The flag caps all answers together, the profile each of them.
            ValueSource::Flag { .. } => cap.value / answers,
            _ => cap.value,
        },
    });
    // A replay spends nothing of the day, but sends what was recorded under the other caps.
    let day_cap = settings
        .max_cost_per_day
        .filter(|_| !equipment.is_replaying());
    let day = day_cap.map(|cap| Cap {
        kind: CapKind::Day,
        left: left_today(settings, cap, equipment) / answers,
    });
    match (request, day) {
        (Some(request), Some(day)) if day.left < request.left => Some(day),
        (request, day) => request.or(day),
    }
}

fn left_today(settings: &Settings, cap: f64, equipment: &Equipment) -> f64 {
    used_today(settings, equipment)
        .unwrap_or_default()
        .left(cap)
}

/// What a profile has used of its daily cap: nothing as long as there is no store. `None` when the
/// store cannot be read.
fn used_today(settings: &Settings, equipment: &Equipment) -> Option<DayUse> {
    let home = equipment.home().ok()?;
    if std::fs::symlink_metadata(home.database_file()).is_err() {
        return Some(DayUse::default());
    }
    let store = Store::open_unchanged(&home)?;
    let profile = &settings.profile.value;
    store.day_use(profile, SystemTime::now()).ok()
}

/// What a profile has spent today, and its daily cap: `$0.20 of $0.25`. `None` without a cap.
pub(crate) fn day_words(settings: &Settings, equipment: &Equipment) -> Option<String> {
    let cap = settings.max_cost_per_day.filter(|_| is_capped(settings))?;
    let used = used_today(settings, equipment)?;
    let spent = usd(used.spent + used.reserved);
    Some(format!("{spent} of {}", usd(cap)))
}

/// The `max_tokens` that a cap affords.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates"
)]
pub(crate) fn affordable(left: f64, worst: WorstCase) -> u32 {
    if !fits(worst.prompt, left) {
        return 0;
    }
    if worst.token == 0.0 {
        return u32::MAX;
    }
    ((left - worst.prompt) / worst.token + ROUNDING) as u32
}

/// The same for a limit that amx chooses: in steps, so that a few more tokens of the prompt do not
/// change it.
pub(crate) fn affordable_steps(left: f64, worst: WorstCase) -> u32 {
    affordable(left, worst) / STEP * STEP
}

/// The cap and its source: `the cap of $0.10 (--max-cost)`.
pub(crate) fn words(settings: &Settings, kind: CapKind) -> String {
    match (kind, &settings.max_cost, settings.max_cost_per_day) {
        (CapKind::Request, Some(cap), _) => {
            let source = match &cap.source {
                ValueSource::Flag { option } => (*option).to_owned(),
                source => format!("max_cost.per_request of {source}"),
            };
            format!("the cap of {} ({source})", usd(cap.value))
        }
        (_, _, cap) => format!(
            "what is left today of {} (max_cost.per_day of profile '{}')",
            usd(cap.unwrap_or_default()),
            settings.profile.value
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_affords_so_many_tokens() {
        // USD for the prompt, for a million tokens, the cap; the tokens, and those in steps.
        let table = [
            (0.0, 15.0, 0.10, 6_666, 6_144),
            (0.001, 15.0, 0.10, 6_600, 6_144),
            (0.0, 15.0, 0.01, 666, 0),
            (0.5, 15.0, 0.10, 0, 0),
            (0.0, 0.0, 0.0, u32::MAX, u32::MAX / STEP * STEP),
            (0.0, 1e-9, 1e9, u32::MAX, u32::MAX / STEP * STEP),
        ];
        for (prompt, million, left, tokens, steps) in table {
            let worst = WorstCase {
                prompt,
                token: million / 1e6,
            };
            assert_eq!(
                (affordable(left, worst), affordable_steps(left, worst)),
                (tokens, steps),
                "{prompt} {million} {left}"
            );
        }
    }
}
