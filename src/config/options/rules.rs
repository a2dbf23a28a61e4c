//! Options that imply or replace others.

use serde_json::{Map, Value, json};

use super::path;
use crate::chat::request::lay_over;

/// The plugin that replaces `transforms`.
const COMPRESSION: &str = "context-compression";

/// Each derived field with the option that implies it.
pub(super) const DERIVED: &[(&str, &str)] =
    &[("logprobs", "top_logprobs"), ("plugins", "transforms")];

/// The fields that `private: true` sets.
const PRIVACY: [&str; 2] = ["provider.data_collection", "provider.zdr"];

/// Objects with options inside that are not options themselves.
const OBJECTS: [&str; 2] = ["provider", "reasoning"];

/// Adds the fields that others of the body imply.
pub(super) fn derive(body: &mut Map<String, Value>) {
    if body.contains_key("top_logprobs") && !body.contains_key("logprobs") {
        body.insert("logprobs".to_owned(), json!(true));
    }
    let compresses = body
        .get("transforms")
        .and_then(Value::as_array)
        .is_some_and(|transforms| transforms.iter().any(|transform| transform == "middle-out"));
    if compresses
        && let Some(plugins) = body
            .entry("plugins")
            .or_insert_with(|| json!([]))
            .as_array_mut()
        && !plugins.iter().any(|plugin| plugin["id"] == COMPRESSION)
    {
        plugins.push(json!({"id": COMPRESSION, "engine": "middle-out"}));
    }
}

/// Whether `private` sets the option of that name, or a part of it.
pub(super) fn is_of_privacy(name: &str) -> bool {
    PRIVACY.iter().any(|of| path::overlap(name, of))
}

/// The fields that `private: true` sets.
pub(super) fn privacy() -> Map<String, Value> {
    let mut body = Map::new();
    keep_private(&mut body);
    body
}

/// Sets the fields of `private: true` where they are missing or `null`.
pub(super) fn keep_private(body: &mut Map<String, Value>) {
    let provider = body.entry("provider").or_insert(Value::Null);
    if provider.is_null() {
        *provider = json!({});
    }
    for (name, value) in PRIVACY.into_iter().zip([json!("deny"), json!(true)]) {
        if path::get(body, name).is_none_or(Value::is_null) {
            // A `provider` that is not an object was refused before.
            let _ = path::insert(body, name, value);
        }
    }
}

/// Merges a layer over another, field by field. Of two options that contradict each other, that of
/// the upper layer wins.
pub(crate) fn overlay(body: &mut Map<String, Value>, above: &Map<String, Value>) {
    without_privacy_below(body, above);
    let has_count = above
        .get("top_logprobs")
        .is_some_and(|count| !count.is_null());
    if above.get("logprobs") == Some(&Value::Bool(false)) && !has_count {
        body.shift_remove("top_logprobs");
    }
    if has_count
        && body.get("logprobs") == Some(&Value::Bool(false))
        && !above.contains_key("logprobs")
    {
        body.shift_remove("logprobs");
    }
    for (field, value) in above {
        lay_over(body, field, value);
    }
}

/// Removes from a layer the fields that the other one sets too.
pub(crate) fn give_way(body: &mut Map<String, Value>, to: &Map<String, Value>) {
    without_privacy_below(body, to);
    without_fields(body, to);
}

/// A `private: true` overrides the single fields of the layers below it.
fn without_privacy_below(body: &mut Map<String, Value>, above: &Map<String, Value>) {
    if above.get("private") == Some(&Value::Bool(true)) {
        for name in PRIVACY {
            path::remove(body, name);
        }
    }
}

fn without_fields(body: &mut Map<String, Value>, others: &Map<String, Value>) {
    for (field, other) in others {
        match (body.get_mut(field), other) {
            (Some(Value::Object(inner)), Value::Object(others)) => {
                without_fields(inner, others);
                if inner.is_empty() {
                    body.shift_remove(field);
                }
            }
            _ => drop(body.shift_remove(field)),
        }
    }
}

/// The names of the fields that are `null`, also of those inside the objects of options: they unset
/// what a layer below or amx itself sets.
pub(super) fn nulls(body: &Map<String, Value>) -> Vec<String> {
    let inside = OBJECTS.iter().flat_map(|object| {
        let fields = body.get(*object).and_then(Value::as_object);
        let null = fields.into_iter().flatten().filter(|(_, v)| v.is_null());
        null.map(move |(field, _)| format!("{object}.{field}"))
    });
    let outside = body.iter().filter(|(_, value)| value.is_null());
    outside
        .map(|(field, _)| field.clone())
        .chain(inside)
        .collect()
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
    fn implied_fields_are_added_once() {
        assert_eq!(
            derived(json!({"top_logprobs": 2})),
            json!({"top_logprobs": 2, "logprobs": true})
        );
        assert_eq!(
            derived(json!({"transforms": []})),
            json!({"transforms": []})
        );
        let compression = json!({"id": "context-compression", "engine": "middle-out"});
        assert_eq!(
            derived(json!({"transforms": ["middle-out"]}))["plugins"],
            json!([compression])
        );
        assert_eq!(
            derived(json!({"transforms": ["middle-out"], "plugins": [{"id": "web"}]}))["plugins"],
            json!([{"id": "web"}, compression])
        );
        let own = json!({"transforms": ["middle-out"], "plugins": [{"id": "context-compression", "enabled": false}]});
        assert_eq!(derived(own.clone()), own);
    }

    fn both(
        below: Value,
        above: &Value,
        with: fn(&mut Map<String, Value>, &Map<String, Value>),
    ) -> Value {
        let mut body = below.as_object().unwrap().clone();
        with(&mut body, above.as_object().unwrap());
        Value::Object(body)
    }

    #[test]
    fn fields_that_another_layer_sets_are_removed() {
        let below =
            || json!({"provider": {"zdr": false, "sort": "price"}, "top_k": 1, "stop": ["a"]});
        assert_eq!(
            both(
                below(),
                &json!({"provider": {"sort": "x"}, "top_k": 2}),
                give_way
            ),
            json!({"provider": {"zdr": false}, "stop": ["a"]})
        );
        assert_eq!(
            both(below(), &json!({"private": true, "seed": 1}), give_way),
            json!({"provider": {"sort": "price"}, "top_k": 1, "stop": ["a"]})
        );
        assert_eq!(
            both(
                below(),
                &json!({"provider": null, "stop": null, "top_k": null}),
                give_way
            ),
            json!({})
        );
    }

    #[test]
    fn the_upper_layer_wins_a_contradiction() {
        assert_eq!(
            both(
                json!({"provider": {"zdr": false}}),
                &json!({"private": true}),
                overlay
            ),
            json!({"private": true})
        );
        assert_eq!(
            both(
                json!({"private": true}),
                &json!({"provider": {"zdr": false}}),
                overlay
            ),
            json!({"private": true, "provider": {"zdr": false}})
        );
        assert_eq!(
            both(
                json!({"logprobs": true, "top_logprobs": 2}),
                &json!({"logprobs": false}),
                overlay
            ),
            json!({"logprobs": false})
        );
        assert_eq!(
            both(
                json!({"logprobs": false}),
                &json!({"top_logprobs": 2}),
                overlay
            ),
            json!({"top_logprobs": 2})
        );
        assert_eq!(
            both(
                json!({"logprobs": false}),
                &json!({"top_logprobs": null}),
                overlay
            ),
            json!({"logprobs": false, "top_logprobs": null})
        );
    }
}
