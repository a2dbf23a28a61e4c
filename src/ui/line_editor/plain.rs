//! A prompt for terminals that cannot move the cursor: the terminal's own line editing, line by
//! line.

use std::collections::VecDeque;
use std::io::Write;
use std::ops::Range;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::look::{Look, counted};
use super::{entry, paste};
use crate::ports::entered_text::EnteredText;
use crate::ports::input::{InputError, LineEditor, PromptEntry};
use crate::ports::interrupt::Interrupt;
use crate::ui::sanitise::inert;
use crate::ui::{input_mode, keyboard_input, signals};

/// Ctrl-C, where the terminal sends it as the end of a line.
const CTRL_C: u8 = 3;

/// Esc before Enter, which is what Alt-Enter sends.
const ESC: char = '\u{1b}';

/// How a line ended.
enum Line {
    Ended(String),
    Interrupted,
    /// The end of the input, after what had been typed.
    Closed(String),
}

/// Reads whole lines as the terminal sends them.
pub(in crate::ui) struct PlainEditor {
    look: Look,
    prefilled: EnteredText,
    is_multiline: bool,
    /// Keys typed before the read.
    typed_ahead: VecDeque<u8>,
    interrupt: Interrupt,
}

impl PlainEditor {
    pub(in crate::ui) fn new(look: Look, interrupt: Interrupt) -> Self {
        Self {
            look,
            prefilled: EnteredText::default(),
            is_multiline: false,
            typed_ahead: VecDeque::new(),
            interrupt,
        }
    }

    /// Starts with what another editor has read already.
    pub(in crate::ui) fn take_over(
        &mut self,
        typed: &[Event],
        prefilled: &EnteredText,
        is_multiline: bool,
    ) {
        let typed: String = typed.iter().map(text_of).collect();
        self.typed_ahead.extend(typed.bytes());
        prefilled.clone_into(&mut self.prefilled);
        self.is_multiline = is_multiline;
    }

    /// One line; where it was typed ahead, it is shown now.
    fn line(&mut self) -> Result<Line, InputError> {
        let was_waiting = !self.typed_ahead.is_empty() || keyboard_input::has_input();
        let mut bytes = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        loop {
            let byte = match self.typed_ahead.pop_front() {
                None => keyboard_input::read_byte().map_err(input_mode::explain)?,
                typed => typed,
            };
            match byte {
                None => return Ok(Line::Closed(text(&bytes))),
                Some(CTRL_C) => return Ok(Line::Interrupted),
                Some(b'\n' | b'\r') => break,
                Some(byte) => bytes.push(byte),
            }
        }
        let line = without_reports(&text(&bytes));
        if was_waiting {
            write_out(&format!("{}\n", inert(&line)))?;
        }
        Ok(Line::Ended(line))
    }

    /// Whether the text is whole with this line; marks of this editor are taken from the line.
    /// `pasted` are the bytes of the text that are data.
    fn ends(&self, text: &str, pasted: &[Range<usize>], line: &mut String) -> bool {
        let has_escape = line.ends_with(ESC);
        if has_escape {
            line.pop();
        }
        let whole = EnteredText::typed(format!("{text}{line}")).with_data(pasted);
        if self.is_multiline {
            // An empty line ends the text: any other line could be a part of it.
            has_escape || line.is_empty() || entry::is_complete(&whole, true)
        } else {
            !has_escape && entry::is_complete(&whole, false)
        }
    }
}

impl PlainEditor {
    /// The text without the marks that joined its lines, inert.
    fn meant(&self, text: &EnteredText) -> EnteredText {
        let text = text.slice(0..text.text.trim_end_matches('\n').len());
        paste::cleaned_entry(entry::without_marks(&text, self.is_multiline))
    }
}

/// The line without what the terminal answered too late, over a slow connection, to be read as an
/// answer: the position of its cursor, its attributes, modes and colours.
fn without_reports(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(ESC) {
        let (before, sequence) = rest.split_at(at);
        text.push_str(before);
        let length = report_length(sequence).unwrap_or_else(|| {
            text.push(ESC);
            ESC.len_utf8()
        });
        rest = sequence.get(length..).unwrap_or_default();
    }
    text + rest
}

/// Bytes of the report that a text starts with, `None` where it is anything else.
fn report_length(text: &str) -> Option<usize> {
    if let Some(colour) = text.strip_prefix("\x1b]1") {
        let ends = [
            colour.find('\x07').map(|at| at + 1),
            colour.find("\x1b\\").map(|at| at + 2),
        ];
        return Some(text.len() - colour.len() + ends.into_iter().flatten().min()?);
    }
    let sequence = text.strip_prefix("\x1b[")?;
    let end = sequence.find(|c: char| !c.is_ascii_digit() && !";?>$".contains(c))?;
    let (parameters, last) = (sequence.get(..end)?, sequence.get(end..)?.chars().next()?);
    let is_report = match last {
        'R' => parameters.contains(';'),
        'c' | 'u' => parameters.starts_with(['?', '>']),
        'y' => parameters.ends_with('$'),
        _ => false,
    };
    is_report.then(|| text.len() - sequence.len() + end + 1)
}

impl LineEditor for PlainEditor {
    fn read(&mut self, prompt: &str, attached: &[String]) -> Result<PromptEntry, InputError> {
        input_mode::take_lines();
        // From here on the prompt handles Ctrl-C.
        if signals::noticed(&self.interrupt) {
            self.typed_ahead.push_back(CTRL_C);
        }
        let prefilled = std::mem::take(&mut self.prefilled);
        let mut text = prefilled.text.clone();
        let mut before = format!(
            "{}{}{}",
            self.look.words(&counted(prompt, attached)),
            self.look.indicator(),
            inert(&text)
        );
        let outcome = loop {
            write_out(&before)?;
            match self.line()? {
                Line::Interrupted => {
                    write_out("\n")?;
                    break PromptEntry::Interrupted;
                }
                Line::Closed(rest) if text.is_empty() && rest.is_empty() => {
                    write_out("\n")?;
                    break PromptEntry::Closed;
                }
                Line::Closed(rest) => {
                    write_out("\n")?;
                    text.push_str(&rest);
                    break PromptEntry::Text(EnteredText::typed(text));
                }
                Line::Ended(mut line) => {
                    let ends = self.ends(&text, &prefilled.pasted, &mut line);
                    text.push_str(&line);
                    if ends {
                        break PromptEntry::Text(EnteredText::typed(text));
                    }
                    text.push('\n');
                    self.look.continuation().clone_into(&mut before);
                }
            }
        };
        // Ctrl-C is a signal again, which the caller handles.
        self.interrupt.arm();
        input_mode::hold_lines();
        Ok(match outcome {
            PromptEntry::Text(text) => {
                PromptEntry::Text(self.meant(&text.with_data(&prefilled.pasted)))
            }
            other => other,
        })
    }

    fn prefill(&mut self, text: &EnteredText) {
        text.clone_into(&mut self.prefilled);
    }

    fn set_multiline(&mut self, is_on: bool) {
        self.is_multiline = is_on;
    }

    fn hold_typing(&mut self) {
        input_mode::hold_lines();
    }
}

impl Drop for PlainEditor {
    fn drop(&mut self) {
        input_mode::leave();
    }
}

fn write_out(text: &str) -> Result<(), InputError> {
    let mut terminal = console::Term::stderr();
    write!(terminal, "{text}")
        .and_then(|()| terminal.flush())
        .map_err(input_mode::explain)
}

/// The text that keys write.
fn text_of(event: &Event) -> String {
    match event {
        Event::Paste(text) => paste::cleaned(text),
        Event::Key(KeyEvent {
            code: KeyCode::Enter,
            ..
        }) => "\n".to_owned(),
        Event::Key(KeyEvent {
            code: KeyCode::Char('c'),
            modifiers: KeyModifiers::CONTROL,
            ..
        }) => "\u{3}".to_owned(),
        Event::Key(KeyEvent {
            code: KeyCode::Char(c),
            modifiers,
            ..
        }) if (*modifiers - KeyModifiers::SHIFT).is_empty() => c.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_answers_of_the_terminal_are_no_text() {
        for report in [
            "\x1b[2;1R",
            "\x1b[?1;2c",
            "\x1b[>0;276;0c",
            "\x1b[?2026;2$y",
            "\x1b[?0u",
            "\x1b]11;rgb:ffff/ffff/dddd\x1b\\",
            "\x1b]11;rgb:ffff/ffff/dddd\x07",
        ] {
            assert_eq!(
                without_reports(&format!("{report}a{report}{report}b")),
                "ab"
            );
        }
        for text in [
            "",
            "a\x1b",
            "\x1b[A",
            "\x1b[3~",
            "\x1b]11;open",
            "\x1b[R",
            "\x1b[5c",
            "\x1b[",
        ] {
            assert_eq!(without_reports(text), text);
        }
    }
}
