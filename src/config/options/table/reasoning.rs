//! Options of reasoning beyond its effort.

use crate::config::options::kind::ValueKind;
use crate::config::options::row::Reach::OpenRouter;
use crate::config::options::row::{RequestOption, row};

/// The rows of this topic, in the order of the documentation.
pub(super) const ROWS: &[RequestOption] = &[
    row(
        "reasoning.enabled",
        ValueKind::Bool,
        OpenRouter,
        None,
        "turn reasoning on or off, without an effort",
        "true",
    ),
    row(
        "reasoning.exclude",
        ValueKind::Bool,
        OpenRouter,
        None,
        "omit the reasoning from the response",
        "true",
    ),
    row(
        "reasoning.summary",
        ValueKind::OpenChoice(&["auto", "concise", "detailed"]),
        OpenRouter,
        None,
        "detail of the reasoning summary",
        "\"concise\"",
    ),
    row(
        "reasoning.context",
        ValueKind::OpenChoice(&["auto", "all_turns", "current_turn"]),
        OpenRouter,
        None,
        "turns whose reasoning is sent back to the model",
        "\"all_turns\"",
    ),
    row(
        "reasoning.mode",
        ValueKind::OpenChoice(&["standard", "pro"]),
        OpenRouter,
        None,
        "reasoning mode, GPT-5.6 and later",
        "\"standard\"",
    ),
];
