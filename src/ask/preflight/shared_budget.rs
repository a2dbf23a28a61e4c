//! What holds for several answers together: the cap of the command line, and one look-up of each
//! key.

use std::sync::Arc;

use super::budget;
use crate::ask::plan::PlannedTarget;
use crate::chat::cost::WorstCase;
use crate::config::{Setting, ValueSource};
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};

/// Prepares several answers to be asked side by side: `--max-cost` holds for all of them together
/// (a profile's `max_cost.per_request` for each), and each key is looked up once.
///
/// # Errors
/// [`ErrorKind::Limit`] when all of them together could cost more than `--max-cost`.
pub fn share(
    answers: &mut [&mut [PlannedTarget]],
    equipment: &Equipment,
) -> Result<(), CommandError> {
    share_keys(answers);
    if equipment.is_replaying() {
        return Ok(());
    }
    share_cap(answers)
}

/// Requests of one profile to one server look their key up once.
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

/// Holds the worst case of all answers against `--max-cost`, and gives each its part of what is
/// left.
fn share_cap(answers: &mut [&mut [PlannedTarget]]) -> Result<(), CommandError> {
    let cap = answers
        .iter()
        .flat_map(|targets| targets.iter())
        .find_map(|planned| flag_of(planned).filter(|_| !planned.settings.entry.is_demo()))
        .cloned();
    let Some(cap) = cap else { return Ok(()) };
    let mut worst = Vec::with_capacity(answers.len());
    for targets in answers.iter() {
        let capped = targets
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
            answers.len(),
            cap.value
        );
        let each: Vec<String> = answers
            .iter()
            .filter_map(|targets| targets.first())
            .map(|planned| budget::arithmetic(&planned.target))
            .collect();
        let is_same = each.iter().all(|words| *words == each[0]);
        let words = if is_same {
            format!("{} times {}", answers.len(), each[0])
        } else {
            each.join("; ")
        };
        return Err(CommandError::new(ErrorKind::Limit, message)
            .caused_by_words(words)
            .hint("ask for fewer, lower --max-tokens, or raise --max-cost"));
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of answers")]
    let spare = (cap.value - total) / answers.len() as f64;
    for (targets, worst) in answers.iter_mut().zip(worst) {
        for PlannedTarget { target, .. } in targets.iter_mut() {
            // Whoever answers, and whoever failed before: the part is for all of them.
            (target.most_usd, target.most_usd_together) =
                (Some(worst + spare), Some(worst + spare));
        }
    }
    Ok(())
}

fn flag_of(planned: &PlannedTarget) -> Option<&Setting<f64>> {
    planned
        .settings
        .max_cost
        .as_ref()
        .filter(|cap| matches!(cap.source, ValueSource::Flag { .. }))
}
