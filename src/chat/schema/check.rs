//! Validates schemas, and values against them. References outside a schema are never fetched.

use boon::{CompileError, Compiler, ErrorKind, SchemaIndex, Schemas, UrlLoader, ValidationError};
use serde_json::{Map, Value, json};

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

/// The URL that a schema has inside the validator.
const SCHEMA_URL: &str = "amx:schema";

/// A valid schema.
pub(super) struct Checker {
    schemas: Schemas,
    root: SchemaIndex,
}

impl std::fmt::Debug for Checker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Checker").finish_non_exhaustive()
    }
}

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
        let mut compiler = Compiler::new();
        compiler.use_loader(Box::new(Offline));
        compiler.enable_format_assertions();
        let mut schemas = Schemas::new();
        let root = compiler
            .add_resource(SCHEMA_URL, schema.clone())
            .and_then(|()| compiler.compile(SCHEMA_URL, &mut schemas))
            .map_err(|error| fault_of(&error, schema))?;
        let checker = Self { schemas, root };
        checker.refuse_endless_references()?;
        Ok(checker)
    }

    /// A schema that refers to itself without entering the value is neither met nor violated. It
    /// shows with any value of the type that it is about.
    fn refuse_endless_references(&self) -> Result<(), SchemaFault> {
        let probes = [json!(null), json!({}), json!([]), json!(""), json!(0)];
        for probe in &probes {
            if let Err(error) = self.schemas.validate(probe, self.root)
                && let Some(pointer) = endless_reference(&error)
            {
                return Err(SchemaFault {
                    pointer,
                    what: "the reference leads back to itself".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// The first violations of a value.
    pub(super) fn violations(&self, value: &Value) -> Vec<Violation> {
        let mut found = Vec::new();
        if let Err(error) = self.schemas.validate(value, self.root) {
            collect(&error, value, &mut found);
        }
        found.truncate(MOST_VIOLATIONS);
        found
    }
}

/// References outside a schema are refused before; this is for what that overlooks.
struct Offline;

impl UrlLoader for Offline {
    fn load(&self, _url: &str) -> Result<Value, Box<dyn std::error::Error>> {
        Err("amx fetches no schemas".into())
    }
}

fn fault_of(error: &CompileError, schema: &Value) -> SchemaFault {
    match error {
        CompileError::ValidationError { src, .. } => {
            let mut found = Vec::new();
            collect(src, schema, &mut found);
            // The metaschema of a vocabulary is as far down as the fault; the deepest says most.
            let deepest = found
                .into_iter()
                .max_by_key(|violation| violation.pointer.matches('/').count());
            deepest.map_or_else(
                || SchemaFault {
                    pointer: String::new(),
                    what: bounded(&error.to_string()),
                },
                |Violation { pointer, what }| SchemaFault { pointer, what },
            )
        }
        CompileError::InvalidRegex { url, src, .. } => SchemaFault {
            pointer: pointer_in(url),
            what: bounded(&format!("invalid pattern: {src}")),
        },
        _ => SchemaFault {
            pointer: String::new(),
            what: bounded(&format!("{error:#}").replace(SCHEMA_URL, "the schema")),
        },
    }
}

/// The pointer at the end of a URL inside the validator.
fn pointer_in(url: &str) -> String {
    let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
    percent_decoded(fragment)
}

/// Where the schema has a reference that leads back to itself.
fn endless_reference(error: &ValidationError<'_, '_>) -> Option<String> {
    match &error.kind {
        ErrorKind::RefCycle { kw_loc1, .. } => Some(pointer_in(kw_loc1)),
        _ => error.causes.iter().find_map(endless_reference),
    }
}

/// The violations below an error that are none of their own: `anyOf` and its like say more than
/// what each of their schemas misses.
fn collect(error: &ValidationError<'_, '_>, value: &Value, found: &mut Vec<Violation>) {
    let only_groups = matches!(
        error.kind,
        ErrorKind::Group
            | ErrorKind::Schema { .. }
            | ErrorKind::Reference { .. }
            | ErrorKind::ContentSchema
            | ErrorKind::AllOf
    );
    if only_groups && !error.causes.is_empty() {
        for cause in &error.causes {
            collect(cause, value, found);
        }
        return;
    }
    let pointer = error.instance_location.to_string();
    let at = value.pointer(&pointer).unwrap_or(&Value::Null);
    for what in words(&error.kind, at) {
        found.push(Violation {
            pointer: pointer.clone(),
            what: bounded(&what),
        });
    }
}

/// What is wrong with a value; several sentences for several missing properties.
fn words(kind: &ErrorKind<'_, '_>, value: &Value) -> Vec<String> {
    match kind {
        ErrorKind::Type { want, .. } => {
            let types: Vec<String> = want.iter().map(|want| format!("\"{want}\"")).collect();
            vec![format!("{value} is not of type {}", types.join(" or "))]
        }
        ErrorKind::Required { want } => want
            .iter()
            .map(|name| format!("{} is a required property", Value::from(*name)))
            .collect(),
        ErrorKind::Enum { want } => {
            let allowed: Vec<String> = want.iter().map(Value::to_string).collect();
            vec![format!("{value} is not one of {}", allowed.join(", "))]
        }
        ErrorKind::Const { want } => vec![format!("{value} is not {want}")],
        ErrorKind::FalseSchema => vec!["nothing is allowed here".to_owned()],
        ErrorKind::AnyOf => vec![format!("{value} matches no schema of anyOf")],
        ErrorKind::OneOf(None) => vec![format!("{value} matches no schema of oneOf")],
        ErrorKind::OneOf(Some(_)) => vec![format!("{value} matches several schemas of oneOf")],
        ErrorKind::Not => vec![format!("{value} matches the schema of not")],
        other => vec![other.to_string()],
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
pub(crate) fn percent_decoded(fragment: &str) -> String {
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

fn bounded(words: &str) -> String {
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
            assert_eq!(
                fault(&schema).what,
                "the reference leads back to itself",
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
