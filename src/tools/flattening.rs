//! Makes one object of the alternatives at the top of a schema, where families accept none.

use serde_json::{Map, Value, json};

use super::rewriting::{NO_OBJECT, require_object};

/// Alternatives at the top become one object: its properties are those of all, and what each of
/// them requires is required.
pub(super) fn flatten_top(top: &mut Map<String, Value>) -> Result<(), String> {
    for (keyword, is_all) in [("allOf", true), ("anyOf", false), ("oneOf", false)] {
        let Some(Value::Array(parts)) = top.remove(keyword) else {
            continue;
        };
        let mut parts: Vec<Map<String, Value>> = parts
            .into_iter()
            .map(|part| match part {
                Value::Object(part) => Ok(part),
                _ => Err(NO_OBJECT.to_owned()),
            })
            .collect::<Result<_, _>>()?;
        for part in &mut parts {
            flatten_top(part)?;
            require_object(part)?;
        }
        let required = required_of(&parts, is_all);
        add_properties(top, properties_of(parts, is_all));
        add_required(top, required);
    }
    Ok(())
}

/// The names that the parts require: all of them, or those that each one does.
fn required_of(parts: &[Map<String, Value>], is_all: bool) -> Vec<Value> {
    let of = |part: &Map<String, Value>| -> Vec<Value> {
        let required = part.get("required").and_then(Value::as_array);
        required.cloned().unwrap_or_default()
    };
    let mut lists = parts.iter().map(of);
    let first = lists.next().unwrap_or_default();
    lists.fold(first, |mut names, list| {
        if is_all {
            let new = list.into_iter().filter(|name| !names.contains(name));
            let new: Vec<Value> = new.collect();
            names.extend(new);
        } else {
            names.retain(|name| list.contains(name));
        }
        names
    })
}

/// The properties of the parts. The first schema of a name counts; in alternatives, it allows the
/// listed values of all of them.
fn properties_of(parts: Vec<Map<String, Value>>, is_all: bool) -> Map<String, Value> {
    let mut all = Map::new();
    for mut part in parts {
        let Some(Value::Object(properties)) = part.remove("properties") else {
            continue;
        };
        for (name, schema) in properties {
            match all.get_mut(&name) {
                None => {
                    all.insert(name, schema);
                }
                Some(first) if !is_all => join_values(first, &schema),
                Some(_) => {}
            }
        }
    }
    all
}

/// The values that a schema lists; `None` when it allows others.
fn values_of(schema: &Value) -> Option<Vec<Value>> {
    if let Some(value) = schema.get("const") {
        return Some(vec![value.clone()]);
    }
    schema.get("enum")?.as_array().cloned()
}

/// Adds the values that another schema lists. Where one of both lists none, all are allowed.
fn join_values(schema: &mut Value, other: &Value) {
    let Some(mut values) = values_of(schema) else {
        return;
    };
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    if fields.get("type") != other.get("type") {
        fields.shift_remove("type");
    }
    let more = values_of(other);
    for value in more.iter().flatten() {
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    match more {
        Some(_) if values.len() == 1 => {}
        Some(_) => {
            fields.shift_remove("const");
            fields.insert("enum".to_owned(), Value::Array(values));
        }
        None => {
            fields.shift_remove("const");
            fields.shift_remove("enum");
        }
    }
}

fn add_properties(top: &mut Map<String, Value>, new: Map<String, Value>) {
    if new.is_empty() {
        return;
    }
    let properties = top.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        for (name, schema) in new {
            properties.entry(name).or_insert(schema);
        }
    }
}

fn add_required(top: &mut Map<String, Value>, names: Vec<Value>) {
    if names.is_empty() {
        return;
    }
    let required = top.entry("required").or_insert_with(|| json!([]));
    if let Some(required) = required.as_array_mut() {
        for name in names {
            if !required.contains(&name) {
                required.push(name);
            }
        }
    }
}
