//! CSV and TSV after RFC 4180: a header, quoted fields with line feeds, LF or CRLF.

use std::io::{Error, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use super::reader::{BUFFER, FileFault, LONGEST_ROW, RawRow, RowReader, text_of};
use crate::batch::row::RowDigest;

/// Rows with a text for each column of the header.
pub(super) struct CsvRows<R: Read> {
    reader: Reader<Bounded<R>>,
    record: ByteRecord,
    delimiter: u8,
    /// The names of the columns; empty before the header is read.
    columns: Vec<String>,
    read: Arc<AtomicUsize>,
    is_crlf: Arc<OnceLock<bool>>,
}

/// Stops a file in which one row does not end: its quotation mark is not closed. After the last
/// row comes [`END`], which is a row by itself unless it is in quotation marks.
struct Bounded<R> {
    source: R,
    /// What is left of [`END`].
    end: &'static [u8],
    /// Bytes since the start of the current row.
    read: Arc<AtomicUsize>,
    /// The first line ends in CRLF; `None` before its end is read.
    is_crlf: Arc<OnceLock<bool>>,
    last: u8,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if self.read.load(Ordering::Relaxed) > LONGEST_ROW {
            return Err(Error::other(TOO_LONG));
        }
        let mut length = self.source.read(buffer)?;
        if length == 0 {
            length = self.end.read(buffer)?;
        }
        self.read.fetch_add(length, Ordering::Relaxed);
        if self.is_crlf.get().is_none() {
            let read = &buffer[..length];
            if let Some(end) = memchr::memchr(b'\n', read) {
                let before = end.checked_sub(1).map_or(self.last, |at| read[at]);
                let _ = self.is_crlf.set(before == b'\r');
            }
            self.last = read.last().copied().unwrap_or(self.last);
        }
        Ok(length)
    }
}

/// A row that no file has, after the end of the last one.
const END: &[u8] = b"\n\x02end of the rows of amx batch\x03\n";

const TOO_LONG: &str = "a row is longer than 8 MiB; is a quotation mark not closed?";

impl<R: Read> CsvRows<R> {
    pub(super) fn new(source: R, delimiter: u8) -> Self {
        let read = Arc::new(AtomicUsize::new(0));
        let is_crlf = Arc::new(OnceLock::new());
        let source = Bounded {
            source,
            end: END,
            read: Arc::clone(&read),
            is_crlf: Arc::clone(&is_crlf),
            last: 0,
        };
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(source);
        Self {
            reader,
            record: ByteRecord::new(),
            delimiter,
            columns: Vec::new(),
            read,
            is_crlf,
        }
    }

    /// Reads the next record; false at the end.
    fn read(&mut self) -> Result<bool, FileFault> {
        self.read.store(0, Ordering::Relaxed);
        let line = self.reader.position().line();
        let read = self.reader.read_byte_record(&mut self.record);
        let form = |line, what| FileFault::Form {
            line,
            what,
            hint: None,
        };
        let is_row = read.map_err(|error| {
            let what = error.to_string();
            match error.into_kind() {
                csv::ErrorKind::Io(error) if error.to_string() == TOO_LONG => {
                    form(line, error.to_string())
                }
                csv::ErrorKind::Io(error) => FileFault::Io(error),
                _ => form(line, what),
            }
        })?;
        let last = self.record.iter().next_back().unwrap_or_default();
        if is_row && last.ends_with(END) {
            let fields = self.record.iter().take(self.record.len() - 1);
            let before = fields.map(|field| memchr::memchr_iter(b'\n', field).count());
            let line = self.line() + before.sum::<usize>() as u64;
            return Err(form(line, "the quotation mark is not closed".to_owned()));
        }
        Ok(is_row && !(self.record.len() == 1 && last == END.trim_ascii()))
    }

    /// The line of the current row, from 1.
    fn line(&self) -> u64 {
        // The LF of a CRLF counts as the start of the next row.
        let is_crlf = self.is_crlf.get().copied().unwrap_or_default();
        let behind = u64::from(is_crlf && !self.columns.is_empty());
        self.record.position().map_or(0, csv::Position::line) + behind
    }

    fn read_header(&mut self) -> Result<(), FileFault> {
        let fault = |what: String, hint: Option<String>| FileFault::Form {
            line: 1,
            what,
            hint,
        };
        if !self.read()? {
            return Ok(());
        }
        let mut columns: Vec<String> = Vec::with_capacity(self.record.len());
        let mut known = std::collections::HashSet::new();
        for (index, name) in self.record.iter().enumerate() {
            let name = text_of(name).map_err(|what| fault(format!("the header {what}"), None))?;
            if name.is_empty() {
                let what = format!("column {} of the header has no name", index + 1);
                return Err(fault(what, None));
            }
            if !known.insert(name) {
                let what = format!("the header has two columns '{}'", name.escape_debug());
                return Err(fault(what, None));
            }
            columns.push(name.to_owned());
        }
        if let ([only], b',') = (columns.as_slice(), self.delimiter)
            && only.contains(';')
        {
            return Err(fault(
                "the columns are separated by ';', not by ','".to_owned(),
                Some("save it with commas: a spreadsheet asks for the separator".to_owned()),
            ));
        }
        self.columns = columns;
        Ok(())
    }

    fn values(&self) -> Result<Map<String, Value>, String> {
        let (found, expected) = (self.record.len(), self.columns.len());
        if found != expected {
            return Err(format!(
                "it has {found} fields, but the header has {expected}"
            ));
        }
        let mut values = Map::with_capacity(expected);
        for (column, field) in self.columns.iter().zip(&self.record) {
            let text = text_of(field)
                .map_err(|what| format!("column '{}' {what}", column.escape_debug()))?;
            values.insert(column.clone(), Value::from(text));
        }
        Ok(values)
    }
}

impl<R: Read> RowReader for CsvRows<R> {
    fn next(&mut self) -> Result<Option<RawRow>, FileFault> {
        if self.columns.is_empty() {
            self.read_header()?;
            if self.columns.is_empty() {
                return Ok(None);
            }
        }
        if !self.read()? {
            return Ok(None);
        }
        let (line, values) = (self.line(), self.values());
        let digest = values.is_err().then(|| {
            let joined: Vec<u8> = self.record.iter().collect::<Vec<_>>().join(&0);
            RowDigest::of_bytes(&joined)
        });
        Ok(Some(RawRow {
            line,
            values,
            digest,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of a row, and the row or its fault.
    type NumberedRow = (u64, Result<String, String>);

    /// The rows, or the first fault of the file.
    fn rows(text: &str, delimiter: u8) -> Result<Vec<NumberedRow>, String> {
        let mut reader = CsvRows::new(text.as_bytes(), delimiter);
        let mut rows = Vec::new();
        loop {
            match reader.next() {
                Ok(Some(row)) => rows.push((
                    row.line,
                    row.values.map(|values| Value::Object(values).to_string()),
                )),
                Ok(None) => return Ok(rows),
                Err(FileFault::Form { line, what, .. }) => return Err(format!("{line}: {what}")),
                Err(FileFault::Io(error)) => return Err(error.to_string()),
            }
        }
    }

    fn good(line: u64, text: &str) -> (u64, Result<String, String>) {
        (line, Ok(text.to_owned()))
    }

    #[test]
    fn quotes_line_feeds_bom_and_crlf() {
        let text = "\u{feff}id,text\r\n1,\"a \"\"b\"\",\nc\"\r\n2,\r\n";
        assert_eq!(
            rows(text, b','),
            Ok(vec![
                good(2, r#"{"id":"1","text":"a \"b\",\nc"}"#),
                good(4, r#"{"id":"2","text":""}"#),
            ])
        );
        let tsv = rows("a\tb\n1\tx,y\n", b'\t');
        assert_eq!(tsv, Ok(vec![good(2, r#"{"a":"1","b":"x,y"}"#)]));
    }

    #[test]
    fn a_wrong_number_of_fields_is_one_bad_row() {
        let found = rows("a,b\n1\n1,2\n1,2,3\n", b',').unwrap();
        let why = "it has 1 fields, but the header has 2".to_owned();
        assert_eq!(found[0], (2, Err(why)));
        assert_eq!(found[1], good(3, r#"{"a":"1","b":"2"}"#));
        assert!(found[2].1.is_err());
    }

    #[test]
    fn a_header_that_cannot_be_used() {
        let semicolons = rows("a;b\n1;2\n", b',').unwrap_err();
        assert!(semicolons.contains("separated by ';'"), "{semicolons}");
        assert!(
            rows("a,a\n1,2\n", b',')
                .unwrap_err()
                .contains("two columns")
        );
        assert!(rows("a,\n1,2\n", b',').unwrap_err().contains("no name"));
        assert_eq!(rows("", b','), Ok(vec![]));
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_ends_the_file() {
        let text = format!("a\n\"{}", "x\n".repeat(6 * 1024 * 1024));
        let fault = rows(&text, b',').unwrap_err();
        assert!(fault.contains("quotation mark"), "{fault}");
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_is_a_fault_at_its_line() {
        for (text, line) in [
            ("id,text\n1,\"abc\n2,d\n3,e\n", 2),
            ("id,text\n1,\"abc\n2,d\n3,e", 2),
            ("id,text\r\n1,a\r\n2,\"d\r\n3,e\r\n", 3),
            ("id,text\n\"1,abc\n2,d\n", 2),
            ("id,text,more\n1,\"a\nb\",\"c\n2,d,e\n", 3),
            ("id,text\n1,\"abc\"\"\n", 2),
            ("id,\"text\n1,abc\n", 1),
            ("id,\"text\r\n1,abc\r\n", 1),
            ("id,text\n1,\"", 2),
        ] {
            let fault = rows(text, b',').unwrap_err();
            assert_eq!(
                fault,
                format!("{line}: the quotation mark is not closed"),
                "{text:?}"
            );
        }
        let tsv = rows("id\ttext\n1\t\"abc\n2\td\n", b'\t').unwrap_err();
        assert_eq!(tsv, "2: the quotation mark is not closed");
    }

    #[test]
    fn a_last_row_ends_with_the_file() {
        for end in ["", "\n", "\r\n", "\n\n"] {
            let found = rows(&format!("id,text\n1,\"a\"{end}"), b',');
            assert_eq!(
                found,
                Ok(vec![good(2, r#"{"id":"1","text":"a"}"#)]),
                "{end:?}"
            );
        }
        assert_eq!(rows("id,text", b','), Ok(vec![]));
    }

    #[test]
    fn a_hundred_thousand_columns() {
        let names: Vec<String> = (0..100_000).map(|index| format!("c{index}")).collect();
        let line = names.join(",");
        let found = rows(&format!("{line}\n{line}\n"), b',').unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].1.is_ok());
    }
}
