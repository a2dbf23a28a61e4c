//! How many equal rows stand before a row.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::row::RowDigest;

/// Counts the rows that were seen, in about 18 bytes each: 64 bits of a hash tell rows apart. In
/// an input that was read before, only those that are repeated take memory.
#[derive(Debug)]
pub(crate) struct Repeats {
    /// `None` when it is known which rows are repeated.
    first: Option<HashSet<u64, BuildHasherDefault<Taken>>>,
    /// How often rows were seen: of those that are known to be repeated, all times, and of others
    /// the times after the first one.
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
        let Some(first) = &mut self.first else {
            let seen = self.repeated.get_mut(&hash);
            return seen.map_or(0, |seen| {
                *seen += 1;
                *seen - 1
            });
        };
        if first.insert(hash) {
            return 0;
        }
        let repeated = self.repeated.entry(hash).or_default();
        *repeated += 1;
        *repeated
    }

    /// For the same rows once more.
    pub(crate) fn known(mut self) -> Self {
        self.first = None;
        self.repeated.values_mut().for_each(|seen| *seen = 0);
        self
    }
}

impl Default for Repeats {
    fn default() -> Self {
        Self {
            first: Some(HashSet::default()),
            repeated: HashMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rows_are_counted() {
        let mut repeats = Repeats::default();
        let digest = |byte| RowDigest([byte; 16]);
        let rows = [1, 2, 1, 1, 2, 3];
        let expected = [0, 0, 1, 2, 1, 0];
        let seen = rows.map(|byte| repeats.before(digest(byte)));
        assert_eq!(seen, expected);
        let mut known = repeats.known();
        let seen = rows.map(|byte| known.before(digest(byte)));
        assert_eq!((seen, known.repeated.len()), (expected, 2));
    }
}
