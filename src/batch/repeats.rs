//! How many equal rows stand before a row.

use std::collections::HashMap;

use super::row::RowDigest;

/// Counts the rows that were seen.
#[derive(Debug, Default)]
pub(crate) struct Repeats(HashMap<[u8; 16], u64>);

impl Repeats {
    /// How many equal rows were seen before this one.
    pub(crate) fn before(&mut self, digest: RowDigest) -> u64 {
        let seen = self.0.entry(digest.0).or_default();
        *seen += 1;
        *seen - 1
    }
}
