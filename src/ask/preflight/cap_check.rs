//! `--max-cost` and the caps of a profile: refuses a request that could cost more, before it is
//! sent. Costs are in USD.

use super::budget;
use super::caps::{self, CapKind};
use crate::ask::images::ImageCost;
use crate::ask::output_limit::LimitReason;
use crate::ask::plan::PlannedTarget;
use crate::ask::price_lookup::PriceLookup;
use crate::ask::question::Checks;
use crate::catalog::Price;
use crate::config::options::Remark;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::thousands;
use crate::present::money::{usd, usd_up};

/// The hint for a router, which selects no model above it.
const MAX_PRICE: &str =
    "--provider-max-price '{\"prompt\":1,\"completion\":5}'   (USD per million tokens, at most)";
const FIXED_PRICE: &str = "amx models --max-price 5   (lists models with a fixed price)";
const SET_PRICE: &str = "set price: {input: USD, output: USD} in the profile, per million tokens";
const FREE_PRICE: &str =
    "set price: {input: 0, output: 0} in the profile, if the server costs nothing per token";

/// Checks the worst case of one target: every prompt token and all of `max_tokens`, reasoning
/// included. What is left of a daily cap is checked when it is reserved.
///
/// # Errors
/// [`ErrorKind::Limit`] when the worst case exceeds the cap, or cannot be computed.
pub(crate) fn check(
    planned: &PlannedTarget,
    checks: Checks,
    remarks: &mut Vec<Remark>,
) -> Result<(), CommandError> {
    let (settings, target) = (&planned.settings, &planned.target);
    if !caps::is_capped(settings) {
        return Ok(());
    }
    let cap = settings.max_cost.as_ref().map(|cap| cap.value);
    if target.worst_case.is_none() {
        let cap = cap.or(settings.max_cost_per_day).unwrap_or_default();
        if checks.is_dry_run {
            remarks.push(Remark::Note(unknown_in_dry_run(planned, cap)));
            return Ok(());
        }
        return Err(unknown_price(planned, cap));
    }
    let Some(cap) = cap else { return Ok(()) };
    let worst = budget::bounded_worst_case(target, cap)?.of(target.request.max_tokens);
    if caps::fits(worst, cap) {
        return Ok(());
    }
    let error = CommandError::new(
        ErrorKind::Limit,
        format!(
            "the answer could cost {}, more than {}",
            usd(worst),
            caps::words(settings, CapKind::Request)
        ),
    );
    Err(error
        .caused_by_words(arithmetic(planned))
        .hint(remedy(planned, cap, 0.0, "the cap")))
}

/// The arithmetic of the worst case, for an error.
pub(crate) fn arithmetic(planned: &PlannedTarget) -> String {
    match &planned.images {
        Some(images) => images.words(),
        None => budget::arithmetic(&planned.target, planned.highest_price()),
    }
}

/// The note of a dry run, which fetches no price.
fn unknown_in_dry_run(planned: &PlannedTarget, cap: f64) -> String {
    let model = &planned.target.request.model;
    if planned.facts.model().is_some() || planned.images.is_some() {
        return format!(
            "the price of {model} {}, so the cap of ${cap} cannot be enforced",
            why_unknown(planned)
        );
    }
    format!(
        "the price of {model} is not cached, so max_tokens may be lower under the cap of ${cap}; \
        amx models sync caches it"
    )
}

/// Why a request has no highest price, after "the price of MODEL".
fn why_unknown(planned: &PlannedTarget) -> &'static str {
    match planned.facts.model().map(|model| &model.price) {
        Some(Price::Varies) => "depends on the model that it selects",
        _ => "is unknown",
    }
}

/// The error for a price that is neither set nor in the catalogue.
pub(crate) fn unknown_price(planned: &PlannedTarget, cap: f64) -> CommandError {
    let model = &planned.target.request.model;
    let profile = &planned.settings.profile.value;
    if planned.images.is_some() {
        return ImageCost::unknown(model, cap);
    }
    let why = why_unknown(planned);
    let error = CommandError::new(
        ErrorKind::Limit,
        format!("the price of {model} {why}, so the cap of ${cap} cannot be enforced"),
    );
    let error = match &planned.price_lookup {
        PriceLookup::Failed(why) => error.caused_by_words(why.clone()),
        _ => error,
    };
    let set_price = if planned.settings.entry.works_without_key {
        FREE_PRICE
    } else {
        SET_PRICE
    };
    match planned.facts.model().map(|model| &model.price) {
        Some(Price::Varies) => error.hints([MAX_PRICE, FIXED_PRICE, set_price]),
        // A catalogue that has the model lists no price for it.
        Some(_) if planned.settings.entry.is_openrouter => error.hints([FIXED_PRICE, set_price]),
        Some(_) => error.hint(set_price),
        None if planned.price_lookup == PriceLookup::Recent => error
            .hint(format!(
                "check the model ID: the provider does not list {model}"
            ))
            .hint(set_price),
        None if planned.settings.profile.is_default() => {
            error.hints(["amx models sync", set_price])
        }
        None => error
            .hint(format!("amx models sync -p {profile}"))
            .hint(set_price),
    }
}

/// What makes a request fit that could cost more than `left`: fewer tokens where that is possible,
/// or a higher `cap`. `used` is what else counts against it.
pub(crate) fn remedy(planned: &PlannedTarget, left: f64, used: f64, cap: &str) -> String {
    let target = &planned.target;
    let Some(worst) = target.worst_case else {
        return format!("raise {cap}");
    };
    let tokens = target.request.max_tokens;
    let raise = format!("raise {cap} to {}", usd_up(used + worst.of(tokens)));
    if planned.images.is_some() {
        return format!("{raise}, or ask for fewer images");
    }
    // Below the default of other models, a reasoning model gets its floor all the same.
    let is_chosen = planned.decisions.limit.reason == LimitReason::Chosen;
    match caps::affordable(left, worst) {
        0 => format!("shorten the prompt, or {raise}"),
        fewer if is_chosen || fewer >= caps::LEAST => format!(
            "lower max_tokens to {}, shorten the prompt, or {raise}",
            thousands(fewer.into())
        ),
        _ => format!("{raise}, or use a cheaper model"),
    }
}
