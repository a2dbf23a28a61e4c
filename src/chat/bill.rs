//! Adds up what several attempts of one answer used and cost.

use super::cost::{Cost, TokenPrice};
use super::usage::{self, Usage};

/// Usage and bills of the attempts whose reply was read.
#[derive(Debug, Default)]
pub(super) struct Bill {
    pub usage: Option<Usage>,
    /// In USD.
    usd: Option<f64>,
    /// A reply had no cost, so the sum is not the whole.
    is_missing_a_cost: bool,
    /// A reply had not both counts, so an estimate is not the whole either.
    is_missing_tokens: bool,
}

impl Bill {
    /// Adds what one reply reported.
    pub(super) fn add(&mut self, usage: Option<Usage>, usd: Option<f64>) {
        self.is_missing_a_cost = self.is_missing_a_cost || usd.is_none();
        self.is_missing_tokens = self.is_missing_tokens || usage.and_then(Usage::tokens).is_none();
        self.usage = usage::sum(self.usage, usage);
        self.usd = match (self.usd, usd) {
            (Some(sum), Some(more)) => Some(sum + more),
            (sum, more) => sum.or(more),
        };
    }

    /// The cost of all replies: the bills when each reply has one, else an estimate when each has
    /// its counts, else unknown.
    pub(super) fn cost(&self, price: Option<TokenPrice>) -> Cost {
        let billed = self.usd.filter(|_| !self.is_missing_a_cost);
        let usage = self.usage.filter(|_| !self.is_missing_tokens);
        Cost::of(billed, usage, price)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::cost::CostSource;

    #[test]
    fn a_sum_with_a_gap_is_not_the_whole() {
        let usage = Usage {
            prompt_tokens: Some(1_000_000),
            completion_tokens: Some(0),
            ..Usage::default()
        };
        let price = Some(TokenPrice {
            input: 2.0,
            output: 1.0,
        });
        let mut bill = Bill::default();
        assert_eq!(bill.cost(price).source, CostSource::Unknown);
        bill.add(Some(usage), Some(0.25));
        bill.add(Some(usage), Some(0.5));
        assert_eq!(
            bill.cost(price),
            Cost {
                usd: Some(0.75),
                source: CostSource::Provider
            }
        );
        bill.add(Some(usage), None);
        assert_eq!(
            bill.cost(price),
            Cost {
                usd: Some(6.0),
                source: CostSource::Estimate
            }
        );
        let half_known = Usage {
            completion_tokens: None,
            ..usage
        };
        bill.add(Some(half_known), None);
        assert_eq!(bill.cost(price).source, CostSource::Unknown);
    }
}
