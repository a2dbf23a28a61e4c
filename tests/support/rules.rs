//! What the real server refuses, and what a client of ours must never leave out: the double holds every request against it.

use serde_json::{Value, json};

use super::http::Request;
use super::reply::{CHAT, Form, Reply, refusal, refusal_with};

/// The key that the double knows.
pub const KEY: &str = "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";

/// Ids of models that the double has never heard of.
const UNKNOWN_MODELS: &[&str] = &["nobody/nothing", "Anthropic/Claude-Sonnet-4"];

/// Models that always think.
const MANDATORY_REASONING: &[&str] = &["openai/gpt-5-mini", "openai/gpt-5-nano"];

/// Models that cannot call tools.
const WITHOUT_TOOLS: &[&str] = &["google/gemma-2-9b-it"];

/// Fields of `provider`; the real schema allows no others.
const ROUTING_FIELDS: &[&str] = &[
    "order",
    "only",
    "ignore",
    "allow_fallbacks",
    "require_parameters",
    "data_collection",
    "zdr",
    "enforce_distillable_text",
    "quantizations",
    "sort",
    "preferred_min_throughput",
    "preferred_max_latency",
    "max_price",
    "options",
];

const EFFORTS: &[&str] = &["max", "xhigh", "high", "medium", "low", "minimal", "none"];

/// What a client of ours did that the real server would bear and we do not.
pub fn faults(request: &Request) -> Vec<String> {
    let mut faults = Vec::new();
    let identity = ["user-agent", "http-referer", "x-openrouter-title", "x-title"];
    // What is not billed is not attributed to an application either.
    let needed = if request.path == "/api/v1/auth/keys" { &identity[..1] } else { &identity[..] };
    for name in needed {
        if request.header(name).is_none_or(|value| value.trim().is_empty()) {
            faults.push(format!("the header {name} is missing"));
        }
    }
    if request.header("user-agent").is_some_and(|agent| !agent.starts_with("amx/")) {
        faults.push("User-Agent is not amx/VERSION".to_owned());
    }
    let is_json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    if request.method == "POST" && !is_json {
        faults.push("a POST without content-type application/json".to_owned());
    }
    faults
}

/// Whether the way the answer was asked for is the way it is scripted.
pub fn mismatch(request: &Request, reply: &Reply) -> Option<String> {
    let streams = request.json()["stream"] == true;
    match &reply.form {
        _ if reply.path != CHAT => None,
        Form::Stream(_) if !streams => Some("a stream is scripted, and the request does not ask for one".to_owned()),
        Form::ByRule => Some("the request breaks no rule, and is scripted to".to_owned()),
        Form::Whole if streams => Some("one body is scripted, and the request asks for a stream".to_owned()),
        _ => None,
    }
}

/// The refusal of the real server, when the request is one that it refuses.
pub fn refused(request: &Request) -> Option<Reply> {
    if let Some(refusal) = unauthorized(request) {
        return Some(refusal);
    }
    if request.path != CHAT {
        return None;
    }
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return Some(refusal_with(400, "Input must have at least 1 token.", json!({"provider_name": null})));
    };
    if body["messages"].as_array().is_none_or(Vec::is_empty) {
        return Some(refusal(400, "Input required: specify \"prompt\" or \"messages\""));
    }
    bad_model(&body).or_else(|| bad_fields(&body)).or_else(|| bad_reasoning(&body))
}

/// The refusal of a request without a key, or with an unknown one.
fn unauthorized(request: &Request) -> Option<Reply> {
    let public = request.path == "/api/v1/auth/keys" || request.path == "/api/v1/models" || request.path.starts_with("/api/v1/models/");
    match request.header("authorization") {
        None if public => None,
        None => Some(refusal(401, "No cookie auth credentials found")),
        Some(value) if value.strip_prefix("Bearer ") == Some(KEY) => None,
        Some(_) => Some(refusal(401, "User not found.")),
    }
}

fn bad_model(body: &Value) -> Option<Reply> {
    let model = body["model"].as_str().unwrap_or_default();
    if UNKNOWN_MODELS.contains(&model) || !model.contains('/') {
        return Some(refusal(400, &format!("{model} is not a valid model ID")));
    }
    if WITHOUT_TOOLS.contains(&model) && body["tools"].as_array().is_some_and(|tools| !tools.is_empty()) {
        return Some(refusal(404, "No endpoints found that support tool use. Try disabling \"tools\"."));
    }
    None
}

fn bad_fields(body: &Value) -> Option<Reply> {
    if let Some(routing) = body["provider"].as_object()
        && let Some(unknown) = routing.keys().find(|field| !ROUTING_FIELDS.contains(&field.as_str()))
    {
        return Some(refusal(400, &format!("provider: Unrecognized key: \"{unknown}\"")));
    }
    let is_fine = |field: &str, fits: fn(&Value) -> bool| body.get(field).is_none_or(fits);
    let fits = [
        ("stream", is_fine("stream", Value::is_boolean)),
        ("max_tokens", is_fine("max_tokens", Value::is_u64)),
        ("temperature", is_fine("temperature", |value| value.as_f64().is_some_and(|number| (0.0..=2.0).contains(&number)))),
        ("top_p", is_fine("top_p", |value| value.as_f64().is_some_and(|number| (0.0..=1.0).contains(&number)))),
        ("models", is_fine("models", Value::is_array)),
        ("logprobs", is_fine("logprobs", Value::is_boolean)),
        (
            "top_logprobs",
            is_fine("top_logprobs", |value| value.as_u64().is_some_and(|count| count <= 20)) && (body["top_logprobs"].is_null() || body["logprobs"] == true),
        ),
        ("provider", is_fine("provider", Value::is_object)),
        ("reasoning", is_fine("reasoning", Value::is_object)),
    ];
    let (field, _) = fits.into_iter().find(|(_, fits)| !fits)?;
    Some(refusal(400, &format!("{field}: Invalid input")))
}

fn bad_reasoning(body: &Value) -> Option<Reply> {
    let reasoning = &body["reasoning"];
    let effort = &reasoning["effort"];
    if !effort.is_null() && effort.as_str().is_none_or(|effort| !EFFORTS.contains(&effort)) {
        let options = EFFORTS.iter().map(|effort| format!("\"{effort}\"")).collect::<Vec<_>>().join("|");
        return Some(refusal(400, &format!("reasoning.effort: Invalid option: expected one of {options}")));
    }
    if !effort.is_null() && !reasoning["max_tokens"].is_null() {
        return Some(refusal(400, "Only one of \"reasoning.effort\" and \"reasoning.max_tokens\" can be specified"));
    }
    if body["reasoning_effort"].is_string() && !effort.is_null() && body["reasoning_effort"] != *effort {
        return Some(refusal(400, "Only one of \"reasoning\" and \"reasoning_effort\" may be provided"));
    }
    let model = body["model"].as_str().unwrap_or_default();
    let is_off = *effort == "none" || reasoning["enabled"] == false;
    if is_off && MANDATORY_REASONING.contains(&model) {
        return Some(refusal_with(400, "Reasoning is mandatory for this endpoint and cannot be disabled.", json!({"provider_name": null})));
    }
    too_small_for_thinking(body, model, effort.as_str()?)
}

/// Claude up to 4.5 thinks within a budget that is a part of `max_tokens` and at least 1024.
fn too_small_for_thinking(body: &Value, model: &str, effort: &str) -> Option<Reply> {
    let is_budgeted = model.starts_with("anthropic/claude-sonnet-4") || model.starts_with("anthropic/claude-3.7");
    let percent = match effort {
        "max" | "xhigh" => 95,
        "high" => 80,
        "medium" => 50,
        "low" => 20,
        "minimal" => 10,
        _ => return None,
    };
    let most = body["max_tokens"].as_u64()?;
    let budget = (most * percent / 100).clamp(1024, 128_000);
    if !is_budgeted || most > budget {
        return None;
    }
    let words = json!({"type": "error", "error": {"type": "invalid_request_error", "message": "`max_tokens` must be greater than `thinking.budget_tokens`."}});
    Some(refusal_with(400, "Provider returned error", json!({"raw": words.to_string(), "provider_name": "Anthropic", "is_byok": false})))
}
