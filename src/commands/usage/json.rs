//! Spending as JSON.

use serde_json::{Map, Value, json};

use super::args::By;
use super::caps::DayCap;
use crate::account::balance::AccountBalance;
use crate::ports::answer_report::named;
use crate::store::LedgerTotal;

/// The object of `amx usage --json`.
pub(super) fn report(
    by: By,
    since: Option<&str>,
    totals: &[LedgerTotal],
    sum: &LedgerTotal,
    caps: &[DayCap],
) -> Value {
    let rows: Vec<Value> = totals.iter().map(|total| row(by, total, caps)).collect();
    let caps: Vec<Value> = caps.iter().map(DayCap::json).collect();
    json!({
        "since": since,
        "by": by.name(),
        "rows": rows,
        "total": numbers(sum),
        "caps": caps,
    })
}

fn row(by: By, total: &LedgerTotal, caps: &[DayCap]) -> Value {
    let key = if by == By::Profile {
        json!(named(&total.key))
    } else {
        json!(total.key)
    };
    let mut row = Map::from_iter([(by.name().to_owned(), key)]);
    if let Value::Object(numbers) = numbers(total) {
        row.extend(numbers);
    }
    if by == By::Profile {
        let cap = caps.iter().find(|cap| cap.profile == total.key);
        row.insert("cap_per_day".to_owned(), json!(cap.map(|cap| cap.cap)));
        row.insert("left_today".to_owned(), json!(cap.map(DayCap::left)));
    }
    Value::Object(row)
}

fn numbers(total: &LedgerTotal) -> Value {
    json!({
        "requests": total.requests,
        "refused": total.refused,
        "prompt_tokens": total.tokens(|usage| usage.prompt_tokens),
        "completion_tokens": total.tokens(|usage| usage.completion_tokens),
        "reasoning_tokens": total.tokens(|usage| usage.reasoning_tokens),
        "cached_tokens": total.tokens(|usage| usage.cached_tokens),
        "cost_usd": cost(total),
        "estimates": total.estimates,
        "unknown": total.unknown,
        "outcome_unknown": total.unsettled,
    })
}

/// USD; `None` when the cost of every request is unknown.
pub(super) fn cost(total: &LedgerTotal) -> Option<f64> {
    let known = total.requests - total.refused - total.unknown;
    (known > 0 || total.unknown == 0).then_some(total.usd)
}

/// The account at the provider.
pub(super) fn account(profile: &str, balance: &AccountBalance) -> Value {
    json!({
        "profile": named(profile),
        "limit": balance.limit,
        "limit_remaining": balance.remaining,
        "limit_reset": balance.reset,
        "usage": balance.used,
        "usage_daily": balance.used_today,
        "usage_weekly": balance.used_this_week,
        "usage_monthly": balance.used_this_month,
        "is_free_tier": balance.is_free_tier,
        "credits": balance.credits.map(|credits| {
            json!({"total": credits.bought, "used": credits.used, "left": credits.left()})
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_cost_is_null_and_a_rejected_request_costs_nothing() {
        assert_eq!(
            cost(&LedgerTotal {
                requests: 2,
                refused: 1,
                unknown: 1,
                ..LedgerTotal::default()
            }),
            None
        );
        assert_eq!(
            cost(&LedgerTotal {
                requests: 1,
                refused: 1,
                ..LedgerTotal::default()
            }),
            Some(0.0)
        );
        assert_eq!(
            cost(&LedgerTotal {
                requests: 2,
                unknown: 1,
                usd: 0.5,
                ..LedgerTotal::default()
            }),
            Some(0.5)
        );
    }
}
