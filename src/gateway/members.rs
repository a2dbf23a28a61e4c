//! The members of a whole answer that are read, whatever its route. The others are skipped, as
//! an answer may be long.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Members of the outermost object, each as it is written. None of them is there where the answer
/// is not a JSON object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Members<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    model: Option<&'a RawValue>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

impl<'a> Members<'a> {
    pub(super) fn of(body: &'a [u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    pub(super) fn id(&self) -> Option<String> {
        read(self.id)
    }

    pub(super) fn model(&self) -> Option<String> {
        read(self.model)
    }

    /// The usage object; `null` where there is none.
    pub(super) fn usage(&self) -> serde_json::Value {
        read(self.usage).unwrap_or_default()
    }

    pub(super) fn error(&self) -> Option<serde_json::Value> {
        read(self.error)
    }
}

/// A member of another type than expected counts as absent.
fn read<T: DeserializeOwned>(value: Option<&RawValue>) -> Option<T> {
    serde_json::from_str(value?.get()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn only_the_outermost_members_count() {
        let body = br#" {"choices": [{"id": "inner", "text": "\"usage\":1"}, {"usage": 2}],
            "id": "gen-1", "\u0075sage": {"cost": 0.5}, "error": null} "#;
        let members = Members::of(body);
        assert_eq!(members.id(), Some("gen-1".to_owned()));
        assert_eq!(members.model(), None);
        assert_eq!(members.usage(), json!({"cost": 0.5}));
        assert_eq!(members.error(), None);
    }

    #[test]
    fn a_member_of_another_type_hides_no_other() {
        let members = Members::of(br#"{"id": 7, "model": ["m"], "usage": {"total_tokens": 3}}"#);
        assert_eq!((members.id(), members.model()), (None, None));
        assert_eq!(members.usage()["total_tokens"], 3);
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for body in ["", "[1]", "{", "null", "{\"usage\":{}", "\"id\""] {
            let members = Members::of(body.as_bytes());
            assert_eq!(members.usage(), Value::Null, "{body}");
        }
    }
}
