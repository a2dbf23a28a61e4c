//! Lines of a pipe, each of a bounded length. Pure.

/// Longest line that is read, in bytes: one message.
pub(super) const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// The line that is being read. One that is too long is dropped as it arrives.
#[derive(Debug, Default)]
pub(super) struct Line {
    bytes: Vec<u8>,
    is_dropped: bool,
}

impl Line {
    /// Takes bytes as they arrive, up to the end of the line: how many, and whether the line is
    /// complete.
    pub(super) fn push(&mut self, arrived: &[u8]) -> (usize, bool) {
        let end = memchr::memchr(b'\n', arrived);
        let taken = &arrived[..end.unwrap_or(arrived.len())];
        if self.bytes.len() + taken.len() > LONGEST_LINE {
            self.is_dropped = true;
            self.bytes = Vec::new();
        }
        if !self.is_dropped {
            self.bytes.extend_from_slice(taken);
        }
        (taken.len() + usize::from(end.is_some()), end.is_some())
    }

    /// The complete line, and a start for the next; empty when it was too long.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.is_dropped = false;
        std::mem::take(&mut self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut line = Line::default();
        let mut read = Vec::new();
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let (taken, is_complete) = line.push(rest);
                rest = &rest[taken..];
                if is_complete {
                    read.push(line.take());
                }
            }
        }
        read
    }

    #[test]
    fn lines_are_found_however_they_arrive() {
        let expected: Vec<Vec<u8>> = vec![b"one".to_vec(), Vec::new(), b"two\r".to_vec()];
        let text = b"one\n\ntwo\r\nrest";
        assert_eq!(lines(&[text]), expected);
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(lines(&bytes), expected);
    }

    #[test]
    fn a_line_that_is_too_long_costs_itself_alone() {
        let piece = vec![b'x'; 1024 * 1024];
        let mut line = Line::default();
        for _ in 0..40 {
            assert_eq!(line.push(&piece), (piece.len(), false));
            assert!(line.bytes.capacity() <= 2 * LONGEST_LINE);
        }
        assert_eq!(line.push(b"\nnext\n"), (1, true));
        assert!(line.take().is_empty());
        assert_eq!(line.push(b"next\n"), (5, true));
        assert_eq!(line.take(), b"next");
    }
}
