//! What an answer cost: the provider's bill, else an estimate, else unknown, never zero by mistake.

use serde::Serialize;

use super::usage::Usage;

/// USD per million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenPrice {
    pub input: f64,
    pub output: f64,
}

impl TokenPrice {
    /// USD for so many tokens in and out.
    pub fn of(self, input: u64, output: u64) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "token counts are far below 2^52"
        )]
        let (input, output) = (input as f64, output as f64);
        (input * self.input + output * self.output) / 1_000_000.0
    }
}

/// The most that one request can cost: every token of the prompt, and `max_tokens` of output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WorstCase {
    /// USD for the prompt.
    pub prompt: f64,
    /// USD for each of `max_tokens`, of all answers when several are requested in parallel.
    pub token: f64,
}

impl WorstCase {
    /// A request whose cost does not depend on `max_tokens`.
    pub(crate) fn whole(usd: f64) -> Self {
        Self {
            prompt: usd,
            token: 0.0,
        }
    }

    /// USD for a request with this `max_tokens`.
    pub(crate) fn of(self, max_tokens: u32) -> f64 {
        self.prompt + self.token * f64::from(max_tokens)
    }
}

/// Where a cost comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CostSource {
    /// The provider's own figure: the bill.
    Provider,
    /// Tokens times a known price.
    Estimate,
    #[default]
    Unknown,
}

/// What an answer cost, in USD.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    pub usd: Option<f64>,
    pub source: CostSource,
}

impl Cost {
    /// The bill when there is one, else the estimate from the usage and a price. Both counts must
    /// be known for an estimate.
    pub fn of(billed: Option<f64>, usage: Option<Usage>, price: Option<TokenPrice>) -> Self {
        if let Some(usd) = billed {
            return Self {
                usd: Some(usd),
                source: CostSource::Provider,
            };
        }
        match (usage.and_then(Usage::tokens), price) {
            (Some((prompt, completion)), Some(price)) => Self {
                usd: Some(price.of(prompt, completion)),
                source: CostSource::Estimate,
            },
            _ => Self::default(),
        }
    }
}

impl Cost {
    /// What it is of an answer that did not come to its end. What had been reported by then is no
    /// estimate of the whole: some providers count from the first event on.
    #[must_use]
    pub(crate) fn of_part(self) -> Self {
        if self.source == CostSource::Estimate {
            return Self::default();
        }
        self
    }

    /// Both together: unknown when one of them is.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let Some((one, more)) = self.usd.zip(other.usd) else {
            return Self::default();
        };
        let is_bill = self.source == CostSource::Provider && other.source == CostSource::Provider;
        Self {
            usd: Some(one + more),
            source: if is_bill {
                CostSource::Provider
            } else {
                CostSource::Estimate
            },
        }
    }
}

/// What several answers cost together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spent {
    /// Of the answers whose cost is known; `None` when none is.
    pub usd: Option<f64>,
    /// Part of it is an estimate.
    pub has_estimates: bool,
    /// The cost of some answers is unknown and not in `usd`.
    pub has_unknown: bool,
}

impl Spent {
    #[must_use]
    pub fn plus(self, cost: Cost) -> Self {
        self.and(Self {
            usd: cost.usd,
            has_estimates: cost.source == CostSource::Estimate,
            has_unknown: cost.usd.is_none(),
        })
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let usd = match (self.usd, other.usd) {
            (Some(left), Some(right)) => Some(left + right),
            (left, right) => left.or(right),
        };
        Self {
            usd,
            has_estimates: self.has_estimates || other.has_estimates,
            has_unknown: self.has_unknown || other.has_unknown,
        }
    }
}

/// Most tokens of one small image.
pub(crate) const MAX_IMAGE_TOKENS: usize = 8192;

/// A number of tokens or choices as JSON has it, also `3.0`; `None` where it is no number, or one
/// below zero.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes the nearest number that there is"
)]
pub(crate) fn count(value: &serde_json::Value) -> Option<u64> {
    let whole = value.as_u64();
    let number = || value.as_f64().filter(|number| *number >= 0.0);
    whole.or_else(|| number().map(|number| number.ceil() as u64))
}

/// Most tokens that a text of so many bytes can have: a tokenizer makes at most one of each byte,
/// and a message costs a few more than its text.
pub(crate) fn most_tokens(bytes: usize) -> u64 {
    bytes as u64 + 16
}

#[cfg(test)]
mod tests {
    use super::*;

    const USAGE: Usage = Usage {
        prompt_tokens: Some(1000),
        completion_tokens: Some(500),
        reasoning_tokens: Some(100),
        cached_tokens: Some(0),
        total_tokens: Some(1500),
    };

    #[test]
    fn the_bill_beats_the_estimate_and_unknown_is_not_zero() {
        let price = TokenPrice {
            input: 3.0,
            output: 15.0,
        };
        assert_eq!(
            Cost::of(Some(0.5), Some(USAGE), Some(price)),
            Cost {
                usd: Some(0.5),
                source: CostSource::Provider
            }
        );
        assert_eq!(
            Cost::of(None, Some(USAGE), Some(price)),
            Cost {
                usd: Some(0.0105),
                source: CostSource::Estimate
            }
        );
        assert_eq!(
            Cost::of(None, Some(USAGE), None),
            Cost {
                usd: None,
                source: CostSource::Unknown
            }
        );
        assert_eq!(Cost::of(None, None, Some(price)).usd, None);
        let half_known = Usage {
            completion_tokens: None,
            ..USAGE
        };
        assert_eq!(
            Cost::of(None, Some(half_known), Some(price)),
            Cost::default()
        );
    }

    #[test]
    fn a_number_below_zero_is_no_count() {
        let of = |value: serde_json::Value| count(&value);
        assert_eq!(of(0.into()), Some(0));
        assert_eq!(of(2.5.into()), Some(3));
        assert_eq!(of(1e300.into()), Some(u64::MAX));
        for value in [(-1).into(), (-0.5).into(), i64::MIN.into(), "7".into()] {
            assert_eq!(of(value), None);
        }
    }

    #[test]
    fn a_sum_with_an_unknown_part_is_unknown_and_with_an_estimate_an_estimate() {
        let cost = |usd: f64, source| Cost {
            usd: Some(usd),
            source,
        };
        let (bill, estimate) = (
            cost(0.5, CostSource::Provider),
            cost(0.25, CostSource::Estimate),
        );
        assert_eq!(
            (bill.plus(bill), bill.plus(estimate)),
            (
                cost(1.0, CostSource::Provider),
                cost(0.75, CostSource::Estimate)
            )
        );
        assert_eq!(bill.plus(Cost::default()), Cost::default());
    }
}
