//! What a discounted batch does not take, by the body of a request.

use serde_json::{Map, Value};

/// A field that a request of a batch cannot have, and why.
struct UnfitField {
    name: &'static str,
    why: &'static str,
}

const TEXT_ONLY: &str = "batches are text only";
const NO_TOOLS: &str = "batches call no tools";
const ONE_MODEL: &str = "a batch has one model";

const UNFIT: &[UnfitField] = &[
    UnfitField {
        name: "tools",
        why: NO_TOOLS,
    },
    UnfitField {
        name: "functions",
        why: NO_TOOLS,
    },
    UnfitField {
        name: "plugins",
        why: "batches run no plugins",
    },
    UnfitField {
        name: "web_search_options",
        why: "batches do not search the web",
    },
    UnfitField {
        name: "models",
        why: ONE_MODEL,
    },
    UnfitField {
        name: "route",
        why: ONE_MODEL,
    },
    UnfitField {
        name: "modalities",
        why: TEXT_ONLY,
    },
    UnfitField {
        name: "audio",
        why: TEXT_ONLY,
    },
    UnfitField {
        name: "image_config",
        why: TEXT_ONLY,
    },
];

/// What of `provider` a batch takes, for all of its requests.
const ROUTING: [&str; 2] = ["only", "allow_fallbacks"];

/// What amx adds to it by itself, and a batch does without.
pub(crate) const ADDED: &str = "require_parameters";

/// Why `provider` of a batch has no other member.
const RETENTION: &str = "batches are stored for 30 days";

/// Why a request does not fit into a batch, in words.
pub(crate) fn misfit(body: &Map<String, Value>) -> Option<String> {
    let is_set = |name: &str| body.get(name).is_some_and(|value| !is_empty(value));
    if let Some(field) = UNFIT.iter().find(|field| is_set(field.name)) {
        return Some(format!(
            "--discount does not take {}: {}",
            field.name, field.why
        ));
    }
    let routing = body.get("provider").and_then(Value::as_object);
    let other = routing
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != ADDED && !ROUTING.contains(&name.as_str()))
        .find(|(_, value)| !value.is_null());
    if let Some((name, _)) = other {
        let why = match name.as_str() {
            "zdr" | "data_collection" => RETENTION,
            _ => "a batch takes only and allow_fallbacks of it",
        };
        let name = name.escape_debug();
        return Some(format!("--discount does not take provider.{name}: {why}"));
    }
    let part = unfit_part(body)?;
    Some(format!("--discount does not take {part}: {TEXT_ONLY}"))
}

/// The first part of a message that is no text, by its type.
fn unfit_part(body: &Map<String, Value>) -> Option<String> {
    let messages = body.get("messages")?.as_array()?;
    let parts = messages
        .iter()
        .filter_map(|message| message["content"].as_array())
        .flatten();
    let mut kinds = parts.filter_map(|part| part["type"].as_str());
    let kind = kinds.find(|kind| *kind != "text")?;
    Some(format!("parts of type {}", kind.escape_debug()))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(body: Value) -> Option<String> {
        let Value::Object(body) = body else {
            panic!("an object was expected")
        };
        misfit(&body)
    }

    #[test]
    fn text_fits_with_the_routing_that_batches_have() {
        let body = json!({
            "model": "m/m",
            "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
            "provider": {"only": ["openai"], "allow_fallbacks": false, "zdr": null},
            "tools": [],
            "response_format": {"type": "json_schema"},
        });
        assert_eq!(words(body), None);
    }

    #[test]
    fn everything_else_is_named() {
        let image = json!([{"type": "text"}, {"type": "image_url"}]);
        for (body, expected) in [
            (json!({"tools": [{}]}), "tools: batches call no tools"),
            (json!({"models": ["a/b"]}), "models: a batch has one model"),
            (
                json!({"provider": {"zdr": true}}),
                "provider.zdr: batches are stored for 30 days",
            ),
            (
                json!({"provider": {"order": ["x"]}}),
                "provider.order: a batch takes only",
            ),
            (
                json!({"messages": [{"content": image}]}),
                "parts of type image_url",
            ),
            (
                json!({"modalities": ["image"]}),
                "modalities: batches are text only",
            ),
        ] {
            let words = words(body.clone()).unwrap_or_default();
            assert!(words.contains(expected), "{body}: {words}");
        }
    }
}
