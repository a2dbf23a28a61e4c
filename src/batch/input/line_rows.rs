//! Plain text: each line is a row with one value, `input`.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::lines::{Line, Lines, too_long};
use super::reader::{FileFault, RawRow, RowReader, text_of};
use crate::batch::row::RowDigest;
use crate::config::template::INPUT;

/// Blank lines are no rows.
pub(super) struct LineRows<R>(Lines<R>);

impl<R: BufRead> LineRows<R> {
    pub(super) fn new(source: R) -> Self {
        Self(Lines::new(source))
    }
}

impl<R: BufRead> RowReader for LineRows<R> {
    fn next(&mut self) -> Result<Option<RawRow>, FileFault> {
        loop {
            let Some((line, found)) = self.0.next()? else {
                return Ok(None);
            };
            let bad = |why: String, bytes: &[u8]| RawRow {
                line,
                values: Err(why),
                digest: Some(RowDigest::of_bytes(bytes)),
            };
            return Ok(Some(match found {
                Line::TooLong(start) => bad(too_long(), start),
                Line::Text(bytes) if bytes.trim_ascii().is_empty() => continue,
                Line::Text(bytes) => match text_of(bytes) {
                    Ok(text) => RawRow {
                        line,
                        values: Ok(Map::from_iter([(INPUT.to_owned(), Value::from(text))])),
                        digest: None,
                    },
                    Err(what) => bad(format!("it {what}"), bytes),
                },
            }));
        }
    }
}
