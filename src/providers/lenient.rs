//! Reads a chunk or a body in any form: a field that is missing, null or of another type is absent.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::{media, refusal, usage};
use crate::chat::delta::{Delta, SkippedModel, ToolFragment};
use crate::chat::finish_reason::FinishReason;
use crate::chat::provider::ReplyHead;
use crate::chat::refusal::RefusalKind;
use crate::wire::redact::cut;

/// Most attempts of a router that are reported.
const MOST_SKIPPED: usize = 16;

/// Longest name of a model or a company in them, in characters.
const MOST_NAME: usize = 128;

/// The fields of a message with the text of its reasoning: OpenRouter, Ollama and vLLM; DeepSeek,
/// Moonshot and most servers; Ollama's own API; Copilot. The first with a text wins.
const REASONING: [&str; 4] = [
    "reasoning",
    "reasoning_content",
    "thinking",
    "reasoning_text",
];

/// Adds the content of a chunk (`delta`) or a body (`message`).
pub(super) fn read(value: &Value, delta: &mut Delta) {
    // Some proxies wrap the whole completion in a list.
    if value
        .get(0)
        .is_some_and(|first| first["choices"].is_array())
    {
        return read(&value[0], delta);
    }
    // One deployment nested the whole completion in `provider`.
    if value.get("choices").is_none() && value["provider"].get("choices").is_some() {
        return read(&value["provider"], delta);
    }
    set(&mut delta.generation_id, &value["id"]);
    set(&mut delta.model, &value["model"]);
    set(&mut delta.served_by, &value["provider"]);
    read_routing(&value["openrouter_metadata"], delta);
    if let Some(error) = error_of_body(value) {
        refuse(error, delta);
    }
    read_sources(value, delta);
    let choices = value["choices"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let first = choices
        .iter()
        .find(|choice| choice["index"].as_u64().unwrap_or(0) == 0);
    if let Some(choice) = first {
        read_choice(choice, delta);
        // Moonshot reports usage inside the choice.
        usage::read(&choice["usage"], delta);
    }
    // Groq reports it for itself when nobody asked for it.
    usage::read(&value["x_groq"]["usage"], delta);
    usage::read(&value["usage"], delta);
}

/// The sources of Perplexity, as annotations: URLs in the order of the numbers in the text, and
/// the same again with titles.
fn read_sources(value: &Value, delta: &mut Delta) {
    for field in ["citations", "search_results"] {
        for source in value[field].as_array().into_iter().flatten() {
            if let Some(url) = source.as_str().or(source["url"].as_str()) {
                let title = &source["title"];
                delta.annotations.push(json!({
                    "type": "url_citation", "url_citation": {"url": url, "title": title},
                }));
            }
        }
    }
}

/// Reads a body that has neither choices nor an error in its place as an error, when it has words.
pub(super) fn read_as_error(body: &Value, delta: &mut Delta) -> bool {
    let error = refusal::object(body);
    let is_error = error.is_object() && refusal::has_words(error) && body["choices"].is_null();
    if is_error {
        refuse(error, delta);
    }
    is_error
}

/// Reads a body that is no JSON as an error, when its words are those of a server that is not
/// ready.
pub(super) fn read_as_busy(body: &[u8], delta: &mut Delta) -> bool {
    let words = Value::String(refusal::words_of(body));
    let mut refused = Delta {
        received_at: delta.received_at,
        ..Delta::default()
    };
    refuse(&words, &mut refused);
    delta.error = refused
        .error
        .filter(|error| error.kind == RefusalKind::NotReady);
    delta.error.is_some()
}

fn refuse(error: &Value, delta: &mut Delta) {
    let head = ReplyHead {
        status: 0,
        header: &|_| None,
        now: delta.received_at.unwrap_or_else(SystemTime::now),
    };
    delta.error = Some(refusal::from_error_object(error, &head));
}

fn has_error(value: &Value) -> bool {
    let error = &value["error"];
    !error.is_null() && *error != false && *error != ""
}

/// The error in place of an answer: under `error`, also inside a list, or the body itself.
pub(crate) fn error_of_body(body: &Value) -> Option<&Value> {
    let first = body.get(0).unwrap_or(body);
    if has_error(first) {
        return Some(refusal::object(first));
    }
    let is_text = |name: &str| first[name].as_str().is_some_and(|text| !text.is_empty());
    let names_error = || {
        // Mistral and vLLM; Text Generation Inference; FastAPI
        first["object"].as_str().is_some_and(|object| object.eq_ignore_ascii_case("error"))
            || is_text("error_message")
            || is_text("error_msg")
            || !first["detail"].is_null()
            // Cloudflare
            || first["errors"].as_array().is_some_and(|errors| !errors.is_empty())
            // MiniMax
            || first["base_resp"]["status_code"].as_i64().is_some_and(|code| code != 0)
            || is_text("message") && !first["code"].is_null()
    };
    (first["choices"].is_null() && names_error()).then_some(first)
}

fn read_choice(choice: &Value, delta: &mut Delta) {
    delta.has_choice = true;
    let message = if choice["delta"].is_object() {
        &choice["delta"]
    } else {
        delta.is_whole = choice["message"].is_object();
        &choice["message"]
    };
    push_answer(&message["content"], &mut delta.text);
    push_thinking(&message["content"], &mut delta.reasoning);
    media::read(message, delta);
    if message.is_null()
        && let Some(text) = choice["text"].as_str()
    {
        delta.text.push_str(text);
    }
    push_content(&message["refusal"], &mut delta.refusal);
    let reasoning = REASONING.iter().find_map(|field| {
        let mut text = String::new();
        push_content(&message[*field], &mut text);
        Some(text).filter(|text| !text.is_empty())
    });
    if let Some(details) = message["reasoning_details"].as_array() {
        // Both forms have the same text; it is shown once.
        let from_details = details
            .iter()
            .filter_map(|detail| detail["text"].as_str().or(detail["summary"].as_str()));
        if reasoning.is_none() {
            delta.reasoning.extend(from_details);
        }
        delta.reasoning_details = Some(details.clone());
    }
    delta.reasoning.push_str(&reasoning.unwrap_or_default());
    delta.annotations.extend(
        message["annotations"]
            .as_array()
            .into_iter()
            .flatten()
            .cloned(),
    );
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        delta.tool_fragments.push(tool_fragment(call));
    }
    for token in choice["logprobs"]["content"]
        .as_array()
        .into_iter()
        .flatten()
    {
        if let (Some(text), Some(logprob)) = (token["token"].as_str(), token["logprob"].as_f64()) {
            delta.logprobs.push((text.to_owned(), logprob));
        }
    }
    read_finish_reason(choice, delta);
    if has_error(choice) {
        refuse(refusal::object(choice), delta);
    }
}

/// The reason that the provider's word means; the word itself is kept where it is another one.
fn read_finish_reason(choice: &Value, delta: &mut Delta) {
    let word = choice["finish_reason"]
        .as_str()
        .filter(|word| !word.is_empty());
    if let Some(word) = word {
        let reason = FinishReason::of(word);
        if reason.as_str() != word {
            delta.native_finish_reason = Some(word.to_owned());
        }
        delta.finish_reason = Some(reason);
    }
    set(
        &mut delta.native_finish_reason,
        &choice["native_finish_reason"],
    );
}

fn set(place: &mut Option<String>, value: &Value) {
    if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
        *place = Some(text.to_owned());
    }
}

/// A text, or the texts of a list of parts, without those of reasoning.
fn push_content(content: &Value, text: &mut String) {
    match content {
        Value::String(content) => text.push_str(content),
        Value::Array(parts) => {
            let parts = parts.iter().filter(|part| !is_reasoning(part));
            text.extend(parts.filter_map(|part| part["text"].as_str().or(part.as_str())));
        }
        Value::Object(_) => {
            let words = content["text"].as_str().or(content["content"].as_str());
            text.push_str(words.unwrap_or_default());
        }
        _ => {}
    }
}

/// The content of a message. Some servers send the number or the object of a structured answer
/// instead of its text.
fn push_answer(content: &Value, text: &mut String) {
    let before = text.len();
    push_content(content, text);
    let is_value = match content {
        Value::Object(fields) => !fields.is_empty() && !is_reasoning(content),
        other => other.is_number(),
    };
    if is_value && text.len() == before {
        text.push_str(&content.to_string());
    }
}

/// Whether a part of the content is reasoning: Mistral's `thinking`, and those of other APIs that
/// a proxy passes on.
fn is_reasoning(part: &Value) -> bool {
    matches!(
        part["type"].as_str(),
        Some("thinking" | "reasoning" | "reasoning_content" | "redacted_thinking")
    )
}

/// The texts of the parts that are reasoning: in the part itself, or in parts of its own.
fn push_thinking(content: &Value, reasoning: &mut String) {
    for part in content.as_array().into_iter().flatten() {
        if is_reasoning(part) {
            for place in ["thinking", "reasoning", "text"] {
                push_content(&part[place], reasoning);
            }
        }
    }
}

fn tool_fragment(call: &Value) -> ToolFragment {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let function = &call["function"];
    let arguments = match &function["arguments"] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        // Some servers send the object instead of its text.
        other => Some(other.to_string()),
    };
    ToolFragment {
        index: call["index"].as_u64(),
        id: text(&call["id"]),
        name: text(&function["name"]),
        arguments,
        extra_content: Some(call["extra_content"].clone()).filter(|extra| !extra.is_null()),
    }
}

/// Models that OpenRouter tried without success before the one that answered.
fn read_routing(metadata: &Value, delta: &mut Delta) {
    let Some(attempts) = metadata["attempts"].as_array() else {
        return;
    };
    let text = |value: &Value| {
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .map(|text| cut(text, MOST_NAME))
    };
    let skipped_models = attempts.iter().filter_map(|attempt| {
        let status = attempt["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        let model = text(&attempt["model"])
            .filter(|_| !status.is_some_and(|status| (200..300).contains(&status)))?;
        Some(SkippedModel {
            model,
            provider: text(&attempt["provider"]),
            status,
        })
    });
    delta.skipped_models = skipped_models.take(MOST_SKIPPED).collect();
}
