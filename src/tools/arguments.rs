//! Reads the arguments of a call, and checks them against the schema of the tool's author.

use serde_json::{Map, Value};

use crate::chat::schema;

/// The arguments of a call; no text is no arguments.
///
/// # Errors
/// What is wrong, for the model.
pub(crate) fn read(text: &str, parameters: &Value) -> Result<Value, String> {
    let value = if text.trim().is_empty() {
        Value::Object(Map::new())
    } else {
        serde_json::from_str(text)
            .map_err(|error| format!("not run: the arguments are not JSON: {error}"))?
    };
    if !value.is_object() {
        return Err("not run: the arguments must be a JSON object".to_owned());
    }
    // A schema that cannot be used must not cost the call: its author checks them as well.
    let violations = schema::violations_of(parameters, &value).unwrap_or_default();
    if violations.is_empty() {
        return Ok(value);
    }
    let lines: Vec<String> = violations
        .iter()
        .map(|violation| format!("- {violation}"))
        .collect();
    let lines = lines.join("\n");
    Err(format!(
        "not run: the arguments do not match the parameters:\n{lines}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_match_the_schema_or_the_model_gets_the_reason() {
        let schema = json!({
            "type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"],
        });
        assert_eq!(read("{\"n\": 1}", &schema), Ok(json!({"n": 1})));
        for (text, reason) in [
            ("", "\"n\" is a required property"),
            ("{\"n\": \"1\"}", "/n: \"1\" is not of type \"integer\""),
            ("{\"n\": ", "not JSON"),
            ("[1]", "must be a JSON object"),
        ] {
            let error = read(text, &schema).unwrap_err();
            assert!(
                error.starts_with("not run: ") && error.contains(reason),
                "{error}"
            );
        }
        assert_eq!(read(" ", &json!({})), Ok(json!({})));
        let unusable = json!({"properties": {"n": {"$ref": "https://x.example/y"}}});
        assert!(read("{\"n\": 1}", &unusable).is_ok());
    }
}
