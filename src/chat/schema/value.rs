//! Validates values that are no answers, such as the arguments of a tool, and their schemas.

use serde_json::Value;

use super::check::{Checker, SchemaFault, Violation};

/// What is wrong with a schema.
pub(crate) fn fault_of(schema: &Value) -> Option<SchemaFault> {
    Checker::new(schema).err()
}

/// The first violations of a value.
///
/// # Errors
/// What is wrong with the schema.
pub(crate) fn violations_of(schema: &Value, value: &Value) -> Result<Vec<Violation>, SchemaFault> {
    Ok(Checker::new(schema)?.violations(value))
}
