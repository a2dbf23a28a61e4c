//! What some options mean beyond being carried: fields that follow from others, or take their place.

use serde_json::{Map, Value, json};

use super::path;
use super::table::OPTIONS;

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
    if compresses
        && let Some(plugins) = body.entry("plugins").or_insert_with(|| json!([])).as_array_mut()
        && !plugins.iter().any(|plugin| plugin["id"] == COMPRESSION)
    {
        plugins.push(json!({"id": COMPRESSION, "engine": "middle-out"}));
    }
}

/// What `private: true` stands for, below what is said of `provider` in the same place. Gives the names that it set.
pub fn keep_private(body: &mut Map<String, Value>) -> Vec<String> {
    let mut filled = Vec::new();
    for (name, value) in [("provider.data_collection", json!("deny")), ("provider.zdr", json!(true))] {
        if path::get(body, name).is_none() && path::insert(body, name, value) {
            filled.push(name.to_owned());
        }
    }
    filled
}

/// Takes out the fields that are `null`: they leave out what a layer below them sets.
pub fn without_nulls(body: &mut Map<String, Value>) {
    for option in OPTIONS {
        if path::get(body, option.name).is_some_and(Value::is_null) {
            path::remove(body, option.name);
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
