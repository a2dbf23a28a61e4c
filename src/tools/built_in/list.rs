//! The content of a folder, for `list_files`.

use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::folders::{Folders, WalkEnd, walk};
use crate::platform::beneath::EntryKind;

/// Most lines of one list.
const MOST: usize = 1000;

pub(super) fn parameters() -> Value {
    json!({
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "path of the folder; default: the root"},
            "pattern": {
                "type": "string",
                "description": "lists all files below whose name matches, such as *.rs; with a / \
                                the path matches, such as src/*_test.py",
            },
        },
        "additionalProperties": false,
    })
}

pub(super) fn run(
    folders: &Folders,
    arguments: &Value,
    is_stopped: &AtomicBool,
) -> Result<String, String> {
    let path = arguments["path"].as_str().unwrap_or(".");
    let (path, folder) = folders.folder(path)?;
    let (mut lines, mut end) = (Vec::new(), WalkEnd::Complete);
    if let Some(pattern) = arguments["pattern"].as_str() {
        end = walk(&folder, &path, is_stopped, &mut |found| {
            if found.matches(pattern) {
                lines.push(found.path.clone());
            }
            lines.len() <= MOST
        });
    } else {
        let entries = folder.entries().map_err(|error| error.to_string())?;
        lines.extend(entries.into_iter().map(|entry| match entry.kind {
            EntryKind::Folder => format!("{}/", entry.name),
            EntryKind::File | EntryKind::Other => entry.name,
        }));
    }
    Ok(listed(lines, MOST, end))
}

/// The lines of a result, with a note when there are more than are shown, or may be.
pub(super) fn listed(mut lines: Vec<String>, most: usize, end: WalkEnd) -> String {
    if lines.is_empty() {
        lines.push("[nothing found]".to_owned());
    }
    if lines.len() > most {
        lines.truncate(most);
        lines.push(format!(
            "[more than {most}; use a narrower pattern or path]"
        ));
    } else {
        lines.extend(end.line().map(str::to_owned));
    }
    lines.join("\n")
}
