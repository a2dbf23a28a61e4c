//! The content of a file, for `read_file`.

use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::folders::{Folders, text_of};

/// Most bytes of one read.
const MOST: u64 = 256 * 1024;

pub(super) fn parameters() -> Value {
    json!({
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "path of the file"},
            "offset": {
                "type": "integer", "minimum": 0,
                "description": "byte to start at; default: 0",
            },
        },
        "required": ["path"],
        "additionalProperties": false,
    })
}

pub(super) fn run(folders: &Folders, arguments: &Value, _: &AtomicBool) -> Result<String, String> {
    let path = arguments["path"].as_str().unwrap_or_default();
    let offset = arguments["offset"].as_u64().unwrap_or(0);
    let mut file = folders.file(path)?;
    let failed = |error: std::io::Error| format!("{path}: {error}");
    let length = file.metadata().map_err(failed)?.len();
    file.seek(SeekFrom::Start(offset)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).map_err(failed)?;
    // An offset inside a character.
    let skipped = bytes
        .iter()
        .take(3)
        .take_while(|byte| **byte & 0xc0 == 0x80)
        .count();
    let skipped = if offset == 0 { 0 } else { skipped };
    bytes.drain(..skipped);
    let start = offset + skipped as u64;
    let text = text_of(bytes).ok_or_else(|| format!("{path}: it is not text ({length} bytes)"))?;
    let end = start + text.len() as u64;
    Ok(if end < length {
        format!("{text}\n[bytes {start} to {end} of {length}; continue with \"offset\": {end}]")
    } else if offset > 0 {
        format!("{text}\n[bytes {start} to {end} of {length}]")
    } else {
        text
    })
}
