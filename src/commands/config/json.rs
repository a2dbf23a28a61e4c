//! A YAML document as JSON, also where other programs have settings that JSON does not have.

use serde_json::{Map, Value};

/// The value as JSON. Keys that are no text, and numbers that JSON does not have, are as written.
pub(super) fn of(value: &serde_yaml::Value) -> Value {
    match value {
        serde_yaml::Value::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| (key_of(key), of(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        serde_yaml::Value::Sequence(items) => items.iter().map(of).collect(),
        serde_yaml::Value::Tagged(tagged) => of(&tagged.value),
        scalar => match serde_json::to_value(scalar) {
            Ok(value) if value.is_null() == scalar.is_null() => value,
            _ => Value::String(written(scalar)),
        },
    }
}

fn key_of(key: &serde_yaml::Value) -> String {
    key.as_str().map_or_else(|| written(key), str::to_owned)
}

/// The value in one line of YAML.
fn written(value: &serde_yaml::Value) -> String {
    let text = serde_yaml::to_string(value).unwrap_or_default();
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_does_not_have_is_a_text() {
        let yaml = "{a: [1, true, ~, x], other: {~: 1, 2: .inf, [b]: {true: !t z}}}";
        let value: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap();
        let expected = serde_json::json!({
            "a": [1, true, null, "x"],
            "other": {"null": 1, "2": ".inf", "- b": {"true": "z"}},
        });
        assert_eq!(of(&value), expected);
    }
}
