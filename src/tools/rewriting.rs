//! Rewrites of single schemas: keywords that a family refuses, in terms of those it accepts.

use serde_json::{Map, Value, json};

/// Rewrites one schema; those inside it have been rewritten.
///
/// # Errors
/// Why it cannot be rewritten.
pub(super) type Rewrite = fn(&mut Map<String, Value>) -> Result<(), String>;

/// For servers whose schemas are those of OpenAPI 3.0: before the schemas inside are rewritten.
pub(super) const FIRST_FOR_OPENAPI: &[Rewrite] = &[merge_all, drop_bare_alternatives];

/// And afterwards.
pub(super) const FOR_OPENAPI: &[Rewrite] = &[
    const_as_enum,
    one_of_as_any_of,
    types_as_alternatives,
    null_as_nullable,
    texts_in_enums,
    known_required,
    add_type,
    add_items,
];

/// What a keyword holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A schema, or a list of them.
    Schemas,
    NamedSchemas,
    Data,
}

const OF_SCHEMAS: &[&str] = &[
    "items",
    "prefixItems",
    "additionalProperties",
    "anyOf",
    "oneOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
];

const OF_NAMED_SCHEMAS: &[&str] = &[
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
];

pub(super) fn holds(keyword: &str) -> Holds {
    if OF_SCHEMAS.contains(&keyword) {
        Holds::Schemas
    } else if OF_NAMED_SCHEMAS.contains(&keyword) {
        Holds::NamedSchemas
    } else {
        Holds::Data
    }
}

pub(super) const NO_OBJECT: &str = "its parameters are not the schema of an object";

/// Requires the schema of an object, and says so in it.
pub(super) fn require_object(top: &mut Map<String, Value>) -> Result<(), String> {
    let is_object = match top.get("type") {
        None => true,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        Some(kind) => kind == "object",
    };
    if !is_object {
        return Err(NO_OBJECT.to_owned());
    }
    // First, as people write it.
    let rest = std::mem::take(top);
    top.insert("type".to_owned(), json!("object"));
    top.extend(rest.into_iter().filter(|(keyword, _)| keyword != "type"));
    Ok(())
}

/// `allOf` of schemas that do not contradict each other is one schema.
fn merge_all(schema: &mut Map<String, Value>) -> Result<(), String> {
    let Some(Value::Array(parts)) = schema.remove("allOf") else {
        return Ok(());
    };
    for part in parts {
        let Value::Object(part) = part else { continue };
        for (keyword, value) in part {
            match schema.get_mut(&keyword) {
                None => {
                    schema.insert(keyword, value);
                }
                Some(Value::Object(own)) if keyword == "properties" => {
                    let more = value.as_object().cloned().unwrap_or_default();
                    own.extend(more);
                }
                Some(Value::Array(own)) if keyword == "required" => {
                    own.extend(value.as_array().cloned().unwrap_or_default());
                }
                Some(own) if keyword == "type" && *own != value => {
                    return Err("its allOf has several types".to_owned());
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

/// Alternatives that only say which properties are required together.
#[expect(clippy::unnecessary_wraps, reason = "one of several rewrites")]
fn drop_bare_alternatives(schema: &mut Map<String, Value>) -> Result<(), String> {
    const MEANING: [&str; 7] = [
        "type",
        "enum",
        "const",
        "properties",
        "items",
        "anyOf",
        "oneOf",
    ];
    if !schema.contains_key("type") {
        return Ok(());
    }
    for keyword in ["anyOf", "oneOf"] {
        let has_meaning = |part: &Value| MEANING.iter().any(|word| part.get(word).is_some());
        let parts = schema.get(keyword).and_then(Value::as_array);
        if parts.is_some_and(|parts| !parts.iter().any(has_meaning)) {
            schema.remove(keyword);
        }
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "one of several rewrites")]
fn const_as_enum(schema: &mut Map<String, Value>) -> Result<(), String> {
    if let Some(value) = schema.remove("const") {
        schema.insert("enum".to_owned(), json!([value]));
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "one of several rewrites")]
fn one_of_as_any_of(schema: &mut Map<String, Value>) -> Result<(), String> {
    if let Some(parts) = schema.remove("oneOf") {
        schema.entry("anyOf").or_insert(parts);
    }
    Ok(())
}

/// A list of types is a type, or alternatives.
#[expect(clippy::unnecessary_wraps, reason = "one of several rewrites")]
fn types_as_alternatives(schema: &mut Map<String, Value>) -> Result<(), String> {
    let Some(Value::Array(kinds)) = schema.get("type").cloned() else {
        return Ok(());
    };
    let (null, kinds): (Vec<_>, Vec<_>) = kinds.into_iter().partition(|kind| kind == "null");
    if !null.is_empty() {
        schema.insert("nullable".to_owned(), json!(true));
    }
    match kinds.as_slice() {
        [kind] => {
            schema.insert("type".to_owned(), kind.clone());
        }
        _ => {
            schema.remove("type");
            let parts: Vec<Value> = kinds.iter().map(|kind| alternative(kind, schema)).collect();
            schema.remove("items");
            schema.remove("properties");
            schema.entry("anyOf").or_insert(Value::Array(parts));
        }
    }
    Ok(())
}

/// One of several types, with what the schema says about it.
fn alternative(kind: &Value, schema: &Map<String, Value>) -> Value {
    let own = match kind.as_str() {
        Some("array") => Some(("items", json!({"type": "string"}))),
        Some("object") => Some(("properties", json!({}))),
        _ => None,
    };
    let mut part = json!({"type": kind});
    if let Some((keyword, default)) = own {
        part[keyword] = schema.get(keyword).cloned().unwrap_or(default);
    }
    part
}

/// An alternative that is only null is a mark of the others.
#[expect(clippy::unnecessary_wraps, reason = "one of several rewrites")]
fn null_as_nullable(schema: &mut Map<String, Value>) -> Result<(), String> {
    let Some(Value::Array(parts)) = schema.get("anyOf").cloned() else {
        return Ok(());
    };
    let is_null = |part: &Value| part.get("type").is_some_and(|kind| kind == "null");
    let (null, mut parts): (Vec<_>, Vec<_>) = parts.into_iter().partition(is_null);
    if !null.is_empty() {
        schema.insert("nullable".to_owned(), json!(true));
    }
    if let [Value::Object(only)] = parts.as_mut_slice() {
        let only = std::mem::take(only);
        schema.remove("anyOf");
        for (keyword, value) in only {
            schema.entry(keyword).or_insert(value);
        }
    } else {
        // A type next to alternatives is refused.
        schema.remove("type");
        schema.insert("anyOf".to_owned(), Value::Array(parts));
    }
    Ok(())
}

/// Only texts can be listed as allowed values.
#[expect(clippy::unnecessary_wraps, reason = "one of several rewrites")]
fn texts_in_enums(schema: &mut Map<String, Value>) -> Result<(), String> {
    let Some(Value::Array(values)) = schema.get_mut("enum") else {
        return Ok(());
    };
    let has_null = values.iter().any(Value::is_null);
    values.retain(|value| !value.is_null());
    if values
        .iter()
        .all(|value| value.as_str().is_some_and(|text| !text.is_empty()))
    {
        if has_null {
            schema.insert("nullable".to_owned(), json!(true));
        }
    } else {
        schema.remove("enum");
    }
    Ok(())
}

/// What is required must be among the properties.
#[expect(clippy::unnecessary_wraps, reason = "one of several rewrites")]
fn known_required(schema: &mut Map<String, Value>) -> Result<(), String> {
    let names: Vec<String> = schema
        .get("properties")
        .and_then(Value::as_object)
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default();
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| {
            name.as_str()
                .is_some_and(|name| names.iter().any(|n| n == name))
        });
        if required.is_empty() {
            schema.remove("required");
        }
    }
    Ok(())
}

/// Each schema without alternatives has a type.
#[expect(clippy::unnecessary_wraps, reason = "one of several rewrites")]
fn add_type(schema: &mut Map<String, Value>) -> Result<(), String> {
    if schema.contains_key("type") || schema.contains_key("anyOf") {
        return Ok(());
    }
    let kind = [("properties", "object"), ("items", "array")]
        .into_iter()
        .find(|(keyword, _)| schema.contains_key(*keyword))
        .map_or("string", |(_, kind)| kind);
    schema.insert("type".to_owned(), json!(kind));
    Ok(())
}

/// A list has a type of items.
#[expect(clippy::unnecessary_wraps, reason = "one of several rewrites")]
fn add_items(schema: &mut Map<String, Value>) -> Result<(), String> {
    let is_list = schema.get("type").is_some_and(|kind| kind == "array");
    let has_items = schema.get("items").is_some_and(Value::is_object);
    if is_list && !has_items {
        schema.insert("items".to_owned(), json!({"type": "string"}));
    }
    Ok(())
}
