//! Which rows of the input belong to a job.

use std::collections::BinaryHeap;

use super::input::Input;
use super::options::JobOptions;
use super::shard::Shard;
use crate::ports::error::CommandError;

/// Chooses rows by their number.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Selection {
    limit: Option<u64>,
    /// The highest rank of a row of the sample.
    sampled: Option<u64>,
    shard: Option<Shard>,
}

impl Selection {
    /// Reads the input once for a sample.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub(crate) fn new(options: &JobOptions, input: &Input) -> Result<Self, CommandError> {
        let sampled = match options.sample {
            Some(count) => highest_rank(count, input)?,
            None => None,
        };
        Ok(Self {
            limit: options.limit,
            sampled,
            shard: options.shard,
        })
    }

    /// Whether a row belongs to the job.
    pub(crate) fn has(&self, row: u64) -> bool {
        self.limit.is_none_or(|limit| row < limit)
            && self.sampled.is_none_or(|highest| rank(row) <= highest)
            && self.shard.is_none_or(|shard| shard.has(row))
    }

    /// Whether no row from this one on belongs to it.
    pub(crate) fn is_over(&self, row: u64) -> bool {
        self.limit.is_some_and(|limit| row >= limit)
    }
}

/// The rank of the last of `count` rows with the lowest ones; `None` when there are no more rows.
fn highest_rank(count: u64, input: &Input) -> Result<Option<u64>, CommandError> {
    let (mut lowest, mut rows) = (BinaryHeap::new(), input.rows());
    let mut is_smaller = false;
    while let Some(row) = rows.next()? {
        lowest.push(rank(row.number));
        if lowest.len() as u64 > count {
            lowest.pop();
            is_smaller = true;
        }
    }
    Ok(is_smaller.then(|| lowest.peek().copied().unwrap_or_default()))
}

/// A number that differs for each row and is the same in each run (SplitMix64, a bijection).
fn rank(row: u64) -> u64 {
    let mut z = row.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_the_rows_and_a_limit_counts_before_them() {
        let select = |index| Selection {
            limit: Some(10),
            sampled: None,
            shard: Some(Shard { index, count: 3 }),
        };
        let rows = |index| {
            (0..20)
                .filter(|row| select(index).has(*row))
                .collect::<Vec<u64>>()
        };
        assert_eq!(rows(0), [0, 3, 6, 9]);
        assert_eq!(rows(2), [2, 5, 8]);
        assert!(select(0).is_over(10) && !select(0).is_over(9));
    }

    #[test]
    fn ranks_differ() {
        let mut ranks: Vec<u64> = (0..10_000).map(rank).collect();
        ranks.sort_unstable();
        ranks.dedup();
        assert_eq!(ranks.len(), 10_000);
    }
}
