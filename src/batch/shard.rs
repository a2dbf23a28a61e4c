//! One of several parts of an input, for schedulers that start a command many times.

/// Part `index` of `count`: the rows whose number modulo `count` is `index`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    pub index: u64,
    pub count: u64,
}

/// Most shards.
const MOST: u64 = 100_000;

impl Shard {
    /// `3/16`: counted from 0.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (index, count) = text.split_once('/')?;
        let number = |text: &str| text.parse::<u64>().ok();
        let shard = Self {
            index: number(index)?,
            count: number(count)?,
        };
        (shard.index < shard.count && shard.count <= MOST).then_some(shard)
    }

    /// Whether a row is of this part.
    pub(crate) fn has(self, row: u64) -> bool {
        row % self.count == self.index
    }

    /// `00003-of-00016`, for the name of a file.
    pub(crate) fn in_name(self) -> String {
        format!("{:05}-of-{:05}", self.index, self.count)
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.index, self.count)
    }
}
