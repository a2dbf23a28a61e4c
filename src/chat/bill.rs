//! Adds up what the requests of one answer used and cost.

use super::answer::Sent;
use super::cost::Cost;
use super::usage::{self, Usage};

/// Usage and cost of several requests.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Bill {
    /// The sum of what was reported.
    pub usage: Option<Usage>,
    /// Of each request that may have cost something, at the price of its own model. Unknown when
    /// that of one is.
    pub cost: Cost,
}

impl Bill {
    /// The bill of these requests.
    pub(crate) fn of<'a>(requests: impl Iterator<Item = &'a Sent> + Clone) -> Self {
        let costs = requests.clone().filter(|sent| sent.may_have_cost);
        Self {
            usage: requests.fold(None, |sum, sent| usage::sum(sum, sent.usage)),
            cost: costs
                .map(|sent| sent.cost)
                .reduce(Cost::plus)
                .unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::cost::{CostSource, TokenPrice};
    use crate::chat::samples;

    const USAGE: Usage = Usage {
        prompt_tokens: Some(1_000_000),
        completion_tokens: Some(0),
        reasoning_tokens: None,
        cached_tokens: None,
        total_tokens: None,
    };

    /// A request with this bill, of a model with this price.
    fn sent(billed: Option<f64>, usage: Option<Usage>, input: f64) -> Sent {
        let price = TokenPrice { input, output: 1.0 };
        Sent {
            usage,
            cost: Cost::of(billed, usage, Some(price)),
            ..samples::sent()
        }
    }

    fn cost(requests: &[Sent]) -> (Option<f64>, CostSource) {
        let cost = Bill::of(requests.iter()).cost;
        (cost.usd, cost.source)
    }

    #[test]
    fn a_sum_with_a_gap_is_not_the_whole() {
        assert_eq!(cost(&[]), (None, CostSource::Unknown));
        let billed = |usd| sent(Some(usd), Some(USAGE), 2.0);
        let bills = [billed(0.25), billed(0.5)];
        assert_eq!(cost(&bills), (Some(0.75), CostSource::Provider));
        let usage = Bill::of(bills.iter()).usage;
        assert_eq!(usage.and_then(Usage::tokens), Some((2_000_000, 0)));
        let estimated = [billed(0.25), sent(None, Some(USAGE), 2.0)];
        assert_eq!(cost(&estimated), (Some(2.25), CostSource::Estimate));
        let without_reply = [billed(0.25), sent(None, None, 2.0)];
        assert_eq!(cost(&without_reply), (None, CostSource::Unknown));
    }

    #[test]
    fn each_request_has_the_price_of_its_model() {
        let requests = [sent(None, Some(USAGE), 10.0), sent(None, Some(USAGE), 0.5)];
        assert_eq!(cost(&requests), (Some(10.5), CostSource::Estimate));
    }

    #[test]
    fn a_refused_request_costs_nothing() {
        let refused = Sent {
            may_have_cost: false,
            ..sent(None, None, 2.0)
        };
        let requests = [refused, sent(Some(0.25), Some(USAGE), 2.0)];
        assert_eq!(cost(&requests), (Some(0.25), CostSource::Provider));
    }
}
