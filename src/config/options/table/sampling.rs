//! Options of sampling, and what is returned of it.

use crate::config::options::kind::{ANY, ValueKind, WORDS};
use crate::config::options::row::Reach::{Everyone, OpenRouter, OwnServers};
use crate::config::options::row::{RequestOption, row};

/// A probability.
const SHARE: ValueKind = ValueKind::Number {
    least: 0.0,
    most: 1.0,
};

const PENALTY: ValueKind = ValueKind::Number {
    least: -2.0,
    most: 2.0,
};

/// The rows of this topic, in the order of the documentation.
pub(super) const ROWS: &[RequestOption] = &[
    row(
        "top_k",
        ValueKind::Integer {
            least: 0,
            most: i64::MAX,
        },
        OwnServers,
        Some("top_k"),
        "sample from this many of the most likely tokens (0 for all)",
        "40",
    ),
    row(
        "min_p",
        SHARE,
        OwnServers,
        Some("min_p"),
        "minimum probability, relative to the most likely token",
        "0.05",
    ),
    row(
        "top_a",
        SHARE,
        OpenRouter,
        Some("top_a"),
        "minimum probability, relative to the square of the most likely token's",
        "0.2",
    ),
    row(
        "repetition_penalty",
        ValueKind::Above {
            floor: 0.0,
            most: 2.0,
        },
        OwnServers,
        Some("repetition_penalty"),
        "penalise tokens of the prompt",
        "1.1",
    ),
    row(
        "frequency_penalty",
        PENALTY,
        Everyone,
        Some("frequency_penalty"),
        "penalise tokens by how often they have appeared",
        "-0.5",
    ),
    row(
        "presence_penalty",
        PENALTY,
        Everyone,
        Some("presence_penalty"),
        "penalise tokens that have appeared",
        "0.5",
    ),
    row(
        "seed",
        ValueKind::Integer {
            least: i64::MIN,
            most: i64::MAX,
        },
        Everyone,
        Some("seed"),
        "seed for reproducible sampling, where the provider supports it",
        "7",
    ),
    row(
        "stop",
        ValueKind::Either(&[
            ValueKind::List {
                least: 1,
                most: 4,
                item: &WORDS,
            },
            WORDS,
        ]),
        Everyone,
        Some("stop"),
        "stop sequences",
        r#"["END","STOP"]"#,
    ),
    row(
        "logit_bias",
        ValueKind::Pairs {
            most: ANY,
            key: ANY,
            value: &ValueKind::Number {
                least: -100.0,
                most: 100.0,
            },
        },
        Everyone,
        Some("logit_bias"),
        "bias token IDs, -100 to 100",
        r#"{"50256":-100}"#,
    ),
    row(
        "logprobs",
        ValueKind::Bool,
        Everyone,
        Some("logprobs"),
        "return the log probability of each token",
        "true",
    ),
    row(
        "top_logprobs",
        ValueKind::Integer { least: 0, most: 20 },
        Everyone,
        Some("top_logprobs"),
        "return this many alternatives to each token; turns `logprobs` on",
        "5",
    ),
    row(
        "verbosity",
        ValueKind::OpenChoice(&["low", "medium", "high", "xhigh", "max"]),
        Everyone,
        Some("verbosity"),
        "length of the answer",
        "\"low\"",
    ),
];
