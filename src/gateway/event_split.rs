//! Finds the events of a stream, wherever its bytes are cut. Lines may end in LF, CR or CRLF.

/// Longest event that is kept until it is complete, in bytes.
const LONGEST_EVENT: usize = 16 * 1024 * 1024;

/// A piece of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// An event with the blank line that ends it.
    Event(&'a [u8]),
    /// Bytes of an event that is too long, or the LF of a CRLF whose CR ended the event before.
    Part(&'a [u8]),
}

/// Splits a stream into events. Each byte is searched once, and is copied only where its event
/// arrives in several pieces.
#[derive(Debug)]
pub(super) struct EventSplitter {
    longest: usize,
    /// The bytes after the last complete event.
    pending: Vec<u8>,
    /// The event that is read is too long to be kept.
    is_too_long: bool,
    /// The line that is read has bytes.
    is_in_line: bool,
    /// The last byte was a CR: an LF that follows belongs to it.
    is_after_return: bool,
}

impl Default for EventSplitter {
    fn default() -> Self {
        Self::with_longest(LONGEST_EVENT)
    }
}

impl EventSplitter {
    fn with_longest(longest: usize) -> Self {
        Self {
            longest,
            pending: Vec::new(),
            is_too_long: false,
            is_in_line: false,
            is_after_return: false,
        }
    }

    /// Whether the stream is inside an event.
    pub(super) fn is_inside_event(&self) -> bool {
        self.is_too_long || !self.pending.is_empty()
    }

    /// The bytes of an event that is not complete.
    pub(super) fn take_rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.pending)
    }

    /// Reads the next bytes. All of them are in the pieces, but for those of an event that is not
    /// complete yet.
    pub(super) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(Piece<'_>)) {
        let (mut event, mut line) = (0, 0);
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let is_pair = bytes[at] == b'\n' && self.is_after(at, bytes);
            let is_blank = !is_pair && at == line && !self.is_in_line;
            self.is_in_line = false;
            line = at + 1;
            if is_pair && event == at && !self.is_inside_event() {
                take(Piece::Part(b"\n"));
                event = line;
            } else if is_blank {
                let is_split = bytes[at] == b'\r' && bytes.get(line) == Some(&b'\n');
                let end = line + usize::from(is_split);
                self.complete(&bytes[event..end], &mut take);
                event = end;
            }
        }
        self.is_in_line |= line < bytes.len();
        if let Some(last) = bytes.last() {
            self.is_after_return = *last == b'\r';
        }
        self.keep(&bytes[event..], &mut take);
    }

    /// Whether a CR stands before a place.
    fn is_after(&self, at: usize, bytes: &[u8]) -> bool {
        match at.checked_sub(1) {
            Some(before) => bytes[before] == b'\r',
            None => self.is_after_return,
        }
    }

    fn complete(&mut self, last: &[u8], take: &mut impl FnMut(Piece<'_>)) {
        if std::mem::take(&mut self.is_too_long) {
            take(Piece::Part(last));
        } else if self.pending.is_empty() {
            take(Piece::Event(last));
        } else {
            let mut event = std::mem::take(&mut self.pending);
            event.extend_from_slice(last);
            take(Piece::Event(&event));
        }
    }

    fn keep(&mut self, rest: &[u8], take: &mut impl FnMut(Piece<'_>)) {
        if !self.is_too_long {
            self.pending.extend_from_slice(rest);
            self.is_too_long = self.pending.len() > self.longest;
            if self.is_too_long {
                take(Piece::Part(&std::mem::take(&mut self.pending)));
            }
        } else if !rest.is_empty() {
            take(Piece::Part(rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The events of the pieces, and all of their bytes with the rest.
    fn split(longest: usize, pieces: &[&[u8]]) -> (Vec<String>, Vec<u8>) {
        let mut splitter = EventSplitter::with_longest(longest);
        let (mut events, mut all) = (Vec::new(), Vec::new());
        for piece in pieces {
            splitter.push(piece, |piece| match piece {
                Piece::Event(event) => {
                    events.push(String::from_utf8_lossy(event).trim_end().to_owned());
                    all.extend_from_slice(event);
                }
                Piece::Part(part) => all.extend_from_slice(part),
            });
        }
        all.extend(splitter.take_rest());
        (events, all)
    }

    #[test]
    fn every_line_end_is_found_wherever_it_is_cut() {
        for end in [
            "\n\n", "\r\n\r\n", "\r\r", "\n\r\n", "\r\n\n", "\r\n\r", "\n\r",
        ] {
            let text = format!("a: 1{end}data: 2{end}: 3{end}4");
            let bytes = text.as_bytes();
            for cut in 0..=bytes.len() {
                let (events, all) = split(LONGEST_EVENT, &[&bytes[..cut], &bytes[cut..]]);
                assert_eq!(events, ["a: 1", "data: 2", ": 3"], "{end:?} cut at {cut}");
                assert_eq!(all, bytes, "{end:?} cut at {cut}");
            }
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(split(LONGEST_EVENT, &single).0, ["a: 1", "data: 2", ": 3"]);
        }
    }

    #[test]
    fn an_event_ends_where_its_blank_line_does() {
        for (text, is_inside) in [
            ("data: 1\n\n", false),
            ("data: 1\r\n\r\n", false),
            ("data: 1\r\r", false),
            ("data: 1\r\n\r", false),
            ("data: 1\n", true),
            ("data: 1\r\n", true),
            ("data: 1\n\n:", true),
        ] {
            let mut splitter = EventSplitter::default();
            splitter.push(text.as_bytes(), |_| ());
            assert_eq!(splitter.is_inside_event(), is_inside, "{text:?}");
            splitter.push(b"", |_| ());
            assert_eq!(splitter.is_inside_event(), is_inside, "{text:?}");
        }
    }

    #[test]
    fn an_event_that_is_too_long_passes_and_the_next_one_is_found() {
        let text = format!(
            "data: 1\n\ndata: {}\n\ndata: 2\n\ndata: 3\n\n",
            "x".repeat(300)
        );
        for size in [1, 7, 150, 309] {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            let (events, all) = split(100, &pieces);
            assert_eq!(events, ["data: 1", "data: 2", "data: 3"], "{size}");
            assert_eq!(all, text.as_bytes(), "{size}");
        }
        let mut splitter = EventSplitter::with_longest(100);
        for _ in 0..1000 {
            splitter.push(b"endless", |_| ());
        }
        assert!(splitter.is_inside_event() && splitter.pending.capacity() < 1000);
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_events_and_all_bytes(
            parts in proptest::collection::vec("[ab:]{0,3}(\n|\r|\r\n|)", 0..20),
            cuts in proptest::collection::vec(0_usize..60, 0..8),
        ) {
            let text = parts.concat();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(text.len())).collect();
            cuts.push(text.len());
            cuts.sort_unstable();
            let (mut pieces, mut at) = (Vec::new(), 0);
            for cut in cuts {
                pieces.push(&text.as_bytes()[at..cut]);
                at = cut;
            }
            let whole = split(LONGEST_EVENT, &[text.as_bytes()]);
            prop_assert_eq!(&whole.1, text.as_bytes());
            prop_assert_eq!(split(LONGEST_EVENT, &pieces), whole);
        }
    }
}
