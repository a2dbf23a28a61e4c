//! Reads a chunk or a body in any form: a field that is missing, null or of another type is absent.

use std::time::SystemTime;

use serde_json::Value;

use super::{refusal, usage};
use crate::chat::delta::{Delta, SkippedModel, ToolFragment};
use crate::chat::finish_reason::FinishReason;
use crate::wire::redact::cut;

/// Most attempts of a router that are reported.
const MOST_SKIPPED: usize = 16;

/// Longest name of a model or a company in them, in characters.
const MOST_NAME: usize = 128;

/// Adds the content of a chunk (`delta`) or a body (`message`).
pub(super) fn read(value: &Value, delta: &mut Delta) {
    // One deployment nested the whole completion in `provider`.
    if value.get("choices").is_none() && value["provider"].get("choices").is_some() {
        return read(&value["provider"], delta);
    }
    set(&mut delta.generation_id, &value["id"]);
    set(&mut delta.model, &value["model"]);
    set(&mut delta.served_by, &value["provider"]);
    read_routing(&value["openrouter_metadata"], delta);
    if let Some(error) = error_of_body(value) {
        delta.error = Some(refusal::from_error_object(
            error,
            0,
            &|_| None,
            delta.received_at.unwrap_or_else(SystemTime::now),
        ));
    }
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
    usage::read(&value["usage"], delta);
}

fn error_of(value: &Value) -> Option<&Value> {
    Some(&value["error"]).filter(|error| !error.is_null() && **error != false)
}

/// The error in place of an answer: under `error`, also inside a list, or the body itself.
fn error_of_body(body: &Value) -> Option<&Value> {
    let first = body.get(0).unwrap_or(body);
    let is_error = || {
        let has_words = first["error_message"].is_string() || !first["detail"].is_null();
        first["choices"].is_null() && (first["object"] == "error" || has_words)
    };
    error_of(first).or_else(|| is_error().then_some(first))
}

fn read_choice(choice: &Value, delta: &mut Delta) {
    delta.has_choice = true;
    let message = if choice["delta"].is_object() {
        &choice["delta"]
    } else {
        &choice["message"]
    };
    push_content(&message["content"], &mut delta.text);
    push_thinking(&message["content"], &mut delta.reasoning);
    if message.is_null()
        && let Some(text) = choice["text"].as_str()
    {
        delta.text.push_str(text);
    }
    push_content(&message["refusal"], &mut delta.refusal);
    let reasoning = [&message["reasoning"], &message["reasoning_content"]]
        .into_iter()
        .find_map(|field| field.as_str().filter(|text| !text.is_empty()));
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
    delta.reasoning.push_str(reasoning.unwrap_or_default());
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
    if let Some(error) = error_of(choice) {
        delta.error = Some(refusal::from_error_object(
            error,
            0,
            &|_| None,
            delta.received_at.unwrap_or_else(SystemTime::now),
        ));
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

/// A text, or the texts of a list of parts.
fn push_content(content: &Value, text: &mut String) {
    match content {
        Value::String(content) => text.push_str(content),
        Value::Array(parts) => text.extend(parts.iter().filter_map(|part| part["text"].as_str())),
        _ => {}
    }
}

/// Mistral's parts of type `thinking`, which hold parts of their own.
fn push_thinking(content: &Value, reasoning: &mut String) {
    for part in content.as_array().into_iter().flatten() {
        push_content(&part["thinking"], reasoning);
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
