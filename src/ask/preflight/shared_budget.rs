//! What holds for several answers together: the cap of the command line, and one look-up of each
//! key.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::budget;
use crate::ask::connection;
use crate::ask::plan::Planned;
use crate::chat::cost::WorstCase;
use crate::config::{Setting, ValueSource};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

/// Refuses what must not be sent, as [`crate::ask::preflight::refuse`] does for one answer. `--max-cost`
/// holds for all answers together, a profile's `max_cost.per_request` for each.
pub fn refuse(lanes: &mut [Vec<Planned>], context: &mut Context<'_>) -> Result<(), CommandError> {
    share_keys(lanes);
    if context.is_replaying() {
        return Ok(());
    }
    let mut confirmed = BTreeSet::new();
    for first in lanes.iter().filter_map(|lane| lane.first()) {
        if confirmed.insert(first.settings.profile.value.clone()) {
            connection::confirm_binding(&first.settings, context)?;
        }
    }
    lanes
        .iter()
        .flatten()
        .try_for_each(|planned| budget::check(&planned.settings, &planned.target))?;
    share_cap(lanes)
}

/// Requests of one profile to one server look their key up once.
fn share_keys(lanes: &mut [Vec<Planned>]) {
    let mut targets: Vec<_> = lanes
        .iter_mut()
        .flatten()
        .map(|planned| &mut planned.target)
        .collect();
    for index in 1..targets.len() {
        let (before, rest) = targets.split_at_mut(index);
        let same = before.iter().find(|target| {
            target.profile == rest[0].profile && target.base_url == rest[0].base_url
        });
        if let Some(same) = same {
            rest[0].credential = Arc::clone(&same.credential);
        }
    }
}

/// Holds the worst case of all answers against `--max-cost`, and gives each its part of what is
/// left.
fn share_cap(lanes: &mut [Vec<Planned>]) -> Result<(), CommandError> {
    let cap = lanes
        .iter()
        .flatten()
        .find_map(|planned| flag_of(planned).filter(|_| !planned.settings.entry.is_demo()))
        .cloned();
    let Some(cap) = cap else { return Ok(()) };
    let mut worst = Vec::with_capacity(lanes.len());
    for lane in lanes.iter() {
        let capped = lane
            .iter()
            .filter(|planned| !planned.settings.entry.is_demo());
        let costs = capped.map(|planned| {
            budget::checkable(&planned.target, cap.value)
                .map(|worst: WorstCase| worst.of(planned.target.request.max_tokens))
        });
        worst.push(
            costs
                .collect::<Result<Vec<f64>, _>>()?
                .into_iter()
                .fold(0.0, f64::max),
        );
    }
    let total: f64 = worst.iter().sum();
    if total > cap.value {
        let message = format!(
            "the {} answers could cost ${total:.4} together, more than the cap of ${} (--max-cost)",
            lanes.len(),
            cap.value
        );
        let each: Vec<String> = lanes
            .iter()
            .filter_map(|lane| lane.first())
            .map(|planned| budget::arithmetic(&planned.target))
            .collect();
        let is_same = each.iter().all(|words| *words == each[0]);
        let words = if is_same {
            format!("{} times {}", lanes.len(), each[0])
        } else {
            each.join("; ")
        };
        return Err(CommandError::new(ErrorKind::Limit, message)
            .caused_by_words(words)
            .hint("ask for fewer, lower --max-tokens, or raise --max-cost"));
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of answers")]
    let spare = (cap.value - total) / lanes.len() as f64;
    for (lane, worst) in lanes.iter_mut().zip(worst) {
        for Planned { target, .. } in lane {
            // Whoever answers, and whoever failed before: the part is for all of them.
            (target.most_usd, target.most_usd_together) =
                (Some(worst + spare), Some(worst + spare));
        }
    }
    Ok(())
}

fn flag_of(planned: &Planned) -> Option<&Setting<f64>> {
    planned
        .settings
        .max_cost
        .as_ref()
        .filter(|cap| matches!(cap.source, ValueSource::Flag { .. }))
}
