//! Recognises a program that draws on the whole screen, whose output is no text to show.
//!
//! It switches to the alternate screen, and then waits for keys. A text that has such a switch in
//! it, as a recording of a terminal has, ends or goes on: until that is decided it is held back.

use std::time::{Duration, Instant};

/// The switches to the alternate screen.
const SWITCHES: [&[u8]; 3] = [b"\x1b[?1049h", b"\x1b[?1047h", b"\x1b[?47h"];

/// Bytes at the end of a piece that may start a switch: one less than the longest has.
const LONGEST_START: usize = 7;

/// After this time without an end the program waits for keys.
const WAITING: Duration = Duration::from_millis(300);

/// Most text that is held back, in bytes: more is not drawn on one screen.
const MOST_HELD: usize = 64 * 1024;

/// What the output of a command is, as far as it is known.
#[derive(Debug)]
pub(super) enum WholeScreen {
    /// Text, so far: its end, which may be the start of a switch.
    Text(Vec<u8>),
    /// Text with a switch in it, too much for one screen.
    LongText,
    /// Since when text is held back.
    Held(Instant, String),
    /// A drawing.
    Drawn,
}

impl Default for WholeScreen {
    fn default() -> Self {
        Self::Text(Vec::new())
    }
}

impl WholeScreen {
    /// What is to be shown of a piece of output and its text.
    pub(super) fn push(&mut self, piece: &[u8], text: String) -> Option<String> {
        if let Self::Text(end) = self {
            // A switch may arrive in two pieces.
            let first = piece.len().min(LONGEST_START);
            end.extend_from_slice(&piece[..first]);
            let is_switched = has_switch(end) || has_switch(piece);
            end.extend_from_slice(&piece[first.max(piece.len().saturating_sub(LONGEST_START))..]);
            end.drain(..end.len().saturating_sub(LONGEST_START));
            if is_switched {
                *self = Self::Held(Instant::now(), String::new());
            }
        }
        match self {
            Self::Text(_) | Self::LongText => Some(text),
            Self::Drawn => None,
            Self::Held(_, held) => {
                held.push_str(&text);
                if held.len() <= MOST_HELD {
                    return None;
                }
                let held = std::mem::take(held);
                *self = Self::LongText;
                Some(held)
            }
        }
    }

    /// Nothing arrives, and the program runs: whether that makes it one that draws.
    pub(super) fn is_found_out(&mut self) -> bool {
        let is_drawn = matches!(self, Self::Held(since, _) if since.elapsed() >= WAITING);
        if is_drawn {
            *self = Self::Drawn;
        }
        is_drawn
    }

    /// The program has ended: what is left to show of its output, with the rest of its text.
    pub(super) fn finish(&mut self, rest: String) -> Option<String> {
        match self {
            Self::Text(_) | Self::LongText => Some(rest),
            Self::Drawn => None,
            Self::Held(_, held) => {
                held.push_str(&rest);
                Some(std::mem::take(held))
            }
        }
    }

    pub(super) fn is_drawn(&self) -> bool {
        matches!(self, Self::Drawn)
    }
}

fn has_switch(piece: &[u8]) -> bool {
    let has = |switch: &&[u8]| piece.windows(switch.len()).any(|part| part == *switch);
    SWITCHES.iter().any(has) || (0..piece.len()).any(|at| is_of_drawing(&piece[at..]))
}

/// Modes of programs that draw, also on a terminal without an alternate screen: the cursor keys of
/// an application, the alternate screen, the mouse.
const MODES: [&[u8]; 7] = [b"1", b"47", b"1000", b"1002", b"1003", b"1047", b"1049"];

/// Whether a text starts with a sequence that sets such a mode, or a region that scrolls.
fn is_of_drawing(text: &[u8]) -> bool {
    let Some(sequence) = text.strip_prefix(b"\x1b[") else {
        return false;
    };
    let is_final = |byte: &u8| (0x40..=0x7e).contains(byte);
    match sequence
        .iter()
        .position(is_final)
        .map(|end| sequence.split_at(end))
    {
        Some(([b'?', modes @ ..], [b'h', ..])) => modes
            .split(|byte| *byte == b';')
            .any(|mode| MODES.contains(&mode)),
        Some(([b'0'..=b'9', rows @ ..], [b'r', ..])) => rows.contains(&b';'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SWITCH: &[u8] = b"Vim: \x1b[?1049h";

    fn pushed(screen: &mut WholeScreen, piece: &[u8]) -> Option<String> {
        screen.push(piece, String::from_utf8_lossy(piece).into_owned())
    }

    #[test]
    fn switches_to_the_alternate_screen_are_found() {
        let of_top = "\x1b[?1h\x1b=\x1b[?25l\x1b[H\x1b[2J";
        let of_vim = "x\x1b[?1006;1000h";
        let on_console = "libgpm: no screen\n\x1b[1;24r\x1b[27m";
        let drawn = ["\x1b[?1049h", "Vim: \x1b[?1049h\x1b[2J", "\x1b[?47h"];
        for drawn in drawn.into_iter().chain([of_top, of_vim, on_console]) {
            assert!(has_switch(drawn.as_bytes()), "{drawn:?}");
        }
        let cleared = "\x1b[H\x1b[2J\x1b[3J\x1b[?25h\x1b[?12h";
        for other in [
            "",
            "\x1b[?1049l",
            "\x1b[1m1049h",
            "[?1049h",
            cleared,
            "\x1b[r",
            "\x1b[",
        ] {
            assert!(!has_switch(other.as_bytes()), "{other:?}");
        }
    }

    #[test]
    fn a_text_with_a_switch_is_shown_at_its_end() {
        let mut screen = WholeScreen::default();
        assert_eq!(pushed(&mut screen, b"a").as_deref(), Some("a"));
        assert_eq!(pushed(&mut screen, SWITCH), None);
        assert_eq!(pushed(&mut screen, b"b"), None);
        assert!(!screen.is_found_out() && !screen.is_drawn());
        let rest = screen.finish("c".to_owned());
        assert_eq!(rest.as_deref(), Some("Vim: \x1b[?1049hbc"));
    }

    #[test]
    fn a_switch_in_several_pieces_is_found() {
        for size in 1..SWITCH.len() {
            let mut screen = WholeScreen::default();
            let shown = SWITCH.chunks(size).map(|piece| pushed(&mut screen, piece));
            assert_eq!(shown.last(), Some(None), "in pieces of {size}");
        }
        let mut screen = WholeScreen::default();
        for piece in [&b"\x1b[?10"[..], b"a", b"49h"] {
            assert!(pushed(&mut screen, piece).is_some());
        }
    }

    #[test]
    fn a_long_text_with_a_switch_is_shown_as_it_arrives() {
        let mut screen = WholeScreen::default();
        assert_eq!(pushed(&mut screen, SWITCH), None);
        let long = vec![b'x'; MOST_HELD];
        let shown = pushed(&mut screen, &long).unwrap_or_default();
        assert_eq!(shown.len(), SWITCH.len() + MOST_HELD);
        assert!(pushed(&mut screen, SWITCH).is_some());
    }

    #[test]
    fn a_program_that_waits_has_drawn() {
        let since = Instant::now().checked_sub(2 * WAITING).unwrap();
        let mut screen = WholeScreen::Held(since, "held".to_owned());
        assert!(screen.is_found_out() && screen.is_drawn());
        assert!(!screen.is_found_out());
        assert_eq!(pushed(&mut screen, b"more"), None);
        assert_eq!(screen.finish("rest".to_owned()), None);
    }
}
