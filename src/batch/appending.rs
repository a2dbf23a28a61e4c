//! Appends to the files of a job: a whole text, or nothing.

use std::fs::File;
use std::io::{Result as IoResult, Seek, SeekFrom, Write};

/// Appends a text to a file of `length` bytes that is open for writing, and that only this job
/// writes. It is not open for appending alone: Windows would refuse to shorten it.
///
/// # Errors
/// When it cannot be written; the file is as it was before.
pub(crate) fn append(file: &File, length: &mut u64, text: &str) -> IoResult<()> {
    let mut end = file;
    end.seek(SeekFrom::Start(*length))?;
    if let Err(error) = end.write_all(text.as_bytes()) {
        // A part of the text may be there.
        let _ = file.set_len(*length);
        return Err(error);
    }
    *length += text.len() as u64;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;

    #[test]
    fn a_text_follows_the_complete_lines_wherever_the_file_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one\ntorn").unwrap();
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).open(&path).unwrap();
        let mut length = 4;
        file.set_len(length).unwrap();
        append(&file, &mut length, "two\n").unwrap();
        (&file).rewind().unwrap();
        append(&file, &mut length, "three\n").unwrap();
        assert_eq!(length, 14);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
    }
}
