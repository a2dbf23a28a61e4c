//! The APIs that make images: OpenRouter's, by its OpenAPI document, and OpenAI's. What they would
//! refuse fails the test.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::http::Request;
use super::reply::{self, Reply, refusal};
use super::routes::{self, Route};

/// OpenRouter's path, and that of the list of its models.
pub const CREATE: &str = "/api/v1/images";
pub const LIST: &str = "/api/v1/images/models";

/// OpenAI's paths, below the base URL of the double.
pub const GENERATIONS: &str = "/api/v1/images/generations";
pub const EDITS: &str = "/api/v1/images/edits";
pub const OPENAI: [&str; 2] = [GENERATIONS, EDITS];

/// A model that bills by the image, one that bills by the token and takes no images, and one that
/// only its chat serves.
pub const PANDA: &str = "bytedance-seed/seedream-4.5";
pub const TOKENS: &str = "openai/gpt-image-2";
pub const IN_CHAT: &str = "google/gemini-9-flash-image";

const FIELDS: &[&str] = &[
    "model",
    "prompt",
    "aspect_ratio",
    "background",
    "input_references",
    "n",
    "output_compression",
    "output_format",
    "provider",
    "quality",
    "resolution",
    "seed",
    "session_id",
    "size",
    "stream",
    "trace",
    "user",
];

const ROUTING: &[&str] = &[
    "allow_fallbacks",
    "ignore",
    "only",
    "options",
    "order",
    "sort",
];

/// The refusal of OpenRouter, when it refuses the request.
pub fn refused(body: &Value) -> Option<Reply> {
    let Some(fields) = body.as_object() else {
        return Some(refusal(400, "Invalid JSON"));
    };
    let unknown = fields.keys().find(|name| !FIELDS.contains(&name.as_str()));
    let routing = body["provider"].as_object().into_iter().flatten();
    let mut routing = routing.map(|(name, _)| name);
    let unknown = unknown.or_else(|| routing.find(|name| !ROUTING.contains(&name.as_str())));
    if let Some(unknown) = unknown {
        return Some(refusal(400, &format!("Unrecognized key: \"{unknown}\"")));
    }
    let is_text = |name: &str| body[name].as_str().is_some_and(|text| !text.is_empty());
    let count = body
        .get("n")
        .is_none_or(|n| (1..=10).contains(&n.as_u64().unwrap_or(0)));
    let references = body.get("input_references");
    let is_part =
        |part: &Value| part["type"] == "image_url" && part["image_url"]["url"].is_string();
    let parts = references.is_none_or(|list| {
        list.as_array()
            .is_some_and(|list| !list.is_empty() && list.iter().all(is_part))
    });
    let sizes = body
        .get("size")
        .is_none_or(|_| body.get("aspect_ratio").is_none());
    let is_fine = is_text("model") && is_text("prompt") && count && parts && sizes;
    (!is_fine).then(|| refusal(400, "Invalid input"))
}

/// What is wrong with a request to OpenAI.
pub fn openai_faults(request: &Request) -> Vec<String> {
    let body = request.json();
    let is_edit = request.path == EDITS;
    let known = ["model", "prompt", "n", "size", "quality", "user", "images"];
    let fields = body
        .as_object()
        .into_iter()
        .flat_map(|fields| fields.keys());
    let unknown = fields.filter(|name| !known.contains(&name.as_str()));
    let mut faults: Vec<String> = unknown
        .map(|name| format!("there is no field {name}"))
        .collect();
    if body["images"].is_array() != is_edit {
        faults.push("images belong to edits, and only there".to_owned());
    }
    let has_ratio = body["size"].as_str().is_some_and(|size| size.contains(':'));
    if has_ratio || body["prompt"].as_str().is_none_or(str::is_empty) {
        faults.push("size or prompt are none".to_owned());
    }
    faults
}

/// Images in the form of OpenRouter.
pub fn made(images: &[(&str, &[u8])]) -> Reply {
    let row = |(mime, bytes): &(&str, &[u8])| json!({"b64_json": STANDARD.encode(bytes), "media_type": mime});
    let rows: Vec<Value> = images.iter().map(row).collect();
    of_data(json!(rows))
}

/// A reply with this list of images.
pub fn of_data(data: Value) -> Reply {
    let usage = json!({
        "prompt_tokens": 0, "completion_tokens": 4175, "total_tokens": 4175, "cost": 0.04,
    });
    let body = json!({"created": 1_748_372_400, "data": data, "usage": usage});
    reply::json(body).on("POST", CREATE)
}

/// `GET /images/models`.
pub fn list() -> Route {
    routes::get(LIST, || {
        let model = |id: &str, inputs: Value, created: u64| {
            json!({
                "id": id, "name": id, "description": "Makes images.", "created": created,
                "architecture": {"input_modalities": inputs, "output_modalities": ["image"]},
                "supported_parameters": {"resolution": {"type": "enum", "values": ["1K", "2K"]}},
                "supports_streaming": false, "endpoints": format!("{LIST}/{id}/endpoints"),
            })
        };
        reply::json(json!({"data": [
            model(PANDA, json!(["text", "image"]), 1_700_000_002),
            model(TOKENS, json!(["text"]), 1_700_000_001),
        ]}))
    })
}

/// `GET /models` with a model that makes images in its chat, and one that makes none.
pub fn catalogue() -> Route {
    let row = |id: &str, output: Value| {
        json!({
            "id": id, "name": id, "created": 1,
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": output},
            "pricing": {"prompt": "0.0000003", "completion": "0.0000025"},
            "top_provider": {"max_completion_tokens": 32_768}, "context_length": 65_536,
            "supported_parameters": ["max_tokens"],
        })
    };
    routes::listed(vec![
        row(IN_CHAT, json!(["text", "image"])),
        row("a/text", json!(["text"])),
    ])
}

/// The price list of [`PANDA`].
pub fn price() -> Route {
    routes::get(
        "/api/v1/images/models/bytedance-seed/seedream-4.5/endpoints",
        || {
            let pricing = json!([{"billable": "output_image", "unit": "image", "cost_usd": 0.04}]);
            reply::json(json!({"id": PANDA, "endpoints": [{
                "provider_name": "Seed", "provider_slug": "seed", "provider_tag": "seed",
                "supported_parameters": {}, "allowed_passthrough_parameters": [],
                "supports_streaming": false, "pricing": pricing,
            }]}))
        },
    )
}

/// The price list of [`TOKENS`].
pub fn price_by_token() -> Route {
    routes::get("/api/v1/images/models/openai/gpt-image-2/endpoints", || {
        let pricing = json!([{"billable": "output_image", "unit": "token", "cost_usd": 0.00003}]);
        reply::json(json!({"id": TOKENS, "endpoints": [{"pricing": pricing}]}))
    })
}
