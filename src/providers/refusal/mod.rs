//! Reads refusals: one parser for every form of a provider's error.
//!
//! `words` finds the message, `kind` the reason, `wait` the pause that the provider asks for.

mod fields;
mod kind;
mod machine;
mod places;
mod reasons;
mod room;
mod wait;
mod words;

use serde_json::Value;

use self::kind::Facts;
pub(super) use self::places::object;
use self::places::{codes_of, holds_error, status_of};
use crate::chat::provider::ReplyHead;
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::chat::room::Room;

/// Reads a reply whose status is not 200.
pub(crate) fn read(head: &ReplyHead<'_>, body: &[u8]) -> Refusal {
    if (300..400).contains(&head.status) {
        let location = (head.header)("location").unwrap_or("an unnamed URL");
        let kind = RefusalKind::Redirect {
            location: location.to_owned(),
        };
        return Refusal::new(head.status, kind, String::new());
    }
    let text = String::from_utf8_lossy(body);
    let text = words::trimmed(&text);
    let mut refusal = match serde_json::from_str::<Value>(text) {
        Ok(value) => from_error_object(object(&value), head),
        Err(_) => from_text(text, head),
    };
    refusal.generation_id = (head.header)("x-generation-id").map(str::to_owned);
    refusal
}

/// The words of a text in any form, on one line and bounded.
pub(crate) fn words_of(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let words =
        words::inner(&text).map(|value| words::of(&value).unwrap_or_else(|| value.to_string()));
    let page = || words::of_page(words::trimmed(&text));
    words.map_or_else(page, |words| words::bounded(&words))
}

/// Whether an error has words.
pub(super) fn has_words(error: &Value) -> bool {
    words::of(error).is_some()
}

/// Whether a reply refuses the key. One with status 403 may be about the region, or about what a
/// restricted key may do.
pub(crate) fn is_about_key(head: &ReplyHead<'_>, body: &[u8]) -> bool {
    head.status != 200 && read(head, body).kind == RefusalKind::Authentication
}

/// Reads a reply that is no JSON: a page, or words.
fn from_text(text: &str, head: &ReplyHead<'_>) -> Refusal {
    let message = words::of_page(text);
    let facts = Facts {
        status: head.status,
        codes: Vec::new(),
        words: &message,
        error: &Value::Null,
        wait: wait::hint(&Value::Null, &message, head.header, head.now),
    };
    let (kind, room) = classified(&facts);
    Refusal {
        wait: facts.wait,
        room: Box::new(room),
        ..Refusal::new(head.status, kind, message.clone())
    }
}

/// The reason of a refusal, and the counts of one that is about the length of the request.
fn classified(facts: &Facts<'_>) -> (RefusalKind, Room) {
    // 413 is Groq's, for a quota of a minute that the request alone exceeds; OpenAI has 429 for it.
    // 500 is llama.cpp's, for a context window that the answer has filled.
    let is_about_request = match facts.status {
        0 | 400 | 413 | 422 | 500 => true,
        429 => facts.words.contains("Request too large"),
        _ => false,
    };
    let of_length = is_about_request.then(|| room::read(&facts.codes, facts.words, facts.error));
    let other = || (kind::classify(facts), Room::default());
    of_length.flatten().unwrap_or_else(other)
}

/// Reads an error object, of a refused reply or out of a 200. A code inside the object wins over a
/// status of 200 (passed as 0).
pub(super) fn from_error_object(error: &Value, head: &ReplyHead<'_>) -> Refusal {
    // Some proxies put the whole error of the server behind them into the message.
    let nested = error["message"].as_str().and_then(words::inner);
    let error = match &nested {
        Some(nested) if holds_error(nested) => object(nested),
        _ => error,
    };
    let metadata = &error["metadata"];
    let codes = codes_of(error);
    let status = if head.status == 0 {
        status_of(error, &codes)
    } else {
        head.status
    };
    let own_words = words::of(error).unwrap_or_default();
    let (message, is_generic) = message_of(error, &own_words);
    let both = format!("{own_words}\n{message}");
    let facts = Facts {
        status,
        codes,
        words: &both,
        error,
        wait: wait::hint(error, &both, head.header, head.now),
    };
    let (kind, room) = classified(&facts);
    let provider_name = text(&metadata["provider_name"]);
    let message = match &provider_name {
        Some(name) if is_generic => format!("{name}: {message}"),
        _ => message,
    };
    // The end of a quota per day is not what Google tells to wait for.
    let wait = facts
        .wait
        .filter(|_| !kind::has_daily_quota(&error["details"]));
    let availability = &error["availability"];
    let offered = availability["fallback_models"].as_array();
    Refusal {
        provider_name,
        wait,
        fields: fields::named(error),
        room: Box::new(room),
        code: facts.codes.first().map(|code| (*code).to_owned()),
        retryable: availability["retryable"].as_bool(),
        offered_models: offered.into_iter().flatten().filter_map(text).collect(),
        ..Refusal::new(
            status,
            kind,
            words::bounded(&constrained(message, availability)),
        )
    }
}

/// The words of an error, and whether its own say nothing: then they are those of the server behind
/// it, where it repeats them.
fn message_of(error: &Value, own_words: &str) -> (String, bool) {
    let is_generic = own_words.is_empty() || own_words.starts_with("Provider returned error");
    let message = match words::of_raw(&error["metadata"]["raw"]) {
        Some(raw) if is_generic => raw,
        _ if own_words.is_empty() => words::anything(error),
        _ => own_words.to_owned(),
    };
    (message, is_generic)
}

fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// The message, with what OpenRouter reports of the constraint that no endpoint met.
fn constrained(message: String, availability: &Value) -> String {
    let constraint = &availability["constraint"];
    match (text(&constraint["field"]), text(&constraint["detail"])) {
        (Some(field), Some(detail)) => format!("{message} ({field}: {detail})"),
        (Some(only), None) | (None, Some(only)) => format!("{message} ({only})"),
        (None, None) => message,
    }
}

#[cfg(test)]
mod tests {
    use super::words::LONGEST_MESSAGE;
    use super::*;
    use crate::chat::refusal::{RateLimit, RoutingRule};
    use serde_json::json;
    use std::time::{Duration, SystemTime};

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

    fn inside_200(error: &Value) -> Refusal {
        let head = ReplyHead {
            status: 0,
            header: &|_| None,
            now: SystemTime::UNIX_EPOCH,
        };
        from_error_object(error, &head)
    }

    fn said(status: u16, message: &str, metadata: &Value) -> Refusal {
        refusal(
            status,
            &json!({
                "error": {"code": status, "message": message, "metadata": metadata},
                "user_id": "user_x",
            }),
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
        let in_flight = json!({
            "limit_source": "openrouter_in_flight_budget", "reason": "in_flight_budget_exhausted",
        });
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
        let heavy = json!({
            "limit_source": "openrouter_in_flight_budget", "reason": "weight_exceeds_budget",
        });
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
        let daily = json!({
            "headers": {
                "X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": "1900003600000",
            },
        });
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
        let upstream = json!({
            "raw": "model is temporarily rate-limited upstream", "provider_name": "Chutes",
            "limit_source": "upstream_provider_shared_pool", "retry_after_seconds": 7,
        });
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
    }

    #[test]
    fn a_429_waits_as_long_as_the_capacity_takes() {
        let busy = json!({"error": {
            "code": 429, "message": "busy",
            "availability": {"code": "capacity_exhausted", "retry_after": 3},
        }});
        assert_eq!(refusal(429, &busy).wait, Some(Duration::from_secs(3)));
    }

    #[test]
    fn the_header_wins_over_other_hints() {
        let body = json!({
            "error": {"code": 429, "message": "x", "metadata": {"retry_after_seconds": 50}},
        });
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
    }

    #[test]
    fn the_funnel_says_which_rule_left_nothing() {
        let funnel = |step: &str| {
            json!({
                "routing_funnel": [
                    {"step": "all", "endpoint_count": 3}, {"step": step, "endpoint_count": 0},
                ],
            })
        };
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
        let excluded = json!({
            "error": {
                "code": 404, "message": "No endpoints found",
                "availability": {"excluded_by": ["allowed_providers"]},
            },
        });
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

    /// The reason after the request that was sent has decided it.
    fn settled(mut refusal: Refusal) -> RefusalKind {
        let body = json!({
            "reasoning": {"effort": "low"}, "temperature": 3, "stream_options": {}, "top_k": 1,
            "max_tokens": 5,
        });
        refusal.settle(body.as_object().unwrap(), 5);
        refusal.kind
    }

    #[test]
    fn a_400_names_the_field() {
        let effort = r#"reasoning.effort: Invalid option: expected one of "max"|"xhigh""#;
        assert_eq!(
            settled(said(400, effort, &json!(null))),
            RefusalKind::BadRequest {
                field: Some("reasoning.effort".to_owned())
            }
        );
        assert_eq!(
            said(400, "a/x is not a valid model ID", &json!(null)).kind,
            RefusalKind::UnknownModel
        );
        let raw = json!({
            "raw": "{\"error\":{\"message\":\"`temperature` may not be 3\"}}",
            "provider_name": "Anthropic",
        });
        let provider = said(400, "Provider returned error", &raw);
        assert_eq!(provider.message, "Anthropic: `temperature` may not be 3");
        assert_eq!(
            settled(provider),
            RefusalKind::BadRequest {
                field: Some("temperature".to_owned())
            }
        );
    }

    #[test]
    fn every_form_of_body_gives_a_readable_message() {
        let issue = r#"[{"code":"invalid_type","path":["messages",0],"message":"Required"}]"#;
        let zod = json!({"success": false, "error": {"name": "ZodError", "message": issue}});
        assert_eq!(refusal(400, &zod).message, "messages.0: Required");
        let text_code = json!({"error": {"code": "rate_limit_exceeded", "message": "slow down"}});
        assert_eq!(inside_200(&text_code["error"]).status, 429);
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
            "502 Bad Gateway (a web page, not an API response)"
        );
        assert!(html.is_retryable());
        let object = json!({"raw": {"error": {"message": "inner"}}, "provider_name": null});
        assert_eq!(
            said(400, "Provider returned error", &object).message,
            "inner"
        );
    }

    /// Status, body, the reason and the message.
    type Row = (u16, Value, RefusalKind, &'static str);

    fn assert_rows(rows: &[Row]) {
        for (status, body, kind, message) in rows {
            let refusal = refusal(*status, body);
            assert_eq!(refusal.message, *message, "{body}");
            assert_eq!(settled(refusal), *kind, "{body}");
        }
    }

    #[test]
    fn every_servers_form_has_its_words() {
        let field = |field: &str| RefusalKind::BadRequest {
            field: Some(field.to_owned()),
        };
        assert_rows(&[
            (
                400,
                json!([{"error": {
                    "code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT",
                    "details": [{"reason": "API_KEY_INVALID"}],
                }}]),
                RefusalKind::Authentication,
                "API key not valid.",
            ),
            (
                422,
                json!({"detail": [{
                    "loc": ["body", "stream_options"], "msg": "extra fields not permitted",
                }]}),
                field("stream_options"),
                "stream_options: extra fields not permitted",
            ),
            (
                422,
                json!({
                    "object": "error",
                    "message": {"detail": [{"loc": ["body", "top_k"], "msg": "Extra inputs"}]},
                }),
                field("top_k"),
                "top_k: Extra inputs",
            ),
            (
                404,
                json!({"detail": "Not Found"}),
                RefusalKind::NotFound,
                "Not Found",
            ),
            (
                500,
                json!({"error_type": "internal", "error_message": "no worker"}),
                RefusalKind::Server,
                "no worker",
            ),
            (
                500,
                json!({"error": {"code": 500}}),
                RefusalKind::Server,
                "{\"code\":500}",
            ),
            (
                400,
                json!({"error": {
                    "message": "Use 'max_completion_tokens' instead.", "param": "max_tokens",
                    "code": "unsupported_parameter",
                }}),
                field("max_tokens"),
                "Use 'max_completion_tokens' instead.",
            ),
        ]);
    }

    #[test]
    fn models_and_contexts_are_found_in_every_servers_words() {
        let error = |message: &str| json!({"error": {"message": message}});
        let rows = [
            (
                404,
                "model \"qwen3\" not found, try pulling it first",
                RefusalKind::UnknownModel,
            ),
            (
                400,
                "Invalid model name passed in model=nosuch",
                RefusalKind::UnknownModel,
            ),
            (
                400,
                "prompt is too long: 214000 tokens > 200000 maximum",
                RefusalKind::ContextLength,
            ),
            (
                400,
                "litellm.ContextWindowExceededError: set 'context_window_fallback'",
                RefusalKind::ContextLength,
            ),
        ];
        for (status, message, kind) in rows {
            assert_eq!(refusal(status, &error(message)).kind, kind, "{message}");
        }
        let llama = json!({
            "error": {"code": 400, "type": "exceed_context_size_error", "message": "too many"},
        });
        assert_eq!(refusal(400, &llama).kind, RefusalKind::ContextLength);
        let studio = json!({"error": "Unexpected endpoint or method. (POST /chat/completions)"});
        let studio = inside_200(object(&studio));
        assert_eq!(studio.kind, RefusalKind::NotFound);
    }

    #[test]
    fn quotas_of_other_providers_are_told_apart() {
        let empty = json!({
            "error": {
                "type": "insufficient_quota", "code": "insufficient_quota",
                "message": "You exceeded your current quota",
            },
        });
        let empty = refusal(429, &empty);
        assert_eq!(empty.kind, RefusalKind::Credits);
        assert!(!empty.is_retryable());
        let google = |details: Value| {
            refusal(
                429,
                &json!([{"error": {"code": 429, "message": "Quota", "details": details}}]),
            )
        };
        let soon = google(
            json!([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2.8s"}]),
        );
        assert_eq!(soon.wait, Some(Duration::from_millis(2800)));
        assert!(soon.is_retryable());
        let daily =
            google(json!([{"violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]}]));
        assert_eq!(daily.kind, RefusalKind::RateLimited(RateLimit::Daily));
        assert!(!daily.is_retryable() && daily.is_temporary());
        let region = said(
            403,
            "Provider returned error",
            &json!({"provider_name": "OpenAI", "raw": "Country, region, or territory not \
                supported"}),
        );
        assert_eq!(region.kind, RefusalKind::ForbiddenUpstream);
    }

    #[test]
    fn a_byte_order_mark_before_an_error_changes_nothing() {
        let body = json!({"error": {"code": "insufficient_quota", "message": "no quota"}});
        let marked = format!("\u{feff} {body}");
        let head = ReplyHead {
            status: 429,
            header: &|_| None,
            now: SystemTime::UNIX_EPOCH,
        };
        assert_eq!(read(&head, marked.as_bytes()), refusal(429, &body));
        assert_eq!(words_of(marked.as_bytes()), "no quota");
        assert_eq!(words_of("\u{feff}busy".as_bytes()), "busy");
        assert_eq!(words::inner(&marked), Some(body));
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
