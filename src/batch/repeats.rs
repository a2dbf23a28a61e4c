//! How many equal rows stand before a row.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::row::RowDigest;

/// Counts the rows that were seen, in about 18 bytes each: 64 bits of a hash tell rows apart.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    seen: HashSet<u64, BuildHasherDefault<Taken>>,
    /// Rows that were seen more than once.
    repeated: HashMap<u64, u64>,
}

/// Takes a number that is a hash already.
#[derive(Debug, Default)]
pub(crate) struct Taken(u64);

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

impl Repeats {
    /// How many equal rows were seen before this one.
    pub(crate) fn before(&mut self, digest: RowDigest) -> u64 {
        let hash = digest
            .0
            .first_chunk()
            .map_or(0, |start| u64::from_be_bytes(*start));
        if self.seen.insert(hash) {
            return 0;
        }
        let repeated = self.repeated.entry(hash).or_default();
        *repeated += 1;
        *repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rows_are_counted() {
        let mut repeats = Repeats::default();
        let digest = |byte| RowDigest([byte; 16]);
        let seen = [1, 2, 1, 1, 2, 3].map(|byte| repeats.before(digest(byte)));
        assert_eq!(seen, [0, 0, 1, 2, 1, 0]);
    }
}
