//! The endpoints that take texts: embeddings and rerank. Their requests are checked against the
//! documented fields, and answered as OpenRouter, OpenAI and Cohere do.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::http::Request;
use super::reply::{Reply, json as body, refusal};
use super::routes::{Route, get, post};

pub const EMBEDDINGS: &str = "/api/v1/embeddings";
pub const LIST: &str = "/api/v1/embeddings/models";
pub const RERANK: &str = "/api/v1/rerank";

/// The fields of a request for vectors.
const EMBEDDING_FIELDS: &[&str] = &[
    "model",
    "input",
    "dimensions",
    "encoding_format",
    "input_type",
    "provider",
    "user",
];

/// The fields of a request for scores.
const RERANK_FIELDS: &[&str] = &["model", "query", "documents", "top_n", "provider"];

/// Most texts of a request, as OpenAI has it.
const MOST_TEXTS: usize = 2048;

/// What the real server refuses of a request with texts.
pub fn refused(request: &Request) -> Option<Reply> {
    let sent = request.json();
    let (fields, texts) = match request.path.as_str() {
        EMBEDDINGS => (EMBEDDING_FIELDS, "input"),
        RERANK => (RERANK_FIELDS, "documents"),
        _ => return None,
    };
    let Some(object) = sent.as_object() else {
        return Some(refusal(400, "the body is no object"));
    };
    if let Some(unknown) = object.keys().find(|name| !fields.contains(&name.as_str())) {
        return Some(refusal(400, &format!("Unrecognized key: \"{unknown}\"")));
    }
    if object.values().any(Value::is_null) {
        return Some(refusal(400, "a field is null"));
    }
    let is_text = |text: &Value| text.as_str().is_some_and(|text| !text.is_empty());
    let is_list = |list: &Vec<Value>| !list.is_empty() && list.iter().all(is_text);
    // A client of `amx serve` may send one text.
    let are_texts = is_text(&sent[texts]) || sent[texts].as_array().is_some_and(is_list);
    if !are_texts
        || sent[texts]
            .as_array()
            .is_some_and(|list| list.len() > MOST_TEXTS)
    {
        return Some(refusal(400, &format!("{texts}: Invalid input")));
    }
    if !is_text(&sent["model"]) || (request.path == RERANK && !is_text(&sent["query"])) {
        return Some(refusal(400, "model and query are required"));
    }
    let encoding = sent.get("encoding_format").and_then(Value::as_str);
    if sent.get("encoding_format").is_some() && !matches!(encoding, Some("float" | "base64")) {
        return Some(refusal(400, "encoding_format: Invalid option"));
    }
    for name in ["dimensions", "top_n"] {
        let is_number = |value: &Value| value.as_u64().is_some_and(|number| number > 0);
        if sent.get(name).is_some_and(|value| !is_number(value)) {
            return Some(refusal(
                400,
                &format!("{name}: expected a positive integer"),
            ));
        }
    }
    None
}

/// The texts of a request.
pub fn sent(request: &Value) -> Vec<String> {
    let list = request["input"]
        .as_array()
        .or(request["documents"].as_array());
    let one = request["input"].as_str();
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.chain(one).map(str::to_owned).collect()
}

/// The vector of a text: its length in bytes and its first byte, which 32 bits hold exactly.
pub fn vector_of(text: &str) -> Vec<f32> {
    let first = text.bytes().next().unwrap_or_default();
    vec![
        f32::from(u16::try_from(text.len()).unwrap()),
        f32::from(first),
        0.1,
    ]
}

/// A vector in the encoding that a request asks for.
pub fn encoded(request: &Value, values: &[f32]) -> Value {
    if request["encoding_format"] == "base64" {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        json!(STANDARD.encode(bytes))
    } else {
        json!(values)
    }
}

/// The items of a reply, in the order of the texts.
pub fn items(request: &Value) -> Vec<Value> {
    let item = |(index, text): (usize, &String)| {
        let vector = encoded(request, &vector_of(text));
        json!({"object": "embedding", "index": index, "embedding": vector})
    };
    sent(request).iter().enumerate().map(item).collect()
}

/// A reply with these items, ten tokens and a thousandth of a dollar for each text.
pub fn vectors(request: &Value, items: &[Value]) -> Reply {
    let texts = sent(request).len();
    body(json!({
        "object": "list", "model": request["model"], "data": items, "id": "gen-emb-1",
        "usage": {
            "prompt_tokens": texts * 10, "total_tokens": texts * 10,
            "cost": f64::from(u32::try_from(texts).unwrap()) / 1000.0,
        },
    }))
}

/// `GET /embeddings/models`: one model, with its price in USD per token.
pub fn embedding_models(id: &'static str, price: &'static str) -> Route {
    get(LIST, move || {
        body(json!({"data": [{
            "id": id, "canonical_slug": id, "name": id, "created": 1_750_000_000, "context_length": 8192,
            "architecture": {"modality": "text->embeddings", "input_modalities": ["text"], "output_modalities": ["embeddings"]},
            "pricing": {"prompt": price, "completion": "0", "request": "0", "image": "0"},
            "top_provider": {"context_length": 8192, "max_completion_tokens": null, "is_moderated": false},
            "per_request_limits": null, "supported_parameters": [], "default_parameters": null,
        }]}))
    })
}

/// `POST /embeddings`, answered for the body of the request.
pub fn embeddings(mut answer: impl FnMut(&Value) -> Reply + Send + 'static) -> Route {
    post(EMBEDDINGS, move |request| answer(&request.json()))
}

/// The same with the vectors of the texts.
pub fn embedder() -> Route {
    embeddings(|request| vectors(request, &items(request)))
}

/// `POST /rerank`, answered for the body of the request.
pub fn reranker(mut answer: impl FnMut(&Value) -> Reply + Send + 'static) -> Route {
    post(RERANK, move |request| answer(&request.json()))
}

/// A reply with scores in OpenRouter's form.
pub fn scores(request: &Value, scored: &[(usize, f64)]) -> Reply {
    let results: Vec<Value> = scored
        .iter()
        .map(|(index, score)| {
            let text = &request["documents"][index];
            json!({"index": index, "relevance_score": score, "document": {"text": text}})
        })
        .collect();
    body(json!({
        "id": "gen-rerank-1", "model": request["model"], "provider": "Cohere", "results": results,
        "usage": {"cost": 0.002, "search_units": 1, "total_tokens": 40},
    }))
}
