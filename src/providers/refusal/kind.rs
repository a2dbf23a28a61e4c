//! Why a provider refused, by status, type and words.
//!
//! Words are matched only where a provider has no type for the reason; each row is one that a
//! provider is known to send.

use serde_json::Value;

use super::words::field_of;
use crate::chat::refusal::{RateLimit, RefusalKind, RoutingRule};

/// The status that each documented type stands for.
const STATUSES: &[(u16, &[&str])] = &[
    (
        400,
        &[
            "context_length_exceeded",
            "max_tokens_exceeded",
            "token_limit_exceeded",
            "string_too_long",
            "invalid_request",
            "invalid_request_error",
            "invalid_prompt",
            "content_policy_violation",
            "refusal",
        ],
    ),
    (
        401,
        &["authentication", "authentication_error", "invalid_api_key"],
    ),
    (402, &["payment_required", "insufficient_quota"]),
    (403, &["permission_denied", "permission_error"]),
    (404, &["not_found", "not_found_error"]),
    (413, &["payload_too_large"]),
    (422, &["unprocessable"]),
    (429, &["rate_limit_exceeded", "rate_limit_error"]),
    (500, &["server", "server_error", "unmapped", "api_error"]),
    (502, &["provider_unavailable"]),
    (503, &["provider_overloaded", "overloaded_error"]),
    (504, &["timeout"]),
];

/// A reason, with the types that name it and the words, in lower case, that stand for it.
struct Row {
    kind: RefusalKind,
    types: &'static [&'static str],
    words: &'static [&'static str],
}

/// Reasons of a 400, 404 or 422, the first that matches.
const REQUEST_ROWS: &[Row] = &[
    Row {
        kind: RefusalKind::UnknownModel,
        types: &["model_not_found"],
        words: &[
            "is not a valid model",
            "model_not_found",
            // LiteLLM
            "invalid model name",
            // Ollama
            "try pulling it first",
        ],
    },
    Row {
        kind: RefusalKind::ContextLength,
        // The second is llama.cpp's.
        types: &["context_length_exceeded", "exceed_context_size_error"],
        words: &[
            "context length",
            "context_length",
            // Anthropic
            "prompt is too long",
            // LiteLLM
            "contextwindowexceeded",
        ],
    },
    Row {
        kind: RefusalKind::Moderated,
        types: &["content_policy_violation"],
        words: &[],
    },
    Row {
        kind: RefusalKind::Authentication,
        types: &[],
        // Google, with status 400
        words: &["api key not valid"],
    },
    Row {
        kind: RefusalKind::NotFound,
        types: &[],
        // LM Studio, with status 200
        words: &["unexpected endpoint or method"],
    },
];

/// Types of a 429 that mean an empty account: OpenAI's and Moonshot's.
const NO_CREDITS: &[&str] = &["insufficient_quota", "exceeded_current_quota_error"];

/// The code of an error inside a 200: a number, a numeric string, or one of the documented words.
pub(super) fn status_of(error: &Value, error_type: &str) -> u16 {
    let code = &error["code"];
    let number = code
        .as_u64()
        .or_else(|| code.as_str().and_then(|text| text.parse().ok()));
    if let Some(number) = number.and_then(|number| u16::try_from(number).ok()) {
        return number;
    }
    STATUSES
        .iter()
        .find(|(_, types)| types.contains(&error_type))
        .map_or(0, |(status, _)| *status)
}

/// The reason of a refusal. `words` are the provider's own and those of the company behind it.
pub(super) fn classify(status: u16, error_type: &str, words: &str, error: &Value) -> RefusalKind {
    let metadata = &error["metadata"];
    match status {
        0 | 400 | 422 => classify_request(status, error_type, words, error),
        401 => RefusalKind::Authentication,
        402 => classify_payment(words, metadata),
        403 => classify_forbidden(words, metadata),
        404 => row(error_type, words).unwrap_or_else(|| classify_not_found(words, error)),
        408 | 504 | 524 => RefusalKind::Timeout,
        413 => RefusalKind::TooLarge,
        429 if NO_CREDITS.contains(&error_type) => RefusalKind::Credits,
        429 => RefusalKind::RateLimited(classify_rate_limit(words, error)),
        500..=599 => RefusalKind::Server,
        _ => RefusalKind::Other,
    }
}

/// The first row that matches.
fn row(error_type: &str, words: &str) -> Option<RefusalKind> {
    let lower = words.to_ascii_lowercase();
    REQUEST_ROWS
        .iter()
        .find(|row| {
            row.types.contains(&error_type) || row.words.iter().any(|words| lower.contains(words))
        })
        .map(|row| row.kind.clone())
}

fn classify_request(status: u16, error_type: &str, words: &str, error: &Value) -> RefusalKind {
    row(error_type, words).unwrap_or_else(|| {
        if status == 0 {
            RefusalKind::Other
        } else {
            RefusalKind::BadRequest {
                field: field_named(error, words),
            }
        }
    })
}

/// The field that an error is about: named by `param`, by the path of a validation error, or in the
/// words: `reasoning.effort: Invalid…`, `"temperature" must…`, `'top_p' is…`.
fn field_named(error: &Value, words: &str) -> Option<String> {
    let is_field = |text: &str| {
        let plausible = text.len() >= 2
            && text.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte)
            });
        plausible && text.starts_with(|c: char| c.is_ascii_lowercase())
    };
    let param = error["param"].as_str().filter(|param| is_field(param));
    if let Some(param) = param {
        return Some(param.to_owned());
    }
    if let Some(field) = error.pointer("/detail/0").and_then(field_of) {
        return Some(field);
    }
    let before_colon = words.lines().find_map(|line| {
        line.split_once(": ")
            .map(|(field, _)| field)
            .filter(|field| is_field(field))
    });
    let quoted = || {
        words
            .split(['"', '\'', '`'])
            .skip(1)
            .step_by(2)
            .find(|text| is_field(text))
    };
    before_colon.or_else(quoted).map(str::to_owned)
}

fn classify_payment(words: &str, metadata: &Value) -> RefusalKind {
    if metadata["reason"] == "weight_exceeds_budget" {
        return RefusalKind::TooHeavy;
    }
    if metadata["limit_source"] == "openrouter_in_flight_budget" || words.contains("in-flight") {
        return RefusalKind::InFlight;
    }
    if words.contains("fewer max_tokens") {
        return RefusalKind::MaxTokensUnaffordable {
            affordable: number_after(words, "can only afford "),
        };
    }
    if words.contains("Prompt tokens limit exceeded") {
        return RefusalKind::PromptUnaffordable;
    }
    if words.contains("in balance for") {
        return RefusalKind::MinimumBalance;
    }
    RefusalKind::Credits
}

fn number_after(words: &str, marker: &str) -> Option<u32> {
    let (_, rest) = words.split_once(marker)?;
    let digits: String = rest
        .chars()
        .filter(|c| *c != ',')
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

fn classify_forbidden(words: &str, metadata: &Value) -> RefusalKind {
    if words.contains("limit exceeded") {
        RefusalKind::KeyLimit
    } else if metadata["reasons"].is_array()
        || metadata["flagged_input"].is_string()
        || words.to_ascii_lowercase().contains("moderation")
    {
        RefusalKind::Moderated
    } else if metadata["provider_name"].is_string() {
        RefusalKind::ForbiddenUpstream
    } else {
        RefusalKind::Forbidden
    }
}

/// Words of a routing rule, in the message or the step of routing that left no provider; the first
/// that matches.
const ROUTING_WORDS: &[(RoutingRule, &[&str])] = &[
    (
        RoutingRule::Privacy,
        &["data policy", "data_policy", "guardrail", "privacy", "zdr"],
    ),
    (RoutingRule::Tools, &["tool"]),
    (RoutingRule::MaxPrice, &["max price", "max_price"]),
    (RoutingRule::Parameters, &["parameters"]),
    (RoutingRule::Region, &["region"]),
    (RoutingRule::Quantizations, &["quantization"]),
    (RoutingRule::Providers, &["no allowed providers", "ignored"]),
];

fn classify_not_found(words: &str, error: &Value) -> RefusalKind {
    let lower = words.to_ascii_lowercase();
    let metadata = &error["metadata"];
    if !lower.contains("no endpoints")
        && !lower.contains("no allowed providers")
        && metadata["routing_funnel"].is_null()
    {
        return RefusalKind::NotFound;
    }
    let step = failed_step(metadata, &error["availability"]).to_ascii_lowercase();
    let mentions = |word: &&str| lower.contains(*word) || step.contains(*word);
    let rule = ROUTING_WORDS
        .iter()
        .find(|(rule, words)| {
            let is_provider_step = *rule == RoutingRule::Providers && step.contains("provider");
            is_provider_step || words.iter().any(mentions)
        })
        .map_or(RoutingRule::Unknown, |(rule, _)| *rule);
    // `No endpoints found for a/b.` without any rule: there is no such model.
    if rule == RoutingRule::Unknown
        && metadata["routing_funnel"].is_null()
        && lower.contains("no endpoints found for")
    {
        RefusalKind::UnknownModel
    } else {
        RefusalKind::NoEndpoint { rule }
    }
}

/// The step of routing that left no provider: named, the first of the funnel without endpoints, or
/// what excluded them.
fn failed_step(metadata: &Value, availability: &Value) -> String {
    if let Some(step) = metadata["failed_routing_step"].as_str() {
        return step.to_owned();
    }
    let emptied = |step: &&Value| step["endpoint_count"].as_u64() == Some(0);
    let step = metadata["routing_funnel"]
        .as_array()
        .and_then(|steps| steps.iter().find(emptied))
        .and_then(|step| step["step"].as_str());
    let excluded = || {
        availability["excluded_by"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    step.map_or_else(excluded, str::to_owned)
}

fn classify_rate_limit(words: &str, error: &Value) -> RateLimit {
    let metadata = &error["metadata"];
    let source = metadata["limit_source"].as_str().unwrap_or_default();
    if words.contains("free-models-per-day") || source == "openrouter_free_tier_daily" {
        RateLimit::FreeDaily
    } else if words.contains("free-models-per-min") {
        RateLimit::FreePerMinute
    } else if words.contains("new-account-rpm") || source == "openrouter_new_account" {
        RateLimit::NewAccount
    } else if has_daily_quota(&error["details"]) {
        RateLimit::Daily
    } else if source.starts_with("upstream") || words.starts_with("Provider returned error") {
        RateLimit::Upstream
    } else {
        RateLimit::Unknown
    }
}

/// Google's `QuotaFailure` of a quota per day.
fn has_daily_quota(details: &Value) -> bool {
    let violations = details
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|detail| detail["violations"].as_array())
        .flatten();
    violations
        .filter_map(|violation| violation["quotaId"].as_str())
        .any(|quota| quota.contains("PerDay"))
}
