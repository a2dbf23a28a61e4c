//! JSON in one form for each value, and its SHA-256: what two texts are compared by.

use std::fmt::Write;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The value without white space, and with the members of objects in the order of their names.
pub(crate) fn json(value: &Value) -> String {
    sorted(value).to_string()
}

/// SHA-256 in 64 hexadecimal digits.
pub(crate) fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .fold(String::with_capacity(64), |mut digits, byte| {
            // Writing to a string does not fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        })
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            let member = |name: &String| (name.clone(), sorted(&members[name]));
            Value::Object(names.into_iter().map(member).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as value;

    #[test]
    fn members_are_sorted_at_every_depth_and_items_stay() {
        let one = value!({"b": [{"z": 1, "a": null}, 2], "a": {"y": "é", "x": 0.5}});
        let text = r#"{"a":{"x":0.5,"y":"é"},"b":[{"a":null,"z":1},2]}"#;
        assert_eq!(json(&one), text);
        assert_eq!(json(&serde_json::from_str(text).unwrap()), text);
    }

    #[test]
    fn a_hash_is_that_of_sha256sum() {
        assert_eq!(
            sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
