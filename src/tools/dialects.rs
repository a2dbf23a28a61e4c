//! Schemas of parameters as each family of models accepts them.
//!
//! A request whose tools have one keyword that a server refuses fails as a whole, so a schema is
//! simplified before it is sent. The arguments of a call are checked against the original.

use serde_json::{Map, Value, json};

use super::inlining::{UnknownParts, inlined, top_inlined};
use super::{flattening, rewriting};

/// What the models of one maker accept.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// The name of the family.
    pub family: &'static str,
    /// Names of providers that serve only this family.
    providers: &'static [&'static str],
    /// How the IDs of its models start, with or without their maker.
    models: &'static [&'static str],
    /// References inside the schema are accepted.
    has_references: bool,
    /// Accepted keywords; `None` for all.
    keywords: Option<&'static [&'static str]>,
    /// Accepted values of `format`; `None` for all.
    formats: Option<&'static [&'static str]>,
    /// What is rewritten in each schema before those inside it.
    first: &'static [rewriting::Rewrite],
    /// What is rewritten after those, before unknown keywords are dropped.
    rewrites: &'static [rewriting::Rewrite],
}

/// Keywords about the schema itself, which tell a model nothing.
const ABOUT_SCHEMA: &[&str] = &["$schema", "$id", "$comment", "$anchor", "$vocabulary"];

/// Keywords of the schemas of Google's API, which is a part of OpenAPI 3.0.
const GOOGLE_KEYWORDS: &[&str] = &[
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "items",
    "minItems",
    "maxItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "anyOf",
];

const GOOGLE_FORMATS: &[&str] = &["enum", "date-time", "float", "double", "int32", "int64"];

/// The families, the last one for every model that no other names.
const DIALECTS: &[Dialect] = &[
    Dialect {
        family: "google",
        providers: &["gemini", "google"],
        models: &["google/", "gemini", "gemma"],
        has_references: false,
        keywords: Some(GOOGLE_KEYWORDS),
        formats: Some(GOOGLE_FORMATS),
        first: rewriting::FIRST_FOR_OPENAPI,
        rewrites: rewriting::FOR_OPENAPI,
    },
    Dialect {
        family: "anthropic",
        providers: &["anthropic"],
        models: &["anthropic/", "claude"],
        has_references: false,
        keywords: None,
        formats: None,
        first: &[],
        rewrites: &[],
    },
    Dialect {
        family: "openai",
        providers: &["openai"],
        models: &["openai/", "gpt-", "o1", "o3", "o4"],
        has_references: true,
        keywords: None,
        formats: None,
        first: &[],
        rewrites: &[],
    },
    OTHER,
];

/// Servers whose grammar of schemas is unknown.
const OTHER: Dialect = Dialect {
    family: "other",
    providers: &[],
    models: &[],
    has_references: false,
    keywords: None,
    formats: None,
    first: &[],
    rewrites: &[],
};

/// The family of a model at a provider.
pub(crate) fn of(provider: &str, model: &str) -> &'static Dialect {
    let model = model.trim_start_matches('~').to_ascii_lowercase();
    let bare = model.rsplit('/').next().unwrap_or_default();
    let is_of = |dialect: &&Dialect| {
        dialect.providers.contains(&provider)
            || dialect
                .models
                .iter()
                .any(|start| model.starts_with(start) || bare.starts_with(start))
    };
    DIALECTS.iter().find(is_of).unwrap_or(&OTHER)
}

/// A schema as a family accepts it, with an object at its top.
///
/// # Errors
/// Why it cannot be brought into that form: the tool cannot be sent.
pub(crate) fn for_family(schema: &Value, dialect: &Dialect) -> Result<Value, String> {
    // What is merged at the top is merged by its properties, not by its name.
    let whole = if dialect.has_references {
        top_inlined(schema, UnknownParts::Omitted)?
    } else {
        inlined(&top_inlined(schema, UnknownParts::Error)?)?
    };
    let Value::Object(mut top) = whole else {
        return Err("its parameters are not the schema of an object".to_owned());
    };
    flattening::flatten_top(&mut top)?;
    rewriting::require_object(&mut top)?;
    simplify(&mut top, dialect)?;
    top.entry("properties").or_insert_with(|| json!({}));
    Ok(Value::Object(top))
}

/// Simplifies a schema, and those inside it first.
fn simplify(schema: &mut Map<String, Value>, dialect: &Dialect) -> Result<(), String> {
    for rewrite in dialect.first {
        rewrite(schema)?;
    }
    for (keyword, value) in schema.iter_mut() {
        match (rewriting::holds(keyword), value) {
            (rewriting::Holds::Schemas, Value::Object(schema)) => simplify(schema, dialect)?,
            (rewriting::Holds::Schemas, Value::Array(schemas)) => {
                for schema in schemas.iter_mut().filter_map(Value::as_object_mut) {
                    simplify(schema, dialect)?;
                }
            }
            (rewriting::Holds::NamedSchemas, Value::Object(named)) => {
                for schema in named.values_mut() {
                    simplify_named(schema, dialect)?;
                }
            }
            _ => {}
        }
    }
    for rewrite in dialect.rewrites {
        rewrite(schema)?;
    }
    schema.retain(|keyword, value| {
        let is_known = dialect
            .keywords
            .is_none_or(|known| known.contains(&keyword.as_str()));
        let is_format = keyword == "format";
        let has_form = dialect
            .formats
            .is_none_or(|known| value.as_str().is_some_and(|text| known.contains(&text)));
        is_known && !ABOUT_SCHEMA.contains(&keyword.as_str()) && (!is_format || has_form)
    });
    Ok(())
}

/// The schema of a property. `true` allows anything, which only some families accept.
fn simplify_named(schema: &mut Value, dialect: &Dialect) -> Result<(), String> {
    if schema.is_boolean() && dialect.keywords.is_some() {
        *schema = json!({});
    }
    match schema {
        Value::Object(schema) => simplify(schema, dialect),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn google(schema: &Value) -> Value {
        for_family(schema, of("gemini", "gemini-2.5-flash")).unwrap()
    }

    #[test]
    fn each_model_has_a_family() {
        for (provider, model, family) in [
            ("openrouter", "google/gemini-2.5-pro", "google"),
            ("gemini", "anything", "google"),
            ("openrouter", "anthropic/claude-sonnet-4", "anthropic"),
            ("local", "Claude-x", "anthropic"),
            ("openrouter", "openai/gpt-5-mini", "openai"),
            ("openai", "o3", "openai"),
            ("openrouter", "deepseek/deepseek-chat", "other"),
            ("ollama", "qwen3:8b", "other"),
        ] {
            assert_eq!(of(provider, model).family, family, "{provider} {model}");
        }
    }

    #[test]
    fn google_gets_only_what_it_knows() {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "kind": {"const": "x"},
                "size": {"type": ["integer", "null"], "exclusiveMinimum": 0, "enum": [1, 2]},
                "when": {"type": "string", "format": "date"},
                "at": {"type": "string", "format": "date-time"},
                "who": {"$ref": "#/$defs/who"},
                "tags": {"type": "array"},
                "any": true,
                "value": {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]},
                "both": {"allOf": [{"type": "string"}, {"minLength": 2}]},
                "either": {
                    "type": "object", "properties": {"a": {}, "b": {}},
                    "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
                },
                "additionalProperties": {"type": "string"},
            },
            "required": ["kind", "gone"],
            "$defs": {"who": {"type": "object", "properties": {"name": {"type": "string"}},
                "additionalProperties": {"type": "string"}}},
        });
        assert_eq!(
            google(&schema),
            json!({
                "type": "object",
                "properties": {
                    "kind": {"enum": ["x"], "type": "string"},
                    "size": {"type": "integer", "nullable": true},
                    "when": {"type": "string"},
                    "at": {"type": "string", "format": "date-time"},
                    "who": {"type": "object", "properties": {"name": {"type": "string"}}},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "any": {"type": "string"},
                    "value": {
                        "anyOf": [{"type": "string"}, {"type": "number"}], "nullable": true,
                    },
                    "both": {"type": "string", "minLength": 2},
                    "either": {
                        "type": "object",
                        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                    },
                    "additionalProperties": {"type": "string"},
                },
                "required": ["kind"],
            })
        );
    }

    #[test]
    fn the_top_is_an_object_without_alternatives() {
        let schema = json!({
            "anyOf": [
                {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a", "b"]},
                {"properties": {"b": {"type": "integer"}}, "required": ["b"]},
            ],
        });
        let flat = json!({
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
            "required": ["b"],
        });
        for model in ["claude-x", "gpt-5", "qwen3"] {
            assert_eq!(
                for_family(&schema, of("local", model)).unwrap(),
                flat,
                "{model}"
            );
        }
        assert_eq!(
            for_family(&json!({}), of("local", "x")).unwrap(),
            json!({"type": "object", "properties": {}})
        );
    }

    #[test]
    fn what_is_no_object_cannot_be_sent() {
        for (schema, reason) in [
            (json!({"type": "string"}), "not the schema of an object"),
            (json!(true), "not the schema of an object"),
            (
                json!({"anyOf": [{"type": "string"}]}),
                "not the schema of an object",
            ),
            (json!({"properties": {"a": {"$ref": "x.json"}}}), "x.json"),
        ] {
            let why = for_family(&schema, of("gemini", "x")).unwrap_err();
            assert!(why.contains(reason), "{schema}: {why}");
        }
        let conflict = json!({
            "type": "object",
            "properties": {"a": {"allOf": [{"type": "string"}, {"type": "number"}]}},
        });
        assert!(for_family(&conflict, of("gemini", "x")).is_err());
        assert!(for_family(&conflict, of("openai", "x")).is_ok());
    }

    #[test]
    fn openai_keeps_references() {
        let schema = json!({
            "type": "object", "properties": {"a": {"$ref": "#/$defs/a"}},
            "$defs": {"a": {"type": "string"}},
        });
        assert_eq!(for_family(&schema, of("openai", "gpt-5")).unwrap(), schema);
    }

    #[test]
    fn references_at_the_top_keep_their_parameters_for_every_family() {
        let part = json!({
            "type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"],
        });
        let own = json!({"b": {"type": "integer"}});
        let reference = json!({"$ref": "#/$defs/part"});
        let all = json!({
            "type": "object", "required": ["a"],
            "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
        });
        for (mut schema, expected) in [
            (reference.clone(), &part),
            (json!({"allOf": [reference]}), &part),
            (json!({"anyOf": [reference]}), &part),
            (json!({"oneOf": [{"$ref": "#/$defs/again"}]}), &part),
            (json!({"allOf": [reference, {"properties": own}]}), &all),
            (json!({"properties": own, "$ref": "#/$defs/part"}), &all),
        ] {
            schema["$defs"] = json!({"part": part, "again": reference});
            for dialect in DIALECTS {
                let mut sent = for_family(&schema, dialect).unwrap();
                sent.as_object_mut().unwrap().remove("$defs");
                assert_eq!(sent, *expected, "{} {schema}", dialect.family);
            }
        }
    }

    #[test]
    fn a_reference_of_a_part_that_names_nothing_costs_no_tool_where_they_are_accepted() {
        let own = json!({"b": {"type": "integer"}});
        let schema = |target: &str| json!({"properties": own, "allOf": [{"$ref": target}]});
        let kept = json!({"type": "object", "properties": own});
        for dialect in DIALECTS {
            assert!(for_family(&schema("#"), dialect).is_err());
            let sent = for_family(&schema("#/$defs/none"), dialect).ok();
            let expected = dialect.has_references.then(|| kept.clone());
            assert_eq!(sent, expected, "{}", dialect.family);
            let top = json!({"$ref": "#/$defs/none"});
            assert!(for_family(&top, dialect).is_err(), "{}", dialect.family);
        }
    }

    #[test]
    fn alternatives_at_the_top_allow_the_values_of_each_of_them() {
        let part = |kind: &str| json!({"properties": {"kind": {"const": kind}, "n": {}}});
        let schema = json!({
            "properties": {"own": {"const": 1}},
            "oneOf": [
                {"$ref": "#/$defs/a"},
                part("b"),
                {"properties": {"kind": {"enum": ["c", "a"]}, "n": {"const": 1}}},
                {"properties": {"own": {"const": 2}}},
            ],
            "$defs": {"a": part("a")},
        });
        for dialect in DIALECTS {
            let sent = for_family(&schema, dialect).unwrap();
            let kinds = &sent["properties"]["kind"]["enum"];
            assert_eq!(*kinds, json!(["a", "b", "c"]), "{} {sent}", dialect.family);
            assert!(sent["properties"]["n"].get("enum").is_none(), "{sent}");
        }
        let other = for_family(&schema, &OTHER).unwrap();
        assert_eq!(other["properties"]["own"], json!({"const": 1}));
        let same = json!({"anyOf": [part("a"), part("a")]});
        let same = for_family(&same, &OTHER).unwrap();
        assert_eq!(same["properties"]["kind"], json!({"const": "a"}));
        let any = json!({"anyOf": [part("a"), {"properties": {"kind": {"type": "string"}}}]});
        let any = for_family(&any, &OTHER).unwrap();
        assert_eq!(any["properties"]["kind"], json!({}));
        let all = json!({"allOf": [part("a"), part("b")]});
        let all = for_family(&all, &OTHER).unwrap();
        assert_eq!(all["properties"]["kind"], json!({"const": "a"}));
    }

    /// What a strict server refuses in a schema.
    fn refused_by_google(schema: &Value, faults: &mut Vec<String>) {
        let Some(fields) = schema.as_object() else {
            faults.push(format!("no object: {schema}"));
            return;
        };
        for (keyword, value) in fields {
            if !GOOGLE_KEYWORDS.contains(&keyword.as_str()) {
                faults.push(keyword.clone());
            }
            match (rewriting::holds(keyword), value) {
                (rewriting::Holds::NamedSchemas, Value::Object(named)) => named
                    .values()
                    .for_each(|schema| refused_by_google(schema, faults)),
                (rewriting::Holds::Schemas, Value::Array(schemas)) => schemas
                    .iter()
                    .for_each(|schema| refused_by_google(schema, faults)),
                (rewriting::Holds::Schemas, schema) => refused_by_google(schema, faults),
                _ => {}
            }
        }
        if !fields.contains_key("anyOf") && !fields.get("type").is_some_and(Value::is_string) {
            faults.push(format!("no type: {schema}"));
        }
    }

    #[test]
    fn the_tools_of_the_reference_server_are_sent_to_every_family() {
        let tools: Value =
            serde_json::from_str(include_str!("../../tests/data/everything_tools.json")).unwrap();
        let tools = tools.as_array().unwrap();
        assert_eq!(tools.len(), 13);
        for tool in tools {
            for dialect in DIALECTS {
                let sent = for_family(&tool["inputSchema"], dialect).unwrap();
                assert_eq!(sent["type"], "object");
                assert!(sent["properties"].is_object() && sent.get("$schema").is_none());
            }
            let mut faults = Vec::new();
            refused_by_google(&google(&tool["inputSchema"]), &mut faults);
            assert!(faults.is_empty(), "{}: {faults:?}", tool["name"]);
        }
    }
}
