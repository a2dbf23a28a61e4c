//! Why a provider refused, by status, code and words.

use std::time::Duration;

use serde_json::Value;

use super::machine;
use super::places::{codes_of, object, raw_of};
use super::reasons::{self, ROWS, Row};
use crate::chat::refusal::{RateLimit, RefusalKind, RoutingRule};

/// What an error says, as far as its reason follows from it.
pub(super) struct Facts<'a> {
    pub status: u16,
    /// Its names of the reason, the most precise first.
    pub codes: Vec<&'a str>,
    /// Its words, and those of the company behind a router.
    pub words: &'a str,
    pub error: &'a Value,
    pub wait: Option<Duration>,
}

/// The reason of a refusal.
pub(super) fn classify(facts: &Facts<'_>) -> RefusalKind {
    let Facts { words, error, .. } = *facts;
    let metadata = &error["metadata"];
    if let Some(kind) = of_machine(facts) {
        return kind;
    }
    let of_reason = || reasons::named_by(&facts.codes).or_else(|| of_own_key(metadata));
    if let Some(kind) = of_reason().or_else(|| of_account(facts)) {
        return kind;
    }
    match facts.status {
        0 | 400 | 404 | 415 | 422 | 500 | 501 if reasons::refuses_images(words) => {
            RefusalKind::NoImages
        }
        0 if reasons::is_loading(words) || reasons::is_busy(words) => RefusalKind::NotReady,
        503 if reasons::is_loading(words) => RefusalKind::NotReady,
        500 | 501 if reasons::refuses_request(words) => RefusalKind::BadRequest { field: None },
        0 | 400 | 422 => classify_request(facts),
        401 if lacks_scope(words) => RefusalKind::Forbidden,
        401 => RefusalKind::Authentication,
        402 => classify_payment(words, metadata),
        403 => classify_forbidden(words, metadata),
        404 => by_words(facts).unwrap_or_else(|| classify_not_found(words, error)),
        408 | 504 | 524 => RefusalKind::Timeout,
        413 => RefusalKind::TooLarge,
        429 => RefusalKind::RateLimited(classify_rate_limit(facts)),
        500..=599 => RefusalKind::Server,
        _ => RefusalKind::Other,
    }
}

/// The reason of a server whose machine cannot run the model. A company behind a router has others.
fn of_machine(facts: &Facts<'_>) -> Option<RefusalKind> {
    let is_routed = facts.error["metadata"]["provider_name"].is_string();
    // LM Studio says it with 400 and 404.
    let may_say_so = matches!(facts.status, 0 | 400 | 404 | 500..=599);
    (may_say_so && !is_routed)
        .then(|| machine::reason(facts.words))
        .flatten()
}

/// Whether the company behind a router refuses for the credits of the user's own account there.
/// Without the user's own key the account is the router's.
fn of_own_key(metadata: &Value) -> Option<RefusalKind> {
    if metadata["is_byok"] != true {
        return None;
    }
    let raw = raw_of(metadata)?;
    let kind = reasons::named_by(&codes_of(object(&raw)));
    kind.filter(|kind| *kind == RefusalKind::Credits)
}

/// What the words say of the account or the key, where the status is that of another reason: some
/// companies have 429, 403 or 412 for credits, and 403 for a key that was revoked.
fn of_account(facts: &Facts<'_>) -> Option<RefusalKind> {
    let kinds: &[RefusalKind] = match facts.status {
        412 | 429 => &[RefusalKind::Credits],
        403 => &[RefusalKind::Credits, RefusalKind::Authentication],
        _ => return None,
    };
    by_words(facts).filter(|kind| kinds.contains(kind))
}

/// The first row whose words are there.
fn by_words(facts: &Facts<'_>) -> Option<RefusalKind> {
    let lower = facts.words.to_ascii_lowercase();
    let has = |row: &&Row| {
        let mut words = row.words.iter();
        words.any(|all| all.iter().all(|words| lower.contains(words)))
    };
    // `No endpoints found` is about the routing options first.
    let is_routing = lower.contains("no endpoints") || lower.contains("no allowed providers");
    let row = ROWS
        .iter()
        .filter(|row| !is_routing || row.kind != RefusalKind::UnknownModel);
    row.into_iter()
        .find(|row| has(row))
        .map(|row| row.kind.clone())
}

/// The field is named by [`Refusal::settle`](crate::chat::refusal::Refusal::settle), which has the
/// body that was sent.
fn classify_request(facts: &Facts<'_>) -> RefusalKind {
    by_words(facts).unwrap_or(if facts.status == 0 {
        RefusalKind::Other
    } else {
        RefusalKind::BadRequest { field: None }
    })
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

/// Whether the key is accepted, but restricted. OpenAI: "You have insufficient permissions for this
/// operation. Missing scopes: model.request."
fn lacks_scope(words: &str) -> bool {
    words.to_ascii_lowercase().contains("missing scopes")
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

/// Words of a limit per day.
const DAILY: &[&str] = &["per day", "daily", "per 86400s", "userbymodelbyday"];

/// Longest wait after which a limit that counts the last 24 hours is not the end of the day.
const SOON: Duration = Duration::from_secs(60);

fn classify_rate_limit(facts: &Facts<'_>) -> RateLimit {
    let Facts { words, error, .. } = *facts;
    let source = error["metadata"]["limit_source"]
        .as_str()
        .unwrap_or_default();
    let lower = words.to_ascii_lowercase();
    let is_soon = facts.wait.is_some_and(|wait| wait <= SOON);
    let is_daily = || !is_soon && DAILY.iter().any(|words| lower.contains(words));
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
    } else if is_daily() {
        RateLimit::Daily
    } else {
        RateLimit::Unknown
    }
}

/// Google's `QuotaFailure` of a quota per day.
pub(super) fn has_daily_quota(details: &Value) -> bool {
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
