//! Wraps schemas for providers, which require an object at the root, and unwraps the answers.

use serde_json::{Map, Value, json};

use super::check::Violation;
use super::subschemas;

/// What wraps a schema when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapping {
    None,
    /// `{"value": …}`.
    Value,
    /// `{"items": […]}`, one value each.
    Items,
}

/// Keywords of definitions, which stay at the root.
const DEFINITIONS: &[&str] = &["$defs", "definitions"];

/// Keywords of the document, which providers do not need.
const OF_DOCUMENT: &[&str] = &["$schema", "$id"];

impl Wrapping {
    pub(super) fn of(schema: &Value, is_many: bool) -> Self {
        let is_object = schema["type"] == "object"
            || (schema["type"].is_null() && schema["properties"].is_object());
        match (is_many, is_object) {
            (true, _) => Self::Items,
            (false, true) => Self::None,
            (false, false) => Self::Value,
        }
    }

    /// The schema as it is sent.
    pub(super) fn wrap(self, schema: &Value) -> Value {
        let mut fields = schema.as_object().cloned().unwrap_or_default();
        fields.retain(|keyword, _| !OF_DOCUMENT.contains(&keyword.as_str()));
        let (field, place) = match self {
            Self::None => return Value::Object(fields),
            Self::Value => ("value", "/properties/value"),
            Self::Items => ("items", "/properties/items/items"),
        };
        let definitions: Vec<(String, Value)> = DEFINITIONS
            .iter()
            .filter_map(|keyword| Some(((*keyword).to_owned(), fields.shift_remove(*keyword)?)))
            .collect();
        let mut inner = Value::Object(fields);
        move_references(&mut inner, place);
        let property = if self == Self::Items {
            json!({"type": "array", "items": inner})
        } else {
            inner
        };
        let mut wrapped = Map::new();
        wrapped.insert("type".to_owned(), json!("object"));
        wrapped.insert("properties".to_owned(), json!({field: property}));
        wrapped.insert("required".to_owned(), json!([field]));
        wrapped.insert("additionalProperties".to_owned(), json!(false));
        for (keyword, mut held) in definitions {
            held.as_object_mut()
                .into_iter()
                .flat_map(Map::values_mut)
                .for_each(|definition| move_references(definition, place));
            wrapped.insert(keyword, held);
        }
        Value::Object(wrapped)
    }

    /// Unwraps a value: the values in it, each with its pointer.
    pub(super) fn values(self, value: &Value) -> Result<Vec<(String, &Value)>, Violation> {
        let numbered = |items: &'_ [Value]| {
            (0..items.len())
                .map(|index| format!("/items/{index}"))
                .collect::<Vec<_>>()
        };
        match (self, value) {
            (Self::None, value) => Ok(vec![(String::new(), value)]),
            (Self::Value, Value::Object(fields))
                if fields.len() == 1 && fields.contains_key("value") =>
            {
                Ok(vec![("/value".to_owned(), &fields["value"])])
            }
            (Self::Value, _) => Err(Violation {
                pointer: String::new(),
                what: "must be an object with the single field \"value\"".to_owned(),
            }),
            // A bare list is accepted as well.
            (Self::Items, Value::Array(items)) => {
                Ok(numbered(items).into_iter().zip(items).collect())
            }
            (Self::Items, Value::Object(fields))
                if fields.len() == 1 && fields.get("items").is_some_and(Value::is_array) =>
            {
                self.values(&fields["items"])
            }
            (Self::Items, _) => Err(Violation {
                pointer: String::new(),
                what: "must be an object with the single field \"items\", a list".to_owned(),
            }),
        }
    }

    /// The value inside the wrapping.
    pub(super) fn unwrapped(self, value: Value) -> Value {
        let field = match self {
            Self::None => return value,
            Self::Value => "value",
            Self::Items => "items",
        };
        match value {
            Value::Object(mut fields) => fields.shift_remove(field).unwrap_or_default(),
            other => other,
        }
    }
}

/// Moves references into the schema to its new place. Definitions stay at the root.
fn move_references(schema: &mut Value, place: &str) {
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::String(target)) = fields.get_mut("$ref")
        && let Some(inside) = target.strip_prefix('#')
        && (inside.is_empty() || inside.starts_with('/'))
        && !DEFINITIONS.iter().any(|keyword| {
            inside
                .strip_prefix('/')
                .is_some_and(|inside| inside.split('/').next() == Some(keyword))
        })
    {
        *target = format!("#{place}{inside}");
    }
    subschemas::each_mut(fields, &mut |inner| move_references(inner, place));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_still_resolve_to_the_same_schemas() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/x",
            "type": "object", "properties": {"child": {"$ref": "#"}, "name": {"$ref": "#/$defs/name"}, "twin": {"$ref": "#/properties/child"}},
            "$defs": {"name": {"type": "string"}, "back": {"$ref": "#/properties/name"}}, "enum": [{"$ref": "#"}],
        });
        let wrapped = Wrapping::Items.wrap(&schema);
        let inner = &wrapped["properties"]["items"]["items"];
        assert_eq!(
            inner["properties"]["child"]["$ref"],
            "#/properties/items/items"
        );
        assert_eq!(inner["properties"]["name"]["$ref"], "#/$defs/name");
        assert_eq!(
            inner["properties"]["twin"]["$ref"],
            "#/properties/items/items/properties/child"
        );
        assert_eq!(inner["enum"], json!([{"$ref": "#"}]));
        assert_eq!(
            wrapped["$defs"]["back"]["$ref"],
            "#/properties/items/items/properties/name"
        );
        assert!(
            inner.get("$id").is_none()
                && inner.get("$defs").is_none()
                && wrapped.get("$schema").is_none()
        );
        // What is sent is a schema too.
        assert!(crate::chat::schema::Schema::new("x", wrapped, false).is_ok());
    }

    #[test]
    fn everything_but_an_object_is_wrapped() {
        let object = json!({"properties": {"a": {"type": "string"}}});
        assert_eq!(
            (Wrapping::of(&object, false), Wrapping::None.wrap(&object)),
            (Wrapping::None, object)
        );
        let list = json!({"type": "array", "items": {"type": "string"}});
        assert_eq!(Wrapping::of(&list, false), Wrapping::Value);
        assert_eq!(
            Wrapping::Value.wrap(&list)["properties"],
            json!({"value": list})
        );
        assert_eq!(
            Wrapping::of(&json!({"type": ["object", "null"]}), false),
            Wrapping::Value
        );
    }
}
