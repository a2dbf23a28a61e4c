//! `--max-cost` for all requests of a command together. Costs are in USD.

use std::ops::Range;

use super::plan::TextsPlan;
use crate::ask::endpoint_models;
use crate::ask::model_facts::ModelFacts;
use crate::ask::model_list::ModelSource;
use crate::ask::preflight::caps::{self, CapKind};
use crate::ask::preflight::{budget, cap_check};
use crate::ask::prices;
use crate::config::ValueSource;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::money::{usd, usd_up};
use crate::wire::shared_text::SharedText;

/// Checks the most that the requests for these texts can cost together against `--max-cost`, whose
/// shares are returned. A price that a cap needs is fetched when it is unknown: from `list`, the
/// path of the models of the endpoint, then from the catalogue.
///
/// # Errors
/// [`ErrorKind::Limit`] when they could cost more, or their price is unknown.
pub(super) fn shares(
    plan: &mut TextsPlan,
    texts: &[SharedText],
    list: Option<&str>,
    equipment: &Equipment,
) -> Result<Option<Shares>, CommandError> {
    if equipment.is_replaying() || !caps::is_capped(&plan.base().settings) {
        return Ok(None);
    }
    if let Some(path) = list {
        look_up(plan, path, equipment)?;
    }
    let fetched = prices::fetch(&[plan.request(&[])], equipment)?;
    let base = plan.base();
    base.price_lookup = fetched.lookup(&base.settings.profile.value);
    if fetched.is_new {
        base.facts = ModelFacts::of(&base.settings, equipment);
    }
    let all = plan.request(texts);
    let settings = &all.settings;
    let most = settings.max_cost.as_ref().map(|cap| cap.value);
    let Some(worst) = all.target.worst_case else {
        let cap = most.or(settings.max_cost_per_day).unwrap_or_default();
        return Err(cap_check::unknown_price(&all, cap));
    };
    let is_flag = |source: &ValueSource| matches!(source, ValueSource::Flag { .. });
    let cap = settings
        .max_cost
        .as_ref()
        .filter(|cap| is_flag(&cap.source));
    let Some(cap) = cap else { return Ok(None) };
    let worst = worst.of(0);
    if !caps::fits(worst, cap.value) {
        let message = format!(
            "the request could cost {}, more than {}",
            usd(worst),
            caps::words(settings, CapKind::Request)
        );
        return Err(CommandError::new(ErrorKind::Limit, message)
            .caused_by_words(budget::arithmetic(&all.target, all.highest_price()))
            .hint(format!(
                "send fewer texts, or --max-cost {}",
                usd_up(worst).trim_start_matches('$')
            )));
    }
    let mut before = vec![0];
    let mut sum = 0_usize;
    before.extend(texts.iter().map(|text| {
        sum += text.len();
        sum
    }));
    Ok(Some(Shares {
        before,
        cap: cap.value,
    }))
}

/// Looks for the model in the list of the endpoint's own models.
fn look_up(plan: &mut TextsPlan, path: &str, equipment: &Equipment) -> Result<(), CommandError> {
    if plan.request(&[]).target.price.is_some() {
        return Ok(());
    }
    let base = plan.base();
    let source = ModelSource::of(&base.settings, equipment)?;
    if let Some(models) = endpoint_models::list(&source, path, false, equipment)? {
        equipment.fetched.add(source.server(), models);
        base.facts = ModelFacts::of(&base.settings, equipment);
    }
    Ok(())
}

/// How a cap is divided among the texts: by their length.
pub(super) struct Shares {
    /// Bytes before each text, and of all texts.
    before: Vec<usize>,
    cap: f64,
}

impl Shares {
    /// What the request for a range of texts may cost.
    #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
    pub(super) fn of(&self, range: &Range<usize>) -> f64 {
        let bytes = |index: usize| self.before.get(index).copied().unwrap_or_default() as f64;
        let all = bytes(self.before.len().saturating_sub(1));
        self.cap * (bytes(range.end) - bytes(range.start)) / all.max(1.0)
    }
}
