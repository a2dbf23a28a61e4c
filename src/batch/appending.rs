//! Appends to the files of a job: a whole text, or nothing.

use std::fs::File;
use std::io::{Result as IoResult, Write};

/// Appends a text to a file of `length` bytes that is open for appending.
///
/// # Errors
/// When it cannot be written; the file is as it was before.
pub(crate) fn append(file: &File, length: &mut u64, text: &str) -> IoResult<()> {
    let mut end = file;
    if let Err(error) = end.write_all(text.as_bytes()) {
        // A part of the text may be there.
        let _ = file.set_len(*length);
        return Err(error);
    }
    *length += text.len() as u64;
    Ok(())
}
