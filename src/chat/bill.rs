//! Adds up what several attempts of one answer used and cost.

use super::cost::Usage;

/// Usage and bills of the attempts that reported them.
#[derive(Debug, Default)]
pub struct Bill {
    pub usage: Option<Usage>,
    /// In USD.
    pub usd: Option<f64>,
    /// An attempt brought usage without a bill, so the sum of bills is not the whole.
    pub is_partial: bool,
}

impl Bill {
    pub fn add(&mut self, usage: Option<Usage>, usd: Option<f64>) {
        self.is_partial = self.is_partial || (usage.is_some() && usd.is_none());
        self.usage = match (self.usage, usage) {
            (Some(sum), Some(more)) => Some(sum.plus(more)),
            (sum, more) => sum.or(more),
        };
        self.usd = match (self.usd, usd) {
            (Some(sum), Some(more)) => Some(sum + more),
            (sum, more) => sum.or(more),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_bills_with_a_gap_is_no_bill() {
        let usage = Usage { total_tokens: 1, ..Usage::default() };
        let mut bill = Bill::default();
        bill.add(Some(usage), Some(0.25));
        bill.add(Some(usage), Some(0.5));
        assert_eq!((bill.usd, bill.is_partial), (Some(0.75), false));
        bill.add(Some(usage), None);
        assert!(bill.is_partial);
    }
}
