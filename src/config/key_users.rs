//! Which settings of config.yml refer to a stored key: it is neither deleted nor replaced while
//! another one does.

use std::path::PathBuf;

use serde_yaml::Value;

use super::file::ConfigFile;
use super::home::expanded;
use crate::secrets::Reference;

/// The place of a stored key.
#[derive(Debug, PartialEq, Eq)]
enum StoredAt {
    Keyring { service: String, user: String },
    File(PathBuf),
}

fn stored_at(reference: &str) -> Option<StoredAt> {
    match Reference::parse(reference).ok()? {
        Reference::Keyring { service, user } => Some(StoredAt::Keyring { service, user }),
        Reference::File(path) => Some(StoredAt::File(expanded(&path.to_string_lossy()))),
        _ => None,
    }
}

impl ConfigFile {
    /// The other profiles whose key is stored at the place that a reference names.
    pub(crate) fn others_with_key(&self, profile: &str, reference: &str) -> Vec<&str> {
        let Some(place) = stored_at(reference) else {
            return Vec::new();
        };
        let others = self.profiles.iter().filter(|(name, _)| *name != profile);
        others
            .filter(|(_, other)| {
                other.api_key.as_deref().and_then(stored_at).as_ref() == Some(&place)
            })
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// Whether a setting that is no key of a profile refers to that place, such as a mapping that
    /// profiles merge.
    pub(crate) fn is_key_used_elsewhere(&self, reference: &str) -> bool {
        let Some(place) = stored_at(reference) else {
            return false;
        };
        let root = self.meant().as_mapping();
        let mut outside = root
            .into_iter()
            .flatten()
            .filter(|(key, _)| *key != "llm_profiles");
        outside.any(|(_, value)| has_reference(value, &place))
    }
}

fn has_reference(value: &Value, place: &StoredAt) -> bool {
    match value {
        Value::String(text) => stored_at(text).as_ref() == Some(place),
        Value::Sequence(items) => items.iter().any(|item| has_reference(item, place)),
        Value::Mapping(entries) => entries.values().any(|item| has_reference(item, place)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_users_of_a_stored_key_are_found() {
        let text = "base: &base {api_key: keyring://amx/c/api_key}\nllm_profiles:\n  \
            a: {api_key: keyring://amx/a/api_key}\n  b: {api_key: keyring://amx/a/api_key}\n  \
            c: {<<: *base}\n  d: {api_key: 'file:/k/d'}\n  e: {api_key: 'file:/k/d'}\n  \
            f: {api_key: '${A}'}\n  g: {api_key: '${A}'}\n";
        let config = ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned()).unwrap();
        let others = |name: &str| {
            let reference = config.profiles[name].api_key.clone().unwrap_or_default();
            config.others_with_key(name, &reference)
        };
        assert_eq!((others("a"), others("d")), (vec!["b"], vec!["e"]));
        assert_eq!((others("c"), others("f")), (vec![], vec![]));
        assert!(config.is_key_used_elsewhere("keyring://amx/c/api_key"));
        assert!(!config.is_key_used_elsewhere("keyring://amx/a/api_key"));
    }
}
