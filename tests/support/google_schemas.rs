//! What Google refuses of the schemas of tools: one such keyword fails the whole request.

use serde_json::Value;

/// Keywords that its subset of OpenAPI does not have.
const REFUSED: &[&str] = &[
    "$schema",
    "$ref",
    "$defs",
    "definitions",
    "additionalProperties",
    "patternProperties",
    "const",
    "oneOf",
    "allOf",
    "exclusiveMinimum",
    "exclusiveMaximum",
];

/// The words of the refusal; `None` when all tools are accepted.
pub fn refusal(body: &Value) -> Option<String> {
    let tools = body["tools"].as_array().into_iter().flatten();
    tools.enumerate().find_map(|(index, tool)| {
        let place = format!("tools[0].function_declarations[{index}].parameters");
        let keyword = refused(&tool["function"]["parameters"])?;
        Some(format!(
            "Invalid JSON payload received. Unknown name \"{keyword}\" at '{place}': Cannot find \
             field."
        ))
    })
}

fn refused(schema: &Value) -> Option<String> {
    let Value::Object(fields) = schema else {
        return None;
    };
    if let Some(found) = REFUSED.iter().find(|name| fields.contains_key(**name)) {
        return Some((*found).to_owned());
    }
    if !fields.get("type").is_none_or(Value::is_string) {
        return Some("type".to_owned());
    }
    let properties = fields.get("properties").and_then(Value::as_object);
    let below = properties.into_iter().flat_map(|map| map.values());
    let items = fields.get("items").into_iter();
    let choices = fields.get("anyOf").and_then(Value::as_array);
    let choices = choices.into_iter().flatten();
    below.chain(items).chain(choices).find_map(refused)
}
