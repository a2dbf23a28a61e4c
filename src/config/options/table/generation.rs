//! The settings that every provider supports, and `private`.

use crate::config::options::kind::ValueKind;
use crate::config::options::row::Reach::OpenRouter;
use crate::config::options::row::{RequestOption, row, setting};

pub(crate) const TEMPERATURE: ValueKind = ValueKind::Number {
    least: 0.0,
    most: 2.0,
};

pub(crate) const MAX_TOKENS: ValueKind = ValueKind::Integer {
    least: 1,
    most: u32::MAX as i64,
};

/// The settings of [`crate::config::GenerationSettings`], then `private`.
pub(super) const ROWS: &[RequestOption] = &[
    setting(
        "temperature",
        TEMPERATURE,
        Some("temperature"),
        "sampling temperature",
        "0.7",
    ),
    setting(
        "top_p",
        ValueKind::Number {
            least: 0.0,
            most: 1.0,
        },
        Some("top_p"),
        "nucleus sampling: only the most likely tokens whose probabilities add up to this",
        "0.9",
    ),
    setting(
        "max_tokens",
        MAX_TOKENS,
        None,
        "maximum output tokens, reasoning included",
        "512",
    ),
    setting(
        "reasoning_effort",
        ValueKind::Effort,
        None,
        "reasoning effort",
        "\"high\"",
    ),
    row(
        "private",
        ValueKind::Bool,
        OpenRouter,
        None,
        "use only providers that neither store prompts nor train on them: `data_collection: deny` \
        and `zdr: true`",
        "true",
    ),
];
