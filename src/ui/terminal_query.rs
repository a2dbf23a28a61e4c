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
    /// The answer for the background, such as `rgb:0000/0000/0000`.
    pub background: Option<String>,
    /// It has the keyboard protocol of kitty.
    pub has_keyboard_protocol: bool,
    /// What was typed meanwhile.
    pub typed: Vec<Event>,
}

/// Asks everything. The terminal must give keys and not echo.
pub(super) fn ask_all(parser: &mut KeyParser) -> Answers {
    ask(ALL, parser, |report| *report == Report::Attributes)
}

/// Asks for the cursor alone.
pub(super) fn ask_cursor(parser: &mut KeyParser) -> Answers {
    ask(CURSOR, parser, |report| {
        matches!(report, Report::Cursor(..))
    })
}

fn ask(questions: &[u8], parser: &mut KeyParser, is_last: impl Fn(&Report) -> bool) -> Answers {
    let mut answers = Answers::default();
    if write(questions).is_err() {
        return answers;
    }
    let mut deadline = Instant::now() + FIRST;
    let (mut inputs, mut has_answered) = (Vec::new(), false);
    while read_until(deadline, parser, &mut inputs) {
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
            let is_over = is_last(&report);
            answers.take(report);
            if is_over {
                return answers;
            }
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
                self.background = text.strip_prefix("11;").map(str::to_owned);
            }
            Report::Mode(..) | Report::Attributes => {}
        }
    }
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
