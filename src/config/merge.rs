//! The merge keys of YAML: `<<: *common`, as every loader of YAML 1.1 reads them.

use serde_yaml::{Mapping, Value};

/// The key whose value is merged into the mapping around it.
pub(super) const KEY: &str = "<<";

/// Where a merge key has a value that cannot be merged: the keys above it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MergeFault {
    pub path: Vec<String>,
}

/// A value with its merge keys replaced by what they name. Settings that a mapping has itself win
/// over merged ones; of a list, the first mapping wins.
pub(super) fn merged(value: &Value) -> Result<Value, MergeFault> {
    resolve(value.clone(), &mut Vec::new())
}

/// Whether a mapping has a setting from a mapping that it merges, whatever it sets itself.
pub(crate) fn is_inherited(entries: &Mapping, key: &str) -> bool {
    let merge_key = Value::from(KEY);
    let only_merge = entries.get(KEY).map(|merge| (merge_key, merge.clone()));
    let only_merge: Mapping = only_merge.into_iter().collect();
    merged(&Value::Mapping(only_merge)).is_ok_and(|merged| {
        merged
            .get(key)
            .is_some_and(|inherited| !inherited.is_null())
    })
}

fn resolve(value: Value, path: &mut Vec<String>) -> Result<Value, MergeFault> {
    match value {
        Value::Mapping(entries) => resolve_mapping(entries, path).map(Value::Mapping),
        Value::Sequence(items) => items
            .into_iter()
            .map(|item| resolve(item, path))
            .collect::<Result<_, _>>()
            .map(Value::Sequence),
        other => Ok(other),
    }
}

fn resolve_mapping(mut entries: Mapping, path: &mut Vec<String>) -> Result<Mapping, MergeFault> {
    let merge = entries.shift_remove(KEY);
    let mut own = Mapping::with_capacity(entries.len());
    for (key, value) in entries {
        path.push(key.as_str().unwrap_or_default().to_owned());
        own.insert(key, resolve(value, path)?);
        path.pop();
    }
    let sources = match merge {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Sequence(sources)) => sources,
        Some(source) => vec![source],
    };
    path.push(KEY.to_owned());
    for source in sources {
        let Value::Mapping(source) = resolve(source, path)? else {
            return Err(MergeFault { path: path.clone() });
        };
        for (key, value) in source {
            own.entry(key).or_insert(value);
        }
    }
    path.pop();
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn merge_keys_are_replaced_by_what_they_name() {
        for (text, expected) in [
            (
                "c: &c {a: 1, b: 2}\nd: {<<: *c, b: 3}",
                "{c: {a: 1, b: 2}, d: {b: 3, a: 1}}",
            ),
            (
                "c: &c {a: 1}\nd: &d {a: 2, b: 2}\ne: {<<: [*c, *d]}",
                "{c: {a: 1}, d: {a: 2, b: 2}, e: {a: 1, b: 2}}",
            ),
            (
                "c: &c {a: 1}\nd: &d {<<: *c, b: 2}\ne: {<<: *d}",
                "{c: {a: 1}, d: {b: 2, a: 1}, e: {b: 2, a: 1}}",
            ),
            ("d: [{<<: {a: 1}, b: 2}]", "{d: [{b: 2, a: 1}]}"),
            ("d: {<<: , b: 2}", "{d: {b: 2}}"),
            ("d: {<<: [], b: 2}", "{d: {b: 2}}"),
        ] {
            assert_eq!(merged(&read(text)).unwrap(), read(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_merged_is_an_error_with_its_path() {
        for text in ["a: {b: {<<: x}}", "a: {b: {<<: [[{}]]}}", "a: {b: {<<: 1}}"] {
            let fault = merged(&read(text)).unwrap_err();
            assert_eq!(fault.path, ["a", "b", "<<"], "{text}");
        }
    }
}
