//! Decodes model lists leniently: a field that is missing, null or of another type is absent.
//!
//! Where each server has a fact is in the tables below.

use serde_json::Value;

use super::model::{Model, WordList};
use super::price::Price;
use crate::chat::route::{Efforts, ReasoningFacts};
use crate::wire::json_place::value_at;

/// Where a row has a fact, as JSON pointers; the first that holds one wins.
type Places = &'static [&'static str];

/// Tokens of prompt and answer together. The window that the server runs with is before the one
/// that the model was trained for.
const CONTEXTS: Places = &[
    // OpenRouter, Together, Fireworks, Moonshot
    "/context_length",
    "/top_provider/context_length",
    // vLLM and SGLang
    "/max_model_len",
    // Groq
    "/context_window",
    // LM Studio
    "/loaded_context_length",
    // Mistral and LM Studio
    "/max_context_length",
    // LiteLLM and Anthropic
    "/max_input_tokens",
    // GitHub Models
    "/limits/max_input_tokens",
    // DeepInfra
    "/metadata/context_length",
    // llama.cpp
    "/meta/n_ctx",
    "/meta/n_ctx_train",
];

/// Maximum tokens of an answer.
const MAX_OUTPUTS: Places = &[
    "/top_provider/max_completion_tokens",
    // Groq
    "/max_completion_tokens",
    // LiteLLM
    "/max_output_tokens",
    "/limits/max_output_tokens",
    // Anthropic
    "/max_tokens",
    "/metadata/max_tokens",
];

const NAMES: Places = &["/name", "/display_name"];

/// Longest description that is kept, in characters.
const DESCRIPTION: usize = 240;

/// When a model retires; Mistral's `deprecation` is such a date.
const EXPIRIES: Places = &["/expiration_date", "/deprecation"];

/// Input modalities as a list of words.
const INPUTS: Places = &[
    "/architecture/input_modalities",
    "/supported_input_modalities",
];
const OUTPUTS: Places = &[
    "/architecture/output_modalities",
    "/supported_output_modalities",
];

/// What a model of LiteLLM's `mode`, or of Together's and LM Studio's `type`, returns.
const MODES: &[(&str, &str)] = &[
    ("chat", "text"),
    ("completion", "text"),
    ("responses", "text"),
    ("language", "text"),
    ("code", "text"),
    ("llm", "text"),
    ("vlm", "text"),
    ("audio_transcription", "text"),
    ("embedding", "embeddings"),
    ("embeddings", "embeddings"),
    ("rerank", "rerank"),
    ("image", "image"),
    ("image_generation", "image"),
    ("audio", "audio"),
    ("audio_speech", "audio"),
    ("video_generation", "video"),
];

/// The models in a response, sorted by ID, each ID once. `None` when it is not a model list.
/// `prefix` is what the IDs start with, and those of requests need not.
///
/// OpenRouter and OpenAI wrap the list in `data`; others send it bare, or in `models`.
pub(crate) fn models(body: &[u8], prefix: Option<&str>) -> Option<Vec<Model>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let rows = value
        .as_array()
        .or_else(|| value["data"].as_array())
        .or_else(|| value["models"].as_array())?;
    let mut models: Vec<Model> = rows.iter().filter_map(|row| model(row, prefix)).collect();
    models.sort_by(|left, right| left.id.cmp(&right.id));
    models.dedup_by(|left, right| left.id == right.id);
    Some(models)
}

/// One row; `None` without a usable ID.
fn model(row: &Value, prefix: Option<&str>) -> Option<Model> {
    let id = row["id"].as_str()?;
    let id = prefix
        .and_then(|prefix| id.strip_prefix(prefix))
        .unwrap_or(id);
    if id.is_empty() || id.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    Some(Model {
        id: id.to_owned(),
        name: first(row, NAMES, text),
        description: text(&row["description"]).map(|text| start_of(&text)),
        canonical_slug: text(&row["canonical_slug"]).filter(|slug| slug != id),
        created: row["created"].as_i64().filter(|created| *created > 0),
        context: first(row, CONTEXTS, count),
        max_completion_tokens: first(row, MAX_OUTPUTS, count),
        price: Price::of_row(row),
        input: first(row, INPUTS, listed).unwrap_or_default(),
        output: first(row, OUTPUTS, listed)
            .or_else(|| output_of_mode(row))
            .unwrap_or_default(),
        parameters: words(&row["supported_parameters"]),
        reasoning: reasoning(&row["reasoning"]),
        expires: first(row, EXPIRIES, text).map(|date| day(&date)),
    })
}

/// The first place that holds a fact.
fn first<T>(row: &Value, places: Places, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
    places.iter().find_map(|place| read(value_at(row, place)?))
}

fn output_of_mode(row: &Value) -> Option<WordList> {
    let mode = row["mode"].as_str().or(row["type"].as_str())?;
    let (_, output) = MODES.iter().find(|(name, _)| *name == mode)?;
    Some(WordList::of([*output]))
}

/// The start of a description on one line, without the targets of its links.
fn start_of(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        out.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let words: Vec<&str> = out.split_whitespace().collect();
    let line = words.join(" ").replace(['[', '*', '`'], "");
    match line.char_indices().nth(DESCRIPTION) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// The day of a date, with or without a time.
fn day(date: &str) -> String {
    date.split('T').next().unwrap_or(date).to_owned()
}

/// A list of words that is not empty.
fn listed(value: &Value) -> Option<WordList> {
    Some(words(value)).filter(|words| !words.is_empty())
}

/// A string that is not blank.
pub(super) fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

/// A whole number above 0, also from a float or a string.
pub(super) fn count(value: &Value) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in range: casts of floats saturate"
    )]
    let whole = |number: f64| number as u64;
    let number = value
        .as_u64()
        .or_else(|| value.as_f64().map(whole))
        .or_else(|| value.as_str()?.trim().parse().ok());
    number.filter(|number| *number > 0)
}

/// The words of a list, or the names of the fields of an object.
fn words(value: &Value) -> WordList {
    let names = value
        .as_object()
        .into_iter()
        .flat_map(|fields| fields.keys());
    let list = value.as_array().into_iter().flatten();
    WordList::of(
        list.filter_map(Value::as_str)
            .chain(names.map(String::as_str)),
    )
}

fn reasoning(value: &Value) -> Option<ReasoningFacts> {
    let fields = value.as_object()?;
    let efforts = match fields.get("supported_efforts") {
        None => Efforts::Unselectable,
        Some(Value::Null) => Efforts::All,
        Some(list) => {
            // Unknown efforts and nulls are skipped.
            let listed = list
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|effort| effort.as_str()?.parse().ok());
            Some(listed.collect::<Vec<_>>())
                .filter(|listed| !listed.is_empty())
                .map_or(Efforts::Unselectable, Efforts::Listed)
        }
    };
    Some(ReasoningFacts {
        mandatory: value["mandatory"] == true,
        default_enabled: value["default_enabled"].as_bool(),
        efforts,
        default_effort: text(&value["default_effort"]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::model::Capability;
    use crate::chat::reasoning::Effort;
    use proptest::prelude::*;

    const VARIED: &[u8] = include_bytes!("../../tests/data/models.json");

    fn varied(id: &str) -> Model {
        models(VARIED, None)
            .unwrap()
            .into_iter()
            .find(|model| model.id == id)
            .unwrap()
    }

    #[test]
    fn every_row_with_an_id_is_read() {
        let ids: Vec<String> = models(VARIED, None)
            .unwrap()
            .into_iter()
            .map(|model| model.id)
            .collect();
        let expected = [
            "acme/audio-chat",
            "acme/bare",
            "acme/every-effort",
            "acme/retiring",
            "acme/tiered",
            "acme/tiny:free",
            "acme/wrong-types",
            "acme/zero-priced",
            "anthropic/claude-sonnet-4",
            "openai/gpt-5-nano",
            "openrouter/auto",
        ];
        assert_eq!(ids, expected);
    }

    #[test]
    fn every_field_is_read() {
        let model = varied("openai/gpt-5-nano");
        assert_eq!(
            (model.context, model.max_completion_tokens, model.created),
            (Some(400_000), Some(128_000), Some(1_754_587_200))
        );
        assert_eq!(
            (model.name.as_deref(), model.canonical_slug.as_deref()),
            (
                Some("OpenAI: GPT-5 Nano"),
                Some("openai/gpt-5-nano-2025-08-07")
            )
        );
        assert_eq!(
            model.price.rates().map(|rates| (rates.input, rates.output)),
            Some((0.05, 0.4))
        );
        assert!(
            model.input.has("image")
                && model.input.has("hologram")
                && model.parameters.has("structured_outputs")
        );
        let facts = model.reasoning.unwrap();
        assert!(facts.mandatory && facts.default_effort.as_deref() == Some("medium"));
        // The list contains a null and an unknown effort.
        assert_eq!(
            facts.efforts,
            Efforts::Listed(vec![
                Effort::High,
                Effort::Medium,
                Effort::Low,
                Effort::Minimal
            ])
        );
    }

    #[test]
    fn a_description_is_one_line_without_targets_of_links() {
        let text = "GPT-5 *mini* is\n\nsmall. [Read more](https://x.test/a) about `it`.";
        assert_eq!(start_of(text), "GPT-5 mini is small. Read more about it.");
        assert_eq!(start_of("an open [link](https"), "an open link");
        let long = start_of(&"words ".repeat(100));
        assert!(
            long.chars().count() <= DESCRIPTION + 1 && long.ends_with("words…"),
            "{long}"
        );
    }

    #[test]
    fn null_efforts_are_all_and_missing_ones_are_none() {
        assert_eq!(
            varied("acme/every-effort").reasoning.unwrap().efforts,
            Efforts::All
        );
        assert_eq!(
            varied("anthropic/claude-sonnet-4")
                .reasoning
                .unwrap()
                .efforts,
            Efforts::Unselectable
        );
        assert_eq!(
            varied("acme/every-effort")
                .reasoning
                .unwrap()
                .default_enabled,
            Some(true)
        );
    }

    #[test]
    fn unusual_rows_are_read() {
        assert_eq!(
            (
                varied("openrouter/auto").price,
                varied("openrouter/auto").context
            ),
            (Price::Varies, None)
        );
        assert_eq!(
            varied("acme/tiered")
                .price
                .rates()
                .map(|rates| rates.tiers.len()),
            Some(2)
        );
        assert!(varied("acme/tiny:free").is_free() && !varied("acme/zero-priced").is_free());
        assert_eq!(
            varied("acme/retiring").expires.as_deref(),
            Some("2026-12-31")
        );
        assert_eq!(
            varied("acme/bare"),
            Model {
                id: "acme/bare".to_owned(),
                ..Model::default()
            }
        );
        let wrong = varied("acme/wrong-types");
        assert_eq!(
            (
                wrong.context,
                wrong.created,
                wrong.name.clone(),
                wrong.reasoning.clone()
            ),
            (Some(32_768), None, None, None)
        );
        assert_eq!(
            (wrong.price.clone(), wrong.can(Capability::Tools)),
            (Price::Unknown, None)
        );
    }

    #[test]
    fn lists_of_other_servers_are_read() {
        let ids = |body: &str| {
            models(body.as_bytes(), None)
                .map(|models| models.into_iter().map(|model| model.id).collect::<Vec<_>>())
        };
        assert_eq!(ids(r#"{"object":"list","data":[{"id":"gpt-5","object":"model","created":1,"owned_by":"x"}]}"#).unwrap(), ["gpt-5"]);
        assert_eq!(
            ids(r#"[{"id":"b"},{"id":"a"},{"id":"b"}]"#).unwrap(),
            ["a", "b"]
        );
        assert_eq!(ids(r#"{"models":[{"id":"a"}]}"#).unwrap(), ["a"]);
        assert_eq!(
            models(br#"{"data":[{"id":"m","max_model_len":8192}]}"#, None).unwrap()[0].context,
            Some(8192)
        );
        for body in ["<html>", "{}", r#"{"data":{}}"#, "null", ""] {
            assert_eq!(ids(body), None, "{body}");
        }
        assert_eq!(
            ids(r#"{"data":[{"id":"a b"},{"id":""},{"id":7},{},null,"x"]}"#).unwrap(),
            Vec::<String>::new()
        );
    }

    /// A row of a server's list, and its context, maximum output and outputs.
    type Facts = (Option<u64>, Option<u64>, &'static str);

    fn facts(row: &str) -> (String, Option<u64>, Option<u64>, String) {
        let list = format!(r#"{{"data":[{row}]}}"#);
        let model = models(list.as_bytes(), Some("models/")).unwrap().remove(0);
        let output: Vec<&str> = model.output.iter().collect();
        (
            model.id,
            model.context,
            model.max_completion_tokens,
            output.join(" "),
        )
    }

    #[test]
    fn the_limits_of_every_server_are_read() {
        let rows: &[(&str, Facts)] = &[
            (
                r#"{"id":"m","max_input_tokens":128000,"max_output_tokens":16384,"mode":"chat"}"#,
                (Some(128_000), Some(16_384), "text"),
            ),
            (
                r#"{"id":"m","mode":"embedding","max_input_tokens":8191,"max_output_tokens":null}"#,
                (Some(8191), None, "embeddings"),
            ),
            (
                r#"{"id":"m","meta":{"n_ctx_train":40960,"n_params":1}}"#,
                (Some(40_960), None, ""),
            ),
            (
                r#"{"id":"m","meta":{"n_ctx":8192,"n_ctx_train":40960}}"#,
                (Some(8192), None, ""),
            ),
            (
                r#"{"id":"m","type":"llm","loaded_context_length":4096,"max_context_length":131072}"#,
                (Some(4096), None, "text"),
            ),
            (
                r#"{"id":"m","context_window":131072,"max_completion_tokens":32768,"active":true}"#,
                (Some(131_072), Some(32_768), ""),
            ),
            (
                r#"{"id":"m","type":"chat","context_length":8192,"pricing":{"input":0.2}}"#,
                (Some(8192), None, "text"),
            ),
            (
                r#"{"id":"m","limits":{"max_input_tokens":1048576,"max_output_tokens":32768},
                    "supported_output_modalities":["text"]}"#,
                (Some(1_048_576), Some(32_768), "text"),
            ),
            (
                r#"{"id":"m","type":"model","display_name":"M","max_input_tokens":200000,"max_tokens":64000}"#,
                (Some(200_000), Some(64_000), ""),
            ),
            (r#"{"id":"models/m","object":"model"}"#, (None, None, "")),
        ];
        for (row, (context, max_output, output)) in rows {
            let expected = ("m".to_owned(), *context, *max_output, (*output).to_owned());
            assert_eq!(facts(row), expected, "{row}");
        }
    }

    #[test]
    fn a_retirement_is_a_day() {
        let list = br#"[{"id":"m","deprecation":"2026-11-30T00:00:00Z","name":"M"}]"#;
        let model = models(list, None).unwrap().remove(0);
        assert_eq!(model.expires.as_deref(), Some("2026-11-30"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = models(&bytes, None);
        }

        #[test]
        fn no_truncation_and_no_change_panics(at in 0..VARIED.len(), byte in any::<u8>()) {
            let mut bytes = VARIED.to_vec();
            bytes[at] = byte;
            let _ = models(&bytes, None);
            let _ = models(&VARIED[..at], None);
        }
    }
}
