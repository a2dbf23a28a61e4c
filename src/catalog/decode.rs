//! Decodes model lists leniently: a field that is missing, null or of another type is absent.

use serde_json::Value;

use super::model::{Model, WordList};
use super::price::Price;
use crate::chat::route::{Efforts, ReasoningFacts};

/// The models in a response, sorted by ID, each ID once. `None` when it is not a model list.
///
/// OpenRouter and OpenAI wrap the list in `data`; others send it bare, or in `models`.
pub(super) fn models(body: &[u8]) -> Option<Vec<Model>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let rows = value
        .as_array()
        .or_else(|| value["data"].as_array())
        .or_else(|| value["models"].as_array())?;
    let mut models: Vec<Model> = rows.iter().filter_map(model).collect();
    models.sort_by(|left, right| left.id.cmp(&right.id));
    models.dedup_by(|left, right| left.id == right.id);
    Some(models)
}

/// One row; `None` without a usable ID.
fn model(row: &Value) -> Option<Model> {
    let id = row["id"].as_str().filter(|id| {
        !id.is_empty() && !id.contains(|c: char| c.is_whitespace() || c.is_control())
    })?;
    let top = &row["top_provider"];
    // Names of OpenRouter, Groq, vLLM and LM Studio.
    let contexts = [
        &row["context_length"],
        &top["context_length"],
        &row["context_window"],
        &row["max_model_len"],
        &row["max_context_length"],
    ];
    Some(Model {
        id: id.to_owned(),
        name: text(&row["name"]),
        canonical_slug: text(&row["canonical_slug"]).filter(|slug| slug != id),
        created: row["created"].as_i64().filter(|created| *created > 0),
        context: contexts.into_iter().find_map(count),
        max_completion_tokens: count(&top["max_completion_tokens"]),
        price: Price::decode(&row["pricing"]),
        input: words(&row["architecture"]["input_modalities"]),
        output: words(&row["architecture"]["output_modalities"]),
        parameters: words(&row["supported_parameters"]),
        reasoning: reasoning(&row["reasoning"]),
        expires: text(&row["expiration_date"]),
    })
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

fn words(value: &Value) -> WordList {
    WordList::of(
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
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
        models(VARIED)
            .unwrap()
            .into_iter()
            .find(|model| model.id == id)
            .unwrap()
    }

    #[test]
    fn every_row_with_an_id_is_read() {
        let ids: Vec<String> = models(VARIED)
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
            models(body.as_bytes())
                .map(|models| models.into_iter().map(|model| model.id).collect::<Vec<_>>())
        };
        assert_eq!(ids(r#"{"object":"list","data":[{"id":"gpt-5","object":"model","created":1,"owned_by":"x"}]}"#).unwrap(), ["gpt-5"]);
        assert_eq!(
            ids(r#"[{"id":"b"},{"id":"a"},{"id":"b"}]"#).unwrap(),
            ["a", "b"]
        );
        assert_eq!(ids(r#"{"models":[{"id":"a"}]}"#).unwrap(), ["a"]);
        assert_eq!(
            models(br#"{"data":[{"id":"m","max_model_len":8192}]}"#).unwrap()[0].context,
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

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = models(&bytes);
        }

        #[test]
        fn no_truncation_and_no_change_panics(at in 0..VARIED.len(), byte in any::<u8>()) {
            let mut bytes = VARIED.to_vec();
            bytes[at] = byte;
            let _ = models(&bytes);
            let _ = models(&VARIED[..at]);
        }
    }
}
