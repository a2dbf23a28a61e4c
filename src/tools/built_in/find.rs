//! The lines that contain a text, for `find_text`.

use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::folders::{Folders, walk};
use super::list::listed;
use crate::wire::redact::cut;

/// Most lines of one result.
const MOST: usize = 200;

/// Longest line, in characters.
const LONGEST_LINE: usize = 300;

/// Bytes of a file that are searched.
const SEARCHED: u64 = 1024 * 1024;

pub(super) fn parameters() -> Value {
    json!({
        "type": "object",
        "properties": {
            "text": {"type": "string", "description": "the text, as it is written"},
            "path": {"type": "string", "description": "path of the folder; default: the root"},
            "pattern": {
                "type": "string",
                "description": "searches only files whose name matches, such as *.rs",
            },
            "ignore_case": {"type": "boolean"},
        },
        "required": ["text"],
        "additionalProperties": false,
    })
}

pub(super) fn run(
    folders: &Folders,
    arguments: &Value,
    is_stopped: &AtomicBool,
) -> Result<String, String> {
    let wanted = arguments["text"].as_str().unwrap_or_default();
    if wanted.is_empty() {
        return Err("the text is empty".to_owned());
    }
    let ignores_case = arguments["ignore_case"].as_bool().unwrap_or(false);
    let lowered = wanted.to_lowercase();
    let is_in = |line: &str| {
        if ignores_case {
            line.to_lowercase().contains(&lowered)
        } else {
            line.contains(wanted)
        }
    };
    let pattern = arguments["pattern"].as_str().unwrap_or("*");
    let (path, folder) = folders.folder(arguments["path"].as_str().unwrap_or("."))?;
    let mut lines = Vec::new();
    let end = walk(&folder, &path, is_stopped, &mut |found| {
        if !found.matches(pattern) {
            return true;
        }
        let text = found.text(SEARCHED).unwrap_or_default();
        let matching = text.lines().enumerate().filter(|(_, line)| is_in(line));
        let line = |(index, line): (usize, &str)| {
            format!("{}:{}: {}", found.path, index + 1, cut(line, LONGEST_LINE))
        };
        lines.extend(matching.take(MOST + 1).map(line));
        lines.len() <= MOST
    });
    Ok(listed(lines, MOST, end))
}
