//! Limits of several answers together: `--max-cost` for their sum, and one look-up per API key.

use std::sync::Arc;

use super::{budget, caps};
use crate::ask::plan::PlannedTarget;
use crate::chat::cost::WorstCase;
use crate::config::{Setting, ValueSource};
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::money::{usd, usd_up};

/// Prepares several answers for parallel requests: `--max-cost` caps their sum (a profile's
/// `max_cost.per_request` caps each), and each API key is looked up once.
///
/// # Errors
/// [`ErrorKind::Limit`] when they could cost more than `--max-cost` together.
pub(crate) fn share(
    answers: &mut [&mut [PlannedTarget]],
    equipment: &Equipment,
) -> Result<(), CommandError> {
    share_keys(answers);
    if equipment.is_replaying() {
        return Ok(());
    }
    share_cap(answers)
}

/// Shares the key between requests of one profile to one server.
fn share_keys(answers: &mut [&mut [PlannedTarget]]) {
    let mut targets: Vec<_> = answers
        .iter_mut()
        .flat_map(|targets| targets.iter_mut())
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

/// Checks the sum of the worst cases against `--max-cost`, and divides the rest equally between the
/// answers.
fn share_cap(answers: &mut [&mut [PlannedTarget]]) -> Result<(), CommandError> {
    let cap = answers
        .iter()
        .flat_map(|targets| targets.iter())
        .find_map(|planned| flag_cap(planned).filter(|_| !planned.settings.entry.is_demo()))
        .cloned();
    let Some(cap) = cap else { return Ok(()) };
    let mut worst = Vec::with_capacity(answers.len());
    for targets in answers.iter() {
        let capped = targets
            .iter()
            .filter(|planned| !planned.settings.entry.is_demo());
        let costs = capped.map(|planned| {
            budget::bounded_worst_case(&planned.target, cap.value)
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
    if !caps::fits(total, cap.value) {
        let message = format!(
            "the {} answers could cost {} together, more than the cap of ${} (--max-cost)",
            answers.len(),
            usd(total),
            cap.value
        );
        let each: Vec<String> = answers
            .iter()
            .filter_map(|targets| targets.first())
            .map(|planned| budget::arithmetic(&planned.target, planned.highest_price()))
            .collect();
        let is_same = each.iter().all(|words| *words == each[0]);
        let words = if is_same {
            format!("{} answers, each {}", answers.len(), each[0])
        } else {
            each.join("; ")
        };
        return Err(CommandError::new(ErrorKind::Limit, message)
            .caused_by_words(words)
            .hint(format!(
                "request fewer answers, lower max_tokens, or raise --max-cost to {}",
                usd_up(total)
            )));
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of answers")]
    let spare = (cap.value - total).max(0.0) / answers.len() as f64;
    for (targets, worst) in answers.iter_mut().zip(worst) {
        for PlannedTarget { target, .. } in targets.iter_mut() {
            // One share covers all targets of an answer: the failed ones, and the one that answers.
            (target.most_usd, target.most_usd_together) =
                (Some(worst + spare), Some(worst + spare));
        }
    }
    Ok(())
}

/// The cap of `--max-cost`.
fn flag_cap(planned: &PlannedTarget) -> Option<&Setting<f64>> {
    planned
        .settings
        .max_cost
        .as_ref()
        .filter(|cap| matches!(cap.source, ValueSource::Flag { .. }))
}
