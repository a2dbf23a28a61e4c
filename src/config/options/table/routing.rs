//! Options that choose models and providers at OpenRouter.

use crate::config::options::kind::{ANY, OBJECT, UNBOUNDED, ValueKind, WORDS};
use crate::config::options::row::Reach::{Everyone, OpenRouter};
use crate::config::options::row::{RequestOption, row};

const SLUGS: ValueKind = ValueKind::List {
    least: 1,
    most: ANY,
    item: &WORDS,
};

const POSITIVE: ValueKind = ValueKind::Above {
    floor: 0.0,
    most: UNBOUNDED,
};

const PERCENTILES: ValueKind = ValueKind::Either(&[
    POSITIVE,
    ValueKind::Object {
        needs: &[],
        fields: &[
            ("p50", POSITIVE),
            ("p75", POSITIVE),
            ("p90", POSITIVE),
            ("p99", POSITIVE),
        ],
    },
]);

const AMOUNT: ValueKind = ValueKind::Number {
    least: 0.0,
    most: UNBOUNDED,
};

const PRICES: ValueKind = ValueKind::Object {
    needs: &[],
    fields: &[
        ("prompt", AMOUNT),
        ("completion", AMOUNT),
        ("image", AMOUNT),
        ("audio", AMOUNT),
        ("request", AMOUNT),
    ],
};

const SORTS: ValueKind = ValueKind::OpenChoice(&["price", "throughput", "latency", "exacto"]);

const QUANTIZATIONS: &[&str] = &[
    "int4", "int8", "fp4", "mxfp4", "nvfp4", "fp6", "fp8", "mxfp8", "fp16", "bf16", "fp32",
    "unknown",
];

const TIERS: &[&str] = &[
    "auto",
    "default",
    "fast",
    "flex",
    "priority",
    "scale",
    "ultrafast",
];

/// The rows of this topic, in the order of the documentation.
pub(super) const ROWS: &[RequestOption] = &[
    row(
        "models",
        SLUGS,
        OpenRouter,
        None,
        "fallback models, in order; overrides the profile's `fallback_models`",
        r#"["a/second","b/third"]"#,
    ),
    row(
        "preset",
        WORDS,
        OpenRouter,
        None,
        "preset of the account",
        "\"email-copywriter\"",
    ),
    row(
        "provider.order",
        SLUGS,
        OpenRouter,
        None,
        "providers to try first, in order",
        r#"["Together","DeepInfra"]"#,
    ),
    row(
        "provider.only",
        SLUGS,
        OpenRouter,
        None,
        "use only these providers",
        r#"["anthropic","google-vertex"]"#,
    ),
    row(
        "provider.ignore",
        SLUGS,
        OpenRouter,
        None,
        "providers to skip",
        r#"["azure"]"#,
    ),
    row(
        "provider.allow_fallbacks",
        ValueKind::Bool,
        OpenRouter,
        None,
        "allow other providers when the preferred ones are unavailable",
        "false",
    ),
    row(
        "provider.require_parameters",
        ValueKind::Bool,
        OpenRouter,
        None,
        "use only providers that support every parameter of the request",
        "true",
    ),
    row(
        "provider.data_collection",
        ValueKind::Choice(&["allow", "deny"]),
        OpenRouter,
        None,
        "whether providers may store the data",
        "\"deny\"",
    ),
    row(
        "provider.zdr",
        ValueKind::Bool,
        OpenRouter,
        None,
        "use only endpoints with zero data retention",
        "true",
    ),
    row(
        "provider.enforce_distillable_text",
        ValueKind::Bool,
        OpenRouter,
        None,
        "use only models that allow distillation of their text",
        "true",
    ),
    row(
        "provider.quantizations",
        ValueKind::List {
            least: 1,
            most: ANY,
            item: &ValueKind::OpenChoice(QUANTIZATIONS),
        },
        OpenRouter,
        None,
        "use only these quantization levels",
        r#"["fp8","bf16"]"#,
    ),
    row(
        "provider.sort",
        ValueKind::Either(&[
            SORTS,
            ValueKind::Object {
                needs: &["by"],
                fields: &[
                    ("by", SORTS),
                    ("partition", ValueKind::OpenChoice(&["model", "none"])),
                ],
            },
        ]),
        OpenRouter,
        None,
        "sort the providers",
        "\"price\"",
    ),
    row(
        "provider.preferred_min_throughput",
        PERCENTILES,
        OpenRouter,
        None,
        "preferred minimum throughput, tokens per second",
        "50",
    ),
    row(
        "provider.preferred_max_latency",
        PERCENTILES,
        OpenRouter,
        None,
        "preferred maximum latency, seconds to the first token",
        r#"{"p90":3}"#,
    ),
    row(
        "provider.max_price",
        PRICES,
        OpenRouter,
        None,
        "maximum price, USD per million tokens",
        r#"{"prompt":1,"completion":2.5}"#,
    ),
    row(
        "provider.options",
        OBJECT,
        OpenRouter,
        None,
        "provider-specific options, by provider slug",
        r#"{"azure":{"region":"eu"}}"#,
    ),
    row(
        "plugins",
        ValueKind::List {
            least: 0,
            most: ANY,
            item: &ValueKind::Object {
                needs: &["id"],
                fields: &[("id", WORDS), ("enabled", ValueKind::Bool)],
            },
        },
        OpenRouter,
        None,
        "plugins, each with its `id`",
        r#"[{"id":"response-healing"}]"#,
    ),
    row(
        "transforms",
        ValueKind::List {
            least: 0,
            most: ANY,
            item: &ValueKind::OpenChoice(&["middle-out"]),
        },
        OpenRouter,
        None,
        "compress a prompt that is too long; also sent as the plugin `context-compression`",
        r#"["middle-out"]"#,
    ),
    row(
        "route",
        ValueKind::OpenChoice(&["fallback", "sort"]),
        OpenRouter,
        None,
        "retired by OpenRouter: accepted, and not sent",
        "\"fallback\"",
    ),
    row(
        "service_tier",
        ValueKind::OpenChoice(TIERS),
        Everyone,
        None,
        "processing tier: faster and more expensive, or slower and cheaper",
        "\"flex\"",
    ),
    row(
        "speed",
        ValueKind::OpenChoice(&["fast", "standard"]),
        OpenRouter,
        None,
        "`fast`: the same as the tier `priority`",
        "\"fast\"",
    ),
];
