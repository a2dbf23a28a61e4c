//! The secrets of a restored backup, which has none: those of the present configuration, where they
//! go to the same server as before.

use serde_yaml::Value;

use super::edit_text::Edit;
use super::file::ConfigFile;
use super::model_choice::provider_of;
use crate::secrets::reference::REMOVED_FROM_BACKUP;

/// Settings that decide where a secret of the same mapping goes.
const PLACES: &[&str] = &[
    "provider", "base_url", "url", "command", "args", "endpoint", "host",
];

/// The sections whose entries name their servers themselves.
const SECTIONS: &[&str] = &["mcp_servers", "mcpServers", "tools", "telemetry"];

/// The edits that fill in the secrets of a backup.
#[derive(Debug, Default)]
pub(super) struct RestoredSecrets {
    pub edits: Vec<Edit>,
    /// The settings that stay without their secrets.
    pub missing: Vec<String>,
}

/// Fills in the secrets of a backup. A setting whose secret is missing is removed, so that its
/// placeholder is sent nowhere; a key stays, since its placeholder is an error when it is used.
pub(super) fn secrets_of(restored: &ConfigFile, present: Option<&ConfigFile>) -> RestoredSecrets {
    let mut secrets = RestoredSecrets::default();
    if restored.text.contains(REMOVED_FROM_BACKUP) {
        let mut path = Vec::new();
        let pair = Pair { restored, present };
        pair.fill(restored.root(), &mut path, &mut secrets);
    }
    secrets
}

struct Pair<'a> {
    restored: &'a ConfigFile,
    present: Option<&'a ConfigFile>,
}

impl Pair<'_> {
    fn fill(&self, value: &Value, path: &mut Vec<String>, secrets: &mut RestoredSecrets) {
        for (key, value) in value.as_mapping().into_iter().flatten() {
            let Some(key) = key.as_str() else { continue };
            path.push(key.to_owned());
            match value {
                Value::Mapping(_) => self.fill(value, path, secrets),
                _ if has_placeholder(value) => self.fill_one(value, path, secrets),
                _ => {}
            }
            path.pop();
        }
    }

    fn fill_one(&self, value: &Value, path: &[String], secrets: &mut RestoredSecrets) {
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        let found = self
            .present
            .filter(|present| self.has_same_place(&keys, present));
        let found = found.and_then(|present| at(present.root(), &keys));
        if let Some(found) = found.filter(|found| is_filled(value, found)) {
            secrets.edits.push(Edit::set(&keys, found.clone()));
            return;
        }
        secrets.missing.push(path.join("."));
        let is_key = keys.last() == Some(&"api_key");
        if !is_key && value.as_str() == Some(REMOVED_FROM_BACKUP) {
            secrets.edits.push(Edit::remove(&keys));
        }
    }

    /// Whether a secret at that path goes to the same server in both configurations.
    fn has_same_place(&self, keys: &[&str], present: &ConfigFile) -> bool {
        let has_same_server = |name: &str| {
            let url = |config: &ConfigFile| Some(config.profiles.get(name)?.base_url.clone());
            let provider = |config: &ConfigFile| provider_of(name, config);
            url(self.restored) == url(present) && provider(self.restored) == provider(present)
        };
        match keys {
            ["llm_profiles", name, ..] => has_same_server(name),
            [section, ..] if SECTIONS.contains(section) => self.has_same_settings(keys, present),
            // A mapping that profiles and servers merge, or a value that they name.
            _ => {
                let mut profiles = self.restored.profiles.keys();
                profiles.all(|name| has_same_server(name))
                    && (keys.len() == 1 || self.has_same_servers(present))
            }
        }
    }

    /// Whether all mappings above a setting name the same server. A merge key names it too.
    fn has_same_settings(&self, keys: &[&str], present: &ConfigFile) -> bool {
        (1..keys.len()).all(|depth| {
            let restored = at(self.restored.meant(), &keys[..depth]);
            let present = at(present.meant(), &keys[..depth]);
            let mut places = PLACES.iter().filter(|place| keys.last() != Some(place));
            places.all(|place| {
                let setting = |value: Option<&Value>| value?.get(place).cloned();
                match (setting(restored), setting(present)) {
                    (Some(restored), Some(present)) => is_filled(&restored, &present),
                    (restored, present) => restored == present,
                }
            })
        })
    }

    /// Whether every server outside the profiles is the same.
    fn has_same_servers(&self, present: &ConfigFile) -> bool {
        SECTIONS.iter().all(|section| {
            let entries = self.restored.meant().get(section);
            let mut entries = entries.and_then(Value::as_mapping).into_iter().flatten();
            entries.all(|(name, _)| {
                let name = name.as_str().unwrap_or_default();
                self.has_same_settings(&[section, name, ""], present)
            })
        })
    }
}

fn at<'a>(root: &'a Value, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().try_fold(root, |value, key| value.get(key))
}

fn has_placeholder(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(REMOVED_FROM_BACKUP),
        Value::Sequence(items) => items.iter().any(has_placeholder),
        Value::Mapping(entries) => entries.values().any(has_placeholder),
        _ => false,
    }
}

/// Whether a value is another one with its secrets.
fn is_filled(value: &Value, filled: &Value) -> bool {
    match (value, filled) {
        (Value::String(text), Value::String(filled)) => {
            match text.split_once(REMOVED_FROM_BACKUP) {
                Some((before, after)) => {
                    let after = after.rsplit(REMOVED_FROM_BACKUP).next().unwrap_or(after);
                    filled.starts_with(before)
                        && filled.ends_with(after)
                        && !filled.contains(REMOVED_FROM_BACKUP)
                }
                None => text == filled,
            }
        }
        (Value::Sequence(items), Value::Sequence(filled)) => {
            let mut pairs = std::iter::zip(items, filled);
            items.len() == filled.len() && pairs.all(|(item, filled)| is_filled(item, filled))
        }
        _ => value == filled,
    }
}
