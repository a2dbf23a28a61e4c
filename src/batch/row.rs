//! A row of the input: its values, where it is from, and the key by which a later run finds it.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Where a row is in the input. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub file: Arc<PathBuf>,
    pub line: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.file.display(), self.line)
    }
}

/// A row as it was read, or why it cannot be used.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// From 0, over all files of the input.
    pub number: u64,
    pub place: Place,
    pub values: Result<Map<String, Value>, String>,
    pub digest: RowDigest,
}

/// The hash of what a row says, whatever the order of its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RowDigest(pub [u8; 16]);

/// Identifies a row across runs: what it says, how it is asked, and how many equal rows stand
/// before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowKey(pub u128);

impl RowDigest {
    /// Of the values.
    pub(crate) fn of(values: &Map<String, Value>) -> Self {
        let mut text = Vec::new();
        write_object(values, &mut text);
        Self::of_bytes(&text)
    }

    /// Of a row that cannot be read.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self(half(Sha256::digest(bytes).as_slice()))
    }
}

impl RowKey {
    /// `before` is the number of equal rows before it, `configuration` the hash of how it is asked.
    pub(crate) fn new(digest: RowDigest, configuration: &[u8], before: u64) -> Self {
        let mut hash = Sha256::new();
        hash.update(digest.0);
        hash.update(configuration);
        hash.update(before.to_be_bytes());
        Self(u128::from_be_bytes(half(hash.finalize().as_slice())))
    }

    /// As [`Display`](std::fmt::Display) writes it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let digits: &[u8; 32] = text.as_bytes().try_into().ok()?;
        let add = |number: u128, digit: &u8| {
            let digit = char::from(*digit).to_digit(16)?;
            Some((number << 4) | u128::from(digit))
        };
        digits.iter().try_fold(0, add).map(Self)
    }
}

impl std::fmt::Display for RowKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

/// The first 16 bytes of a hash.
fn half(hash: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    half
}

/// JSON without white space, its members sorted by name.
fn write_object(values: &Map<String, Value>, out: &mut Vec<u8>) {
    let mut members: Vec<(&String, &Value)> = values.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    out.push(b'{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_scalar(name, out);
        out.push(b':');
        write_value(value, out);
    }
    out.push(b'}');
}

fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(values) => write_object(values, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(item, out);
            }
            out.push(b']');
        }
        scalar => write_scalar(scalar, out),
    }
}

fn write_scalar(scalar: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    // Texts and numbers always have a form in JSON, and a buffer takes all of it.
    let _ = serde_json::to_writer(out, scalar);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn digest(value: Value) -> RowDigest {
        let Value::Object(values) = value else {
            panic!("an object was expected")
        };
        RowDigest::of(&values)
    }

    #[test]
    fn the_order_of_members_does_not_matter_and_everything_else_does() {
        let one = digest(json!({"a": 1, "b": {"c": [1, 2], "d": null}}));
        assert_eq!(one, digest(json!({"b": {"d": null, "c": [1, 2]}, "a": 1})));
        for other in [
            json!({"a": "1", "b": {"c": [1, 2], "d": null}}),
            json!({"a": 1, "b": {"c": [2, 1], "d": null}}),
            json!({"a": 1, "b": {"c": [1, 2]}}),
            json!({"a": 1}),
        ] {
            assert_ne!(one, digest(other.clone()), "{other}");
        }
    }

    #[test]
    fn a_key_depends_on_row_configuration_and_equal_rows_before() {
        let digest = digest(json!({"a": 1}));
        let key = RowKey::new(digest, b"x", 0);
        assert_eq!(key, RowKey::new(digest, b"x", 0));
        assert_ne!(key, RowKey::new(digest, b"x", 1));
        assert_ne!(key, RowKey::new(digest, b"y", 0));
        assert_eq!(RowKey::read(&key.to_string()), Some(key));
        assert_eq!(RowKey::read("+0000000000000000000000000000001"), None);
    }
}
