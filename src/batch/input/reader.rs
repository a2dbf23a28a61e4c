//! What the readers of all formats have in common.

use std::io::Error;

use serde_json::{Map, Value};

use crate::batch::row::RowDigest;

/// Longest row, in bytes.
pub(super) const LONGEST_ROW: usize = 8 * 1024 * 1024;

/// Bytes that are read at once.
pub(super) const BUFFER: usize = 128 * 1024;

/// Reads the rows of one file. The error of a file that cannot be read further ends it.
pub(super) trait RowReader {
    /// The next row with the line where it starts; `None` at the end.
    fn next(&mut self) -> Result<Option<RawRow>, FileFault>;
}

/// The text of bytes, or what is wrong with them.
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, String> {
    let text = str::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())?;
    if memchr::memchr(0, bytes).is_some() {
        return Err("has NUL characters, as UTF-16 has; convert it to UTF-8".to_owned());
    }
    Ok(text)
}

/// A row of a file.
pub(super) struct RawRow {
    pub line: u64,
    pub values: Result<Map<String, Value>, String>,
    /// The hash of a row that cannot be used.
    pub digest: Option<RowDigest>,
}

/// Why a file cannot be read further.
pub(super) enum FileFault {
    Io(Error),
    /// What is wrong with the file as a whole, its line, and a hint.
    Form {
        line: u64,
        what: String,
        hint: Option<String>,
    },
}

impl From<Error> for FileFault {
    fn from(error: Error) -> Self {
        Self::Io(error)
    }
}
