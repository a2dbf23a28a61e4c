//! The token counts in a refusal of a request that is too long, and what fits instead.

/// Fewest output tokens that are worth another request.
const LEAST: u64 = 16;

/// Added to a prompt that the server only estimated, in tokens and as a fraction.
const MARGIN: u64 = 16;
const MARGIN_FRACTION: u64 = 50;

/// Token counts as the server reports them; `None` for those that it does not report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    /// The most of prompt and answer together: the context window, or a quota.
    pub limit: Option<u64>,
    /// The most of the answer alone, whatever the prompt.
    pub output_limit: Option<u64>,
    pub prompt: Option<u64>,
    /// What was requested for the answer.
    pub output: Option<u64>,
    /// Prompt and answer together.
    pub total: Option<u64>,
    /// The prompt is an estimate, or a lower bound.
    pub is_estimate: bool,
    /// The limit is what the account may use in a minute, not the model's context window.
    pub is_quota: bool,
}

impl Room {
    /// Tokens of the prompt as the server counted them; `asked` is the `max_tokens` of the request.
    pub fn prompt_tokens(&self, asked: u32) -> Option<u64> {
        // The whole may count more of the prompt than its messages.
        let counted = self.total.zip(self.output);
        let of_both = counted.and_then(|(total, output)| total.checked_sub(output));
        let of_total = || self.total?.checked_sub(asked.into());
        of_both.or(self.prompt).or_else(of_total)
    }

    /// Whether the prompt alone exceeds the limit; `None` when the counts do not tell.
    pub fn is_prompt_too_long(&self, asked: u32) -> Option<bool> {
        if self.output_limit.is_some() {
            return Some(false);
        }
        let limit = self.limit?;
        match (self.prompt_tokens(asked), self.total) {
            (Some(prompt), _) => Some(prompt >= limit),
            // The total is less than the answer alone could be: it counts the prompt.
            (None, Some(total)) => Some(total >= limit),
            (None, None) => None,
        }
    }

    /// The `max_tokens` that fits in place of `asked`; `None` when nothing smaller does. `estimate`
    /// is the prompt in tokens, for a server that does not count it.
    pub fn fitting(&self, asked: u32, estimate: u64) -> Option<u32> {
        let of_window = || {
            let prompt = match self.prompt_tokens(asked) {
                Some(prompt) if self.is_estimate => {
                    let margin = prompt / MARGIN_FRACTION + MARGIN;
                    prompt.saturating_add(margin).max(estimate)
                }
                Some(prompt) => prompt,
                None => estimate,
            };
            self.limit?.checked_sub(prompt)
        };
        let fitting = self.output_limit.or_else(of_window)?;
        let fitting = u32::try_from(fitting).unwrap_or(u32::MAX);
        (u64::from(fitting) >= LEAST && fitting < asked).then_some(fitting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_the_limit_without_the_prompt() {
        let counted = Room {
            limit: Some(32_768),
            prompt: Some(12),
            output: Some(32_768),
            ..Room::default()
        };
        assert_eq!(counted.fitting(32_768, 300), Some(32_756));
        assert_eq!(counted.is_prompt_too_long(32_768), Some(false));
        let total = Room {
            limit: Some(32_768),
            total: Some(32_780),
            ..Room::default()
        };
        assert_eq!(total.fitting(32_768, 300), Some(32_756));
        let bound = Room {
            is_estimate: true,
            ..counted
        };
        assert_eq!(bound.fitting(32_768, 300), Some(32_468));
        assert_eq!(bound.fitting(32_768, 0), Some(32_740));
    }

    #[test]
    fn a_limit_of_the_answer_alone_ignores_the_prompt() {
        let room = Room {
            output_limit: Some(8192),
            ..Room::default()
        };
        assert_eq!(room.fitting(32_768, 0), Some(8192));
        assert_eq!(room.fitting(8192, 0), None, "it is not smaller");
        assert_eq!(room.is_prompt_too_long(32_768), Some(false));
    }

    #[test]
    fn a_prompt_that_fills_the_window_leaves_nothing() {
        let full = Room {
            limit: Some(4096),
            prompt: Some(4090),
            ..Room::default()
        };
        assert_eq!(full.fitting(4096, 0), None);
        let long = Room {
            limit: Some(200_000),
            prompt: Some(214_000),
            ..Room::default()
        };
        assert_eq!(
            (long.is_prompt_too_long(4096), long.fitting(4096, 0)),
            (Some(true), None)
        );
        let limit_alone = Room {
            limit: Some(8192),
            ..Room::default()
        };
        assert_eq!(limit_alone.is_prompt_too_long(4096), None);
        assert_eq!(limit_alone.fitting(32_768, 256), Some(7936));
    }
}
