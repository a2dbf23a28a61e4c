//! Edits of YAML text that keep comments, order and the settings of other programs.

use std::str::FromStr;

use serde_yaml::Value;
use yaml_edit::{Document, Mapping, YamlFile};

use super::error::ConfigError;
use super::file::ConfigFile;

/// One change of the setting at a path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Edit {
    Set {
        path: Vec<String>,
        value: Value,
    },
    Remove {
        path: Vec<String>,
    },
    Rename {
        path: Vec<String>,
        to: String,
    },
    /// Sets a setting of one of the mappings of a top-level list.
    SetInList {
        list: String,
        index: usize,
        key: String,
        value: Value,
    },
}

impl Edit {
    pub(crate) fn set(path: &[&str], value: impl Into<Value>) -> Self {
        Self::Set {
            path: owned(path),
            value: value.into(),
        }
    }

    pub(crate) fn remove(path: &[&str]) -> Self {
        Self::Remove { path: owned(path) }
    }

    /// The setting that a value is set for.
    pub(super) fn set_path(&self) -> Option<String> {
        match self {
            Self::Set { path, .. } => Some(path.join(".")),
            _ => None,
        }
    }

    pub(crate) fn rename(path: &[&str], to: &str) -> Self {
        Self::Rename {
            path: owned(path),
            to: to.to_owned(),
        }
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|key| (*key).to_owned()).collect()
}

/// The text after the edits.
///
/// # Errors
/// Something else in the file would change.
pub(super) fn apply(current: &ConfigFile, edits: &[Edit]) -> Result<String, ConfigError> {
    let unsafe_edit = || ConfigError::EditUnsafe {
        path: current.path.clone(),
    };
    let file = YamlFile::from_str(&current.text).map_err(|_| unsafe_edit())?;
    let mut expected = match current.root() {
        Value::Null => Value::Mapping(serde_yaml::Mapping::new()),
        root => root.clone(),
    };
    let document = file.ensure_document();
    if document.as_mapping().is_none() {
        // Only comments so far: the mapping starts below them.
        let text = format!(
            "{}{}",
            with_final_newline(&current.text),
            render_first(edits)
        );
        apply_to_value(&mut expected, edits);
        return if reads_as(&text, &expected) {
            Ok(text)
        } else {
            Err(unsafe_edit())
        };
    }
    let root = document.as_mapping().ok_or_else(unsafe_edit)?;
    for edit in edits {
        apply_to_text(&root, edit).ok_or_else(unsafe_edit)?;
    }
    apply_to_value(&mut expected, edits);
    let text = with_final_newline(&file.to_string());
    if reads_as(&text, &expected) {
        Ok(text)
    } else {
        Err(unsafe_edit())
    }
}

fn reads_as(text: &str, expected: &Value) -> bool {
    serde_yaml::from_str::<Value>(text).is_ok_and(|read| {
        read == *expected
            || (read.is_null()
                && expected
                    .as_mapping()
                    .is_some_and(serde_yaml::Mapping::is_empty))
    })
}

fn with_final_newline(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') {
        text.to_owned()
    } else {
        format!("{text}\n")
    }
}

/// A document of the edits, for a file without a mapping.
fn render_first(edits: &[Edit]) -> String {
    let mut value = Value::Mapping(serde_yaml::Mapping::new());
    apply_to_value(&mut value, edits);
    serde_yaml::to_string(&value).unwrap_or_default()
}

fn apply_to_value(root: &mut Value, edits: &[Edit]) {
    for edit in edits {
        let (path, is_set) = match edit {
            Edit::Set { path, .. } => (path, true),
            Edit::Remove { path } | Edit::Rename { path, .. } => (path, false),
            Edit::SetInList {
                list,
                index,
                key,
                value,
            } => {
                let item = root
                    .get_mut(list.as_str())
                    .and_then(|list| list.get_mut(*index));
                if let Some(item) = item.and_then(Value::as_mapping_mut) {
                    item.insert(Value::from(key.as_str()), value.clone());
                }
                continue;
            }
        };
        let Some((last, parents)) = path.split_last() else {
            continue;
        };
        let Some(mapping) = descend_value(root, parents, is_set) else {
            continue;
        };
        match edit {
            Edit::Set { value, .. } => {
                mapping.insert(Value::from(last.as_str()), value.clone());
            }
            Edit::Remove { .. } => {
                mapping.shift_remove(last.as_str());
            }
            Edit::Rename { to, .. } => {
                let entries = std::mem::take(mapping).into_iter();
                *mapping = entries
                    .map(|(key, value)| {
                        (
                            if key.as_str() == Some(last) {
                                Value::from(to.as_str())
                            } else {
                                key
                            },
                            value,
                        )
                    })
                    .collect();
            }
            Edit::SetInList { .. } => {}
        }
    }
}

fn descend_value<'a>(
    mut value: &'a mut Value,
    parents: &[String],
    create: bool,
) -> Option<&'a mut serde_yaml::Mapping> {
    for key in parents {
        let mapping = value.as_mapping_mut()?;
        if create && !mapping.get(key.as_str()).is_some_and(Value::is_mapping) {
            mapping.insert(
                Value::from(key.as_str()),
                Value::Mapping(serde_yaml::Mapping::new()),
            );
        }
        value = mapping.get_mut(key.as_str())?;
    }
    value.as_mapping_mut()
}

fn apply_to_text(root: &Mapping, edit: &Edit) -> Option<()> {
    match edit {
        Edit::Set { path, value } => set(root, path, value),
        Edit::Remove { path } => {
            let (last, parents) = path.split_last()?;
            if let Some(mapping) = descend(root, parents) {
                mapping.remove(last.as_str());
            }
            Some(())
        }
        Edit::Rename { path, to } => {
            let (last, parents) = path.split_last()?;
            descend(root, parents)?
                .rename_key(last.as_str(), to.as_str())
                .then_some(())
        }
        Edit::SetInList {
            list,
            index,
            key,
            value,
        } => {
            let item = root.get_sequence(list.as_str())?.get(*index)?;
            put(item.as_mapping()?, key, value)
        }
    }
}

fn descend(root: &Mapping, parents: &[String]) -> Option<Mapping> {
    parents.iter().try_fold(root.clone(), |mapping, key| {
        mapping.get_mapping(key.as_str())
    })
}

fn set(root: &Mapping, path: &[String], value: &Value) -> Option<()> {
    let (last, parents) = path.split_last()?;
    let mut mapping = root.clone();
    for key in parents {
        if mapping.get_mapping(key.as_str()).is_none() {
            mapping.set(key.as_str(), Mapping::new_pending_block());
        }
        mapping = mapping.get_mapping(key.as_str())?;
    }
    put(&mapping, last, value)
}

fn put(mapping: &Mapping, key: &str, value: &Value) -> Option<()> {
    let rendered = serde_yaml::to_string(value).ok()?;
    let document = Document::from_str(&rendered).ok()?;
    if let Some(node) = document.as_mapping() {
        mapping.set(key, node);
    } else if let Some(node) = document.as_sequence() {
        mapping.set(key, node);
    } else {
        mapping.set(key, document.as_scalar()?);
    }
    Some(())
}
