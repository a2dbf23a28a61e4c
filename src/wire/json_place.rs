//! The value at a place of a JSON value.

use serde_json::Value;

/// The value at a JSON pointer of names without escapes, such as `/usage/cost`. The pointers of
/// the tables are of that kind, and [`Value::pointer`] copies every name of one twice.
pub(crate) fn value_at<'a>(value: &'a Value, place: &str) -> Option<&'a Value> {
    let mut names = place.split('/').skip(1);
    names.try_fold(value, |value, name| value.get(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_is_found_as_by_a_pointer() {
        let value = json!({"a": {"b": 1, "": 2}, "c": [3], "d": "text"});
        for place in ["/a", "/a/b", "/a/", "/b", "/a/b/c", "/c/x", "/d/x", ""] {
            assert_eq!(value_at(&value, place), value.pointer(place), "{place}");
        }
    }
}
