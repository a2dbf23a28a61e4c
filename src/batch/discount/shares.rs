//! The cost of each row of a batch: its own, or a share of the bill.

use crate::ask::outcome::Outcome;
use crate::chat::cost::CostSource;

/// How much the sum of the rows may differ from the bill to be the same.
const TOLERANCE: f64 = 0.01;

/// The cost of a row, in USD.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share {
    pub usd: f64,
    /// It is a part of the bill by tokens, not the provider's own figure.
    pub is_shared: bool,
}

/// What each row costs of a bill of `usd`: its own cost where those of all rows are the bill, else
/// a share by tokens.
pub(super) fn shares(outcomes: &[Option<Outcome>], usd: f64) -> Vec<Share> {
    let own: Option<Vec<f64>> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().map_or(Some(0.0), own_cost))
        .collect();
    if let Some(own) = own.filter(|own| is_bill(own, usd)) {
        return own
            .into_iter()
            .map(|usd| Share {
                usd,
                is_shared: false,
            })
            .collect();
    }
    let weights: Vec<f64> = outcomes
        .iter()
        .map(|outcome| weight(outcome.as_ref()))
        .collect();
    let all: f64 = weights.iter().sum();
    let of_weight = |weight: f64| Share {
        usd: if all > 0.0 { usd * weight / all } else { 0.0 },
        is_shared: true,
    };
    weights.into_iter().map(of_weight).collect()
}

/// The provider's own figure for a row; nothing for one without an answer.
fn own_cost(outcome: &Outcome) -> Option<f64> {
    let answer = &outcome.answer;
    if !answer.may_have_cost() {
        return Some(0.0);
    }
    let is_bill = answer.cost.source == CostSource::Provider;
    answer.cost.usd.filter(|_| is_bill)
}

fn is_bill(own: &[f64], usd: f64) -> bool {
    let sum: f64 = own.iter().sum();
    (sum - usd).abs() <= usd * TOLERANCE
}

fn weight(outcome: Option<&Outcome>) -> f64 {
    let Some(answer) = outcome.map(|outcome| &outcome.answer) else {
        return 0.0;
    };
    if !answer.may_have_cost() {
        return 0.0;
    }
    let tokens = answer
        .usage
        .and_then(|usage| usage.with_total().total_tokens);
    #[expect(
        clippy::cast_precision_loss,
        reason = "token counts are far below 2^52"
    )]
    let tokens = tokens.unwrap_or(1) as f64;
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::answer::{Answer, Sent};
    use crate::chat::cost::Cost;
    use crate::chat::samples;
    use crate::chat::turn::TurnState;
    use crate::chat::usage::Usage;

    fn outcome(tokens: u64, usd: Option<f64>) -> Outcome {
        let cost = Cost::of(usd, None, None);
        let usage = Some(Usage {
            total_tokens: Some(tokens),
            ..Usage::default()
        });
        let sent = Sent {
            usage,
            cost,
            may_have_cost: tokens > 0,
            ..samples::sent()
        };
        let answer = Answer {
            attempts: vec![samples::attempt(sent)],
            usage,
            cost,
            ..Answer::default()
        };
        Outcome::new(answer, TurnState::Complete, None)
    }

    #[test]
    fn rows_have_their_own_cost_when_it_adds_up_to_the_bill() {
        let rows = [
            Some(outcome(10, Some(0.125))),
            Some(outcome(30, Some(0.25))),
            Some(outcome(0, None)),
            None,
        ];
        let own: Vec<f64> = shares(&rows, 0.375).iter().map(|share| share.usd).collect();
        assert_eq!(own, [0.125, 0.25, 0.0, 0.0]);
        // The rows have the price without the discount.
        let shared = shares(&rows, 0.25);
        assert!(shared.iter().all(|share| share.is_shared));
        let shared: Vec<f64> = shared.iter().map(|share| share.usd).collect();
        assert_eq!(shared, [0.0625, 0.1875, 0.0, 0.0]);
    }
}
