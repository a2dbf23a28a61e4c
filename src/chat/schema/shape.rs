//! The schema of an answer, validated and ready to be sent.

use serde_json::Value;

use super::check::{Checker, MOST_VIOLATIONS, SchemaFault, Violation};
use super::wrapping::Wrapping;
use super::{extract, strict};

/// Longest name of a schema on the wire.
const LONGEST_NAME: usize = 64;

/// One schema. The form that is sent has an object at its root; answers are validated against the
/// original.
#[derive(Debug)]
pub(crate) struct Schema {
    name: String,
    sent: Value,
    wrapping: Wrapping,
    is_strict: bool,
    checker: Checker,
}

impl Schema {
    /// Validates a JSON Schema. With `is_many`, an answer is a list of such values. The name
    /// becomes one that providers accept.
    pub(crate) fn new(name: &str, schema: Value, is_many: bool) -> Result<Self, SchemaFault> {
        let checker = Checker::new(&schema)?;
        let wrapping = Wrapping::of(&schema, is_many);
        let sent = wrapping.wrap(&schema);
        Ok(Self {
            name: usable(name),
            is_strict: strict::is_strict(&sent),
            sent,
            wrapping,
            checker,
        })
    }

    /// Letters, digits, `_` and `-`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The schema as it is sent.
    pub(crate) fn sent(&self) -> &Value {
        &self.sent
    }

    /// The members of an object whose values are no objects or lists; empty for any other schema.
    pub(crate) fn flat_members(&self) -> Vec<String> {
        let is_flat = |member: &Value| match &member["type"] {
            Value::String(kind) => kind != "object" && kind != "array",
            Value::Array(kinds) => kinds.iter().all(|kind| kind != "object" && kind != "array"),
            _ => member.get("enum").is_some() || member.get("const").is_some(),
        };
        let members = self.sent["properties"].as_object();
        let members = members
            .filter(|members| self.wrapping == Wrapping::None && members.values().all(is_flat));
        members.map_or_else(Vec::new, |members| members.keys().cloned().collect())
    }

    /// Whether it fits a provider's strict mode.
    pub(crate) fn is_strict(&self) -> bool {
        self.is_strict
    }

    /// The value of an answer, or its violations.
    pub(crate) fn read(&self, text: &str) -> Result<Value, Vec<Violation>> {
        let value = extract::value_in(text).map_err(|what| {
            vec![Violation {
                pointer: String::new(),
                what,
            }]
        })?;
        let inner = self
            .wrapping
            .values(&value)
            .map_err(|violation| vec![violation])?;
        let mut violations = Vec::new();
        for (place, value) in inner {
            let found = self.checker.violations(value).into_iter();
            violations.extend(found.map(|violation| Violation {
                pointer: format!("{place}{}", violation.pointer),
                ..violation
            }));
            if violations.len() >= MOST_VIOLATIONS {
                violations.truncate(MOST_VIOLATIONS);
                break;
            }
        }
        if violations.is_empty() {
            Ok(self.wrapping.unwrapped(value))
        } else {
            Err(violations)
        }
    }
}

fn usable(name: &str) -> String {
    let usable: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .take(LONGEST_NAME)
        .collect();
    if usable.trim_matches('_').is_empty() {
        "answer".to_owned()
    } else {
        usable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::schema::read_short_form;
    use serde_json::json;

    fn schema(form: &str, is_many: bool) -> Schema {
        Schema::new("Über person.v2", read_short_form(form).unwrap(), is_many).unwrap()
    }

    #[test]
    fn names_become_valid() {
        assert_eq!(schema("a", false).name(), "_ber_person_v2");
        assert_eq!(Schema::new("", json!({}), false).unwrap().name(), "answer");
        assert_eq!(
            Schema::new(&"x".repeat(99), json!({}), false)
                .unwrap()
                .name()
                .len(),
            LONGEST_NAME
        );
    }

    #[test]
    fn an_answer_is_a_value_or_violations() {
        let person = schema("name, age int", false);
        assert_eq!(
            person
                .read("```json\n{\"age\":7,\"name\":\"Ada\"}\n```")
                .unwrap()
                .to_string(),
            r#"{"age":7,"name":"Ada"}"#
        );
        let violations = person
            .read(r#"{"name":"Ada","age":"7","x":1}"#)
            .unwrap_err();
        let words: Vec<String> = violations.iter().map(ToString::to_string).collect();
        assert!(
            words
                .iter()
                .any(|words| words == r#"/age: "7" is not of type "integer""#),
            "{words:?}"
        );
        assert!(words.iter().any(|words| words.contains("'x'")), "{words:?}");
        assert_eq!(person.read("sorry").unwrap_err().len(), 1);
    }

    #[test]
    fn many_values_are_a_list_in_every_form() {
        let people = schema("name", true);
        assert!(people.is_strict());
        for text in [
            r#"{"items":[{"name":"a"},{"name":"b"}]}"#,
            r#"[{"name":"a"},{"name":"b"}]"#,
        ] {
            assert_eq!(
                people.read(text).unwrap(),
                json!([{"name": "a"}, {"name": "b"}]),
                "{text}"
            );
        }
        assert_eq!(people.read(r#"{"items":[]}"#).unwrap(), json!([]));
        assert_eq!(
            people.read(r#"{"items":[{"name":"a"},{}]}"#).unwrap_err()[0].pointer,
            "/items/1"
        );
        for text in [
            r#"{"name":"a"}"#,
            r#"{"items":{}}"#,
            r#"{"items":[],"more":1}"#,
        ] {
            assert!(people.read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_object_is_wrapped_in_one() {
        let list = Schema::new(
            "list",
            json!({"type": "array", "items": {"type": "integer"}}),
            false,
        )
        .unwrap();
        assert_eq!(list.read(r#"{"value":[1,2]}"#).unwrap(), json!([1, 2]));
        assert_eq!(
            list.read(r#"{"value":[1,"2"]}"#).unwrap_err()[0].pointer,
            "/value/1"
        );
        assert!(list.read("[1]").is_err());
    }
}
