//! Cuts many texts into requests.

use std::ops::Range;

/// Cuts texts into ranges of at most `most_texts` texts and `most_tokens` tokens. A text that has
/// more tokens is alone.
#[derive(Debug)]
pub(super) struct Chunks {
    /// Tokens of each text.
    tokens: Vec<u64>,
    pub most_texts: usize,
    most_tokens: u64,
    /// The first text that is in no range yet.
    next: usize,
    /// Ranges to be asked before it.
    again: Vec<Range<usize>>,
}

impl Chunks {
    pub(super) fn new(tokens: Vec<u64>, most_texts: usize, most_tokens: u64) -> Self {
        Self {
            tokens,
            most_texts: most_texts.max(1),
            most_tokens,
            next: 0,
            again: Vec::new(),
        }
    }

    /// Halves a range that was too much for the server, and all that come after it. `None` for a
    /// single text.
    pub(super) fn halve(&mut self, range: &Range<usize>) -> Option<usize> {
        let middle = range.start + range.len().div_ceil(2);
        if middle >= range.end {
            return None;
        }
        self.again.push(middle..range.end);
        self.again.push(range.start..middle);
        self.most_texts = self.most_texts.min(middle - range.start);
        Some(self.most_texts)
    }
}

impl Iterator for Chunks {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if let Some(range) = self.again.pop() {
            return Some(range);
        }
        let start = self.next;
        let mut tokens = *self.tokens.get(start)?;
        let mut end = start + 1;
        while end < self.tokens.len() && end - start < self.most_texts {
            tokens = tokens.saturating_add(self.tokens[end]);
            if tokens > self.most_tokens {
                break;
            }
            end += 1;
        }
        self.next = end;
        Some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_at_most_so_many_texts_and_tokens() {
        let chunks = Chunks::new(vec![1, 1, 1, 50, 8, 3, 1], 3, 10);
        assert_eq!(chunks.collect::<Vec<_>>(), [0..3, 3..4, 4..5, 5..7]);
        assert_eq!(Chunks::new(Vec::new(), 3, 10).count(), 0);
    }

    #[test]
    fn a_request_that_is_too_large_is_halved_and_so_are_those_after_it() {
        let mut chunks = Chunks::new(vec![1; 12], 5, 100);
        let first = chunks.next().unwrap();
        assert_eq!(chunks.halve(&first), Some(3));
        assert_eq!(
            chunks.by_ref().take(3).collect::<Vec<_>>(),
            [0..3, 3..5, 5..8]
        );
        assert_eq!(chunks.halve(&(3..4)), None);
    }
}
