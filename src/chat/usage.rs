//! Tokens used, as the provider counted them. A count that was not reported is unknown, never zero.

use serde::Serialize;

/// Most tokens that a count may have, 2^53: above it, not every whole number has a value of its own
/// in JSON, and sums overflow.
pub(crate) const MOST_TOKENS: u64 = 1 << 53;

/// Tokens of one or more requests. A count is `None` when no reply reported it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are those of the API")]
pub struct Usage {
    /// Prompt tokens, cached ones included.
    pub prompt_tokens: Option<u64>,
    /// Output tokens, reasoning included.
    pub completion_tokens: Option<u64>,
    pub reasoning_tokens: Option<u64>,
    pub cached_tokens: Option<u64>,
    pub total_tokens: Option<u64>,
}

impl Usage {
    /// The sum of what was reported.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.zip(other, |one, more| match (one, more) {
            (Some(one), Some(more)) => Some(one.saturating_add(more)),
            (one, more) => one.or(more),
        })
    }

    /// What a later chunk of the same reply reported, field by field, over what an earlier one did.
    /// Some servers have 0 where they mean nothing new.
    #[must_use]
    pub fn updated(self, later: Self) -> Self {
        // A total counts what its own chunk reported.
        let is_outdated = later.prompt_tokens.or(later.completion_tokens).is_some();
        let is_part = self.prompt_tokens > Some(0) && later.prompt_tokens == Some(0);
        let total = |usage: Self, keeps: bool| Self {
            total_tokens: usage.total_tokens.filter(|_| keeps),
            ..usage
        };
        let newer =
            |earlier, later: Option<u64>| later.filter(|&new| new > 0).or(earlier).or(later);
        total(self, !is_outdated)
            .zip(total(later, !is_part), newer)
            .with_total()
    }

    /// The same with a total, where that is missing and can be added up.
    #[must_use]
    pub fn with_total(self) -> Self {
        let sum = self
            .tokens()
            .map(|(prompt, completion)| prompt.saturating_add(completion));
        Self {
            total_tokens: self.total_tokens.or(sum),
            ..self
        }
    }

    /// Prompt and output tokens, where both are known.
    pub fn tokens(self) -> Option<(u64, u64)> {
        self.prompt_tokens.zip(self.completion_tokens)
    }

    /// The usage, unless every count is unknown.
    pub fn reported(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }

    fn zip(self, other: Self, count: impl Fn(Option<u64>, Option<u64>) -> Option<u64>) -> Self {
        Self {
            prompt_tokens: count(self.prompt_tokens, other.prompt_tokens),
            completion_tokens: count(self.completion_tokens, other.completion_tokens),
            reasoning_tokens: count(self.reasoning_tokens, other.reasoning_tokens),
            cached_tokens: count(self.cached_tokens, other.cached_tokens),
            total_tokens: count(self.total_tokens, other.total_tokens),
        }
    }
}

/// The usage of two requests: the sum of what was reported.
pub(crate) fn sum(one: Option<Usage>, more: Option<Usage>) -> Option<Usage> {
    match (one, more) {
        (Some(one), Some(more)) => Some(one.plus(more)),
        (one, more) => one.or(more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USAGE: Usage = Usage {
        prompt_tokens: Some(1000),
        completion_tokens: Some(500),
        reasoning_tokens: Some(100),
        cached_tokens: None,
        total_tokens: Some(1500),
    };

    #[test]
    fn usage_adds_up_without_overflow() {
        let sum = USAGE.plus(USAGE);
        assert_eq!(
            sum,
            Usage {
                prompt_tokens: Some(2000),
                completion_tokens: Some(1000),
                reasoning_tokens: Some(200),
                cached_tokens: None,
                total_tokens: Some(3000),
            }
        );
        let huge = Usage {
            prompt_tokens: Some(u64::MAX),
            ..USAGE
        };
        assert_eq!(huge.plus(USAGE).prompt_tokens, Some(u64::MAX));
    }

    #[test]
    fn a_count_that_only_one_reply_reported_is_its_own_sum() {
        let cached = Usage {
            cached_tokens: Some(7),
            ..Usage::default()
        };
        assert_eq!(USAGE.plus(cached).cached_tokens, Some(7));
        assert_eq!(sum(None, Some(USAGE)), Some(USAGE));
        assert_eq!(sum(None, None), None);
    }

    #[test]
    fn a_later_chunk_updates_field_by_field() {
        let prompt = Usage {
            prompt_tokens: Some(12),
            total_tokens: Some(12),
            ..Usage::default()
        };
        let completion = Usage {
            completion_tokens: Some(3),
            ..Usage::default()
        };
        let both = prompt.updated(completion);
        assert_eq!(both.tokens(), Some((12, 3)));
        assert_eq!(both.total_tokens, Some(15));
        assert_eq!(both.updated(USAGE), USAGE);
    }
}
