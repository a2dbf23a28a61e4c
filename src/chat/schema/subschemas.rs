//! Visits the schemas inside a schema, not the names and data that look alike.

use serde_json::{Map, Value};

/// Keywords whose keys are names, each with a schema.
const MAPS: &[&str] = &[
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
];

/// Keywords whose value is data, also when it looks like a schema.
const DATA: &[&str] = &["enum", "const", "default", "examples", "example"];

/// Calls `visit` with the place of each schema inside `schema`, as a JSON pointer below it, and the
/// schema itself.
pub(super) fn each<'a>(schema: &'a Map<String, Value>, visit: &mut dyn FnMut(String, &'a Value)) {
    for (keyword, value) in schema
        .iter()
        .filter(|(keyword, _)| !DATA.contains(&keyword.as_str()))
    {
        let at = escaped(keyword);
        match value {
            Value::Object(named) if MAPS.contains(&keyword.as_str()) => named
                .iter()
                .for_each(|(name, inner)| visit(format!("{at}/{}", escaped(name)), inner)),
            Value::Object(_) => visit(at, value),
            Value::Array(list) => list
                .iter()
                .enumerate()
                .for_each(|(index, inner)| visit(format!("{at}/{index}"), inner)),
            _ => {}
        }
    }
}

/// The same with mutable schemas.
pub(super) fn each_mut(schema: &mut Map<String, Value>, visit: &mut dyn FnMut(&mut Value)) {
    for (keyword, value) in schema
        .iter_mut()
        .filter(|(keyword, _)| !DATA.contains(&keyword.as_str()))
    {
        match value {
            Value::Object(named) if MAPS.contains(&keyword.as_str()) => {
                named.values_mut().for_each(&mut *visit);
            }
            Value::Object(_) => visit(value),
            Value::Array(list) => list.iter_mut().for_each(&mut *visit),
            _ => {}
        }
    }
}

/// A key, escaped for a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_and_data_are_not_visited() {
        let schema = json!({
            "properties": {"a/b": {"type": "string"}, "enum": {"type": "null"}}, "enum": [{"x": 1}], "default": {"type": "x"},
            "items": {"const": {}}, "anyOf": [true, {"type": "integer"}], "title": "t",
        });
        let mut found = Vec::new();
        each(schema.as_object().unwrap(), &mut |at, _| found.push(at));
        assert_eq!(
            found,
            [
                "properties/a~1b",
                "properties/enum",
                "items",
                "anyOf/0",
                "anyOf/1"
            ]
        );
    }
}
