//! Vectors and scores of the demo: the same for the same text, and close for texts that share
//! words.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answers::{json_answer, refusal};
use crate::wire::loopback::Answer;

/// Length of a vector without `dimensions`.
const DIMENSIONS: usize = 64;

/// Most dimensions of a request.
const MOST_DIMENSIONS: usize = 4096;

/// The vectors of the texts of a request.
pub(super) fn embeddings(body: &[u8]) -> Answer {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return refusal(400, "Invalid JSON");
    };
    let one = body["input"].as_str().map(|text| vec![text]);
    let Some(texts) = one
        .or_else(|| texts(&body["input"]))
        .filter(|texts| !texts.is_empty())
    else {
        return refusal(400, "input: must be a text or a list of texts");
    };
    let asked = body["dimensions"]
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    let length = asked.unwrap_or(DIMENSIONS).clamp(1, MOST_DIMENSIONS);
    let is_base64 = body["encoding_format"] == "base64";
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let values = vector(text, length);
            let embedding = if is_base64 {
                let bytes: Vec<u8> = values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect();
                json!(STANDARD.encode(bytes))
            } else {
                json!(values)
            };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let tokens = count(&texts);
    json_answer(
        200,
        &json!({
            "object": "list",
            "model": body["model"],
            "data": data,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens, "cost": 0},
        }),
    )
}

/// The scores of the documents of a request, the highest first.
pub(super) fn rerank(body: &[u8]) -> Answer {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return refusal(400, "Invalid JSON");
    };
    let (Some(query), Some(documents)) = (body["query"].as_str(), texts(&body["documents"])) else {
        return refusal(400, "query and documents are required");
    };
    let mut scored: Vec<(usize, f64)> = documents
        .iter()
        .map(|document| relevance(query, document))
        .enumerate()
        .collect();
    scored.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    let most = body["top_n"]
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    scored.truncate(most.unwrap_or(usize::MAX));
    let results: Vec<Value> = scored
        .iter()
        .map(|(index, score)| json!({"index": index, "relevance_score": score}))
        .collect();
    json_answer(
        200,
        &json!({
            "id": "gen-demo-rerank",
            "model": body["model"],
            "results": results,
            "usage": {"total_tokens": count(&documents) + count(&[query]), "cost": 0},
        }),
    )
}

fn texts(list: &Value) -> Option<Vec<&str>> {
    list.as_array()?.iter().map(Value::as_str).collect()
}

/// The words of a text, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

fn count(texts: &[&str]) -> usize {
    texts.iter().map(|text| words(text).count().max(1)).sum()
}

/// A vector of length 1: the sum of a random one for each word.
fn vector(text: &str, length: usize) -> Vec<f32> {
    let mut values = vec![0.0_f32; length];
    for word in words(text).chain([String::new()]) {
        let mut state = hash(&word);
        for value in &mut values {
            state = hash_on(state, &state.to_le_bytes());
            // The highest bits are the most random.
            let [.., byte] = state.to_le_bytes();
            *value += f32::from(byte) - 127.5;
        }
    }
    let norm = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    values.iter().map(|value| value / norm).collect()
}

/// FNV-1a.
fn hash(word: &str) -> u64 {
    hash_on(0xcbf2_9ce4_8422_2325, word.as_bytes())
}

fn hash_on(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The part of the words of a query that a document has.
#[expect(clippy::cast_precision_loss, reason = "numbers of words")]
fn relevance(query: &str, document: &str) -> f64 {
    let (query, document): (BTreeSet<_>, BTreeSet<_>) =
        (words(query).collect(), words(document).collect());
    let shared = query.intersection(&document).count();
    shared as f64 / query.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_share_words_are_close() {
        let dot = |left: &str, right: &str| -> f32 {
            let pairs = vector(left, 64).into_iter().zip(vector(right, 64));
            pairs.map(|(left, right)| left * right).sum()
        };
        let (cat, other) = (
            dot("a black cat", "the black cat"),
            dot("a black cat", "tax law"),
        );
        assert!(cat > other, "{cat} {other}");
        assert!((dot("same", "same") - 1.0).abs() < 1e-5);
        assert!(relevance("black cat", "a cat") > relevance("black cat", "tax law"));
    }
}
