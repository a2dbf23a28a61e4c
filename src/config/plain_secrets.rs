//! The secrets that config.yml has in plain text besides the keys and headers of profiles.

use serde_yaml::Value;

use super::{mcp_servers, telemetry};
use crate::wire::api_key::remember;
use crate::wire::key_forms::keys_in;

/// Hides what has the form of a key in names and values of a file. They may be written in another
/// way in its text: with escapes, or on several lines.
pub(super) fn remember_keys(value: &Value) {
    match value {
        Value::String(text) => keys_in(text).for_each(remember),
        Value::Sequence(items) => items.iter().for_each(remember_keys),
        Value::Mapping(fields) => fields.iter().for_each(|(name, value)| {
            remember_keys(name);
            remember_keys(value);
        }),
        Value::Tagged(tagged) => remember_keys(&tagged.value),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Those of every section: hidden wherever amx writes, and not in backups.
pub(super) fn of_sections(root: &Value) -> impl Iterator<Item = &str> {
    mcp_servers::plain_secrets(root).chain(telemetry::plain_secrets(root))
}
