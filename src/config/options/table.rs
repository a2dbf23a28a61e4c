//! The table of options: every field of OpenRouter's body that a user may want to set, as data.

use super::kind::{ANY, UNBOUNDED, ValueKind};

/// Whose servers take an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// OpenRouter alone.
    OpenRouter,
    /// Also servers of one's own, which sample as OpenRouter's providers do.
    OwnServers,
    /// A field of the OpenAI form: everybody.
    Everyone,
}

/// One option of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestOption {
    /// Its name in the body, dotted inside objects.
    pub name: &'static str,
    pub kind: ValueKind,
    pub reach: Reach,
    /// Its name among the parameters that lists of models tell of; `None` where they say nothing,
    /// or where a request that needs it is refused rather than sent without it.
    pub parameter: Option<&'static str>,
    pub meaning: &'static str,
    /// A value as JSON.
    pub example: &'static str,
}

const fn row(
    name: &'static str,
    kind: ValueKind,
    reach: Reach,
    parameter: Option<&'static str>,
    meaning: &'static str,
    example: &'static str,
) -> RequestOption {
    RequestOption {
        name,
        kind,
        reach,
        parameter,
        meaning,
        example,
    }
}

use Reach::{Everyone, OpenRouter, OwnServers};

const WORDS: ValueKind = ValueKind::Text { most: ANY };
const SLUGS: ValueKind = ValueKind::List {
    least: 1,
    most: ANY,
    item: &WORDS,
};
const PENALTY: ValueKind = ValueKind::Number {
    least: -2.0,
    most: 2.0,
};
const SHARE: ValueKind = ValueKind::Number {
    least: 0.0,
    most: 1.0,
};
const OBJECT: ValueKind = ValueKind::Object {
    needs: &[],
    fields: &[],
};
const TYPED: ValueKind = ValueKind::Object {
    needs: &["type"],
    fields: &[],
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
const EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh", "max"];
const TIERS: &[&str] = &[
    "auto",
    "default",
    "fast",
    "flex",
    "priority",
    "scale",
    "ultrafast",
];
const FORMATS: ValueKind =
    ValueKind::OpenChoice(&["text", "json_object", "json_schema", "grammar", "python"]);

/// Every option, in the order of the documentation.
pub const OPTIONS: &[RequestOption] = &[
    // Those that amx has a setting of its own for.
    row(
        "temperature",
        ValueKind::Number {
            least: 0.0,
            most: 2.0,
        },
        Everyone,
        Some("temperature"),
        "randomness",
        "0.7",
    ),
    row(
        "top_p",
        SHARE,
        Everyone,
        Some("top_p"),
        "only the likeliest tokens that make up this share",
        "0.9",
    ),
    row(
        "max_tokens",
        ValueKind::Integer {
            least: 1,
            most: u32::MAX as i64,
        },
        Everyone,
        None,
        "most tokens to produce, thinking included",
        "512",
    ),
    row(
        "reasoning_effort",
        ValueKind::Choice(EFFORTS),
        Everyone,
        None,
        "how much to think",
        "\"high\"",
    ),
    row(
        "private",
        ValueKind::Bool,
        OpenRouter,
        None,
        "only providers that neither keep nor train on what is sent: `data_collection: deny` and \
        `zdr: true`",
        "true",
    ),
    // Sampling.
    row(
        "top_k",
        ValueKind::Integer {
            least: 0,
            most: i64::MAX,
        },
        OwnServers,
        Some("top_k"),
        "only so many of the likeliest tokens; 0 for all",
        "40",
    ),
    row(
        "min_p",
        SHARE,
        OwnServers,
        Some("min_p"),
        "only tokens with this share of the likeliest one's probability",
        "0.05",
    ),
    row(
        "top_a",
        SHARE,
        OpenRouter,
        Some("top_a"),
        "only tokens above this share of the likeliest one's squared probability",
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
        "against repeating the prompt",
        "1.1",
    ),
    row(
        "frequency_penalty",
        PENALTY,
        Everyone,
        Some("frequency_penalty"),
        "against tokens, the more often they came",
        "-0.5",
    ),
    row(
        "presence_penalty",
        PENALTY,
        Everyone,
        Some("presence_penalty"),
        "against tokens that came at all",
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
        "the same seed, the same answer, where a provider can",
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
        "texts that end the answer",
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
        "tokens by number, made likelier or less likely",
        r#"{"50256":-100}"#,
    ),
    row(
        "logprobs",
        ValueKind::Bool,
        Everyone,
        Some("logprobs"),
        "the probability of each token",
        "true",
    ),
    row(
        "top_logprobs",
        ValueKind::Integer { least: 0, most: 20 },
        Everyone,
        Some("top_logprobs"),
        "and of so many others in its place; turns `logprobs` on",
        "5",
    ),
    row(
        "verbosity",
        ValueKind::OpenChoice(&["low", "medium", "high", "xhigh", "max"]),
        Everyone,
        Some("verbosity"),
        "how long the answer is",
        "\"low\"",
    ),
    // Models and providers.
    row(
        "models",
        SLUGS,
        OpenRouter,
        None,
        "models to fall back to, in order; in the place of the profile's `fallback_models`",
        r#"["a/second","b/third"]"#,
    ),
    row(
        "preset",
        WORDS,
        OpenRouter,
        None,
        "a preset of the account",
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
        "no providers but these",
        r#"["anthropic","google-vertex"]"#,
    ),
    row(
        "provider.ignore",
        SLUGS,
        OpenRouter,
        None,
        "providers to leave out",
        r#"["azure"]"#,
    ),
    row(
        "provider.allow_fallbacks",
        ValueKind::Bool,
        OpenRouter,
        None,
        "whether providers outside `order` may step in",
        "false",
    ),
    row(
        "provider.require_parameters",
        ValueKind::Bool,
        OpenRouter,
        None,
        "only providers that take every parameter of the request",
        "true",
    ),
    row(
        "provider.data_collection",
        ValueKind::Choice(&["allow", "deny"]),
        OpenRouter,
        None,
        "whether providers may keep what is sent",
        "\"deny\"",
    ),
    row(
        "provider.zdr",
        ValueKind::Bool,
        OpenRouter,
        None,
        "only endpoints that retain nothing",
        "true",
    ),
    row(
        "provider.enforce_distillable_text",
        ValueKind::Bool,
        OpenRouter,
        None,
        "only models whose answers may train others",
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
        "only weights of these precisions",
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
        "which provider first",
        "\"price\"",
    ),
    row(
        "provider.preferred_min_throughput",
        PERCENTILES,
        OpenRouter,
        None,
        "tokens per second that are wished for",
        "50",
    ),
    row(
        "provider.preferred_max_latency",
        PERCENTILES,
        OpenRouter,
        None,
        "seconds to the first token that are wished for",
        r#"{"p90":3}"#,
    ),
    row(
        "provider.max_price",
        PRICES,
        OpenRouter,
        None,
        "most to pay, USD per million tokens",
        r#"{"prompt":1,"completion":2.5}"#,
    ),
    row(
        "provider.options",
        OBJECT,
        OpenRouter,
        None,
        "options of single providers, by slug",
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
        "`middle-out` shortens a prompt that is too long; sent as the plugin `context-compression` \
        as well",
        r#"["middle-out"]"#,
    ),
    row(
        "route",
        ValueKind::OpenChoice(&["fallback", "sort"]),
        OpenRouter,
        None,
        "retired by OpenRouter: taken, and not sent",
        "\"fallback\"",
    ),
    row(
        "service_tier",
        ValueKind::OpenChoice(TIERS),
        Everyone,
        None,
        "faster and dearer, or slower and cheaper",
        "\"flex\"",
    ),
    // Thinking.
    row(
        "reasoning.enabled",
        ValueKind::Bool,
        OpenRouter,
        None,
        "thinking on or off, without an effort",
        "true",
    ),
    row(
        "reasoning.exclude",
        ValueKind::Bool,
        OpenRouter,
        None,
        "think, and keep the thoughts back",
        "true",
    ),
    row(
        "reasoning.summary",
        ValueKind::OpenChoice(&["auto", "concise", "detailed"]),
        OpenRouter,
        None,
        "how thoughts are summarised",
        "\"concise\"",
    ),
    row(
        "reasoning.context",
        ValueKind::OpenChoice(&["auto", "all_turns", "current_turn"]),
        OpenRouter,
        None,
        "whose thoughts the model sees again",
        "\"all_turns\"",
    ),
    row(
        "reasoning.mode",
        ValueKind::OpenChoice(&["standard", "pro"]),
        OpenRouter,
        None,
        "GPT-5.6 and later: how it thinks",
        "\"standard\"",
    ),
    // Form and tools.
    row(
        "response_format",
        ValueKind::Object {
            needs: &["type"],
            fields: &[("type", FORMATS)],
        },
        Everyone,
        None,
        "the form of the answer",
        r#"{"type":"json_object"}"#,
    ),
    row(
        "tools",
        ValueKind::List {
            least: 0,
            most: ANY,
            item: &TYPED,
        },
        Everyone,
        None,
        "tools that the model may call",
        r#"[{"type":"function","function":{"name":"now"}}]"#,
    ),
    row(
        "tool_choice",
        ValueKind::Either(&[ValueKind::Choice(&["none", "auto", "required"]), TYPED]),
        Everyone,
        Some("tool_choice"),
        "whether a tool is called, or which",
        "\"auto\"",
    ),
    row(
        "parallel_tool_calls",
        ValueKind::Bool,
        Everyone,
        Some("parallel_tool_calls"),
        "whether several tools may be called at once",
        "false",
    ),
    row(
        "modalities",
        ValueKind::List {
            least: 1,
            most: ANY,
            item: &ValueKind::OpenChoice(&["text", "image", "audio"]),
        },
        Everyone,
        None,
        "what the answer may consist of",
        r#"["text","image"]"#,
    ),
    row(
        "image_config",
        OBJECT,
        OpenRouter,
        None,
        "the form of pictures in the answer",
        r#"{"aspect_ratio":"16:9"}"#,
    ),
    row(
        "audio",
        ValueKind::Object {
            needs: &["voice", "format"],
            fields: &[],
        },
        Everyone,
        None,
        "the voice of the answer",
        r#"{"voice":"alloy","format":"pcm16"}"#,
    ),
    row(
        "prediction",
        ValueKind::Object {
            needs: &["type", "content"],
            fields: &[],
        },
        Everyone,
        Some("prediction"),
        "most of the answer, where it is known already",
        r#"{"type":"content","content":"fn main() {}"}"#,
    ),
    row(
        "web_search_options",
        ValueKind::Pairs {
            most: ANY,
            key: ANY,
            value: &WORDS,
        },
        Everyone,
        Some("web_search_options"),
        "how the model searches",
        r#"{"search_context_size":"low"}"#,
    ),
    // Caching.
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
        "GPT-5.6 and later: how prompts are cached",
        r#"{"mode":"explicit","ttl":"30m"}"#,
    ),
    // Attribution.
    row(
        "session_id",
        ValueKind::Text { most: 256 },
        OpenRouter,
        None,
        "requests of one session go to one provider, for its cache",
        "\"review-42\"",
    ),
    row(
        "user",
        WORDS,
        Everyone,
        None,
        "a stable name of the end user",
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
        "what OpenRouter makes of the request, told in the stream",
        r#"{"echo_upstream_body":true}"#,
    ),
];

/// Other names of options that amx has a setting for.
const ALIASES: &[(&str, &str)] = &[
    ("max_completion_tokens", "max_tokens"),
    ("reasoning.effort", "reasoning_effort"),
];

/// Options that a field of the profile and a flag of `chat` decide already.
const SETTINGS: &[&str] = &["temperature", "top_p", "max_tokens", "reasoning_effort"];

/// How many letters a mistyped name may be away from the one that is meant.
const NEAR: usize = 2;

/// The option of that name.
pub fn find(name: &str) -> Option<&'static RequestOption> {
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, name)| *name);
    OPTIONS.iter().find(|option| option.name == name)
}

/// Whether something is known of that name: an option, a part of one, or an object that holds some.
pub fn is_known(name: &str) -> bool {
    name == "reasoning"
        || find(name).is_some()
        || OPTIONS
            .iter()
            .any(|option| super::path::overlap(option.name, name))
}

/// The option that a name is nearly that of, when it is none itself. What stands in an object is as
/// good a name as the whole.
pub fn near(name: &str) -> Option<&'static str> {
    if is_known(name) || name.len() <= NEAR + 1 {
        return None;
    }
    let distance = |option: &RequestOption| {
        let last = option.name.rsplit('.').next().unwrap_or_default();
        strsim::damerau_levenshtein(name, option.name).min(strsim::damerau_levenshtein(name, last))
    };
    let nearest = OPTIONS
        .iter()
        .map(|option| (distance(option), option.name))
        .min()?;
    (nearest.0 <= NEAR).then_some(nearest.1)
}

impl RequestOption {
    /// The flag of `amx chat`.
    pub fn flag(&self) -> String {
        format!("--{}", self.name.replace(['_', '.'], "-"))
    }

    /// Whether a setting of its own carries it, and not a field laid over the body.
    pub fn is_setting(&self) -> bool {
        SETTINGS.contains(&self.name)
    }

    /// Where it stands in a profile.
    pub fn profile_key(&self) -> String {
        if self.is_setting() || self.name == "private" {
            self.name.to_owned()
        } else {
            format!("openrouter.{}", self.name)
        }
    }

    /// The example as it is typed after a flag, `-o` and `/set`.
    pub fn typed_example(&self) -> String {
        match serde_json::from_str(self.example) {
            Ok(serde_json::Value::String(text)) => text,
            Ok(serde_json::Value::Array(items))
                if items.iter().all(serde_json::Value::is_string) =>
            {
                items
                    .iter()
                    .filter_map(serde_json::Value::as_str)
                    .collect::<Vec<_>>()
                    .join(",")
            }
            _ => self.example.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_holds_together() {
        for (index, option) in OPTIONS.iter().enumerate() {
            assert!(
                OPTIONS[..index]
                    .iter()
                    .all(|other| other.name != option.name && other.flag() != option.flag()),
                "{}",
                option.name
            );
            let example: serde_json::Value = serde_json::from_str(option.example).unwrap();
            assert!(option.kind.fits(&example), "{} {example}", option.name);
            assert_eq!(option.kind.doubt(&example), None, "{}", option.name);
            assert_eq!(
                option.kind.read(&option.typed_example()),
                Some(example),
                "{}",
                option.name
            );
        }
    }

    #[test]
    fn mistyped_names_find_what_was_meant() {
        assert_eq!(near("tpo_k"), Some("top_k"));
        assert_eq!(near("provider.srot"), Some("provider.sort"));
        assert_eq!(near("frequency_penality"), Some("frequency_penalty"));
        assert_eq!(
            near("require_parameter"),
            Some("provider.require_parameters")
        );
        assert_eq!(
            [
                near("top_k"),
                near("reasoning"),
                near("provider"),
                near("metadata.team"),
                near("n"),
                near("new_field")
            ],
            [None; 6]
        );
    }
}
