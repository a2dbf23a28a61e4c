//! Generates a value that matches a schema, so that the demo supports structured output.

use serde_json::{Map, Value, json};

/// Maximum depth of the value: a schema may be recursive.
const MAX_DEPTH: usize = 12;

/// The answer to a request with a schema; `None` without one.
pub(super) fn answer(body: &Value) -> Option<String> {
    let format = &body["response_format"];
    let schema = &format["json_schema"]["schema"];
    if schema["properties"]["command"].is_object() {
        return Some(command().to_string());
    }
    (format["type"] == "json_schema").then(|| value(schema, schema, MAX_DEPTH).to_string())
}

/// What the demo suggests for a shell: a command that only prints.
fn command() -> Value {
    json!({
        "command": "echo \"This command is scripted by the demo provider.\"",
        "explanation": "Prints a line; a real model would do what you asked for.",
        "risk": "low",
    })
}

fn value(schema: &Value, root: &Value, depth: usize) -> Value {
    let inner = |schema: &Value| {
        if depth == 0 {
            Value::Null
        } else {
            value(schema, root, depth - 1)
        }
    };
    if let Some(pointer) = schema["$ref"]
        .as_str()
        .and_then(|target| target.strip_prefix('#'))
    {
        return root.pointer(pointer).map_or(Value::Null, inner);
    }
    let first = |field: &str| {
        schema[field]
            .as_array()
            .and_then(|all| all.first())
            .cloned()
    };
    if let Some(fixed) = schema.get("const").cloned().or_else(|| first("enum")) {
        return fixed;
    }
    if let Some(choice) = ["anyOf", "oneOf", "allOf"]
        .iter()
        .find_map(|field| first(field))
    {
        return inner(&choice);
    }
    let kind = schema["type"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| first("type")?.as_str().map(str::to_owned));
    match kind.as_deref() {
        Some("string") => json!("scripted"),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(1).clamp(1, 10);
            (0..least).map(|_| inner(&schema["items"])).collect()
        }
        _ => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            Value::Object(
                properties
                    .map(|(name, property)| (name.clone(), inner(property)))
                    .collect::<Map<_, _>>(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::schema::Schema;

    #[test]
    fn a_generated_value_matches_its_schema() {
        for schema in [
            json!({
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": ["integer", "null"]}},
                "required": ["a", "b"],
            }),
            json!({
                "type": "object",
                "properties": {
                    "l": {"type": "array", "minItems": 3, "items": {"$ref": "#/$defs/x"}},
                },
                "$defs": {"x": {"enum": ["y"]}},
            }),
            json!({
                "type": "object",
                "properties": {
                    "n": {"type": "number", "minimum": 7}, "c": {"const": [1]},
                    "o": {"anyOf": [{"type": "boolean"}]},
                },
            }),
        ] {
            let body = json!({
                "response_format": {
                    "type": "json_schema", "json_schema": {"name": "x", "schema": schema},
                },
            });
            let generated = answer(&body).unwrap();
            assert!(
                Schema::new("x", schema, false)
                    .unwrap()
                    .read(&generated)
                    .is_ok(),
                "{generated}"
            );
        }
        assert_eq!(
            answer(&json!({"response_format": {"type": "json_object"}})),
            None
        );
    }

    #[test]
    fn a_recursive_schema_terminates() {
        let body = json!({
            "response_format": {"type": "json_schema", "json_schema": {"schema": {"$ref": "#"}}},
        });
        assert_eq!(answer(&body).unwrap(), "null");
    }
}
