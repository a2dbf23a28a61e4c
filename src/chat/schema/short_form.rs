//! The short form of a schema: `name, age int, bio: what they did`.
//!
//! Entries are separated by line ends where there are any, else by commas, so that a description
//! may have commas. An entry is `NAME`, `NAME TYPE`, `NAME: DESCRIPTION` or `NAME TYPE:
//! DESCRIPTION`. The text after the colon is a type when it is exactly the name of one:
//! `name:string, age:int`, and `age:int: in years`. `NAME[]` and `TYPE[]` make a list. Everything
//! is required, and nothing else is allowed.

use serde_json::{Map, Value, json};

/// Names of types, and those of JSON Schema.
const TYPES: &[(&str, &str)] = &[
    ("str", "string"),
    ("string", "string"),
    ("int", "integer"),
    ("integer", "integer"),
    ("float", "number"),
    ("number", "number"),
    ("bool", "boolean"),
    ("boolean", "boolean"),
];

/// The type of a field without one.
const DEFAULT_TYPE: &str = "string";

/// Reads the short form into a JSON Schema. The error names the field and the reason.
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let separator = if text.trim().contains('\n') {
        '\n'
    } else {
        ','
    };
    let entries = text
        .split(separator)
        .map(|entry| entry.trim().trim_end_matches(',').trim_end())
        .filter(|entry| !entry.is_empty());
    let mut properties = Map::new();
    for (index, entry) in entries.enumerate() {
        let (name, property) = field(entry)
            .map_err(|why| format!("field {} ('{}') {why}", index + 1, shown(entry)))?;
        if properties.insert(name.to_owned(), property).is_some() {
            return Err(format!("field {} repeats the name '{name}'", index + 1));
        }
    }
    if properties.is_empty() {
        return Err("it has no fields".to_owned());
    }
    let required: Vec<&String> = properties.keys().collect();
    Ok(json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    }))
}

fn field(entry: &str) -> Result<(&str, Value), String> {
    let (head, rest) = entry.split_once(':').map_or((entry, None), |(head, rest)| {
        (head.trim_end(), Some(rest.trim()))
    });
    let mut words = head.split_whitespace();
    let name = words.next().ok_or("has no name")?;
    let written_type = words.next();
    if let Some(word) = words.next() {
        return Err(format!(
            "has an extra word: '{}'; a description follows a colon",
            shown(word)
        ));
    }
    let (behind_colon, description) = match rest {
        Some(rest) if written_type.is_none() => type_and_description(rest),
        rest => (None, rest),
    };
    let (name, is_list) = name
        .strip_suffix("[]")
        .map_or((name, false), |name| (name, true));
    check_name(name)?;
    let known = written_type
        .or(behind_colon)
        .map(|word| type_of(word).ok_or_else(|| unknown_type(word)))
        .transpose()?;
    let mut property = match known {
        Some((kind, false)) if !is_list => json!({"type": kind}),
        Some((_, true)) if is_list => {
            return Err("is a list of lists, which the short form does not support".to_owned());
        }
        Some((kind, _)) => json!({"type": "array", "items": {"type": kind}}),
        None if is_list => json!({"type": "array", "items": {"type": DEFAULT_TYPE}}),
        None => json!({"type": DEFAULT_TYPE}),
    };
    if let Some(description) = description.filter(|description| !description.is_empty()) {
        property["description"] = json!(description);
    }
    Ok((name, property))
}

/// The text after a colon: a type when it is exactly the name of one, with or without a description
/// after another colon.
fn type_and_description(text: &str) -> (Option<&str>, Option<&str>) {
    let (first, rest) = text.split_once(':').map_or((text, None), |(first, rest)| {
        (first.trim_end(), Some(rest.trim()))
    });
    if type_of(first).is_some() {
        (Some(first), rest)
    } else {
        (None, Some(text))
    }
}

/// The type in JSON Schema, and whether it is a list.
fn type_of(word: &str) -> Option<(&'static str, bool)> {
    let (name, is_list) = word
        .strip_suffix("[]")
        .map_or((word, false), |name| (name, true));
    TYPES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| (*kind, is_list))
}

fn unknown_type(word: &str) -> String {
    let known: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
    format!(
        "has the unknown type '{}'; types are {}",
        shown(word),
        known.join(", ")
    )
}

fn check_name(name: &str) -> Result<(), String> {
    let begins_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if begins_well
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
    {
        return Ok(());
    }
    Err(format!(
        "has the name '{}'; a name starts with a letter and has only letters, digits, '_' and '-'",
        shown(name)
    ))
}

/// As much of a text as an error can quote.
fn shown(text: &str) -> String {
    text.chars()
        .take(40)
        .collect::<String>()
        .escape_debug()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::schema::Schema;
    use proptest::prelude::*;

    fn properties(text: &str) -> Value {
        read(text).unwrap()["properties"].clone()
    }

    #[track_caller]
    fn assert_properties(rows: &[(&str, Value)]) {
        for (text, expected) in rows {
            assert_eq!(properties(text), *expected, "{text}");
        }
    }

    #[test]
    fn each_way_to_write_a_field_is_read() {
        let string = json!({"type": "string"});
        let integer = json!({"type": "integer"});
        let integers = json!({"type": "array", "items": integer});
        let number = json!({"type": "number"});
        let boolean = json!({"type": "boolean"});
        let strings = json!({"type": "array", "items": string});
        assert_properties(&[
            ("name", json!({"name": string})),
            ("name, age int", json!({"name": string, "age": integer})),
            (
                "name:string, age:int",
                json!({"name": string, "age": integer}),
            ),
            (
                "name: string,age : bool ",
                json!({"name": string, "age": boolean}),
            ),
            ("tags[]", json!({"tags": strings})),
            ("tags[] int", json!({"tags": integers})),
            ("tags int[]", json!({"tags": integers})),
            (
                "a number,b float,c boolean,",
                json!({"a": number, "b": number, "c": boolean}),
            ),
            ("größe float", json!({"größe": number})),
            ("empty:", json!({"empty": string})),
        ]);
    }

    #[test]
    fn a_field_has_a_description() {
        let described = |kind: &str, text: &str| json!({"type": kind, "description": text});
        let of_each = json!({
            "type": "array", "items": {"type": "integer"}, "description": "of each",
        });
        let first_then_last = json!({
            "name": described("string", "first, then last"), "age": {"type": "integer"},
        });
        assert_properties(&[
            (
                "bio: what they did",
                json!({"bio": described("string", "what they did")}),
            ),
            (
                "age int: in years",
                json!({"age": described("integer", "in years")}),
            ),
            (
                "age:int: in years",
                json!({"age": described("integer", "in years")}),
            ),
            ("kind str: int", json!({"kind": described("string", "int")})),
            (
                "at: as 12:30",
                json!({"at": described("string", "as 12:30")}),
            ),
            ("tags:int[]: of each", json!({"tags": of_each})),
            ("name: first, then last\nage int,\n\n", first_then_last),
        ]);
    }

    #[test]
    fn all_fields_are_required_and_no_others_allowed() {
        let schema = read("name, age int").unwrap();
        assert_eq!(
            schema.to_string(),
            r#"{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"],"additionalProperties":false}"#
        );
    }

    #[test]
    fn errors_name_the_field_and_the_reason() {
        for (text, named) in [
            ("", "no field"),
            (" ,, ", "no field"),
            ("name, name int", "field 2 repeats the name 'name'"),
            ("name, full name here", "field 2 ('full name here')"),
            ("age years", "'years'"),
            ("age int int", "an extra word"),
            ("1st", "'1st'"),
            ("person.json", "'person.json'"),
            (": what", "no name"),
            ("tags[] int[]", "list of lists"),
            ("at: the time, as 12:30", "'12'"),
            ("{\"a\": 1}", "starts with a letter"),
        ] {
            let why = read(text).unwrap_err();
            assert!(why.contains(named), "{text}: {why}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_a_schema_that_strict_providers_take(text in "[a-z_\\[\\]:, \n]{0,40}") {
            if let Ok(value) = read(&text) {
                let schema = Schema::new("short", value.clone(), false);
                prop_assert!(schema.is_ok_and(|schema| schema.is_strict()), "{value}");
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            drop(read(&text));
        }
    }
}
