//! How much of an answer is kept in memory.

/// Most of a text that is stored, and most of a reasoning; in bytes.
pub(crate) const MOST_STORED: usize = 16 * 1024 * 1024;

/// How much of an answer's text and reasoning is kept in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Nothing: the events are enough.
    Nothing,
    /// The beginning of each, in bytes.
    UpTo(usize),
    Everything,
}

impl Keep {
    /// The part of `text` that is kept after the first `there` bytes.
    pub(crate) fn part_of(self, text: &str, there: usize) -> &str {
        match self {
            Self::Nothing => "",
            Self::UpTo(most) => {
                &text[..text.floor_char_boundary(most.saturating_sub(there).min(text.len()))]
            }
            Self::Everything => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_kept_and_no_character_is_split() {
        assert_eq!(Keep::UpTo(4).part_of("aéé", 0), "aé");
        assert_eq!(Keep::UpTo(4).part_of("xyz", 3), "x");
        assert_eq!(Keep::UpTo(4).part_of("xyz", 9), "");
        assert_eq!(Keep::Everything.part_of("xyz", 9), "xyz");
        assert_eq!(Keep::Nothing.part_of("xyz", 0), "");
    }
}
