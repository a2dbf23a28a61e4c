//! Dotted names of fields inside objects: `provider.sort` is `sort` in `provider`.

use serde_json::{Map, Value};

/// The value of that name.
pub(crate) fn get<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut parts = name.split('.');
    let first = body.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.as_object()?.get(part))
}

/// Inserts a value; `false` when a part of the name is already a plain value.
#[must_use]
pub(crate) fn insert(body: &mut Map<String, Value>, name: &str, value: Value) -> bool {
    let Some((field, rest)) = name.split_once('.') else {
        body.insert(name.to_owned(), value);
        return true;
    };
    let inner = body
        .entry(field.to_owned())
        .or_insert_with(|| Value::Object(Map::new()));
    inner
        .as_object_mut()
        .is_some_and(|inner| insert(inner, rest, value))
}

/// Removes a value, and the objects that become empty.
pub(crate) fn remove(body: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let Some((field, rest)) = name.split_once('.') else {
        return body.shift_remove(name);
    };
    let inner = body.get_mut(field)?.as_object_mut()?;
    let removed = remove(inner, rest)?;
    if inner.is_empty() {
        body.shift_remove(field);
    }
    Some(removed)
}

/// Whether one of the names is a part of the other, or both are the same.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    begins(one, other) || begins(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dotted_names_reach_into_objects() {
        let mut body = Map::new();
        assert!(insert(&mut body, "a.b.c", json!(1)) && insert(&mut body, "a.d", json!(2)));
        assert!(!insert(&mut body, "a.d.e", json!(3)));
        assert_eq!(
            Value::Object(body.clone()),
            json!({"a": {"b": {"c": 1}, "d": 2}})
        );
        assert_eq!(
            (
                get(&body, "a.b.c"),
                get(&body, "a.b.x"),
                get(&body, "a.d.x")
            ),
            (Some(&json!(1)), None, None)
        );
        assert_eq!(remove(&mut body, "a.b.c"), Some(json!(1)));
        assert_eq!(Value::Object(body.clone()), json!({"a": {"d": 2}}));
        assert_eq!(
            (remove(&mut body, "a.d"), body.is_empty()),
            (Some(json!(2)), true)
        );
    }

    #[test]
    fn a_name_overlaps_with_its_own_parts_only() {
        assert!(
            overlap("provider", "provider.sort")
                && overlap("provider.sort", "provider")
                && overlap("seed", "seed")
        );
        assert!(!overlap("provider", "providers") && !overlap("provider.sort", "provider.only"));
    }
}
