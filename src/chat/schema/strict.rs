//! Whether a schema fits the strict mode of providers: every field required, no others allowed.

use serde_json::{Map, Value};

use super::subschemas;

/// Keywords that strict modes refuse.
const REFUSED: &[&str] = &[
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
    "prefixItems",
    "uniqueItems",
    "default",
];

/// Keywords of which every schema needs one.
const DESCRIBING: &[&str] = &["type", "anyOf", "$ref", "enum", "const"];

/// Whether `strict: true` may be set. Providers refuse a request that sets it wrongly.
pub(super) fn is_strict(schema: &Value) -> bool {
    let Some(fields) = schema.as_object() else {
        return false;
    };
    if fields
        .keys()
        .any(|keyword| REFUSED.contains(&keyword.as_str()))
        || !DESCRIBING
            .iter()
            .any(|keyword| fields.contains_key(*keyword))
    {
        return false;
    }
    let is_of_type = |name: &str| {
        fields.get("type").is_some_and(|kind| {
            kind == name
                || kind
                    .as_array()
                    .is_some_and(|kinds| kinds.iter().any(|kind| kind == name))
        })
    };
    if (is_of_type("object") || fields.contains_key("properties")) && !is_closed(fields) {
        return false;
    }
    if is_of_type("array") && !fields.get("items").is_some_and(Value::is_object) {
        return false;
    }
    let mut all = true;
    subschemas::each(fields, &mut |at, inner| {
        all = all && (is_list_of_words(&at) || is_strict(inner));
    });
    all
}

/// Keywords whose list has words and not schemas.
fn is_list_of_words(at: &str) -> bool {
    at.starts_with("required/") || at.starts_with("type/")
}

/// Every property is required, and no others are allowed.
fn is_closed(fields: &Map<String, Value>) -> bool {
    let required: Vec<&str> = fields
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = fields.get("properties").and_then(Value::as_object);
    let all_required = properties.is_some_and(|properties| {
        properties
            .keys()
            .all(|name| required.contains(&name.as_str()))
    });
    all_required && fields.get("additionalProperties") == Some(&Value::Bool(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn closed(property: &Value) -> Value {
        json!({"type": "object", "properties": {"a": property}, "required": ["a"], "additionalProperties": false})
    }

    #[test]
    fn strict_is_set_only_where_it_is_valid() {
        let fine = [
            closed(&json!({"type": ["string", "null"], "description": "x"})),
            closed(&closed(
                &json!({"type": "array", "items": {"type": "integer"}}),
            )),
            closed(&json!({"anyOf": [{"type": "string"}, {"$ref": "#"}]})),
            closed(&json!({"enum": ["x", {"allOf": 1}]})),
        ];
        for schema in fine {
            assert!(is_strict(&schema), "{schema}");
        }
        let loose = [
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}),
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}),
            json!({"type": "object"}),
            closed(&json!({})),
            closed(&json!({"type": "object", "additionalProperties": true})),
            closed(&json!({"type": "array"})),
            closed(&json!({"type": "array", "items": {"type": "object"}})),
            closed(&json!({"oneOf": [{"type": "string"}]})),
            closed(&json!({"type": "string", "default": "x"})),
            closed(&json!(true)),
            json!({"type": "object", "properties": {}, "additionalProperties": false, "$defs": {"x": {"type": "object"}}}),
        ];
        for schema in loose {
            assert!(!is_strict(&schema), "{schema}");
        }
    }
}
