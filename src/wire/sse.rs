//! The event-stream decoder: bytes in, the `data` of each event out, without any I/O.

use std::ops::Range;

/// The fields of an event; a comment has no name.
const FIELDS: [&[u8]; 5] = [b"", b"data", b"event", b"id", b"retry"];

/// Most that is kept of a line that is no field, in bytes.
const LONGEST_FOREIGN: usize = 4096;

/// An event was larger than so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one event of the stream is larger than {} MiB", .0 / 1024 / 1024)]
pub(crate) struct EventTooLarge(usize);

/// Decodes `text/event-stream` as the WHATWG HTML standard (§9.2.6) describes it, with the events
/// that chat completions use: comments, `event`, `id` and `retry` are skipped. Lines may end in
/// LF, CR or CRLF, and the bytes may be split anywhere, also inside a character.
///
/// Feed bytes with [`push`](Self::push), then call [`next`](Self::next) until it returns `None`.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    buffer: Vec<u8>,
    /// Where the line that is being read starts.
    line_start: usize,
    /// Everything before this has been searched for a line end.
    searched: usize,
    /// The data lines of the event that is being read, as ranges of `buffer`.
    data_lines: Vec<Range<usize>>,
    data_length: usize,
    /// The previous line ended in CR: an LF that follows belongs to it.
    after_carriage_return: bool,
    past_byte_order_mark: bool,
    /// Data of an event that had several lines.
    joined: Vec<u8>,
    /// The last line that is no field of an event, as far as it is kept.
    foreign: Vec<u8>,
    /// Bytes of data that an event may have.
    largest: usize,
}

impl Decoder {
    /// For events of up to `largest` bytes of data.
    pub(crate) fn new(largest: usize) -> Self {
        Self {
            largest,
            ..Self::default()
        }
    }

    /// Adds bytes as they came from the network.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.discard_consumed();
        self.buffer.extend_from_slice(bytes);
    }

    /// The data of the next complete event, or `None` when more bytes are needed. An event without
    /// data is skipped. An event that is incomplete at the stream's end is never returned.
    ///
    /// # Errors
    /// [`EventTooLarge`], after which the stream cannot be read further.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, EventTooLarge> {
        while let Some(line) = self.next_line() {
            if line.is_empty() {
                if self.data_lines.is_empty() {
                    continue;
                }
                return Ok(Some(self.take_event()));
            }
            self.note_foreign(&line);
            if let Some(data) = self.data_of(&line) {
                // A line costs memory of its own, however little is in it.
                self.data_length += data.len() + size_of::<Range<usize>>();
                self.data_lines.push(data);
            }
            if self.data_length > self.largest {
                return Err(EventTooLarge(self.largest));
            }
        }
        // Including the bytes between the data lines of an event that does not end.
        let kept_from = self
            .data_lines
            .first()
            .map_or(self.line_start, |range| range.start);
        if self.buffer.len() - kept_from > self.largest {
            return Err(EventTooLarge(self.largest));
        }
        Ok(None)
    }

    /// The end of the stream: the data of an event that no empty line ended, and of its last line.
    pub(crate) fn finish(&mut self) -> Result<Option<&[u8]>, EventTooLarge> {
        self.push(b"\n\n");
        self.next()
    }

    /// The last line that is no field of an event: some proxies write their error so.
    pub(crate) fn foreign_line(&self) -> &[u8] {
        self.foreign.trim_ascii()
    }

    fn note_foreign(&mut self, line: &Range<usize>) {
        let bytes = &self.buffer[line.clone()];
        let name = bytes.split(|byte| *byte == b':').next().unwrap_or_default();
        if !FIELDS.contains(&name) && !bytes.trim_ascii().is_empty() {
            self.foreign.clear();
            let kept = bytes.len().min(LONGEST_FOREIGN);
            self.foreign.extend_from_slice(&bytes[..kept]);
        }
    }

    /// Drops what has been read, at most once a push, so that a long stream does not copy for each
    /// line.
    fn discard_consumed(&mut self) {
        let kept_from = self
            .data_lines
            .first()
            .map_or(self.line_start, |range| range.start);
        if kept_from == 0 {
            return;
        }
        self.buffer.drain(..kept_from);
        self.line_start -= kept_from;
        self.searched = self.searched.saturating_sub(kept_from);
        for range in &mut self.data_lines {
            *range = range.start - kept_from..range.end - kept_from;
        }
    }

    /// The next complete line without its end.
    fn next_line(&mut self) -> Option<Range<usize>> {
        if !self.past_byte_order_mark && !self.skip_byte_order_mark() {
            return None;
        }
        if self.after_carriage_return && self.line_start < self.buffer.len() {
            if self.buffer[self.line_start] == b'\n' {
                self.line_start += 1;
            }
            self.after_carriage_return = false;
        }
        let from = self.searched.max(self.line_start);
        let Some(found) = memchr::memchr2(b'\n', b'\r', self.buffer.get(from..)?) else {
            self.searched = self.buffer.len();
            return None;
        };
        let end = from + found;
        self.after_carriage_return = self.buffer[end] == b'\r';
        let line = self.line_start..end;
        self.line_start = end + 1;
        self.searched = self.line_start;
        Some(line)
    }

    /// Skips a byte order mark at the start; false while more bytes are needed to decide.
    fn skip_byte_order_mark(&mut self) -> bool {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        if self.buffer.starts_with(MARK) {
            self.line_start = MARK.len();
        } else if MARK.starts_with(&self.buffer) {
            return false;
        }
        self.past_byte_order_mark = true;
        true
    }

    /// The value of a `data` line, with or without a space after the colon.
    fn data_of(&self, line: &Range<usize>) -> Option<Range<usize>> {
        let rest = self.buffer[line.clone()].strip_prefix(b"data")?;
        let skipped = match rest {
            [] => 4,
            [b':', b' ', ..] => 6,
            [b':', ..] => 5,
            _ => return None,
        };
        Some(line.start + skipped..line.end)
    }

    fn take_event(&mut self) -> &[u8] {
        self.data_length = 0;
        if let [only] = self.data_lines.as_slice() {
            let only = only.clone();
            self.data_lines.clear();
            return &self.buffer[only];
        }
        self.joined.clear();
        for (index, range) in self.data_lines.drain(..).enumerate() {
            if index > 0 {
                self.joined.push(b'\n');
            }
            self.joined.extend_from_slice(&self.buffer[range]);
        }
        &self.joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Largest event of these tests, in bytes.
    const LARGEST: usize = 8 * 1024 * 1024;

    fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let mut decoder = Decoder::new(LARGEST);
        let mut events = Vec::new();
        for piece in pieces {
            decoder.push(piece);
            while let Some(data) = decoder.next().unwrap() {
                events.push(String::from_utf8_lossy(data).into_owned());
            }
        }
        events
    }

    const SAMPLE: &str = "\u{feff}: OPENROUTER PROCESSING\n\ndata: {\"a\":\"héllo 👋🏽\"}\r\n\r\n:\rdata:no space\r\revent: x\nid: 1\n\ndata: two\ndata: lines\n\n\
                          data\n\ndatabase: not data\n\n: c\ndata: [DONE]\n\ndata: cut";

    fn expected() -> Vec<String> {
        [
            "{\"a\":\"héllo 👋🏽\"}",
            "no space",
            "two\nlines",
            "",
            "[DONE]",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    #[test]
    fn comments_line_ends_and_several_data_lines() {
        assert_eq!(decode([SAMPLE.as_bytes()]), expected());
    }

    #[test]
    fn every_split_gives_the_same_events() {
        let bytes = SAMPLE.as_bytes();
        for cut in 0..bytes.len() {
            assert_eq!(
                decode([&bytes[..cut], &bytes[cut..]]),
                expected(),
                "cut at {cut}"
            );
        }
        assert_eq!(decode(bytes.chunks(1)), expected());
    }

    #[test]
    fn an_event_larger_than_the_cap_is_an_error_in_one_line_or_many() {
        let mut decoder = Decoder::new(LARGEST);
        decoder.push(b"data: ");
        decoder.push(&vec![b'x'; LARGEST + 1]);
        assert_eq!(decoder.next(), Err(EventTooLarge(LARGEST)));

        let mut decoder = Decoder::new(LARGEST);
        let line = [b"data: ".as_slice(), &vec![b'x'; 1024 * 1024], b"\n"].concat();
        let outcome = (0..9).find_map(|_| {
            decoder.push(&line);
            decoder.next().err()
        });
        assert_eq!(outcome, Some(EventTooLarge(LARGEST)));
    }

    #[test]
    fn a_larger_event_is_read_where_it_may_be_larger() {
        let mut decoder = Decoder::new(LARGEST + 100);
        decoder.push(b"data: ");
        decoder.push(&vec![b'x'; LARGEST + 50]);
        decoder.push(b"\n\n");
        let length = decoder.next().map(|event| event.map(<[u8]>::len));
        assert_eq!(length, Ok(Some(LARGEST + 50)));
    }

    #[test]
    fn an_event_that_never_ends_is_an_error_whatever_fills_it() {
        let mut decoder = Decoder::new(LARGEST);
        decoder.push(b"data: {}\n");
        let comment = [b": ".as_slice(), &vec![b'x'; 1024 * 1024], b"\n"].concat();
        let outcome = (0..9).find_map(|_| {
            decoder.push(&comment);
            decoder.next().err()
        });
        assert_eq!(outcome, Some(EventTooLarge(LARGEST)));
    }

    #[test]
    fn a_long_stream_keeps_the_buffer_small() {
        let mut decoder = Decoder::new(LARGEST);
        for _ in 0..100_000 {
            decoder.push(b": keep alive\n\ndata: {\"choices\":[]}\n\n");
            while decoder.next().unwrap().is_some() {}
        }
        assert!(
            decoder.buffer.capacity() < 4096,
            "{}",
            decoder.buffer.capacity()
        );
    }

    /// The events of an independent parser, for streams that both must read alike.
    fn oracle(text: &str) -> Vec<String> {
        use std::task::{Context, Poll, Waker};

        use futures_core::Stream;

        let body = http_body_util::Full::new(bytes::Bytes::from(text.to_owned()));
        let mut stream = std::pin::pin!(sse_stream::SseStream::new(body));
        let mut context = Context::from_waker(Waker::noop());
        let mut events = Vec::new();
        while let Poll::Ready(Some(event)) = stream.as_mut().poll_next(&mut context) {
            events.extend(event.unwrap().data);
        }
        events
    }

    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "data: ?[a-zé👋 :]{0,12}",
            2 => Just(String::new()),
            1 => ":[a-z ]{0,8}",
            1 => "event: [a-z]{1,5}",
        ]
    }

    #[test]
    fn a_line_that_is_no_field_is_kept_for_the_error() {
        let foreign = |text: &str| {
            let mut decoder = Decoder::new(LARGEST);
            decoder.push(text.as_bytes());
            while decoder.next().unwrap().is_some() {}
            while decoder.finish().unwrap().is_some() {}
            String::from_utf8_lossy(decoder.foreign_line()).into_owned()
        };
        let upstream = "upstream connect error or disconnect. reset reason: overflow";
        for end in ["", "\n", "\r\n\r\n"] {
            let text = format!("data: one\n\n{upstream}{end}");
            assert_eq!(foreign(&text), upstream, "{end:?}");
        }
        assert_eq!(
            foreign(": comment\nevent: x\nid: 1\nretry\ndata: a\n\n \n"),
            ""
        );
        assert!(foreign(&"x".repeat(LONGEST_FOREIGN + 1)).len() == LONGEST_FOREIGN);
    }

    #[test]
    fn the_last_event_needs_no_empty_line_after_it() {
        for text in ["data: one", "data: one\n", "data: one\r\n"] {
            let mut decoder = Decoder::new(LARGEST);
            decoder.push(text.as_bytes());
            assert_eq!(decoder.next().unwrap(), None);
            assert_eq!(decoder.finish().unwrap(), Some(b"one".as_slice()));
            assert_eq!(decoder.finish().unwrap(), None);
        }
    }

    proptest! {
        #[test]
        fn agrees_with_an_independent_parser_however_it_is_cut(
            lines in proptest::collection::vec((line(), prop_oneof![Just("\n"), Just("\r\n")]), 0..30),
            size in 1_usize..40,
        ) {
            let parts = lines.iter().flat_map(|(line, end)| [line.as_str(), end]);
            let mut text: String = parts.collect();
            text.push_str("\n\n");
            prop_assert_eq!(decode(text.as_bytes().chunks(size)), oracle(&text));
        }

        #[test]
        fn arbitrary_bytes_never_panic_and_never_depend_on_the_cut(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            size in 1_usize..50,
        ) {
            prop_assert_eq!(decode(bytes.chunks(size)), decode([bytes.as_slice()]));
        }
    }
}
