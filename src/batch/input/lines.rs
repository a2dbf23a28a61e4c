//! The lines of a file, each of at most [`LONGEST_ROW`] bytes.

use std::io::{BufRead, Error};

use super::reader::LONGEST_ROW;

/// The mark at the start of some files of text.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads lines without their ends.
pub(super) struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    /// The number of the last line, from 1.
    number: u64,
}

/// A line.
pub(super) enum Line<'a> {
    Text(&'a [u8]),
    /// Longer than [`LONGEST_ROW`]: its start.
    TooLong(&'a [u8]),
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            number: 0,
        }
    }

    /// The next line with its number; `None` at the end. The end of a line is LF or CRLF.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Line<'_>)>, Error> {
        self.buffer.clear();
        let mut is_too_long = false;
        loop {
            let available = self.source.fill_buf()?;
            if available.is_empty() {
                if self.buffer.is_empty() && !is_too_long {
                    return Ok(None);
                }
                break;
            }
            let end = memchr::memchr(b'\n', available);
            let part = end.map_or(available, |end| &available[..end]);
            if self.buffer.len() + part.len() > LONGEST_ROW {
                is_too_long = true;
            } else {
                self.buffer.extend_from_slice(part);
            }
            let used = end.map_or(available.len(), |end| end + 1);
            self.source.consume(used);
            if end.is_some() {
                break;
            }
        }
        self.number += 1;
        let line = self.buffer.strip_suffix(b"\r").unwrap_or(&self.buffer);
        let line = if self.number == 1 {
            line.strip_prefix(BOM).unwrap_or(line)
        } else {
            line
        };
        let line = if is_too_long {
            Line::TooLong(line)
        } else {
            Line::Text(line)
        };
        Ok(Some((self.number, line)))
    }
}

/// What is wrong with a line that is too long.
pub(super) fn too_long() -> String {
    format!("the row is longer than {} MiB", LONGEST_ROW >> 20)
}
