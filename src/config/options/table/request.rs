//! Options of caching and attribution.

use crate::config::options::kind::{OBJECT, ValueKind, WORDS};
use crate::config::options::row::Reach::{Everyone, OpenRouter};
use crate::config::options::row::{RequestOption, row};

/// The rows of this topic, in the order of the documentation.
pub(super) const ROWS: &[RequestOption] = &[
    row(
        "cache_control",
        ValueKind::Object {
            needs: &["type"],
            fields: &[
                ("type", ValueKind::OpenChoice(&["ephemeral"])),
                ("ttl", ValueKind::OpenChoice(&["5m", "1h"])),
            ],
        },
        OpenRouter,
        None,
        "cache the prompt",
        r#"{"type":"ephemeral","ttl":"1h"}"#,
    ),
    row(
        "prompt_cache_key",
        WORDS,
        Everyone,
        None,
        "prompts with the same key share a cache",
        "\"team-a\"",
    ),
    row(
        "prompt_cache_options",
        ValueKind::Object {
            needs: &[],
            fields: &[
                ("mode", ValueKind::OpenChoice(&["explicit"])),
                ("ttl", ValueKind::OpenChoice(&["30m", "12h"])),
            ],
        },
        Everyone,
        None,
        "prompt caching, GPT-5.6 and later",
        r#"{"mode":"explicit","ttl":"30m"}"#,
    ),
    row(
        "session_id",
        ValueKind::Text { most: 256 },
        OpenRouter,
        None,
        "route all requests of a session to one provider, for its cache",
        "\"review-42\"",
    ),
    row(
        "user",
        ValueKind::Text { most: 128 },
        Everyone,
        None,
        "stable ID of the end user",
        "\"alice\"",
    ),
    row(
        "metadata",
        ValueKind::Pairs {
            most: 16,
            key: 64,
            value: &ValueKind::Text { most: 512 },
        },
        Everyone,
        None,
        "labels of the request",
        r#"{"team":"a"}"#,
    ),
    row(
        "trace",
        OBJECT,
        OpenRouter,
        None,
        "names for tracing",
        r#"{"trace_id":"t-1","span_name":"review"}"#,
    ),
    row(
        "debug",
        ValueKind::Object {
            needs: &[],
            fields: &[("echo_upstream_body", ValueKind::Bool)],
        },
        OpenRouter,
        None,
        "return debugging information in the stream",
        r#"{"echo_upstream_body":true}"#,
    ),
];
