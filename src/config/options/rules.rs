//! What some options mean beyond being carried: fields that follow from others, or take their place.

use serde_json::{Map, Value, json};

/// The plugin that took the place of `transforms`.
const COMPRESSION: &str = "context-compression";

/// Each derived field with the option that it comes from.
pub const DERIVED: &[(&str, &str)] = &[("logprobs", "top_logprobs"), ("plugins", "transforms")];

/// Adds what follows from the fields of a whole body.
pub fn derive(body: &mut Map<String, Value>) {
    if body.contains_key("top_logprobs") && !body.contains_key("logprobs") {
        body.insert("logprobs".to_owned(), json!(true));
    }
    let compresses = body.get("transforms").and_then(Value::as_array).is_some_and(|transforms| transforms.iter().any(|transform| transform == "middle-out"));
    if compresses && let Some(plugins) = body.entry("plugins").or_insert_with(|| json!([])).as_array_mut()
        && !plugins.iter().any(|plugin| plugin["id"] == COMPRESSION)
    {
        plugins.push(json!({"id": COMPRESSION, "engine": "middle-out"}));
    }
}

/// What `private: true` stands for, below what is said of `provider` in the same place.
pub fn keep_private(body: &mut Map<String, Value>) {
    let routing = body.entry("provider").or_insert_with(|| json!({}));
    if let Some(routing) = routing.as_object_mut() {
        for (field, value) in [("data_collection", json!("deny")), ("zdr", json!(true))] {
            routing.entry(field).or_insert(value);
        }
    }
}

/// Takes out the fields that are `null`: they leave out what a layer below them sets.
pub fn without_nulls(body: &mut Map<String, Value>) {
    for name in super::table::OPTIONS.iter().map(|option| option.name) {
        if super::path::get(body, name).is_some_and(Value::is_null) {
            super::path::remove(body, name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(body: Value) -> Value {
        let mut body = body.as_object().unwrap().clone();
        derive(&mut body);
        Value::Object(body)
    }

    #[test]
    fn what_is_implied_is_added_once() {
        assert_eq!(derived(json!({"top_logprobs": 2})), json!({"top_logprobs": 2, "logprobs": true}));
        assert_eq!(derived(json!({"transforms": []})), json!({"transforms": []}));
        let compression = json!({"id": "context-compression", "engine": "middle-out"});
        assert_eq!(derived(json!({"transforms": ["middle-out"]}))["plugins"], json!([compression]));
        assert_eq!(derived(json!({"transforms": ["middle-out"], "plugins": [{"id": "web"}]}))["plugins"], json!([{"id": "web"}, compression]));
        let own = json!({"transforms": ["middle-out"], "plugins": [{"id": "context-compression", "enabled": false}]});
        assert_eq!(derived(own.clone()), own);
    }
}
