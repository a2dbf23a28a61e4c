//! Line and column of a setting in a YAML text, for errors.

use std::cell::OnceCell;
use std::str::FromStr;

use yaml_edit::{AnchorRegistry, Document, Mapping, MappingEntry, YamlFile, YamlNode};

use super::error::Position;
use super::merge;

/// The part of an entry whose place is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Key,
    Value,
    /// The value when it is on the line of its key, else the key.
    Entry,
}

/// The place of the entry at `path`, or of the deepest part of the path that exists.
pub(super) fn position_of(text: &str, path: &[&str]) -> Option<Position> {
    find(text, path, Part::Entry)
}

/// The place of a key's value in an item of a top-level list; the place of the list, if the item or
/// the key is not found.
pub(super) fn position_in_list(
    text: &str,
    list: &str,
    index: usize,
    key: &str,
) -> Option<Position> {
    let in_item = || {
        let file = YamlFile::from_str(text).ok()?;
        let item = file
            .document()?
            .as_mapping()?
            .get_sequence(list)?
            .get(index)?;
        let value = item.as_mapping()?.find_entry_by_key(key)?.value_node()?;
        Some(position_at(text, value.byte_range().start as usize))
    };
    in_item().or_else(|| position_of(text, &[list]))
}

/// The place of the value at `path`, also when it is below its key.
pub(super) fn position_of_value(text: &str, path: &[&str]) -> Option<Position> {
    find(text, path, Part::Value)
}

/// The place of the key at the end of `path`, or of the deepest part of the path that exists.
pub(super) fn position_of_key(text: &str, path: &[&str]) -> Option<Position> {
    find(text, path, Part::Key)
}

/// A text whose keys are located, which is parsed when the first of them is.
pub(super) struct LocatedText<'a> {
    text: &'a str,
    document: OnceCell<Option<Document>>,
}

impl<'a> LocatedText<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            document: OnceCell::new(),
        }
    }

    /// The place of the key at the end of `path`, as [`position_of_key`].
    pub(super) fn position_of_key(&self, path: &[&str]) -> Option<Position> {
        let document = self.document.get_or_init(|| document(self.text));
        find_in(document.as_ref()?, self.text, path, Part::Key)
    }
}

/// The place of the second of two equal keys in the mapping at `path`.
pub(super) fn position_of_second(text: &str, path: &[&str], key: &str) -> Option<Position> {
    let file = YamlFile::from_str(text).ok()?;
    let root: Mapping = file.document()?.as_mapping()?;
    let mapping = path
        .iter()
        .try_fold(root, |mapping, key| mapping.get_mapping(*key))?;
    let second = mapping.find_all_entries_by_key(key).nth(1)?;
    Some(position_at(
        text,
        second.key_node()?.byte_range().start as usize,
    ))
}

fn document(text: &str) -> Option<Document> {
    YamlFile::from_str(text).ok()?.document()
}

fn find(text: &str, path: &[&str], part: Part) -> Option<Position> {
    find_in(&document(text)?, text, path, part)
}

fn find_in(document: &Document, text: &str, path: &[&str], part: Part) -> Option<Position> {
    let mut mapping: Mapping = document.as_mapping()?;
    let mut found = None;
    for (depth, key) in path.iter().enumerate() {
        let Some(entry) = entry_of(document, &mapping, key, MOST_MERGES) else {
            break;
        };
        let value = entry.value_node();
        let offset = |node: &yaml_edit::YamlNode| node.byte_range().start as usize;
        let (key_at, value_at) = (
            entry.key_node().as_ref().map(offset),
            value.as_ref().map(offset),
        );
        // A block starts on a line of its own; the reader looks for its key.
        let is_beside =
            matches!((key_at, value_at), (Some(from), Some(to)) if !text[from..to].contains('\n'));
        found = match part {
            Part::Key => key_at,
            Part::Value => value_at.or(key_at),
            Part::Entry => {
                if is_beside {
                    value_at
                } else {
                    key_at
                }
            }
        }
        .or(found);
        match value.and_then(|value| mappings_of(document, &value).into_iter().next()) {
            Some(deeper) if depth + 1 < path.len() => mapping = deeper,
            _ => break,
        }
    }
    found.map(|offset| position_at(text, offset))
}

/// Most merge keys that are followed one into the other.
const MOST_MERGES: usize = 16;

/// The entry of a key in a mapping, or in those that it merges.
fn entry_of(
    document: &Document,
    mapping: &Mapping,
    key: &str,
    most: usize,
) -> Option<MappingEntry> {
    mapping.find_entry_by_key(key).or_else(|| {
        let merge = mapping.find_entry_by_key(merge::KEY)?.value_node()?;
        let deeper = most.checked_sub(1)?;
        mappings_of(document, &merge)
            .iter()
            .find_map(|merged| entry_of(document, merged, key, deeper))
    })
}

/// The mappings that a node is, names or lists.
fn mappings_of(document: &Document, node: &YamlNode) -> Vec<Mapping> {
    match node {
        YamlNode::Mapping(mapping) => vec![mapping.clone()],
        YamlNode::Sequence(items) => items
            .values()
            .flat_map(|item| match item {
                YamlNode::Sequence(_) => Vec::new(),
                item => mappings_of(document, &item),
            })
            .collect(),
        YamlNode::Alias(alias) => AnchorRegistry::from_document(document)
            .resolve(&alias.name())
            .and_then(|node| YamlNode::from_syntax(node.clone())?.as_mapping().cloned())
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// Line and column of a byte offset.
pub(super) fn position_at(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# é comment\nllm_profiles:\n  a: {model: x, temperature: 3}\n  b:\n    model: y\n    price:\n      input: -1\n";

    #[test]
    fn values_and_keys_are_found_in_block_and_flow_style() {
        assert_eq!(
            position_of(TEXT, &["llm_profiles", "a", "temperature"]),
            Some(Position {
                line: 3,
                column: 30
            })
        );
        assert_eq!(
            position_of_key(TEXT, &["llm_profiles", "a", "temperature"]),
            Some(Position {
                line: 3,
                column: 17
            })
        );
        assert_eq!(
            position_of(TEXT, &["llm_profiles", "b", "price", "input"]),
            Some(Position {
                line: 7,
                column: 14
            })
        );
    }

    #[test]
    fn keys_of_items_of_a_list_are_found() {
        let text = "list:\n- {a: 1}\n- a: 2\n  b: 'three'\n";
        assert_eq!(
            position_in_list(text, "list", 0, "a"),
            Some(Position { line: 2, column: 7 })
        );
        assert_eq!(
            position_in_list(text, "list", 1, "b"),
            Some(Position { line: 4, column: 6 })
        );
        assert_eq!(
            position_in_list(text, "list", 9, "b"),
            Some(Position { line: 1, column: 1 })
        );
    }

    #[test]
    fn merged_settings_have_the_place_where_they_are_written() {
        let text = "a: &a\n  x: 1\nb: &b {y: 2}\nc:\n  <<: [*a, *b]\n  z: 3\nd: {<<: *a}\ne: *b\n";
        for (path, line, column) in [
            (["c", "x"], 2, 6),
            (["c", "y"], 3, 11),
            (["c", "z"], 6, 6),
            (["d", "x"], 2, 6),
            (["e", "y"], 3, 11),
        ] {
            assert_eq!(
                position_of(text, &path),
                Some(Position { line, column }),
                "{path:?}"
            );
        }
    }

    #[test]
    fn a_missing_key_has_the_place_of_its_parent() {
        assert_eq!(
            position_of(TEXT, &["llm_profiles", "b", "nothing"]),
            Some(Position { line: 4, column: 3 })
        );
        assert_eq!(position_of(TEXT, &["nothing"]), None);
    }
}
