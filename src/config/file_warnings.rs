//! Probable mistakes in config.yml: unknown settings and misplaced ones.

use serde_yaml::Value;

use super::file::{ConfigFile, SCHEMA_VERSION};
use super::file_checks::{MISPLACED, TOP_LEVEL_KEYS};
use super::locate::LocatedText;
use super::warnings::Warnings;
use super::{options, profile};
use crate::catalog::nearest::{closest, typo_of};
use crate::wire::redact::cut;

/// Longest name of an unknown setting that is shown, in characters.
const LONGEST_KEY: usize = 80;

impl ConfigFile {
    /// Probable mistakes, each with its place.
    pub(super) fn collect_warnings(&self, schema_version: Option<u64>) -> Vec<String> {
        let mut warnings = Warnings::about(&self.text);
        if schema_version.is_some_and(|version| version > SCHEMA_VERSION) {
            warnings.add(|_| {
                format!(
                    "{} was written by a newer amx: it can be read, but not edited",
                    self.path.display()
                )
            });
        }
        for key in self
            .meant()
            .as_mapping()
            .into_iter()
            .flatten()
            .filter_map(|(key, _)| key.as_str())
        {
            if TOP_LEVEL_KEYS.contains(&key) {
                continue;
            }
            // Settings of other programs get no warning; a typo or a setting of ours does.
            if profile::KEYS.contains(&key) {
                warnings.add(|file| {
                    let line = line_of(file, &[key]);
                    format!("{}{line}: {key} {MISPLACED}", self.path.display())
                });
            } else if let Some(meant) = typo_of(key, TOP_LEVEL_KEYS.iter().copied()) {
                warnings.add(|file| self.unknown_setting(file, &[key], &[meant]));
            }
        }
        self.warn_about_tools(&mut warnings);
        self.warn_about_servers(&mut warnings);
        self.warn_about_telemetry(&mut warnings);
        for (name, profile) in &self.profiles {
            self.warn_about_profile(name, &mut warnings);
            for (field, meant) in profile.openrouter.iter().flat_map(options::check::typos) {
                let path = ["llm_profiles", name, "openrouter", field];
                warnings.add(|file| self.unknown_setting(file, &path, &[meant]));
            }
        }
        warnings.into_texts(&self.path)
    }

    fn warn_about_profile(&self, name: &str, warnings: &mut Warnings<'_>) {
        let Some(Value::Mapping(entries)) = self
            .meant()
            .get("llm_profiles")
            .and_then(|profiles| profiles.get(name))
        else {
            return;
        };
        for (key, value) in entries {
            let Some(key) = key.as_str() else { continue };
            if !profile::KEYS.contains(&key) {
                let path = ["llm_profiles", name, key];
                warnings.add(|file| self.unknown_setting(file, &path, profile::KEYS));
            }
            let Some((_, nested)) = profile::NESTED_KEYS
                .iter()
                .find(|(parent, _)| *parent == key)
            else {
                continue;
            };
            for inner in value
                .as_mapping()
                .into_iter()
                .flatten()
                .filter_map(|(inner, _)| inner.as_str())
            {
                if !nested.contains(&inner) {
                    let path = ["llm_profiles", name, key, inner];
                    warnings.add(|file| self.unknown_setting(file, &path, nested));
                }
            }
        }
    }

    pub(super) fn unknown_setting(
        &self,
        file: &LocatedText<'_>,
        path: &[&str],
        known: &[&'static str],
    ) -> String {
        let key = path.last().copied().unwrap_or_default();
        let line = line_of(file, path);
        let suggestion = closest(key, known.iter().copied())
            .map_or_else(String::new, |name| format!("; did you mean '{name}'?"));
        format!(
            "{}{line}: unknown setting '{}'{suggestion}",
            self.path.display(),
            cut(key, LONGEST_KEY).escape_debug()
        )
    }
}

/// The line of a key behind the name of the file: `:3`.
pub(super) fn line_of(file: &LocatedText<'_>, path: &[&str]) -> String {
    file.position_of_key(path)
        .map_or_else(String::new, |position| format!(":{}", position.line))
}
