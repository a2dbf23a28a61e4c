//! What a server with OpenAI's API that is not OpenRouter must never get: the double checks every
//! request to one.

use serde_json::Value;

use super::http::Request;
use super::images;
use super::reply::CHAT;
use super::texts;

/// The fields of OpenAI's chat completions that amx may send.
const FIELDS: &[&str] = &[
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "reasoning_effort",
    "response_format",
    "seed",
    "stop",
    "logprobs",
    "top_logprobs",
    "n",
    "tools",
    "tool_choice",
    "web_search_options",
];

/// The fields of a message.
const MESSAGE_FIELDS: &[&str] = &[
    "role",
    "content",
    "reasoning_details",
    "tool_calls",
    "tool_call_id",
    "reasoning_content",
];

/// What is wrong with a request.
pub fn faults(request: &Request) -> Vec<String> {
    let mut faults = Vec::new();
    let names = request.headers.iter().map(|(name, _)| name.to_lowercase());
    let foreign = ["http-referer", "x-title"];
    faults.extend(
        names
            .filter(|name| name.starts_with("x-openrouter") || foreign.contains(&name.as_str()))
            .map(|name| format!("the header {name} is OpenRouter's")),
    );
    if images::OPENAI.contains(&request.path.as_str()) {
        faults.extend(images::openai_faults(request));
    }
    if request.path != CHAT {
        faults.extend(texts::refused(request).map(|_| "a field is wrong".to_owned()));
        return faults;
    }
    let body = request.json();
    let Some(fields) = body.as_object() else {
        faults.push("the body is no object".to_owned());
        return faults;
    };
    let unknown = fields
        .keys()
        .filter(|name| !FIELDS.contains(&name.as_str()));
    faults.extend(unknown.map(|name| format!("there is no field {name}")));
    let nulls = fields.iter().filter(|(_, value)| value.is_null());
    faults.extend(nulls.map(|(name, _)| format!("{name} is null instead of absent")));
    let has = |name: &str| body.get(name).is_some();
    if has("max_tokens") && has("max_completion_tokens") {
        faults.push("both names of max_tokens are there".to_owned());
    }
    if has("stream_options") && body["stream"] != true {
        faults.push("stream_options without stream".to_owned());
    }
    let searches = body["model"]
        .as_str()
        .is_some_and(|model| model.contains("search"));
    if has("web_search_options") && !searches {
        faults.push("web_search_options for a model that does not search".to_owned());
    }
    let limit = ["max_tokens", "max_completion_tokens"];
    for name in limit.into_iter().filter(|name| has(name)) {
        if body[name].as_u64().is_none_or(|tokens| tokens == 0) {
            faults.push(format!("{name} is no whole number above 0"));
        }
    }
    faults.extend(messages(&body["messages"]));
    faults
}

fn messages(messages: &Value) -> Vec<String> {
    let Some(messages) = messages.as_array().filter(|list| !list.is_empty()) else {
        return vec!["there are no messages".to_owned()];
    };
    let fields = messages.iter().filter_map(Value::as_object);
    let unknown = fields
        .flat_map(|message| message.keys())
        .filter(|name| !MESSAGE_FIELDS.contains(&name.as_str()));
    unknown
        .map(|name| format!("a message has no field {name}"))
        .collect()
}
