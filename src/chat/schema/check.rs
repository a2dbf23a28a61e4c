//! Validates schemas, and values against them. References outside a schema are never fetched.

use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value};

use super::subschemas;

/// What is wrong with a schema, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SchemaFault {
    /// A JSON pointer into the schema; empty for its root.
    pub pointer: String,
    pub what: String,
}

/// Where a value does not match its schema, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// A JSON pointer into the value; empty for its root.
    pub pointer: String,
    pub what: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.pointer.is_empty() {
            formatter.write_str(&self.what)
        } else {
            write!(formatter, "{}: {}", self.pointer, self.what)
        }
    }
}

/// Most violations that are reported of one value: the rest often follows from them.
pub(super) const MOST_VIOLATIONS: usize = 8;

/// Longest message of one, in characters: it quotes the value.
const LONGEST_WORDS: usize = 200;

/// Keywords that point to another schema.
const REFERENCES: &[&str] = &["$ref", "$dynamicRef", "$recursiveRef"];

/// A valid schema.
#[derive(Debug)]
pub(super) struct Checker(Validator);

impl Checker {
    /// Formats such as `date` are validated as well.
    pub(super) fn new(schema: &Value) -> Result<Self, SchemaFault> {
        if !schema.is_object() {
            return Err(SchemaFault {
                pointer: String::new(),
                what: "a schema must be a JSON object".to_owned(),
            });
        }
        check_references(schema, schema, String::new())?;
        let built = jsonschema::options()
            .offline()
            .should_validate_formats(true)
            .build(schema);
        built.map(Self).map_err(|error| SchemaFault {
            pointer: error.instance_path().as_str().to_owned(),
            what: bounded(&error),
        })
    }

    /// The first violations of a value.
    pub(super) fn violations(&self, value: &Value) -> Vec<Violation> {
        let violation = |error: ValidationError<'_>| Violation {
            pointer: error.instance_path().as_str().to_owned(),
            what: bounded(&error),
        };
        self.0
            .iter_errors(value)
            .take(MOST_VIOLATIONS)
            .map(violation)
            .collect()
    }
}

fn check_references(schema: &Value, root: &Value, pointer: String) -> Result<(), SchemaFault> {
    let Some(fields) = schema.as_object() else {
        return Ok(());
    };
    check_own_references(fields, root, &pointer)?;
    let mut outcome = Ok(());
    subschemas::each(fields, &mut |at, inner| {
        if outcome.is_ok() {
            outcome = check_references(inner, root, format!("{pointer}/{at}"));
        }
    });
    outcome
}

fn check_own_references(
    fields: &Map<String, Value>,
    root: &Value,
    pointer: &str,
) -> Result<(), SchemaFault> {
    for keyword in REFERENCES {
        let Some(target) = fields.get(*keyword).and_then(Value::as_str) else {
            continue;
        };
        let shown: String = target.chars().take(80).collect();
        let fault = |what: String| {
            Err(SchemaFault {
                pointer: format!("{pointer}/{keyword}"),
                what,
            })
        };
        let Some(inside) = target.strip_prefix('#') else {
            return fault(format!(
                "'{shown}' is outside the schema, and amx fetches no schemas; copy it below $defs"
            ));
        };
        if (inside.is_empty() || inside.starts_with('/'))
            && root.pointer(&percent_decoded(inside)).is_none()
        {
            return fault(format!("'{shown}' does not resolve"));
        }
    }
    Ok(())
}

/// A JSON pointer from the fragment of a URL.
fn percent_decoded(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let [first, more @ ..] = rest {
        let digits = more
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &more[2..] } else { more };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn bounded(error: &ValidationError<'_>) -> String {
    let words = error.to_string();
    let one_line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= LONGEST_WORDS {
        return one_line;
    }
    // It starts with the value and ends with the reason.
    let half = LONGEST_WORDS / 2;
    let start: String = one_line.chars().take(half).collect();
    let end: Vec<char> = one_line.chars().rev().take(half).collect();
    format!("{start}…{}", end.iter().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(schema: &Value) -> SchemaFault {
        Checker::new(schema).unwrap_err()
    }

    #[test]
    fn an_invalid_schema_is_reported_with_its_pointer() {
        assert_eq!(fault(&json!([])).what, "a schema must be a JSON object");
        assert_eq!(
            fault(&json!({"properties": {"a": {"type": "strin"}}})).pointer,
            "/properties/a/type"
        );
        assert_eq!(
            fault(&json!({"properties": {"a": {"items": {"required": "b"}}}})).pointer,
            "/properties/a/items/required"
        );
        let bad_pattern = fault(&json!({"properties": {"a": {"pattern": "("}}}));
        assert!(
            bad_pattern.pointer.starts_with("/properties/a/pattern"),
            "{bad_pattern:?}"
        );
    }

    #[test]
    fn references_outside_the_schema_are_errors() {
        for target in [
            "https://example.com/person.json",
            "other.json",
            "file:///etc/passwd",
            "//host/x",
            "#/$defs/none",
            "#/properties/a/0",
        ] {
            let fault = fault(
                &json!({"type": "object", "properties": {"a": {"anyOf": [{"$ref": target}]}}}),
            );
            assert_eq!(fault.pointer, "/properties/a/anyOf/0/$ref", "{target}");
        }
        for target in ["#", "#/$defs/a%20b"] {
            assert!(Checker::new(&json!({"$defs": {"a b": {"type": "string"}}, "properties": {"x": {"$ref": target}}})).is_ok(), "{target}");
        }
        // A property of that name, and data, are no references.
        assert!(
            Checker::new(
                &json!({"properties": {"$ref": {"type": "string"}}, "enum": [{"$ref": "x.json"}]})
            )
            .is_ok()
        );
    }

    #[test]
    fn a_schema_that_refers_only_to_itself_terminates() {
        for schema in [
            json!({"$ref": "#"}),
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
        ] {
            let found = Checker::new(&schema).map(|checker| checker.violations(&json!({"a": [1]})));
            assert!(
                found.is_err() || found.is_ok_and(|found| found.is_empty()),
                "{schema}"
            );
        }
    }

    #[test]
    fn violations_have_pointers_and_are_bounded() {
        let checker =
            Checker::new(&json!({"type": "object", "properties": {"when": {"format": "date"}, "n": {"type": "integer"}}, "required": ["n"]})).unwrap();
        assert_eq!(
            checker.violations(&json!({"n": 1, "when": "2026-01-31"})),
            []
        );
        let found = checker.violations(&json!({"when": "soon"}));
        assert_eq!(
            found
                .iter()
                .map(|violation| violation.pointer.as_str())
                .collect::<Vec<_>>(),
            ["", "/when"]
        );
        assert!(found[0].to_string().contains("\"n\""), "{found:?}");
        let long = checker.violations(&json!({"n": "x".repeat(5000)}));
        assert!(
            long[0].what.ends_with("is not of type \"integer\"")
                && long[0].what.chars().count() <= LONGEST_WORDS + 1,
            "{long:?}"
        );
        let many = Checker::new(&json!({"items": {"type": "string"}})).unwrap();
        assert_eq!(
            many.violations(&json!([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))
                .len(),
            MOST_VIOLATIONS
        );
    }
}
