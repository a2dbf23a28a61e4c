//! Reasoning efforts, the models that reason by their ID alone, and the larger budget.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How much a model reasons. The words are OpenRouter's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

impl Effort {
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Minimal,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Xhigh,
        Self::Max,
    ];

    /// Sent to a reasoning model when nobody chose, so that reasoning stays affordable.
    pub const DEFAULT: Self = Self::Low;

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }
}

impl fmt::Display for Effort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text is none of the seven words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of none, minimal, low, medium, high, xhigh, max")]
pub struct UnknownEffort;

/// Reads one of the words in any letter case, with white space around it.
impl FromStr for Effort {
    type Err = UnknownEffort;

    fn from_str(text: &str) -> Result<Self, UnknownEffort> {
        Self::ALL
            .into_iter()
            .find(|effort| effort.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or(UnknownEffort)
    }
}

/// How a row of the table matches a model ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    /// The part after the last `/` starts with the text.
    LastSegmentStart,
    /// The ID contains the text anywhere.
    Anywhere,
}

/// Model IDs of reasoning models, without a catalogue.
const ROUTES: &[(Match, &str)] = &[
    (Match::LastSegmentStart, "gpt-5"),
    (Match::LastSegmentStart, "gpt-6"),
    (Match::LastSegmentStart, "o1"),
    (Match::LastSegmentStart, "o3"),
    (Match::LastSegmentStart, "o4"),
    (Match::Anywhere, "thinking"),
    (Match::Anywhere, "reasoner"),
    (Match::Anywhere, "reasoning"),
    (Match::Anywhere, "deepseek-r1"),
    (Match::Anywhere, "-r1"),
    (Match::Anywhere, "claude-sonnet-4"),
    (Match::Anywhere, "claude-opus-4"),
    // They reason unless a request turns it off.
    (Match::Anywhere, "claude-sonnet-5"),
    (Match::Anywhere, "claude-opus-5"),
    (Match::Anywhere, "claude-fable-5"),
    (Match::Anywhere, "claude-3-7-sonnet"),
    (Match::Anywhere, "claude-3.7-sonnet"),
    (Match::Anywhere, "kimi-k2"),
    (Match::Anywhere, "kimi-2"),
    (Match::Anywhere, "qwq"),
    (Match::Anywhere, "magistral"),
    (Match::Anywhere, "gpt-oss"),
    (Match::Anywhere, "grok-4"),
    (Match::Anywhere, "gemini-2.5-pro"),
    (Match::Anywhere, "gemini-3"),
    (Match::Anywhere, "deepseek-v4"),
    (Match::Anywhere, "deepseek-flash"),
    (Match::Anywhere, "kimi-k3"),
];

/// Whether the ID alone is that of a reasoning model.
pub fn is_reasoning_model(model: &str) -> bool {
    let model = model.to_ascii_lowercase();
    // What follows names a preset, not the model.
    let model = model.split("@preset/").next().unwrap_or_default();
    let last_segment = model.rsplit('/').next().unwrap_or_default();
    ROUTES.iter().any(|(how, text)| match how {
        Match::LastSegmentStart => last_segment.starts_with(text),
        Match::Anywhere => model.contains(text),
    })
}

/// Whether a request asks for reasoning, as the profile's `reasoning` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReasoningMode {
    /// `reasoning: auto`: the model decides.
    #[default]
    Auto,
    /// `reasoning: on`.
    On,
    /// `reasoning: off`, which wins over everything.
    Off,
}

/// The effort of a request; `None` when it does not ask for reasoning.
pub(crate) fn requested_effort(
    model: &str,
    mode: ReasoningMode,
    chosen: Option<Effort>,
) -> Option<Effort> {
    let is_route = match mode {
        ReasoningMode::Off => false,
        ReasoningMode::On => true,
        ReasoningMode::Auto => chosen.is_some() || is_reasoning_model(model),
    };
    is_route.then(|| chosen.unwrap_or(Effort::DEFAULT))
}

/// Largest budget of the second request, in tokens.
pub(crate) const LARGEST_RETRY_BUDGET: u32 = 131_072;

/// The budget of the second request after a model spent all of `max_tokens` on reasoning: four
/// times as much, at least 32768 more, at most [`LARGEST_RETRY_BUDGET`]. `None` when that is not
/// larger.
pub(crate) fn retry_budget(max_tokens: u32) -> Option<u32> {
    let wanted = max_tokens
        .saturating_mul(4)
        .max(max_tokens.saturating_add(32_768))
        .min(LARGEST_RETRY_BUDGET);
    (wanted > max_tokens).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_matches() {
        for model in [
            "openai/gpt-5-mini",
            "openai/o1",
            "openai/o3-pro",
            "openai/o4-mini",
            "o4-mini",
            "qwen/qwen3-thinking",
            "deepseek-reasoner",
            "microsoft/phi-4-reasoning-plus",
            "deepseek/deepseek-r1",
            "tng/chimera-r1:free",
            "anthropic/claude-sonnet-4",
            "anthropic/claude-opus-4.6",
            "claude-3-7-sonnet-20250219",
            "anthropic/claude-3.7-sonnet",
            "moonshotai/kimi-k2",
            "moonshotai/kimi-2",
            "qwen/qwq-32b",
            "mistralai/magistral-medium",
            "openai/gpt-oss-120b",
            "x-ai/grok-4-fast",
            "google/gemini-2.5-pro",
            "OpenAI/GPT-5",
            "gpt-6-luna",
            "claude-sonnet-5-5",
            "anthropic/claude-opus-5.5",
            "gemini-3.8-flash",
            "deepseek-flash",
            "deepseek/deepseek-v4-pro",
            "kimi-k2.6",
            "kimi-k3",
            "openai/o3@preset/brief",
        ] {
            assert!(is_reasoning_model(model), "{model}");
        }
    }

    #[test]
    fn other_models_are_not() {
        for model in [
            "openai/gpt-4o",
            "meta-llama/llama-3.1-70b-instruct",
            "anthropic/claude-3-5-sonnet",
            "openrouter/auto",
            "openai/gpt-4o@preset/o3",
            "mistralai/mistral-large",
            "x-ai/grok-2",
            "google/gemini-2.5-flash",
            "o1x/plain",
        ] {
            assert!(!is_reasoning_model(model), "{model}");
        }
    }

    #[test]
    fn the_mode_wins_over_the_table() {
        assert_eq!(
            requested_effort("openai/o3", ReasoningMode::Auto, None),
            Some(Effort::Low)
        );
        assert_eq!(
            requested_effort("openai/o3", ReasoningMode::Off, Some(Effort::High)),
            None
        );
        assert_eq!(
            requested_effort("openai/gpt-4o", ReasoningMode::Auto, None),
            None
        );
        assert_eq!(
            requested_effort("openai/gpt-4o", ReasoningMode::On, None),
            Some(Effort::Low)
        );
        assert_eq!(
            requested_effort("openai/gpt-4o", ReasoningMode::Auto, Some(Effort::Max)),
            Some(Effort::Max)
        );
    }

    #[test]
    fn the_second_budget_is_four_times_the_first_within_bounds() {
        assert_eq!(retry_budget(32_768), Some(131_072));
        assert_eq!(retry_budget(64), Some(32_832));
        assert_eq!(retry_budget(20_000), Some(80_000));
        assert_eq!(retry_budget(100_000), Some(131_072));
        assert_eq!(retry_budget(131_072), None);
        assert_eq!(retry_budget(u32::MAX), None);
    }

    #[test]
    fn efforts_are_read_in_any_letter_case() {
        assert_eq!("xhigh".parse(), Ok(Effort::Xhigh));
        assert_eq!(" High\n".parse(), Ok(Effort::High));
        assert_eq!("hi gh".parse::<Effort>(), Err(UnknownEffort));
        assert_eq!("".parse::<Effort>(), Err(UnknownEffort));
    }
}
