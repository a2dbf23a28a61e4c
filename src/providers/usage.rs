//! Reads what a reply reports of tokens and cost, wherever a provider puts it.

use serde_json::Value;

use crate::chat::delta::Delta;
use crate::chat::provider::Header;
use crate::chat::usage::{MOST_TOKENS, Usage};
use crate::wire::json_place::value_at;

/// Where a count is, as JSON pointers into the usage object; the first that is a count wins.
type Places = &'static [&'static str];

const PROMPT: Places = &[
    "/prompt_tokens",
    "/input_tokens",
    "/promptTokens",
    "/inputTokens",
];
const COMPLETION: Places = &[
    "/completion_tokens",
    "/output_tokens",
    "/completionTokens",
    "/outputTokens",
];
const REASONING: Places = &[
    "/completion_tokens_details/reasoning_tokens",
    "/output_tokens_details/reasoning_tokens",
    "/reasoning_tokens",
];
/// DeepSeek's `prompt_cache_hit_tokens`, Moonshot's `cached_tokens`.
const CACHED: Places = &[
    "/prompt_tokens_details/cached_tokens",
    "/input_tokens_details/cached_tokens",
    "/prompt_cache_hit_tokens",
    "/cached_tokens",
    // Anthropic, through a proxy
    "/cache_read_input_tokens",
    // Amazon Bedrock
    "/cacheReadInputTokens",
];
/// What is written to a cache, which Anthropic and Amazon Bedrock count apart from the input, as
/// they do what is read from it.
const CACHE_WRITES: Places = &["/cache_creation_input_tokens", "/cacheWriteInputTokens"];
const CACHE_READS: Places = &["/cache_read_input_tokens", "/cacheReadInputTokens"];
const TOTAL: Places = &["/total_tokens", "/totalTokens"];

/// Where the bill is, with the part of a US dollar that the number counts.
const COSTS: &[(&str, f64)] = &[
    ("/cost", 1.0),
    // Perplexity
    ("/cost/total_cost", 1.0),
    // DeepInfra
    ("/estimated_cost", 1.0),
    // xAI: "1 USD = 10,000,000,000 ticks"
    ("/cost_in_usd_ticks", 1e-10),
];

/// LiteLLM's header with the cost.
const COST_HEADER: &str = "x-litellm-response-cost";

/// Adds what a usage object reports to what the same event reported elsewhere.
pub(super) fn read(object: &Value, delta: &mut Delta) {
    if !object.is_object() {
        return;
    }
    let usage = Usage {
        prompt_tokens: count(object, PROMPT),
        completion_tokens: count(object, COMPLETION),
        reasoning_tokens: count(object, REASONING),
        cached_tokens: count(object, CACHED),
        total_tokens: count(object, TOTAL),
    };
    let usage = Usage {
        prompt_tokens: whole_prompt(object, usage),
        ..usage
    };
    let usage = Usage {
        completion_tokens: whole_output(object, usage),
        ..usage
    };
    if let Some(usage) = usage.with_total().reported() {
        delta.usage = Some(delta.usage.unwrap_or_default().updated(usage));
    }
    delta.cost = cost(object).or(delta.cost);
}

fn count(object: &Value, places: Places) -> Option<u64> {
    let mut places = places.iter();
    places.find_map(|place| whole_number(value_at(object, place)?))
}

/// The prompt tokens with the cached ones, which Anthropic counts apart from `input_tokens`; apart
/// from `prompt_tokens` only where the total counts them as well.
fn whole_prompt(object: &Value, usage: Usage) -> Option<u64> {
    let prompt = usage.prompt_tokens?;
    let cached = [CACHE_READS, CACHE_WRITES].map(|places| count(object, places).unwrap_or(0));
    let whole = prompt + cached.iter().sum::<u64>();
    let is_input = count(object, &["/prompt_tokens", "/promptTokens"]).is_none();
    let with_output = whole + usage.completion_tokens.unwrap_or(0);
    let is_apart = usage
        .total_tokens
        .map_or(is_input, |total| total >= with_output);
    let is_count = whole <= MOST_TOKENS;
    Some(if is_apart && is_count { whole } else { prompt })
}

/// The output tokens with those of reasoning: Google counts these only in the total, and xAI apart
/// from `completion_tokens`. Mistral counts audio that it was sent only in the total.
fn whole_output(object: &Value, usage: Usage) -> Option<u64> {
    let reported = usage.completion_tokens;
    if !object["prompt_audio_seconds"].is_null() {
        return reported;
    }
    match (usage.prompt_tokens, usage.total_tokens) {
        // Some servers have a prompt of 0 where they mean nothing new.
        (Some(prompt @ 1..), Some(total)) => {
            let rest = total.saturating_sub(prompt);
            reported.max((rest > 0).then_some(rest))
        }
        _ => {
            let apart = usage
                .reasoning_tokens
                .filter(|_| usage.reasoning_tokens > reported);
            reported.map(|output| output + apart.unwrap_or(0))
        }
    }
}

/// Tokens and the bill in USD of a usage object.
pub(crate) fn of_object(object: &Value) -> (Option<Usage>, Option<f64>) {
    let mut delta = Delta::default();
    read(object, &mut delta);
    (delta.usage, delta.cost)
}

/// A count: a whole number, also when it is written with a fraction of zero or as a text. A number
/// that no request can have is none.
fn whole_number(value: &Value) -> Option<u64> {
    /// Above it, not every whole number has a value of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number in range"
    )]
    let from_float = |number: f64| {
        let is_count = number.fract() == 0.0 && (0.0..=EXACT).contains(&number);
        is_count.then_some(number as u64)
    };
    value
        .as_u64()
        .or_else(|| value.as_f64().and_then(from_float))
        .or_else(|| value.as_str()?.parse().ok())
        .filter(|count| *count <= MOST_TOKENS)
}

/// The bill in USD. With the user's own key at OpenRouter, `cost` is OpenRouter's fee, and the
/// company behind it bills the rest; the bill is unknown without that part.
fn cost(object: &Value) -> Option<f64> {
    let usd = |value: &Value| {
        let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
        number.filter(|cost| cost.is_finite() && *cost >= 0.0)
    };
    let mut costs = COSTS.iter();
    let cost = costs.find_map(|(place, unit)| Some(usd(object.pointer(place)?)? * unit))?;
    if object["is_byok"] != true {
        return Some(cost);
    }
    let upstream = usd(&object["cost_details"]["upstream_inference_cost"])?;
    Some(cost + upstream)
}

/// The bill in USD in the headers of a whole reply, from a LiteLLM proxy; a stream has it in its
/// usage. 0 is also what the proxy writes without a price for the model.
pub(super) fn cost_in_headers(header: Header<'_>) -> Option<f64> {
    let usd: f64 = header(COST_HEADER)?.trim().parse().ok()?;
    (usd.is_finite() && usd > 0.0).then_some(usd)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Prompt, completion, reasoning, cached and total tokens.
    type Counts = [Option<u64>; 5];

    const UNKNOWN: Option<u64> = None;

    fn counts(object: &Value) -> Option<Counts> {
        let mut delta = Delta::default();
        read(object, &mut delta);
        delta.usage.map(|usage| {
            [
                usage.prompt_tokens,
                usage.completion_tokens,
                usage.reasoning_tokens,
                usage.cached_tokens,
                usage.total_tokens,
            ]
        })
    }

    #[track_caller]
    fn assert_counts(rows: &[(&str, Value, Option<Counts>)]) {
        for (name, object, expected) in rows {
            assert_eq!(counts(object), *expected, "{name}");
        }
    }

    #[test]
    fn the_names_of_every_provider_are_read() {
        assert_counts(&[
            (
                "OpenAI",
                json!({"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15,
                    "prompt_tokens_details": {"cached_tokens": 8},
                    "completion_tokens_details": {"reasoning_tokens": 2}}),
                Some([Some(12), Some(3), Some(2), Some(8), Some(15)]),
            ),
            (
                "input and output",
                json!({"input_tokens": 12, "output_tokens": 3,
                    "input_tokens_details": {"cached_tokens": 8},
                    "output_tokens_details": {"reasoning_tokens": 2}}),
                Some([Some(12), Some(3), Some(2), Some(8), Some(15)]),
            ),
            (
                "numbers as texts",
                json!({"prompt_tokens": "12", "completion_tokens": "3"}),
                Some([Some(12), Some(3), UNKNOWN, UNKNOWN, Some(15)]),
            ),
            (
                "both names, one null",
                json!({"prompt_tokens": null, "input_tokens": 12}),
                Some([Some(12), UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
            ),
            (
                "floats",
                json!({"prompt_tokens": 12.0, "completion_tokens": 3.0}),
                Some([Some(12), Some(3), UNKNOWN, UNKNOWN, Some(15)]),
            ),
            (
                "DeepSeek",
                json!({"prompt_tokens": 12, "prompt_cache_hit_tokens": 8, "prompt_cache_miss_tokens": 4}),
                Some([Some(12), UNKNOWN, UNKNOWN, Some(8), UNKNOWN]),
            ),
            (
                "Moonshot",
                json!({"prompt_tokens": 12, "completion_tokens": 3, "cached_tokens": 8}),
                Some([Some(12), Some(3), UNKNOWN, Some(8), Some(15)]),
            ),
        ]);
    }

    #[test]
    fn reasoning_that_is_counted_apart_is_output() {
        let xai = |total: Value| {
            json!({"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": total,
                "completion_tokens_details": {"reasoning_tokens": 1000}})
        };
        let google = |prompt: Value, completion: Value| {
            json!({"prompt_tokens": prompt, "completion_tokens": completion,
                "total_tokens": 1030})
        };
        let output = |count: u64| Some([Some(10), Some(count), UNKNOWN, UNKNOWN, Some(1030)]);
        let reasoned = |count, total| Some([Some(10), Some(count), Some(1000), UNKNOWN, total]);
        assert_counts(&[
            ("Google", google(json!(10), json!(20)), output(1020)),
            ("only reasoning", google(json!(10), json!(0)), output(1020)),
            ("no output", google(json!(10), json!(null)), output(1020)),
            (
                "a total that is smaller",
                google(json!(10), json!(2000)),
                output(2000),
            ),
            (
                "a prompt of 0 for nothing new",
                google(json!(0), json!(20)),
                Some([Some(0), Some(20), UNKNOWN, UNKNOWN, Some(1030)]),
            ),
            ("xAI", xai(json!(1030)), reasoned(1020, Some(1030))),
            (
                "xAI without a total",
                xai(json!(null)),
                reasoned(1020, Some(1030)),
            ),
            // Perplexity bills its reasoning apart from the tokens of the answer.
            ("a total without it", xai(json!(30)), reasoned(20, Some(30))),
            (
                "a total that no request can have",
                json!({"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": u64::MAX}),
                Some([Some(10), Some(20), UNKNOWN, UNKNOWN, Some(30)]),
            ),
        ]);
    }

    #[test]
    fn a_prompt_has_what_was_cached() {
        let cached = |mut object: Value, read: u64, written: u64| {
            object["cache_read_input_tokens"] = json!(read);
            object["cache_creation_input_tokens"] = json!(written);
            object
        };
        let anthropic = json!({"input_tokens": 4, "output_tokens": 5});
        let openai = |prompt: u64, total: u64| {
            json!({"prompt_tokens": prompt, "completion_tokens": 5,
                "total_tokens": total})
        };
        let whole = |read| Some([Some(30_004), Some(5), UNKNOWN, Some(read), Some(30_009)]);
        assert_counts(&[
            ("written", cached(anthropic.clone(), 0, 30_000), whole(0)),
            (
                "read",
                cached(anthropic.clone(), 10_000, 20_000),
                whole(10_000),
            ),
            (
                "in the prompt",
                cached(openai(30_004, 30_009), 30_000, 0),
                whole(30_000),
            ),
            (
                "only in the total",
                cached(openai(4, 30_009), 30_000, 0),
                whole(30_000),
            ),
            (
                "Amazon Bedrock",
                json!({"inputTokens": 4, "outputTokens": 5, "totalTokens": 30_009,
                    "cacheReadInputTokens": 10_000, "cacheWriteInputTokens": 20_000}),
                whole(10_000),
            ),
            (
                "more than any request has",
                cached(anthropic, MOST_TOKENS, 0),
                Some([Some(4), Some(5), UNKNOWN, Some(MOST_TOKENS), Some(9)]),
            ),
        ]);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        assert_counts(&[
            ("empty", json!({}), None),
            ("no object", json!([12]), None),
            (
                "all null",
                json!({"prompt_tokens": null, "completion_tokens": null}),
                None,
            ),
            (
                "no numbers",
                json!({"prompt_tokens": "many", "completion_tokens": -1, "total_tokens": 1.5}),
                None,
            ),
            (
                "more than any request has",
                json!({"prompt_tokens": u64::MAX, "completion_tokens": i64::MAX,
                    "total_tokens": "9007199254740993"}),
                None,
            ),
            (
                "a zero that was reported",
                json!({"prompt_tokens": 12, "completion_tokens": 0}),
                Some([Some(12), Some(0), UNKNOWN, UNKNOWN, Some(12)]),
            ),
            (
                "only the prompt",
                json!({"prompt_tokens": 12, "completion_tokens": null}),
                Some([Some(12), UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
            ),
        ]);
    }

    #[test]
    fn with_the_users_own_key_the_cost_is_the_fee_and_the_bill_of_the_company() {
        let rows = [
            (json!({"cost": 0.25}), Some(0.25)),
            (json!({"cost": "0.25"}), Some(0.25)),
            (
                json!({"cost": {"input_tokens_cost": 0.125, "total_cost": 0.25}}),
                Some(0.25),
            ),
            (json!({"estimated_cost": 0.25}), Some(0.25)),
            (json!({"cost_in_usd_ticks": 2_500_000_000_u64}), Some(0.25)),
            (json!({"cost": "free"}), None),
            (json!({"cost": -1.0}), None),
            (
                json!({"cost": 0, "is_byok": true, "cost_details": {"upstream_inference_cost": 0.036}}),
                Some(0.036),
            ),
            (
                json!({"cost": 0.002, "is_byok": true, "cost_details": {"upstream_inference_cost": null}}),
                None,
            ),
            (json!({"cost": 0.002, "is_byok": true}), None),
            (
                json!({"cost": 0.5, "is_byok": false, "cost_details": {"upstream_inference_cost": 0.5}}),
                Some(0.5),
            ),
        ];
        for (object, expected) in rows {
            let mut delta = Delta::default();
            read(&object, &mut delta);
            assert_eq!(delta.cost, expected, "{object}");
        }
    }
}
