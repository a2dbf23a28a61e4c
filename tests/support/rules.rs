//! What the real server refuses, and what amx must never omit: the double checks every request
//! against it.

use serde_json::{Value, json};

use super::google_schemas;
use super::http::Request;
use super::images;
use super::parts;
use super::reply::{CHAT, Form, Reply, refusal, refusal_with};
use super::{texts, turns};

/// The key that the double accepts.
pub const KEY: &str = "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";

/// IDs of models that the double rejects as unknown.
const UNKNOWN_MODELS: &[&str] = &["nobody/nothing", "Anthropic/Claude-Sonnet-4"];

/// Models with mandatory reasoning.
const MANDATORY_REASONING: &[&str] = &["openai/gpt-5-mini", "openai/gpt-5-nano"];

/// Models that cannot call tools.
const WITHOUT_TOOLS: &[&str] = &["google/gemma-2-9b-it"];

/// Models without structured outputs at any provider.
const WITHOUT_SCHEMAS: &[&str] = &["google/gemma-2-9b-it", "mistralai/mistral-nemo"];

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

const VERBOSITIES: &[&str] = &["max", "xhigh", "high", "medium", "low"];

/// What a client of ours did that the real server would bear and we do not. `agent` is how it names
/// itself.
pub fn faults(request: &Request, agent: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let identity = [
        "user-agent",
        "http-referer",
        "x-openrouter-title",
        "x-title",
    ];
    // What is not billed is not attributed to an application either.
    let needed = if request.path == "/api/v1/auth/keys" {
        &identity[..1]
    } else {
        &identity[..]
    };
    for name in needed {
        if request
            .header(name)
            .is_none_or(|value| value.trim().is_empty())
        {
            faults.push(format!("the header {name} is missing"));
        }
    }
    if request
        .header("user-agent")
        .is_some_and(|name| !name.starts_with(agent))
    {
        faults.push(format!("User-Agent does not begin with {agent}"));
    }
    // It would be dropped in silence.
    let categories: Vec<&str> = request
        .header("x-openrouter-categories")
        .into_iter()
        .flat_map(|list| list.split(','))
        .collect();
    if categories.len() > 2
        || categories
            .iter()
            .any(|category| category.is_empty() || category.len() > 30)
    {
        faults.push(
            "X-OpenRouter-Categories has more than 2, or one longer than 30 characters".to_owned(),
        );
    }
    if request.header("x-provider").is_some() {
        faults.push("X-Provider is a header that nobody reads".to_owned());
    }
    let is_json = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/json"));
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
        Form::Stream(_) if !streams => {
            Some("a stream is scripted, and the request does not ask for one".to_owned())
        }
        Form::ByRule => Some("the request breaks no rule, and is scripted to".to_owned()),
        Form::Whole if streams => {
            Some("one body is scripted, and the request asks for a stream".to_owned())
        }
        _ => None,
    }
}

/// The refusal of the real server, when the request is one that it refuses.
pub fn refused(request: &Request, key: &str) -> Option<Reply> {
    if let Some(refusal) = unauthorized(request, key) {
        return Some(refusal);
    }
    if request.path == images::CREATE {
        return images::refused(&request.json());
    }
    if request.path != CHAT {
        return texts::refused(request);
    }
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return Some(refusal_with(
            400,
            "Input must have at least 1 token.",
            json!({"provider_name": null}),
        ));
    };
    if body["messages"].as_array().is_none_or(Vec::is_empty) {
        return Some(refusal(
            400,
            "Input required: specify \"prompt\" or \"messages\"",
        ));
    }
    bad_model(&body)
        .or_else(|| bad_fields(&body))
        .or_else(|| bad_options(&body))
        .or_else(|| bad_format(&body))
        .or_else(|| bad_tools(&body))
        .or_else(|| parts::refused(&body))
        .or_else(|| turns::refused(&body))
        .or_else(|| bad_reasoning(&body))
}

/// The refusal of a request without a key, or with an unknown one.
fn unauthorized(request: &Request, key: &str) -> Option<Reply> {
    let public = request.path == "/api/v1/auth/keys"
        || request.path == "/api/v1/models"
        || request.path == images::LIST
        || request.path == texts::LIST
        || request.path.starts_with("/api/v1/images/models/")
        || request.path.starts_with("/api/v1/models/");
    match request.header("authorization") {
        None if public => None,
        None => Some(refusal(401, "No cookie auth credentials found")),
        Some(value) if value.strip_prefix("Bearer ") == Some(key) => None,
        Some(_) => Some(refusal(401, "User not found.")),
    }
}

fn bad_model(body: &Value) -> Option<Reply> {
    let model = body["model"].as_str().unwrap_or_default();
    if UNKNOWN_MODELS.contains(&model) || !model.contains('/') {
        return Some(refusal(400, &format!("{model} is not a valid model ID")));
    }
    if WITHOUT_TOOLS.contains(&model)
        && body["tools"]
            .as_array()
            .is_some_and(|tools| !tools.is_empty())
    {
        return Some(refusal(
            404,
            "No endpoints found that support tool use. Try disabling \"tools\".",
        ));
    }
    None
}

fn bad_fields(body: &Value) -> Option<Reply> {
    if let Some(routing) = body["provider"].as_object()
        && let Some(unknown) = routing
            .keys()
            .find(|field| !ROUTING_FIELDS.contains(&field.as_str()))
    {
        return Some(refusal(
            400,
            &format!("provider: Unrecognized key: \"{unknown}\""),
        ));
    }
    let is_fine = |field: &str, fits: fn(&Value) -> bool| body.get(field).is_none_or(fits);
    let fits = [
        ("stream", is_fine("stream", Value::is_boolean)),
        ("max_tokens", is_fine("max_tokens", Value::is_u64)),
        (
            "temperature",
            is_fine("temperature", |value| {
                value
                    .as_f64()
                    .is_some_and(|number| (0.0..=2.0).contains(&number))
            }),
        ),
        (
            "top_p",
            is_fine("top_p", |value| {
                value
                    .as_f64()
                    .is_some_and(|number| (0.0..=1.0).contains(&number))
            }),
        ),
        ("top_k", is_fine("top_k", Value::is_u64)),
        ("seed", is_fine("seed", Value::is_i64)),
        (
            "verbosity",
            is_fine("verbosity", |value| {
                value
                    .as_str()
                    .is_some_and(|word| VERBOSITIES.contains(&word))
            }),
        ),
        (
            "models",
            is_fine("models", |value| {
                value
                    .as_array()
                    .is_some_and(|models| models.iter().all(Value::is_string))
            }),
        ),
        ("logprobs", is_fine("logprobs", Value::is_boolean)),
        (
            "top_logprobs",
            is_fine("top_logprobs", |value| {
                value.as_u64().is_some_and(|count| count <= 20)
            }) && (body["top_logprobs"].is_null() || body["logprobs"] == true),
        ),
        ("provider", is_fine("provider", Value::is_object)),
        ("reasoning", is_fine("reasoning", Value::is_object)),
    ];
    let (field, _) = fits.into_iter().find(|(_, fits)| !fits)?;
    Some(refusal(400, &format!("{field}: Invalid input")))
}

fn is_in(value: &Value, least: f64, most: f64) -> bool {
    value
        .as_f64()
        .is_some_and(|number| (least..=most).contains(&number))
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn is_short(value: &Value, most: usize) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.chars().count() <= most)
}

fn is_texts(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().all(is_text))
}

fn is_labels(value: &Value) -> bool {
    value.as_object().is_some_and(|pairs| {
        pairs.len() <= 16
            && pairs
                .iter()
                .all(|(key, value)| key.len() <= 64 && is_short(value, 512))
    })
}

fn is_biases(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|pairs| pairs.values().all(|bias| is_in(bias, -100.0, 100.0)))
}

fn are_objects_with(value: &Value, field: &str) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().all(|item| is_text(&item[field])))
}

type Fits = fn(&Value) -> bool;

/// What the real schema says of further fields of the body.
const FITS: &[(&str, Fits)] = &[
    ("top_k", Value::is_u64),
    ("min_p", |value| is_in(value, 0.0, 1.0)),
    ("top_a", |value| is_in(value, 0.0, 1.0)),
    ("repetition_penalty", |value| {
        is_in(value, f64::MIN_POSITIVE, 2.0)
    }),
    ("frequency_penalty", |value| is_in(value, -2.0, 2.0)),
    ("presence_penalty", |value| is_in(value, -2.0, 2.0)),
    ("seed", |value| value.is_i64() || value.is_u64()),
    ("stop", |value| {
        is_text(value)
            || (is_texts(value) && value.as_array().is_some_and(|stops| stops.len() <= 4))
    }),
    ("logit_bias", is_biases),
    ("logprobs", Value::is_boolean),
    ("top_logprobs", |value| {
        value.as_u64().is_some_and(|count| count <= 20)
    }),
    ("verbosity", is_text),
    ("preset", is_text),
    ("plugins", |value| are_objects_with(value, "id")),
    ("transforms", is_texts),
    ("service_tier", is_text),
    ("speed", is_text),
    ("response_format", |value| is_text(&value["type"])),
    ("tools", |value| are_objects_with(value, "type")),
    ("stop_server_tools_when", is_stop_conditions),
    ("tool_choice", |value| {
        is_text(value) || is_text(&value["type"])
    }),
    ("parallel_tool_calls", Value::is_boolean),
    ("modalities", is_texts),
    ("image_config", Value::is_object),
    ("audio", |value| {
        is_text(&value["voice"]) && is_text(&value["format"])
    }),
    ("prediction", |value| {
        value["type"] == "content" && !value["content"].is_null()
    }),
    ("cache_control", |value| value["type"] == "ephemeral"),
    ("prompt_cache_key", Value::is_string),
    ("session_id", |value| is_short(value, 256)),
    ("user", |value| is_short(value, 128)),
    ("metadata", is_labels),
    ("trace", Value::is_object),
    ("debug", Value::is_object),
    // Retired: the newest schema does not have it.
    ("route", |_| false),
    // A word of amx, never of the wire.
    ("private", |_| false),
];

/// The same for the fields of `provider`.
const ROUTING_FITS: &[(&str, Fits)] = &[
    ("order", is_texts),
    ("only", is_texts),
    ("ignore", is_texts),
    ("allow_fallbacks", Value::is_boolean),
    ("require_parameters", Value::is_boolean),
    ("data_collection", |value| {
        *value == "allow" || *value == "deny"
    }),
    ("zdr", Value::is_boolean),
    ("enforce_distillable_text", Value::is_boolean),
    ("quantizations", is_texts),
    ("sort", |value| is_text(value) || is_text(&value["by"])),
    ("preferred_min_throughput", |value| {
        value.is_number() || value.is_object()
    }),
    ("preferred_max_latency", |value| {
        value.is_number() || value.is_object()
    }),
    ("max_price", Value::is_object),
    ("options", Value::is_object),
];

fn bad_options(body: &Value) -> Option<Reply> {
    let misfit = |fields: &Value, table: &[(&'static str, Fits)]| {
        table
            .iter()
            .find(|(name, fits)| fields.get(*name).is_some_and(|value| !fits(value)))
            .map(|(name, _)| *name)
    };
    if let Some(field) = misfit(body, FITS) {
        return Some(refusal(400, &format!("{field}: Invalid input")));
    }
    if let Some(field) = misfit(&body["provider"], ROUTING_FITS) {
        return Some(refusal(400, &format!("provider.{field}: Invalid input")));
    }
    let lacks_logprobs = body.get("top_logprobs").is_some() && body["logprobs"] != true;
    lacks_logprobs.then(|| refusal(400, "top_logprobs requires logprobs to be true"))
}

/// `response_format`, and whether anybody is left who takes it.
fn bad_format(body: &Value) -> Option<Reply> {
    let format = body.get("response_format")?;
    let described = &format["json_schema"];
    if format["type"] == "json_schema" {
        let name = described["name"].as_str().unwrap_or_default();
        if !is_name(name)
            || !described["schema"].is_object()
            || !described.get("strict").is_none_or(Value::is_boolean)
        {
            return Some(refusal(400, "response_format.json_schema: Invalid input"));
        }
        if described["strict"] == true
            && let Some(place) = not_strict(&described["schema"], "()")
        {
            let message = format!(
                "Invalid schema for response_format '{name}': In context={place}, 'required' and \
                'additionalProperties' must be supplied."
            );
            return Some(refusal(400, &message));
        }
    } else if !["text", "json_object", "grammar", "python"]
        .iter()
        .any(|kind| format["type"] == *kind)
    {
        return Some(refusal(
            400,
            "response_format.type: Invalid discriminator value",
        ));
    }
    let model = body["model"].as_str().unwrap_or_default();
    if WITHOUT_SCHEMAS.contains(&model) && body["provider"]["require_parameters"] == true {
        return Some(refusal(
            404,
            "No endpoints found that can handle the requested parameters. To learn more about \
            provider routing, visit: https://openrouter.ai/docs/guides/routing/provider-selection",
        ));
    }
    None
}

/// The name of a schema or a tool.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// Where a schema is not what the strict mode asks for: all required, nothing else allowed, an
/// object at its root.
fn not_strict(schema: &Value, place: &str) -> Option<String> {
    let schema = Some(schema).filter(|schema| schema.is_object())?;
    if place == "()" && schema["type"] != "object" {
        return Some(place.to_owned());
    }
    if schema["type"] == "object" || schema["properties"].is_object() {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let is_closed = schema["additionalProperties"] == false
            && schema["properties"]
                .as_object()
                .is_some_and(|all| all.keys().all(|name| required.contains(&json!(name))));
        if !is_closed {
            return Some(place.to_owned());
        }
    }
    let inner = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, inner)| (name.as_str(), inner));
    inner
        .chain([("items", &schema["items"])])
        .find_map(|(name, inner)| not_strict(inner, name))
}

/// When tools that run at OpenRouter stop: each condition with the member that it needs.
fn is_stop_conditions(value: &Value) -> bool {
    let is_condition = |condition: &Value| match condition["type"].as_str() {
        Some("max_cost") => condition["max_cost_in_dollars"]
            .as_f64()
            .is_some_and(|most| most > 0.0),
        Some("step_count_is") => condition["step_count"].as_u64().is_some(),
        _ => false,
    };
    value
        .as_array()
        .is_some_and(|conditions| conditions.iter().all(is_condition))
}

/// Tools that run at OpenRouter.
const SERVER_TOOLS: &[&str] = &[
    "openrouter:web_search",
    "openrouter:web_fetch",
    "openrouter:datetime",
];

/// Tools, and that one can only be chosen which is there.
fn bad_tools(body: &Value) -> Option<Reply> {
    let tools: Vec<&Value> = body["tools"].as_array().into_iter().flatten().collect();
    let is_tool = |tool: &&Value| match tool["type"].as_str() {
        Some("function") => is_name(tool["function"]["name"].as_str().unwrap_or_default()),
        Some(kind) => SERVER_TOOLS.contains(&kind),
        None => false,
    };
    if !tools.iter().all(is_tool) {
        return Some(refusal(400, "tools: Invalid input"));
    }
    let is_of_google = body["model"]
        .as_str()
        .is_some_and(|model| model.starts_with("google/"));
    if let Some(words) = google_schemas::refusal(body).filter(|_| is_of_google) {
        return Some(refusal(400, &words));
    }
    let choice = body
        .get("tool_choice")
        .filter(|choice| choice.is_object())?;
    let is_there = tools
        .iter()
        .any(|tool| tool["function"]["name"] == choice["function"]["name"]);
    (choice["type"] != "function" || !is_there).then(|| refusal(400, "tool_choice: no such tool"))
}

fn bad_reasoning(body: &Value) -> Option<Reply> {
    let reasoning = &body["reasoning"];
    let effort = &reasoning["effort"];
    if !effort.is_null()
        && effort
            .as_str()
            .is_none_or(|effort| !EFFORTS.contains(&effort))
    {
        let options = EFFORTS
            .iter()
            .map(|effort| format!("\"{effort}\""))
            .collect::<Vec<_>>()
            .join("|");
        return Some(refusal(
            400,
            &format!("reasoning.effort: Invalid option: expected one of {options}"),
        ));
    }
    if !effort.is_null() && !reasoning["max_tokens"].is_null() {
        return Some(refusal(
            400,
            "Only one of \"reasoning.effort\" and \"reasoning.max_tokens\" can be specified",
        ));
    }
    if body["reasoning_effort"].is_string()
        && !effort.is_null()
        && body["reasoning_effort"] != *effort
    {
        return Some(refusal(
            400,
            "Only one of \"reasoning\" and \"reasoning_effort\" may be provided",
        ));
    }
    let model = body["model"].as_str().unwrap_or_default();
    let is_off = *effort == "none" || reasoning["enabled"] == false;
    if is_off && MANDATORY_REASONING.contains(&model) {
        return Some(refusal_with(
            400,
            "Reasoning is mandatory for this endpoint and cannot be disabled.",
            json!({"provider_name": null}),
        ));
    }
    too_small_for_thinking(body, model, effort.as_str()?)
}

/// Claude up to 4.5 reasons within a budget that is a part of `max_tokens` and at least 1024.
fn too_small_for_thinking(body: &Value, model: &str, effort: &str) -> Option<Reply> {
    let is_budgeted =
        model.starts_with("anthropic/claude-sonnet-4") || model.starts_with("anthropic/claude-3.7");
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
    Some(refusal_with(
        400,
        "Provider returned error",
        json!({"raw": words.to_string(), "provider_name": "Anthropic", "is_byok": false}),
    ))
}
