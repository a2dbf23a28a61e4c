//! Recognises the sequences with which a program drives a terminal.

/// What an escape that starts no sequence is shown as.
pub(super) const ESCAPE_SYMBOL: &str = "␛";

/// Longest sequence, in bytes: more is text.
const LONGEST: usize = 4096;

/// What bytes that begin with an escape start with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum EscapeSequence {
    Complete {
        length: usize,
        /// It moves the cursor to a place on the screen.
        is_place: bool,
    },
    /// More bytes may complete it.
    Open,
    None,
}

impl EscapeSequence {
    pub(super) fn at_start_of(bytes: &[u8]) -> Self {
        match bytes.get(1) {
            None => Self::Open,
            Some(b'[') => Self::control(bytes),
            Some(b']' | b'P' | b'X' | b'^' | b'_') => Self::string(bytes),
            Some(0x20..=0x7e) => Self::ended_by(bytes, 1, 0x30..=0x7e),
            Some(_) => Self::None,
        }
    }

    /// `ESC [`, parameters and a final byte.
    fn control(bytes: &[u8]) -> Self {
        let parameters = bytes[2..]
            .iter()
            .take_while(|byte| (0x30..=0x3f).contains(*byte));
        let end = 2 + parameters.count();
        match Self::ended_by(bytes, end, 0x40..=0x7e) {
            Self::Complete { length, .. } => Self::Complete {
                length,
                is_place: end > 2 && matches!(bytes[length - 1], b'H' | b'f'),
            },
            other => other,
        }
    }

    /// Intermediate bytes from `at` on, and a final byte.
    fn ended_by(bytes: &[u8], at: usize, finals: std::ops::RangeInclusive<u8>) -> Self {
        let is_intermediate = |byte: &&u8| (0x20..=0x2f).contains(*byte);
        let end = at + bytes[at..].iter().take_while(is_intermediate).count();
        match bytes.get(end) {
            _ if end > LONGEST => Self::None,
            None => Self::Open,
            Some(byte) if finals.contains(byte) => Self::Complete {
                length: end + 1,
                is_place: false,
            },
            Some(_) => Self::None,
        }
    }

    /// A text that ends with BEL or `ESC \`, such as a title or a link. It has one line.
    fn string(bytes: &[u8]) -> Self {
        let text = bytes[2..].iter().take_while(|byte| **byte >= 0x20);
        let end = 2 + text.count();
        let length = match &bytes[end..] {
            _ if end > LONGEST => return Self::None,
            [] | [0x1b] => return Self::Open,
            [0x07, ..] => end + 1,
            [0x1b, b'\\', ..] => end + 2,
            _ => return Self::None,
        };
        Self::Complete {
            length,
            is_place: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_ends_where_terminals_end_it() {
        for (bytes, length) in [
            (&b"\x1b[0;1mx"[..], 6),
            (b"\x1b[?1049hx", 8),
            (b"\x1b[0 qx", 5),
            (b"\x1b=x", 2),
            (b"\x1b(Bx", 3),
            (b"\x1b]0;title\x07x", 10),
            (b"\x1b]8;;u\x1b\\x", 8),
            (b"\x1bP1q\x1b\\x", 6),
        ] {
            let expected = EscapeSequence::Complete {
                length,
                is_place: false,
            };
            let found = EscapeSequence::at_start_of(bytes);
            assert_eq!(found, expected, "{}", bytes.escape_ascii());
            for open in 1..length {
                let found = EscapeSequence::at_start_of(&bytes[..open]);
                assert_eq!(found, EscapeSequence::Open, "{}", bytes.escape_ascii());
            }
        }
        for none in [
            &b"\x1b\x01"[..],
            b"\x1b[1\n",
            b"\x1b]0;x\ny\x07",
            b"\x1b\xc3",
        ] {
            let found = EscapeSequence::at_start_of(none);
            assert_eq!(found, EscapeSequence::None, "{}", none.escape_ascii());
        }
    }
}
