//! Turns the bytes that a terminal sends into keys, pastes and reports.
//!
//! It never waits: what is incomplete stays until more arrives. A lone escape is the Esc key when
//! nothing follows it, which the caller decides with [`KeyParser::end_escape`].

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

/// What a terminal sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// A key, a paste, or a change of focus.
    Event(Event),
    /// An answer to a question about the terminal.
    Report(Report),
}

/// An answer to a question about the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Report {
    /// The cursor, counted from 1: row and column.
    Cursor(u16, u16),
    /// The state of a mode: 1 and 2 are set and reset, 0 is unknown, 3 and 4 cannot be changed.
    Mode(u16, u16),
    /// The device attributes: every terminal has them.
    Attributes,
    /// The flags of the keyboard protocol of kitty.
    Keyboard,
    /// A text by its number, such as the background with 11.
    Text(String),
}

/// Longest control sequence in bytes; a longer one is none.
const LONGEST: usize = 4096;

/// Longest modifier before the letter of a key after `SS3`, in bytes; a longer one is text.
const LONGEST_OF_SS3: usize = 5;

const PASTE: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// Splits a stream of bytes at its keys.
#[derive(Debug, Default)]
pub(super) struct KeyParser {
    bytes: Vec<u8>,
    /// Bytes of a paste that have been searched for its end.
    searched: usize,
}

/// The start of what has arrived.
enum Start {
    /// So many bytes are this, or nothing.
    Whole(usize, Option<Input>),
    /// More is to come.
    Incomplete,
}

impl KeyParser {
    /// Takes more bytes, and appends what is complete.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<Input>) {
        self.bytes.extend_from_slice(bytes);
        let mut taken = 0;
        while taken < self.bytes.len() {
            match self.start(taken) {
                Start::Whole(length, input) => {
                    taken += length.max(1);
                    out.extend(input);
                }
                Start::Incomplete => break,
            }
        }
        self.bytes.drain(..taken);
    }

    /// Whether it waits for what follows an escape.
    pub(super) fn has_lone_escape(&self) -> bool {
        self.bytes == b"\x1b"
    }

    /// Nothing has followed an escape: it was the key.
    pub(super) fn end_escape(&mut self, out: &mut Vec<Input>) {
        if self.has_lone_escape() {
            self.bytes.clear();
            out.push(key(KeyCode::Esc, KeyModifiers::NONE));
        }
    }

    fn start(&mut self, at: usize) -> Start {
        let bytes = &self.bytes[at..];
        match bytes {
            [0x1b] => Start::Incomplete,
            [0x1b, b'[', ..] if bytes.starts_with(PASTE) => self.paste(at),
            [0x1b, b'[', rest @ ..] => csi(rest),
            [0x1b, b']', ..] => string(bytes),
            [0x1b, b'O', rest @ ..] => ss3(rest),
            [0x1b, 0x1b, ..] => Start::Whole(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
            [0x1b, rest @ ..] => match character(rest) {
                Start::Whole(length, input) => Start::Whole(length + 1, input.map(with_alt)),
                Start::Incomplete => Start::Incomplete,
            },
            _ => character(bytes),
        }
    }

    fn paste(&mut self, at: usize) -> Start {
        let text = &self.bytes[at + PASTE.len()..];
        // What was searched before may hold the start of the end.
        let from = self.searched.saturating_sub(PASTE_END.len());
        let found = memchr::memmem::find(&text[from.min(text.len())..], PASTE_END);
        let Some(end) = found.map(|end| end + from) else {
            self.searched = text.len();
            return Start::Incomplete;
        };
        self.searched = 0;
        let pasted = String::from_utf8_lossy(&text[..end]).into_owned();
        Start::Whole(
            PASTE.len() + end + PASTE_END.len(),
            Some(Input::Event(Event::Paste(pasted))),
        )
    }
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Event(Event::Key(KeyEvent::new(code, modifiers)))
}

fn with_alt(input: Input) -> Input {
    match input {
        Input::Event(Event::Key(key)) => Input::Event(Event::Key(KeyEvent {
            modifiers: key.modifiers | KeyModifiers::ALT,
            ..key
        })),
        other => other,
    }
}

/// A single character: a control code, or UTF-8.
fn character(bytes: &[u8]) -> Start {
    let control = |letter: u8| (KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL);
    let plain = |code| (code, KeyModifiers::NONE);
    let Some(first) = bytes.first().copied() else {
        return Start::Incomplete;
    };
    let (code, modifiers) = match first {
        b'\r' => plain(KeyCode::Enter),
        b'\n' => control(b'j'),
        b'\t' => plain(KeyCode::Tab),
        0x7f => plain(KeyCode::Backspace),
        0 => control(b' '),
        c @ 0x01..=0x1a => control(c - 1 + b'a'),
        c @ 0x1b..=0x1f => control(c - 0x1c + b'4'),
        _ => return utf8(bytes),
    };
    Start::Whole(1, Some(key(code, modifiers)))
}

fn utf8(bytes: &[u8]) -> Start {
    let length = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => 1,
    };
    let Some(character) = bytes.get(..length) else {
        return Start::Incomplete;
    };
    match std::str::from_utf8(character) {
        Ok(text) => Start::Whole(length, text.chars().next().map(typed)),
        Err(_) => Start::Whole(1, None),
    }
}

fn typed(c: char) -> Input {
    let modifiers = if c.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    key(KeyCode::Char(c), modifiers)
}

/// An OSC string up to BEL or ST.
fn string(bytes: &[u8]) -> Start {
    let end = bytes
        .iter()
        .skip(2)
        .position(|byte| matches!(byte, 0x07 | 0x1b));
    let Some(end) = end.map(|end| end + 2) else {
        return if bytes.len() > LONGEST {
            Start::Whole(2, None)
        } else if bytes.len() == 2 {
            // Alt-] is not typed in a conversation, but a terminal may be slow.
            Start::Incomplete
        } else if bytes[2].is_ascii_digit() {
            Start::Incomplete
        } else {
            Start::Whole(2, Some(with_alt(typed(']'))))
        };
    };
    let text = String::from_utf8_lossy(&bytes[2..end]).into_owned();
    let length = match bytes.get(end..) {
        Some([0x07, ..]) => end + 1,
        Some([0x1b, b'\\', ..]) => end + 2,
        Some([0x1b]) => return Start::Incomplete,
        _ => end,
    };
    Start::Whole(length, Some(Input::Report(Report::Text(text))))
}

/// What follows `SS3`: a letter, which some terminals put a modifier before.
fn ss3(rest: &[u8]) -> Start {
    let is_parameter = |byte: &u8| byte.is_ascii_digit() || *byte == b';';
    let length = rest.iter().take_while(|byte| is_parameter(byte)).count();
    if length > LONGEST_OF_SS3 {
        return Start::Whole(2, None);
    }
    let Some(end) = rest.get(length) else {
        return Start::Incomplete;
    };
    let parameters = std::str::from_utf8(&rest[..length]).unwrap_or_default();
    let modifier = numbers(parameters).last().copied().unwrap_or_default();
    Start::Whole(length + 3, function_key(*end, modifiers(modifier)))
}

/// What follows `CSI`.
fn csi(rest: &[u8]) -> Start {
    // The keys of the Linux console: F1 to F5 end in the letters A to E.
    if let [b'[', end @ ..] = rest {
        let Some(c) = end.first() else {
            return Start::Incomplete;
        };
        let number = c.checked_sub(b'A').filter(|number| *number < 5);
        let code = number.map(|number| KeyCode::F(number + 1));
        return Start::Whole(4, code.map(|code| key(code, KeyModifiers::NONE)));
    }
    let Some(end) = rest.iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
        return if rest.len() > LONGEST {
            Start::Whole(2, None)
        } else {
            Start::Incomplete
        };
    };
    let parameters = std::str::from_utf8(&rest[..end]).unwrap_or_default();
    Start::Whole(end + 3, sequence(parameters, rest[end]))
}

/// The numbers of a sequence, with those after a colon apart; an empty one is 0.
fn numbers(parameters: &str) -> Vec<u32> {
    parameters
        .split(';')
        .map(|part| {
            let number = part.split(':').next().unwrap_or_default();
            number.parse().unwrap_or_default()
        })
        .collect()
}

fn sequence(parameters: &str, end: u8) -> Option<Input> {
    if let Some(private) = parameters.strip_prefix('?') {
        return report(private, end).map(Input::Report);
    }
    if parameters.starts_with(['<', '=', '>']) {
        return None;
    }
    let numbers = numbers(parameters);
    let number = |at: usize| numbers.get(at).copied().unwrap_or_default();
    let modifiers = modifiers(number(1));
    match end {
        b'I' => Some(Input::Event(Event::FocusGained)),
        b'O' => Some(Input::Event(Event::FocusLost)),
        b'Z' => Some(key(KeyCode::BackTab, KeyModifiers::SHIFT)),
        // F3 with a modifier looks alike, and is no key of the conversation.
        b'R' if numbers.len() == 2 => Some(Input::Report(Report::Cursor(
            u16::try_from(number(0)).ok()?,
            u16::try_from(number(1)).ok()?,
        ))),
        b'~' if number(0) == 27 => coded_key(number(2), modifiers),
        b'~' => {
            let code = match number(0) {
                1 | 7 => KeyCode::Home,
                2 => KeyCode::Insert,
                3 => KeyCode::Delete,
                4 | 8 => KeyCode::End,
                5 => KeyCode::PageUp,
                6 => KeyCode::PageDown,
                n @ 11..=15 => KeyCode::F(u8::try_from(n - 10).ok()?),
                n @ 17..=21 => KeyCode::F(u8::try_from(n - 11).ok()?),
                n @ 23..=24 => KeyCode::F(u8::try_from(n - 12).ok()?),
                _ => return None,
            };
            Some(key(code, modifiers))
        }
        // 3 is the release of a key.
        b'u' if event_type(parameters) != 3 => coded_key(number(0), modifiers),
        other => function_key(other, modifiers),
    }
}

/// Press, repeat and release are 1, 2 and 3.
fn event_type(parameters: &str) -> u32 {
    let modifiers = parameters.split(';').nth(1).unwrap_or_default();
    let kind = modifiers.split(':').nth(1);
    kind.and_then(|kind| kind.parse().ok()).unwrap_or(1)
}

/// A key by its code point, as the protocols of kitty and xterm send it.
fn coded_key(code: u32, modifiers: KeyModifiers) -> Option<Input> {
    let code = match code {
        9 if modifiers.contains(KeyModifiers::SHIFT) => {
            return Some(key(KeyCode::BackTab, modifiers));
        }
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        // Ctrl-[ has always been Esc.
        91 if modifiers == KeyModifiers::CONTROL => {
            return Some(key(KeyCode::Esc, KeyModifiers::NONE));
        }
        127 => KeyCode::Backspace,
        // Keys without a character: modifiers alone, media keys.
        57344..=63743 => return None,
        code => KeyCode::Char(char::from_u32(code).filter(|c| !c.is_control())?),
    };
    Some(key(code, modifiers))
}

fn function_key(c: u8, modifiers: KeyModifiers) -> Option<Input> {
    let code = match c {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'M' => KeyCode::Enter,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'R' => KeyCode::F(3),
        b'S' => KeyCode::F(4),
        _ => return None,
    };
    Some(key(code, modifiers))
}

/// From the parameter of a key: one more than the bits of its modifiers.
fn modifiers(parameter: u32) -> KeyModifiers {
    let bits = parameter.saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
    ] {
        modifiers.set(modifier, bits & bit != 0);
    }
    modifiers
}

fn report(private: &str, end: u8) -> Option<Report> {
    match end {
        b'c' => Some(Report::Attributes),
        b'u' => Some(Report::Keyboard),
        b'y' => {
            let numbers = numbers(private.trim_end_matches('$'));
            let number = |at: usize| u16::try_from(*numbers.get(at)?).ok();
            Some(Report::Mode(number(0)?, number(1)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(bytes: &[u8]) -> Vec<Input> {
        let (mut parser, mut out) = (KeyParser::default(), Vec::new());
        parser.push(bytes, &mut out);
        parser.end_escape(&mut out);
        out
    }

    /// As a list and a question with one key read.
    fn one_by_one(bytes: &[u8]) -> Vec<Input> {
        let (mut parser, mut out) = (KeyParser::default(), Vec::new());
        for byte in bytes {
            parser.push(&[*byte], &mut out);
        }
        parser.end_escape(&mut out);
        out
    }

    fn keys(bytes: &[u8]) -> Vec<(KeyCode, KeyModifiers)> {
        parsed(bytes)
            .into_iter()
            .filter_map(|input| match input {
                Input::Event(Event::Key(key)) => Some((key.code, key.modifiers)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn keys_are_told_apart() {
        const NONE: KeyModifiers = KeyModifiers::NONE;
        const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
        const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
        const ALT: KeyModifiers = KeyModifiers::ALT;
        for (bytes, code, modifiers) in [
            (&b"a"[..], KeyCode::Char('a'), NONE),
            (b"A", KeyCode::Char('A'), SHIFT),
            ("ü".as_bytes(), KeyCode::Char('ü'), NONE),
            (b"\r", KeyCode::Enter, NONE),
            (b"\n", KeyCode::Char('j'), CONTROL),
            (b"\x03", KeyCode::Char('c'), CONTROL),
            (b"\x1f", KeyCode::Char('7'), CONTROL),
            (b"\x7f", KeyCode::Backspace, NONE),
            (b"\x1b", KeyCode::Esc, NONE),
            (b"\x1bb", KeyCode::Char('b'), ALT),
            (b"\x1b\r", KeyCode::Enter, ALT),
            (b"\x1b[A", KeyCode::Up, NONE),
            (b"\x1bOA", KeyCode::Up, NONE),
            (b"\x1b[1;5D", KeyCode::Left, CONTROL),
            (b"\x1b[3~", KeyCode::Delete, NONE),
            (b"\x1b[3;5~", KeyCode::Delete, CONTROL),
            (b"\x1b[Z", KeyCode::BackTab, SHIFT),
            (b"\x1b[13;2u", KeyCode::Enter, SHIFT),
            (b"\x1b[27;2;13~", KeyCode::Enter, SHIFT),
            (b"\x1b[15~", KeyCode::F(5), NONE),
            (b"\x1b[24~", KeyCode::F(12), NONE),
            (b"\x1bOP", KeyCode::F(1), NONE),
            (b"\x1bO5C", KeyCode::Right, CONTROL),
            (b"\x1bO1;5C", KeyCode::Right, CONTROL),
            (b"\x1b[[A", KeyCode::F(1), NONE),
            (b"\x1b[[E", KeyCode::F(5), NONE),
        ] {
            assert_eq!(keys(bytes), [(code, modifiers)], "{bytes:?}");
            assert_eq!(one_by_one(bytes), parsed(bytes), "{bytes:?}");
        }
        assert_eq!(keys(b"\x1b[[a"), [], "no key of the Linux console");
        assert_eq!(keys(b"\x1b[97;1:3u"), [], "a release is no key");
    }

    #[test]
    fn a_paste_is_one_event() {
        assert_eq!(
            parsed(b"\x1b[200~a\rb\x1b[A\x1b[201~c")[0],
            Input::Event(Event::Paste("a\rb\x1b[A".to_owned()))
        );
    }

    #[test]
    fn reports_are_no_keys() {
        for (bytes, report) in [
            (&b"\x1b[7;40R"[..], Report::Cursor(7, 40)),
            (b"\x1b[?2026;2$y", Report::Mode(2026, 2)),
            (b"\x1b[?62;22c", Report::Attributes),
            (b"\x1b[?0u", Report::Keyboard),
            (
                b"\x1b]11;rgb:0000/0000/0000\x1b\\",
                Report::Text("11;rgb:0000/0000/0000".to_owned()),
            ),
            (
                b"\x1b]11;rgb:0/0/0\x07",
                Report::Text("11;rgb:0/0/0".to_owned()),
            ),
        ] {
            assert_eq!(parsed(bytes), [Input::Report(report)], "{bytes:?}");
            assert_eq!(one_by_one(bytes), parsed(bytes), "{bytes:?}");
        }
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"a".to_vec()),
            Just("日".as_bytes().to_vec()),
            Just(b"\x1b[1;5C".to_vec()),
            Just(b"\x1b[200~x\x1b[20y\r\x1b[201~".to_vec()),
            Just(b"\x1bOP".to_vec()),
            Just(b"\x1bO1;5C".to_vec()),
            Just(b"\x1b[[A".to_vec()),
            Just(b"\x1b]11;rgb:1/2/3\x1b\\".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..4),
        ];
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_bytes_arrive(bytes in stream(), cut in 0_usize..80) {
            let cut = cut.min(bytes.len());
            let (mut parser, mut out) = (KeyParser::default(), Vec::new());
            parser.push(&bytes[..cut], &mut out);
            parser.push(&bytes[cut..], &mut out);
            parser.end_escape(&mut out);
            prop_assert_eq!(out, parsed(&bytes));
        }
    }
}
