//! Questions to the terminal, asked in one batch: where the cursor is, and what it can do.
//!
//! The last question is for the device attributes, which every terminal answers: what has not
//! come by then will not come. Keys that are typed meanwhile are returned.

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::Event;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::key_parser::{Input, KeyParser, Report};

/// Longest wait for the first answer. Terminals over a slow line take their time; one that answers
/// nothing is rare.
const FIRST: Duration = Duration::from_secs(2);

/// Longest wait for the others.
const REST: Duration = Duration::from_millis(100);

/// The questions: cursor, background, synchronised output, keyboard protocol, attributes.
const ALL: &[u8] = b"\x1b[6n\x1b]11;?\x1b\\\x1b[?2026$p\x1b[?u\x1b[c";

const CURSOR: &[u8] = b"\x1b[6n";

/// What a terminal has answered.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Row and column of the cursor, counted from 1.
    pub cursor: Option<(u16, u16)>,
    /// It shows a write at once when it is marked.
    pub synchronises: bool,
    /// Whether its background is light.
    pub is_light: Option<bool>,
    /// It has the keyboard protocol of kitty.
    pub has_keyboard_protocol: bool,
    /// What was typed meanwhile.
    pub typed: Vec<Event>,
}

/// Asks everything. The terminal must give keys and not echo.
pub(super) fn ask_all(parser: &mut KeyParser) -> Answers {
    ask(ALL, parser, FIRST, |report| *report == Report::Attributes)
}

/// Asks for the cursor alone, and waits no longer than this.
pub(super) fn ask_cursor(parser: &mut KeyParser, longest: Duration) -> Answers {
    let is_last = |report: &Report| matches!(report, Report::Cursor(..));
    ask(CURSOR, parser, longest, is_last)
}

fn ask(
    questions: &[u8],
    parser: &mut KeyParser,
    longest: Duration,
    is_last: impl Fn(&Report) -> bool,
) -> Answers {
    let mut answers = Answers::default();
    if write(questions).is_err() {
        return answers;
    }
    let mut deadline = Instant::now() + longest;
    let (mut inputs, mut has_answered, mut is_over) = (Vec::new(), false, false);
    while !is_over && read_until(deadline, parser, &mut inputs) {
        for input in inputs.drain(..) {
            let report = match input {
                Input::Event(event) => {
                    answers.typed.push(event);
                    continue;
                }
                Input::Report(report) => report,
            };
            if !std::mem::replace(&mut has_answered, true) {
                deadline = Instant::now() + REST;
            }
            is_over |= is_last(&report);
            answers.take(report);
        }
    }
    answers
}

impl Answers {
    fn take(&mut self, report: Report) {
        match report {
            Report::Cursor(row, column) => self.cursor = Some((row, column)),
            Report::Mode(2026, state) => self.synchronises = matches!(state, 1 | 2),
            Report::Keyboard => self.has_keyboard_protocol = true,
            Report::Text(text) => {
                self.is_light = text.strip_prefix("11;").and_then(is_light);
            }
            Report::Mode(..) | Report::Attributes => {}
        }
    }
}

/// Whether a colour such as `rgb:ffff/ffff/dddd` is light.
fn is_light(colour: &str) -> Option<bool> {
    let parts = colour.split_once(':')?.1.split('/');
    let level = |part: &str| {
        let most = 16_u32.checked_pow(u32::try_from(part.len()).ok()?)? - 1;
        Some(f64::from(u32::from_str_radix(part, 16).ok()?) / f64::from(most))
    };
    let levels: Option<Vec<f64>> = parts.take(3).map(level).collect();
    let [red, green, blue] = levels?.try_into().ok()?;
    Some(0.299 * red + 0.587 * green + 0.114 * blue > 0.5)
}

/// Reads once, unless nothing comes before the deadline.
fn read_until(deadline: Instant, parser: &mut KeyParser, out: &mut Vec<Input>) -> bool {
    let left = deadline.saturating_duration_since(Instant::now());
    let stdin = io::stdin();
    let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
    match poll(&mut watched, Timespec::try_from(left).ok().as_ref()) {
        Err(rustix::io::Errno::INTR) => return !left.is_zero(),
        Ok(1..) => {}
        _ => return false,
    }
    let mut buffer = [0; 4096];
    match rustix::io::read(&stdin, &mut buffer) {
        Ok(length @ 1..) => {
            parser.push(buffer.get(..length).unwrap_or_default(), out);
            true
        }
        Err(rustix::io::Errno::INTR) => true,
        _ => false,
    }
}

fn write(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = rustix::io::write(io::stdout(), bytes)?;
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_and_dark_backgrounds_are_told_apart() {
        for (colour, expected) in [
            ("rgb:ffff/ffff/ffff", Some(true)),
            ("rgb:fd/f6/e3", Some(true)),
            ("rgb:0000/0000/0000", Some(false)),
            ("rgba:28/2c/34/ff", Some(false)),
            ("rgb:zz/00/00", None),
            ("rgb:00/00", None),
            ("?", None),
        ] {
            assert_eq!(is_light(colour), expected, "{colour}");
        }
    }
}
