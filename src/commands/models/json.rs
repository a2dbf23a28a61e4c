//! Models, endpoints and catalogue changes as JSON.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::catalog::changes::CatalogChanges;
use crate::catalog::{Endpoint, Model, Price, WordList};
use crate::chat::route::{Efforts, ReasoningFacts};
use crate::present::time::utc;

pub(super) fn model(model: &Model) -> Value {
    let created = model
        .created
        .and_then(|seconds| u64::try_from(seconds).ok())
        .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    json!({
        "id": model.id,
        "name": model.name,
        "author": model.author(),
        "created": created.map(utc),
        "context_length": model.context,
        "max_completion_tokens": model.max_completion_tokens,
        "price": price(&model.price),
        "price_varies": model.price == Price::Varies,
        "free": model.is_free(),
        "input_modalities": words(&model.input),
        "output_modalities": words(&model.output),
        "supported_parameters": words(&model.parameters),
        "reasoning": model.reasoning.as_ref().map(reasoning),
        "expiration_date": model.expires,
    })
}

/// USD per million tokens; null when unknown.
fn price(price: &Price) -> Value {
    let Some(rates) = price.rates() else {
        return Value::Null;
    };
    let tiers = rates.tiers.iter().map(
        |tier| json!({"from_prompt_tokens": tier.from, "input": tier.input, "output": tier.output}),
    );
    json!({"input": rates.input, "output": rates.output, "tiers": tiers.collect::<Vec<_>>()})
}

/// Null when the provider lists none.
fn words(words: &WordList) -> Value {
    if words.is_empty() {
        Value::Null
    } else {
        words.iter().collect()
    }
}

/// `supported_efforts` as the provider gives it: null for all, absent when none can be selected.
fn reasoning(facts: &ReasoningFacts) -> Value {
    let mut value = json!({
        "mandatory": facts.mandatory,
        "default_enabled": facts.default_enabled,
        "default_effort": facts.default_effort,
    });
    match &facts.efforts {
        Efforts::Unselectable => {}
        Efforts::All => value["supported_efforts"] = Value::Null,
        Efforts::Listed(listed) => value["supported_efforts"] = json!(listed),
    }
    value
}

pub(super) fn endpoint(endpoint: &Endpoint) -> Value {
    json!({
        "provider": endpoint.provider,
        "tag": endpoint.tag,
        "quantization": endpoint.quantization,
        "context_length": endpoint.context,
        "max_completion_tokens": endpoint.max_completion_tokens,
        "price": price(&endpoint.price),
        "uptime_percent": endpoint.uptime,
        "latency_ms": endpoint.latency,
        "tokens_per_second": endpoint.throughput,
        "up": endpoint.is_up,
    })
}

pub(super) fn changes(changes: &CatalogChanges) -> Value {
    let different = changes
        .changed
        .iter()
        .map(|changed| json!({"id": changed.id, "what": changed.what}));
    json!({
        "added": changes.added,
        "removed": changes.removed,
        "changed": different.collect::<Vec<_>>(),
    })
}
