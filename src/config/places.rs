//! Errors of YAML files: file, line and column, and the path of the setting.

use std::path::Path;

use serde_path_to_error::Segment;

use super::error::{ConfigError, Position};
use super::locate;
use super::profile_faults::with_path;
use super::serde_words::plain;
use crate::wire::redact::cut;

/// An error of serde with the path of the setting it is about.
pub(super) type YamlError = serde_path_to_error::Error<serde_yaml::Error>;

/// Longest message shown, in characters.
const LONGEST: usize = 200;

/// How errors about a value start that would be a text in quotation marks.
const SCALARS: &[&str] = &[
    "invalid type: boolean",
    "invalid type: integer",
    "invalid type: floating point",
];

/// The error of a file that was read as a whole.
pub(super) fn in_file(path: &Path, text: &str, error: &YamlError) -> ConfigError {
    in_value(path, text, &[], error)
}

/// The error of a value of the file, which is at the path `above`.
pub(super) fn in_value(
    path: &Path,
    text: &str,
    above: &[String],
    error: &YamlError,
) -> ConfigError {
    let mut keys: Vec<&str> = above.iter().map(String::as_str).collect();
    let mut item = None;
    for segment in error.path() {
        match segment {
            Segment::Map { key } if item.is_none() => keys.push(key),
            Segment::Map { key } => {
                item = item.map(|(index, _)| (index, key.as_str()));
                break;
            }
            Segment::Seq { index } => item = Some((*index, "")),
            Segment::Enum { .. } | Segment::Unknown => break,
        }
    }
    let what = message(error);
    let by_parser = error.inner().location().map(|location| Position {
        line: location.line(),
        column: location.column(),
    });
    let duplicate = what
        .split_once("duplicate entry with key \"")
        .and_then(|(_, rest)| rest.split_once('"'));
    // The parser gives the place of the mapping around a value.
    let position = match (duplicate, item) {
        (Some((key, _)), _) => locate::position_of_second(text, &keys, key),
        (None, Some((index, key))) if keys.len() == 1 => {
            locate::position_in_list(text, keys[0], index, key)
        }
        _ if keys.is_empty() => None,
        _ => locate::position_of_value(text, &keys),
    };
    let setting = above
        .iter()
        .cloned()
        .chain(Some(error.path().to_string()).filter(|path| path != "."))
        .collect::<Vec<_>>()
        .join(".");
    let what = if setting.is_empty() {
        what
    } else {
        with_path(&setting, &what)
    };
    invalid(path, position.or(by_parser), cut(&what, LONGEST))
}

/// What is wrong, without the path in front of it and the place behind it.
fn message(error: &YamlError) -> String {
    let message = error.inner().to_string();
    let what = message.split(" at line ").next().unwrap_or(&message);
    // The parser puts the path of the value, or of the mapping around it, in front.
    let path = error.path().to_string();
    let is_path = |text: &str| {
        path.strip_prefix(text)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let what = what
        .split_once(": ")
        .filter(|(before, _)| is_path(before))
        .map_or(what, |(_, what)| what);
    if what.ends_with("expected a string") && SCALARS.iter().any(|kind| what.starts_with(kind)) {
        return format!("{}; quote it", plain(what));
    }
    plain(what)
}

pub(super) fn invalid(path: &Path, position: Option<Position>, what: String) -> ConfigError {
    ConfigError::Invalid {
        path: path.to_owned(),
        position,
        what,
        hint: None,
    }
}
