//! Replaces the references of a JSON Schema by what they name.

use serde_json::{Map, Value, json};

use crate::chat::schema::percent_decoded;

/// How deep references inside references are followed. Deeper, any value is allowed: a call is
/// checked against the schema of the author in any case.
const DEEPEST: usize = 8;

/// Largest schema, in values: references can multiply.
const LARGEST: usize = 20_000;

/// Keywords that hold named schemas for references.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// The schema without references.
///
/// # Errors
/// Why it cannot be written without them.
pub(super) fn inlined(schema: &Value) -> Result<Value, String> {
    let mut inliner = Inliner {
        root: schema,
        unknown: UnknownParts::Error,
        values: 0,
    };
    inliner.inline(schema, 0)
}

/// The same schema whose top, and the parts of `allOf`, `anyOf` and `oneOf` there, have no
/// references. Those further inside stay. A reference of such a part to what is not in the schema
/// is an error, or omitted.
///
/// # Errors
/// Why it cannot be written so.
pub(super) fn top_inlined(schema: &Value, unknown: UnknownParts) -> Result<Value, String> {
    let mut inliner = Inliner {
        root: schema,
        unknown,
        values: 0,
    };
    inliner.inline_top(schema, 0, false)
}

/// What becomes of a reference of a part at the top to what is not in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnknownParts {
    Error,
    Omitted,
}

struct Inliner<'a> {
    root: &'a Value,
    unknown: UnknownParts,
    values: usize,
}

/// What a value inside a schema is.
#[derive(Clone, Copy)]
enum Role {
    /// A schema, or a list of them.
    Schema,
    /// A mapping of names to schemas.
    Named,
    /// Data, also when it looks like a schema.
    Data,
}

/// Keywords whose value is no schema; that of any other one may be.
const ROLES: &[(&str, Role)] = &[
    ("properties", Role::Named),
    ("patternProperties", Role::Named),
    ("dependentSchemas", Role::Named),
    ("enum", Role::Data),
    ("const", Role::Data),
    ("default", Role::Data),
    ("examples", Role::Data),
    ("required", Role::Data),
];

impl<'a> Inliner<'a> {
    fn inline(&mut self, value: &Value, depth: usize) -> Result<Value, String> {
        self.values += 1;
        if self.values > LARGEST {
            return Err("its references make it too large".to_owned());
        }
        match value {
            Value::Object(fields) => match fields.get("$ref").and_then(Value::as_str) {
                Some(target) => self.referred(fields, target, depth),
                None => self.keywords(fields, depth).map(Value::Object),
            },
            Value::Array(items) => items
                .iter()
                .map(|item| self.inline(item, depth))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            other => Ok(other.clone()),
        }
    }

    fn inline_top(&mut self, value: &Value, depth: usize, is_part: bool) -> Result<Value, String> {
        self.values += 1;
        if depth > DEEPEST || self.values > LARGEST {
            return Err("the references at its top have no end".to_owned());
        }
        let Value::Object(fields) = value else {
            return Ok(value.clone());
        };
        let mut top = fields.clone();
        let named = match top.shift_remove("$ref") {
            Some(Value::String(target)) => match self.named(&target) {
                Err(_) if is_part && self.unknown == UnknownParts::Omitted => None,
                named => Some(named?),
            },
            _ => None,
        };
        if let Some(named) = named {
            let referred = self.inline_top(named, depth + 1, is_part)?;
            let is_beside = ["properties", "required"]
                .iter()
                .any(|keyword| top.contains_key(*keyword));
            match (referred, top.get_mut("allOf")) {
                (Value::Object(referred), _) if !is_beside => {
                    let own = std::mem::replace(&mut top, referred);
                    top.extend(own);
                }
                (referred, Some(Value::Array(parts))) => parts.push(referred),
                (referred, _) => {
                    top.insert("allOf".to_owned(), json!([referred]));
                }
            }
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            if let Some(Value::Array(parts)) = top.get_mut(keyword) {
                for part in parts {
                    *part = self.inline_top(part, depth + 1, true)?;
                }
            }
        }
        Ok(Value::Object(top))
    }

    /// What a reference names. It is a part of a URL, so its pointer may be encoded.
    fn named(&self, target: &str) -> Result<&'a Value, String> {
        target
            .strip_prefix('#')
            .and_then(|pointer| {
                let written = self.root.pointer(pointer);
                written.or_else(|| self.root.pointer(&percent_decoded(pointer)))
            })
            .ok_or_else(|| format!("it refers to {target}, which is not in it"))
    }

    fn keywords(
        &mut self,
        fields: &Map<String, Value>,
        depth: usize,
    ) -> Result<Map<String, Value>, String> {
        let mut inlined = Map::new();
        for (keyword, value) in fields {
            if keyword == "$ref" || DEFINITIONS.contains(&keyword.as_str()) {
                continue;
            }
            let role = ROLES.iter().find(|(name, _)| name == keyword);
            let value = match (role.map_or(Role::Schema, |(_, role)| *role), value) {
                (Role::Data, data) => data.clone(),
                (Role::Named, Value::Object(named)) => {
                    let mut schemas = Map::new();
                    for (name, schema) in named {
                        schemas.insert(name.clone(), self.inline(schema, depth)?);
                    }
                    Value::Object(schemas)
                }
                (_, schema) => self.inline(schema, depth)?,
            };
            inlined.insert(keyword.clone(), value);
        }
        Ok(inlined)
    }

    /// What a reference names, with what is written next to it above that.
    fn referred(
        &mut self,
        fields: &Map<String, Value>,
        target: &str,
        depth: usize,
    ) -> Result<Value, String> {
        let found = self.named(target)?;
        let mut inlined = if depth < DEEPEST {
            self.inline(found, depth + 1)?
        } else {
            opened(found)
        };
        let own = self.keywords(fields, depth)?;
        if let Some(inlined) = inlined.as_object_mut() {
            inlined.extend(own);
        }
        Ok(inlined)
    }
}

/// A schema reduced to its type.
fn opened(schema: &Value) -> Value {
    match schema.get("type") {
        Some(kind) => json!({"type": kind}),
        None => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_by_what_they_name() {
        let schema = json!({
            "type": "object",
            "properties": {
                "a": {"$ref": "#/$defs/n", "description": "own"},
                "b": {"type": "array", "items": {"$ref": "#/definitions/m"}},
            },
            "$defs": {"n": {"type": "integer", "description": "theirs"}},
            "definitions": {"m": {"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}},
        });
        assert_eq!(
            inlined(&schema).unwrap(),
            json!({
                "type": "object",
                "properties": {
                    "a": {"type": "integer", "description": "own"},
                    "b": {"type": "array", "items": {"anyOf": [
                        {"type": "integer", "description": "theirs"}, {"type": "null"},
                    ]}},
                },
            })
        );
    }

    #[test]
    fn properties_and_data_with_the_names_of_keywords_stay() {
        let schema = json!({
            "type": "object",
            "properties": {
                "$ref": {"type": "string"}, "definitions": {"type": "string"},
                "a": {"enum": [{"$ref": "#/x"}], "default": {"$defs": 1}},
            },
        });
        assert_eq!(inlined(&schema).unwrap(), schema);
    }

    #[test]
    fn a_schema_that_refers_to_itself_is_open_at_some_depth() {
        let tree = json!({
            "type": "object", "properties": {"child": {"$ref": "#"}},
        });
        let mut at = &inlined(&tree).unwrap();
        for _ in 0..DEEPEST {
            at = &at["properties"]["child"];
        }
        assert_eq!(at["properties"]["child"], json!({"type": "object"}));
        let many: Map<String, Value> = (0..10)
            .map(|n| (format!("p{n}"), json!({"$ref": "#"})))
            .collect();
        let explosive = json!({"type": "object", "properties": many});
        assert!(inlined(&explosive).unwrap_err().contains("too large"));
    }

    #[test]
    fn the_pointer_of_a_reference_may_be_encoded() {
        let own = json!({"type": "integer"});
        for (target, name) in [("Foo%3CBar%3E", "Foo<Bar>"), ("100%25", "100%25")] {
            let mut schema = json!({"items": {"$ref": format!("#/definitions/{target}")}});
            schema["definitions"] = json!({name: own});
            assert_eq!(inlined(&schema).unwrap(), json!({"items": own}), "{target}");
        }
    }

    #[test]
    fn what_is_not_in_the_schema_is_an_error() {
        for target in ["#/$defs/none", "https://x.example/y", "other.json"] {
            let schema = json!({"properties": {"a": {"$ref": target}}});
            assert!(inlined(&schema).unwrap_err().contains(target));
        }
    }
}
