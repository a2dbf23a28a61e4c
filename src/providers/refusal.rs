//! Tells refusals apart, from the many forms that errors come in.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::chat::provider::ReplyHead;
use crate::chat::refusal::{RateLimit, Refusal, RefusalKind, RoutingRule};
use crate::wire::retry_after;

/// Longest message kept, in characters.
const LONGEST_MESSAGE: usize = 300;

type Header<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// Reads a reply whose status is not 200.
pub fn read(head: &ReplyHead<'_>, body: &[u8]) -> Refusal {
    if (300..400).contains(&head.status) {
        let location = (head.header)("location")
            .unwrap_or("an address it does not name")
            .to_owned();
        return Refusal {
            kind: RefusalKind::Redirect { location },
            ..plain(head.status, String::new())
        };
    }
    let text = String::from_utf8_lossy(body);
    let mut refusal = match serde_json::from_str::<Value>(text.trim()) {
        Ok(value) => {
            let error = if value["error"].is_null() {
                &value
            } else {
                &value["error"]
            };
            from_error_object(error, head.status, head.header, head.now)
        }
        Err(_) => {
            let message = from_page(&text);
            let kind = classify(head.status, "", &message, &Value::Null);
            Refusal {
                kind,
                wait: wait_hint(&Value::Null, head.header, head.now),
                ..plain(head.status, message)
            }
        }
    };
    refusal.generation_id = (head.header)("x-generation-id").map(str::to_owned);
    refusal
}

/// Reads an error object, of a refused reply or out of a 200. A code inside the object wins over a
/// status of 200 (given as 0).
pub fn from_error_object(
    error: &Value,
    status: u16,
    header: Header<'_>,
    now: SystemTime,
) -> Refusal {
    let metadata = &error["metadata"];
    let error_type = metadata["error_type"]
        .as_str()
        .or(error["error_type"].as_str())
        .or(error["code"].as_str())
        .or(error["type"].as_str())
        .unwrap_or_default();
    let status = if status == 0 {
        code_of(error, error_type)
    } else {
        status
    };
    let own_words = message_of(error);
    let is_generic = own_words.is_empty() || own_words.starts_with("Provider returned error");
    let message = match raw_words(&metadata["raw"]) {
        Some(raw) if is_generic => raw,
        _ => own_words.clone(),
    };
    let kind = classify(
        status,
        error_type,
        &format!("{own_words}\n{message}"),
        error,
    );
    let provider_name = metadata["provider_name"]
        .as_str()
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    let message = match &provider_name {
        Some(name) if is_generic => format!("{name}: {message}"),
        _ => message,
    };
    Refusal {
        kind,
        provider_name,
        wait: wait_hint(error, header, now),
        ..plain(status, bounded(&message))
    }
}

fn plain(status: u16, message: String) -> Refusal {
    Refusal {
        status,
        kind: RefusalKind::Other,
        message,
        provider_name: None,
        wait: None,
        generation_id: None,
    }
}

/// The code as a number, from a number, a numeric string, or one of the documented words.
fn code_of(error: &Value, error_type: &str) -> u16 {
    let code = &error["code"];
    let number = code
        .as_u64()
        .or_else(|| code.as_str().and_then(|text| text.parse().ok()));
    if let Some(number) = number.and_then(|number| u16::try_from(number).ok()) {
        return number;
    }
    match error_type {
        "context_length_exceeded"
        | "max_tokens_exceeded"
        | "token_limit_exceeded"
        | "string_too_long"
        | "invalid_request"
        | "invalid_request_error"
        | "invalid_prompt"
        | "content_policy_violation"
        | "refusal" => 400,
        "authentication" | "authentication_error" | "invalid_api_key" => 401,
        "payment_required" | "insufficient_quota" => 402,
        "permission_denied" | "permission_error" => 403,
        "not_found" | "not_found_error" => 404,
        "payload_too_large" => 413,
        "unprocessable" => 422,
        "rate_limit_exceeded" | "rate_limit_error" => 429,
        "server" | "server_error" | "unmapped" | "api_error" => 500,
        "provider_unavailable" => 502,
        "provider_overloaded" | "overloaded_error" => 503,
        "timeout" => 504,
        _ => 0,
    }
}

/// The message, also when it is a list of validation errors inside a string.
fn message_of(error: &Value) -> String {
    let text = match error {
        Value::String(text) => text.as_str(),
        _ => error["message"].as_str().unwrap_or_default(),
    };
    let Ok(Value::Array(issues)) = serde_json::from_str::<Value>(text) else {
        return text.to_owned();
    };
    let issue = |issue: &Value| {
        let path: Vec<String> = issue["path"]
            .as_array()
            .into_iter()
            .flatten()
            .map(path_part)
            .collect();
        let message = issue["message"].as_str().unwrap_or("invalid");
        if path.is_empty() {
            message.to_owned()
        } else {
            format!("{}: {message}", path.join("."))
        }
    };
    issues
        .iter()
        .take(3)
        .map(issue)
        .collect::<Vec<_>>()
        .join("; ")
}

fn path_part(part: &Value) -> String {
    part.as_str()
        .map_or_else(|| part.to_string(), str::to_owned)
}

/// The upstream's own words: a string, a JSON text, or an object.
fn raw_words(raw: &Value) -> Option<String> {
    let parsed = match raw {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(value @ Value::Object(_)) => value,
            _ => return Some(text.clone()).filter(|text| !text.trim().is_empty()),
        },
        Value::Object(_) => raw.clone(),
        _ => return None,
    };
    let places = [
        &parsed["error"]["message"],
        &parsed["message"],
        &parsed["error"],
        &parsed["detail"],
    ];
    let words = places
        .into_iter()
        .find_map(|place| place.as_str().map(str::to_owned));
    Some(words.unwrap_or_else(|| parsed.to_string()))
}

/// What a page or a plain text says: the title of a page, else its first line.
fn from_page(text: &str) -> String {
    let title = text
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
        .map(|(title, _)| title.trim());
    match title {
        Some(title) => bounded(&format!("{title} (a web page, not an answer of an API)")),
        None if text.trim_start().starts_with('<') => {
            "a web page, not an answer of an API".to_owned()
        }
        None => bounded(text.trim().lines().next().unwrap_or_default()),
    }
}

fn bounded(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= LONGEST_MESSAGE {
        return one_line;
    }
    one_line
        .chars()
        .take(LONGEST_MESSAGE)
        .chain(['…'])
        .collect()
}

fn classify(status: u16, error_type: &str, words: &str, error: &Value) -> RefusalKind {
    let metadata = &error["metadata"];
    match status {
        400 | 422 => classify_bad_request(error_type, words),
        401 => RefusalKind::Authentication,
        402 => classify_payment(words, metadata),
        403 => classify_forbidden(words, metadata),
        404 => classify_not_found(words, error),
        408 | 504 | 524 => RefusalKind::Timeout,
        413 => RefusalKind::TooLarge,
        429 => RefusalKind::RateLimited(classify_rate_limit(words, metadata)),
        500..=599 => RefusalKind::Server,
        _ => RefusalKind::Other,
    }
}

fn classify_bad_request(error_type: &str, words: &str) -> RefusalKind {
    let lower = words.to_ascii_lowercase();
    if lower.contains("is not a valid model")
        || error_type == "model_not_found"
        || lower.contains("model_not_found")
    {
        return RefusalKind::UnknownModel;
    }
    if error_type == "context_length_exceeded"
        || lower.contains("context length")
        || lower.contains("context_length")
    {
        return RefusalKind::ContextLength;
    }
    if error_type == "content_policy_violation" {
        return RefusalKind::Moderated;
    }
    RefusalKind::BadRequest {
        field: field_named(words),
    }
}

/// The field that a message names: `reasoning.effort: Invalid…`, `"temperature" must…`, `'top_p'
/// is…`.
fn field_named(words: &str) -> Option<String> {
    let is_field = |text: &str| {
        let plausible = text.len() >= 2
            && text.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte)
            });
        plausible && text.starts_with(|c: char| c.is_ascii_lowercase())
    };
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
    } else {
        RefusalKind::Forbidden
    }
}

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
    let mentions = |marker: &str| lower.contains(marker) || step.contains(marker);
    let is_private = ["data policy", "data_policy", "guardrail", "privacy", "zdr"]
        .iter()
        .any(|marker| mentions(marker));
    let rule = if is_private {
        RoutingRule::Privacy
    } else if mentions("tool") {
        RoutingRule::Tools
    } else if mentions("max price") || mentions("max_price") {
        RoutingRule::MaxPrice
    } else if mentions("parameters") {
        RoutingRule::Parameters
    } else if mentions("region") {
        RoutingRule::Region
    } else if mentions("quantization") {
        RoutingRule::Quantizations
    } else if step.contains("provider") || mentions("no allowed providers") || mentions("ignored") {
        RoutingRule::Providers
    } else {
        RoutingRule::Unknown
    };
    // `No endpoints found for a/b.` without any rule: the model itself is not there.
    if rule == RoutingRule::Unknown
        && metadata["routing_funnel"].is_null()
        && lower.contains("no endpoints found for")
    {
        RefusalKind::UnknownModel
    } else {
        RefusalKind::NoEndpoint { rule }
    }
}

/// The step of routing that left nobody: named, or the first of the funnel without endpoints, or
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

fn classify_rate_limit(words: &str, metadata: &Value) -> RateLimit {
    let source = metadata["limit_source"].as_str().unwrap_or_default();
    if words.contains("free-models-per-day") || source == "openrouter_free_tier_daily" {
        RateLimit::FreeDaily
    } else if words.contains("free-models-per-min") {
        RateLimit::FreePerMinute
    } else if words.contains("new-account-rpm") || source == "openrouter_new_account" {
        RateLimit::NewAccount
    } else if source.starts_with("upstream") || words.starts_with("Provider returned error") {
        RateLimit::Upstream
    } else {
        RateLimit::Unknown
    }
}

/// The places of a wait, best first.
fn wait_hint(error: &Value, header: Header<'_>, now: SystemTime) -> Option<Duration> {
    let metadata = &error["metadata"];
    let millis = || {
        header("retry-after-ms")
            .and_then(|text| text.trim().parse::<f64>().ok())
            .and_then(|millis| retry_after::from_seconds(millis / 1000.0))
    };
    let own_header = || header("retry-after").and_then(|text| retry_after::parse(text, now));
    let seconds = |value: &Value| value.as_f64().and_then(retry_after::from_seconds);
    let nested_header =
        || in_headers(metadata, "retry-after").and_then(|text| retry_after::parse(&text, now));
    let reset = || {
        let nested = in_headers(metadata, "x-ratelimit-reset");
        let text = header("x-ratelimit-reset").map(str::to_owned).or(nested)?;
        retry_after::parse_reset(&text, now)
    };
    millis()
        .or_else(own_header)
        .or_else(|| seconds(&metadata["retry_after_seconds"]))
        .or_else(nested_header)
        .or_else(|| seconds(&error["availability"]["retry_after"]))
        .or_else(reset)
}

fn in_headers(metadata: &Value, name: &str) -> Option<String> {
    let headers = metadata["headers"].as_object()?;
    let value = headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))?
        .1;
    value
        .as_str()
        .map(str::to_owned)
        .or_else(|| value.as_u64().map(|number| number.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(status: u16, body: &Value) -> Refusal {
        with_headers(status, body, &[])
    }

    fn with_headers(
        status: u16,
        body: &Value,
        headers: &'static [(&'static str, &'static str)],
    ) -> Refusal {
        let header = |name: &str| {
            headers
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| *value)
        };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000);
        read(
            &ReplyHead {
                status,
                header: &header,
                now,
            },
            body.to_string().as_bytes(),
        )
    }

    fn said(status: u16, message: &str, metadata: &Value) -> Refusal {
        refusal(
            status,
            &json!({"error": {"code": status, "message": message, "metadata": metadata}, "user_id": "user_x"}),
        )
    }

    #[test]
    fn the_four_kinds_of_402_and_their_kin() {
        let none = json!(null);
        assert_eq!(
            said(
                402,
                "Insufficient credits. Add more using https://openrouter.ai/settings/credits",
                &none
            )
            .kind,
            RefusalKind::Credits
        );
        let unaffordable = said(
            402,
            "This request requires more credits, or fewer max_tokens. You requested up to 65536 \
            tokens, but can only afford 1,234. To",
            &none,
        );
        assert_eq!(
            unaffordable.kind,
            RefusalKind::MaxTokensUnaffordable {
                affordable: Some(1234)
            }
        );
        assert_eq!(
            said(402, "Prompt tokens limit exceeded: 9 > 5.", &none).kind,
            RefusalKind::PromptUnaffordable
        );
        let in_flight = json!({"limit_source": "openrouter_in_flight_budget", "reason": "in_flight_budget_exhausted"});
        let in_flight = said(
            402,
            "This request would exceed your available credits given your current in-flight \
            requests",
            &in_flight,
        );
        assert_eq!(
            (in_flight.is_retryable(), in_flight.kind),
            (true, RefusalKind::InFlight)
        );
        let heavy = json!({"limit_source": "openrouter_in_flight_budget", "reason": "weight_exceeds_budget"});
        let heavy = said(402, "This request would exceed", &heavy);
        assert_eq!(
            (heavy.is_retryable(), heavy.kind),
            (false, RefusalKind::TooHeavy)
        );
        assert_eq!(
            said(
                402,
                "This request requires at least $1.00 in balance for image or video output",
                &none
            )
            .kind,
            RefusalKind::MinimumBalance
        );
    }

    #[test]
    fn the_sources_of_429() {
        let daily = json!({"headers": {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1900003600000"}});
        let daily = said(
            429,
            "Rate limit exceeded: free-models-per-day. Add 10 credits",
            &daily,
        );
        assert_eq!(
            (daily.kind.clone(), daily.is_retryable(), daily.wait),
            (
                RefusalKind::RateLimited(RateLimit::FreeDaily),
                false,
                Some(Duration::from_secs(3600))
            )
        );
        let upstream = json!({"raw": "model is temporarily rate-limited upstream", "provider_name": "Chutes", "limit_source": "upstream_provider_shared_pool", "retry_after_seconds": 7});
        let upstream = said(429, "Provider returned error", &upstream);
        assert_eq!(upstream.kind, RefusalKind::RateLimited(RateLimit::Upstream));
        assert_eq!(
            (upstream.wait, upstream.message.as_str()),
            (
                Some(Duration::from_secs(7)),
                "Chutes: model is temporarily rate-limited upstream"
            )
        );
        let new = said(
            429,
            "Rate limit exceeded: limit_rpm/new-account-rpm/a. ",
            &json!({"headers": {"X-RateLimit-Reset": 1_900_000_030_000_u64}}),
        );
        assert_eq!(
            (new.kind, new.wait),
            (
                RefusalKind::RateLimited(RateLimit::NewAccount),
                Some(Duration::from_secs(30))
            )
        );
        let per_minute = said(
            429,
            "Rate limit exceeded: free-models-per-min.",
            &json!(null),
        );
        assert_eq!(
            per_minute.kind,
            RefusalKind::RateLimited(RateLimit::FreePerMinute)
        );
        let capacity = refusal(
            429,
            &json!({"error": {"code": 429, "message": "busy", "availability": {"code": "capacity_exhausted", "retry_after": 3}}}),
        );
        assert_eq!(capacity.wait, Some(Duration::from_secs(3)));
    }

    #[test]
    fn the_header_wins_over_other_hints() {
        let body = json!({"error": {"code": 429, "message": "x", "metadata": {"retry_after_seconds": 50}}});
        assert_eq!(
            with_headers(429, &body, &[("retry-after", "2")]).wait,
            Some(Duration::from_secs(2))
        );
        assert_eq!(
            with_headers(429, &body, &[("retry-after", "nonsense")]).wait,
            Some(Duration::from_secs(50))
        );
        assert_eq!(
            with_headers(
                429,
                &body,
                &[("retry-after-ms", "250"), ("retry-after", "9")]
            )
            .wait,
            Some(Duration::from_millis(250))
        );
    }

    #[test]
    fn routing_says_which_rule_left_nothing() {
        for (message, rule) in [
            (
                "No endpoints found matching your data policy (Free model training)",
                RoutingRule::Privacy,
            ),
            (
                "No endpoints available matching your guardrail restrictions and data policy",
                RoutingRule::Privacy,
            ),
            (
                "No endpoints found that support tool use.",
                RoutingRule::Tools,
            ),
            (
                "No endpoints found that satisfy the max price for this request",
                RoutingRule::MaxPrice,
            ),
            (
                "No endpoints found that can handle the requested parameters.",
                RoutingRule::Parameters,
            ),
        ] {
            assert_eq!(
                said(404, message, &json!(null)).kind,
                RefusalKind::NoEndpoint { rule },
                "{message}"
            );
        }
        assert_eq!(
            said(404, "No endpoints found for a/b.", &json!(null)).kind,
            RefusalKind::UnknownModel
        );
        let funnel = |step: &str| json!({"routing_funnel": [{"step": "all", "endpoint_count": 3}, {"step": step, "endpoint_count": 0}]});
        for (step, rule) in [
            ("data_policy:zdr", RoutingRule::Privacy),
            ("quantization", RoutingRule::Quantizations),
            ("allowed_providers", RoutingRule::Providers),
            ("max_price", RoutingRule::MaxPrice),
            ("require_parameters", RoutingRule::Parameters),
            ("unheard_of", RoutingRule::Unknown),
        ] {
            assert_eq!(
                said(404, "No endpoints found for a/b.", &funnel(step)).kind,
                RefusalKind::NoEndpoint { rule },
                "{step}"
            );
        }
        let excluded = json!({"error": {"code": 404, "message": "No endpoints found", "availability": {"excluded_by": ["allowed_providers"]}}});
        assert_eq!(
            refusal(404, &excluded).kind,
            RefusalKind::NoEndpoint {
                rule: RoutingRule::Providers
            }
        );
        assert_eq!(
            said(404, "Not Found", &json!(null)).kind,
            RefusalKind::NotFound
        );
    }

    #[test]
    fn a_400_names_the_field() {
        let effort = r#"reasoning.effort: Invalid option: expected one of "max"|"xhigh""#;
        assert_eq!(
            said(400, effort, &json!(null)).kind,
            RefusalKind::BadRequest {
                field: Some("reasoning.effort".to_owned())
            }
        );
        assert_eq!(
            said(400, "a/x is not a valid model ID", &json!(null)).kind,
            RefusalKind::UnknownModel
        );
        let raw = json!({"raw": "{\"error\":{\"message\":\"`temperature` may not be 3\"}}", "provider_name": "Anthropic"});
        let provider = said(400, "Provider returned error", &raw);
        assert_eq!(provider.message, "Anthropic: `temperature` may not be 3");
        assert_eq!(
            provider.kind,
            RefusalKind::BadRequest {
                field: Some("temperature".to_owned())
            }
        );
    }

    #[test]
    fn every_form_of_body_gives_a_readable_message() {
        let zod = json!({"success": false, "error": {"name": "ZodError", "message": "[{\"code\":\"invalid_type\",\"path\":[\"messages\",0],\"message\":\"Required\"}]"}});
        assert_eq!(refusal(400, &zod).message, "messages.0: Required");
        let text_code = json!({"error": {"code": "rate_limit_exceeded", "message": "slow down"}});
        assert_eq!(
            from_error_object(&text_code["error"], 0, &|_| None, SystemTime::now()).status,
            429
        );
        assert_eq!(
            refusal(500, &json!({"error": "plain words"})).message,
            "plain words"
        );
        assert_eq!(
            refusal(500, &json!({"message": "top level"})).message,
            "top level"
        );
        let html = read(
            &ReplyHead {
                status: 502,
                header: &|_| None,
                now: SystemTime::now(),
            },
            b"<html><head><title>502 Bad Gateway</title></head><body>cloudflare",
        );
        assert_eq!(
            html.message,
            "502 Bad Gateway (a web page, not an answer of an API)"
        );
        assert!(html.is_retryable());
        let object = json!({"raw": {"error": {"message": "inner"}}, "provider_name": null});
        assert_eq!(
            said(400, "Provider returned error", &object).message,
            "inner"
        );
    }

    #[test]
    fn a_redirect_is_not_followed() {
        let refusal = with_headers(
            307,
            &json!(null),
            &[("location", "https://elsewhere.example/")],
        );
        assert_eq!(
            refusal.kind,
            RefusalKind::Redirect {
                location: "https://elsewhere.example/".to_owned()
            }
        );
    }

    #[test]
    fn long_messages_are_bounded() {
        assert_eq!(
            said(400, &"word ".repeat(500), &json!(null))
                .message
                .chars()
                .count(),
            LONGEST_MESSAGE + 1
        );
    }
}
