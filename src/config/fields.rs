//! Reads the settings of a mapping by hand, where serde could not say what is wrong, and where.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_yaml::{Mapping, Value};

use super::error::ConfigError;
use super::locate;
use super::places::invalid;
use super::profile_faults::with_path;

use crate::present::duration;
use crate::wire::control_characters::visible_name;

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FieldFault {
    pub path: Vec<String>,
    /// Goes after the path.
    pub what: String,
    /// Whether the place is the last key of the path, not its value.
    pub is_about_key: bool,
}

impl FieldFault {
    /// The error of a file with this text, and the place.
    pub(super) fn in_file(&self, file: &Path, text: &str) -> ConfigError {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let position = if self.is_about_key {
            locate::position_of_key(text, &path)
        } else {
            locate::position_of(text, &path)
        };
        let what = with_path(&visible_name(&path.join(".")), &self.what);
        invalid(file, position, what)
    }
}

/// A mapping, and the keys above it.
pub(super) struct Fields<'a> {
    pub path: Vec<String>,
    pub entries: &'a Mapping,
}

impl Fields<'_> {
    pub(super) fn path_of(&self, key: &str) -> Vec<String> {
        self.path.iter().cloned().chain([key.to_owned()]).collect()
    }

    pub(super) fn fault(&self, key: &str, what: impl Into<String>) -> FieldFault {
        fault(self.path_of(key), what)
    }

    /// A setting; one without a value is not set.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key).filter(|value| !value.is_null())
    }

    /// An error for the first of these settings that is given.
    pub(super) fn refuse(&self, keys: &[&str], what: &str) -> Result<(), FieldFault> {
        match keys.iter().find(|key| self.get(key).is_some()) {
            Some(key) => Err(self.fault(key, what).about_key()),
            None => Ok(()),
        }
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>, FieldFault> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Err(self.fault(key, "is empty")),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.fault(key, "must be text; quote it")),
        }
    }

    pub(super) fn boolean(&self, key: &str) -> Result<Option<bool>, FieldFault> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let boolean = value.as_bool().map(Some);
        boolean.ok_or_else(|| self.fault(key, "must be true or false"))
    }

    pub(super) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, FieldFault> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let texts = value.as_sequence().and_then(|items| {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>()
        });
        texts
            .map(Some)
            .ok_or_else(|| self.fault(key, "must be a list of texts; quote numbers"))
    }

    pub(super) fn map(&self, key: &str) -> Result<BTreeMap<String, String>, FieldFault> {
        let entries = match self.get(key) {
            None => return Ok(BTreeMap::new()),
            Some(Value::Mapping(entries)) => entries,
            Some(_) => return Err(self.fault(key, "must be a mapping of names to texts")),
        };
        let mut map = BTreeMap::new();
        for (name, value) in entries {
            let name = name.as_str().unwrap_or_default();
            let Some(text) = value.as_str() else {
                let mut path = self.path_of(key);
                path.push(name.to_owned());
                return Err(fault(path, "must be text; quote it"));
            };
            map.insert(name.to_owned(), text.to_owned());
        }
        Ok(map)
    }

    pub(super) fn duration(&self, key: &str) -> Result<Option<Duration>, FieldFault> {
        let text = match self.get(key) {
            None => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => String::new(),
        };
        match duration::parse(&text) {
            Ok(duration) => Ok(Some(duration)),
            Err(why) => Err(self.fault(key, why)),
        }
    }
}

pub(super) fn fault(path: Vec<String>, what: impl Into<String>) -> FieldFault {
    FieldFault {
        path,
        what: what.into(),
        is_about_key: false,
    }
}

impl FieldFault {
    pub(super) fn about_key(self) -> Self {
        Self {
            is_about_key: true,
            ..self
        }
    }
}
