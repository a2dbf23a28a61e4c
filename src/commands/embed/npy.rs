//! A NumPy array of vectors: format 1.0, little-endian 32-bit floats, in C order, a row for each
//! text. The rows of texts without a vector are NaN.
//!
//! The header is a magic word, the version, its length in two bytes, and a Python dictionary in
//! ASCII that ends in a line feed and is padded with spaces, so that the data starts at a multiple
//! of 64 bytes.

use std::fs::File;
use std::io::{BufWriter, Error, Write};

use crate::ports::error::{CommandError, ErrorKind};

const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";

/// The data starts at a multiple of so many bytes.
const ALIGNMENT: usize = 64;

/// Writes an array row by row.
pub(super) struct NpyWriter {
    file: BufWriter<File>,
    columns: usize,
    /// Rows that are written.
    rows: usize,
}

impl NpyWriter {
    /// # Errors
    /// [`ErrorKind::LocalIo`] when the header cannot be written.
    pub(super) fn new(file: File, rows: usize, columns: usize) -> Result<Self, CommandError> {
        let mut file = BufWriter::new(file);
        file.write_all(&header(rows, columns)).map_err(failed)?;
        Ok(Self {
            file,
            columns,
            rows: 0,
        })
    }

    /// The row of a text. The rows before it that are missing are NaN.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`] when it cannot be written.
    pub(super) fn row(&mut self, index: usize, values: &[f32]) -> Result<(), CommandError> {
        self.fill(index)?;
        self.rows += 1;
        for value in values {
            self.file.write_all(&value.to_le_bytes()).map_err(failed)?;
        }
        Ok(())
    }

    /// Ends an array of so many rows.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`] when it cannot be written.
    pub(super) fn finish(mut self, rows: usize) -> Result<(), CommandError> {
        self.fill(rows)?;
        self.file.flush().map_err(failed)
    }

    fn fill(&mut self, rows: usize) -> Result<(), CommandError> {
        while self.rows < rows {
            self.rows += 1;
            for _ in 0..self.columns {
                self.file
                    .write_all(&f32::NAN.to_le_bytes())
                    .map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn header(rows: usize, columns: usize) -> Vec<u8> {
    let dictionary =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let before = MAGIC.len() + 2;
    let length = (before + dictionary.len() + 1).next_multiple_of(ALIGNMENT) - before;
    let mut header = MAGIC.to_vec();
    // Two numbers: always less than a few hundred bytes.
    header.extend(u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
    header.extend(dictionary.as_bytes());
    header.resize(before + length - 1, b' ');
    header.push(b'\n');
    header
}

fn failed(error: Error) -> CommandError {
    CommandError::new(ErrorKind::LocalIo, "the array cannot be written").caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_that_of_numpy() {
        // As numpy.save writes it for numpy.zeros((2, 3), dtype='<f4').
        let header = header(2, 3);
        assert_eq!(header.len(), 128);
        assert_eq!(&header[..10], b"\x93NUMPY\x01\x00\x76\x00");
        let text = str::from_utf8(&header[10..]).unwrap();
        assert!(text.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  "));
        assert!(text.ends_with(" \n"));
        assert_eq!(super::header(123_456_789, 65_536).len() % ALIGNMENT, 0);
    }
}
