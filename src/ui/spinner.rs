//! The spinner on stderr while an answer is awaited, with the last lines of the model's reasoning.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use unicode_width::UnicodeWidthStr;

use super::input_mode;
use super::sanitise::{Sanitiser, inert};
use super::{footer, stand_ins, theme};
use crate::chat::media::size;
use crate::wire::background::has_threads;
use crate::wire::redact::{Redactor, redacted};

/// Time between two frames.
const TICK: Duration = Duration::from_millis(100);

/// Frames on a terminal that shows ASCII only; the last one is shown at the end.
const FRAMES: &str = "|/-\\ ";

/// Silence after which it is shown.
const SILENCE: Duration = Duration::from_secs(2);

/// Lines of reasoning that are shown at once.
const LINES: usize = 3;

/// Columns next to a line of reasoning, and next to the name of the model.
const MARGIN: usize = 4;
const BESIDE_LABEL: usize = 40;

/// Fewest columns that text is broken to.
const NARROWEST: usize = 10;

/// Cleared as soon as there is something to read. Shows nothing unless stderr can move its cursor.
pub(super) struct Spinner {
    is_enabled: bool,
    bar: Option<ProgressBar>,
    label: String,
    /// The reasoning, once there is some.
    reasoning: Option<LastLines>,
    /// It shows the lines of several answers.
    is_board: bool,
    /// Bytes of the answer that goes to a file.
    received: usize,
    last_data: LastData,
    /// Since when tools run.
    running_since: Option<Instant>,
}

/// When data arrived last, which the thread that draws the spinner reads.
#[derive(Debug, Clone)]
struct LastData(Arc<Mutex<Instant>>);

impl LastData {
    fn set(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// The silence in words; empty when it is short.
    fn words(&self) -> String {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        silence_words(last.elapsed())
    }
}

fn silence_words(silence: Duration) -> String {
    if silence < SILENCE {
        return String::new();
    }
    format!(" · no data for {} s", silence.as_secs())
}

/// The last lines of a text that continues.
#[derive(Default)]
struct LastLines {
    sanitiser: Sanitiser,
    redactor: Redactor,
    /// Lines that are complete, the last ones only.
    lines: VecDeque<String>,
    line: String,
}

impl Spinner {
    pub(super) fn new(is_enabled: bool) -> Self {
        Self {
            is_enabled,
            bar: None,
            label: String::new(),
            reasoning: None,
            is_board: false,
            received: 0,
            last_data: LastData(Arc::new(Mutex::new(Instant::now()))),
            running_since: None,
        }
    }

    /// Waiting for a model.
    pub(super) fn show(&mut self, model: &str) {
        self.running_since = None;
        if footer::is_on() {
            return footer::wait_for_answer();
        }
        self.wait(model);
    }

    fn wait(&mut self, words: &str) {
        if !self.is_enabled {
            return;
        }
        self.label = redacted(&inert(words));
        (self.reasoning, self.received) = (None, 0);
        self.last_data.set();
        let bar = self.bar.get_or_insert_with(new_bar);
        bar.set_style(style("{spinner} {msg:.dim}{silence:.dim}", &self.last_data));
        bar.set_message(self.label.clone());
    }

    /// Waiting for tools, which is said in words: no data is expected meanwhile.
    pub(super) fn run(&mut self, words: &str) {
        if footer::is_on() {
            return footer::run_tools(redacted(&inert(words)).replace(['\n', '\t'], " "));
        }
        self.wait(words);
        let since = *self.running_since.get_or_insert_with(Instant::now);
        let running = move |_: &ProgressState, out: &mut dyn Write| {
            let words = format!(" · {} s", since.elapsed().as_secs());
            // Nothing can fail in a text of ours.
            let _ = out.write_str(&stand_ins::shown(&words));
        };
        if let Some(bar) = &self.bar {
            let style = style("{spinner} {msg:.dim}{running:.dim}", &self.last_data);
            bar.set_style(style.with_key("running", running));
        }
    }

    /// More of the reasoning.
    pub(super) fn reasoning(&mut self, text: &str, width: usize) {
        if footer::is_on() {
            let lines = self.reasoning.get_or_insert_default();
            lines.push(text, width.saturating_sub(MARGIN).max(NARROWEST));
            return footer::think(text.len(), lines.last());
        }
        if !self.is_enabled {
            return;
        }
        self.last_data.set();
        let bar = self.bar.get_or_insert_with(new_bar);
        let lines = self.reasoning.get_or_insert_with(|| {
            bar.set_style(style(
                "{spinner} {prefix:.dim} {seconds:.dim}{silence:.dim}{msg:.dim}",
                &self.last_data,
            ));
            bar.set_prefix(
                console::truncate_str(
                    &self.label,
                    width.saturating_sub(BESIDE_LABEL).max(NARROWEST),
                    &stand_ins::shown("…"),
                )
                .into_owned(),
            );
            bar.reset_elapsed();
            LastLines::default()
        });
        let width = width.saturating_sub(MARGIN).max(NARROWEST);
        lines.push(text, width);
        bar.set_message(lines.shown(width));
    }

    /// So many bytes more of an answer that goes to a file.
    pub(super) fn receiving(&mut self, bytes: usize) {
        if !self.is_enabled {
            return;
        }
        self.last_data.set();
        let bar = self.bar.get_or_insert_with(new_bar);
        if self.received == 0 {
            self.reasoning = None;
            bar.set_style(style(
                "{spinner} {msg:.dim} {received:.dim}{silence:.dim}",
                &self.last_data,
            ));
            bar.set_message(self.label.clone());
            bar.reset_elapsed();
            bar.set_position(0);
        }
        self.received += bytes;
        bar.inc(bytes as u64);
    }

    /// Lines with the progress of several answers.
    pub(super) fn board(&mut self, lines: &dyn Fn() -> Vec<String>, width: usize) {
        let lines = if self.is_enabled { lines() } else { Vec::new() };
        if lines.is_empty() {
            return self.clear();
        }
        if footer::is_on() {
            self.is_board = true;
            return footer::show_progress(lines);
        }
        let bar = self.bar.get_or_insert_with(new_bar);
        if !self.is_board {
            self.is_board = true;
            // The lines fill the width: a `^C` would be on the next one.
            input_mode::hide_control_characters();
            bar.set_style(style("{spinner} {msg:.dim}", &self.last_data));
        }
        let width = width.saturating_sub(MARGIN).max(NARROWEST);
        let line = |line: &String| {
            console::truncate_str(
                &redacted(&inert(line)).replace(['\n', '\t'], " "),
                width,
                &stand_ins::shown("…"),
            )
            .into_owned()
        };
        bar.set_message(lines.iter().map(line).collect::<Vec<_>>().join("\n  "));
    }

    /// Removes it from the screen.
    pub(super) fn clear(&mut self) {
        if self.is_board {
            footer::show_progress(Vec::new());
        }
        (self.reasoning, self.is_board, self.received) = (None, false, 0);
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Spinner {
    /// So many bytes of an answer have arrived: they take the place of the spinner, but not of the
    /// footer.
    pub(super) fn answer(&mut self, bytes: usize) {
        self.clear();
        footer::count_answer(bytes);
    }

    /// Nothing more is awaited.
    pub(super) fn end(&mut self) {
        self.clear();
        footer::end_answer();
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    // It moves on a thread of its own, and stands still where none can be started.
    if has_threads() {
        bar.enable_steady_tick(TICK);
    }
    bar
}

/// A style in which `{seconds}` is the time of reasoning, `{silence}` that without data, and
/// `{received}` the size and time of an answer.
fn style(template: &str, last_data: &LastData) -> ProgressStyle {
    let last_data = last_data.clone();
    let silence = move |_: &ProgressState, out: &mut dyn Write| {
        // Nothing can fail in a text of ours.
        let _ = out.write_str(&stand_ins::shown(&last_data.words()));
    };
    let seconds = |state: &ProgressState, out: &mut dyn Write| {
        // Nothing can fail in a text of ours.
        let _ = write!(out, "thinking {} s", state.elapsed().as_secs());
    };
    let received = |state: &ProgressState, out: &mut dyn Write| {
        let (size, seconds) = (size(state.pos()), state.elapsed().as_secs());
        let words = format!("· {size} · {seconds} s");
        let _ = out.write_str(&stand_ins::shown(&words));
    };
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
    let style = if theme::terminal().is_unicode {
        style
    } else {
        style.tick_chars(FRAMES)
    };
    style
        .with_key("seconds", seconds)
        .with_key("received", received)
        .with_key("silence", silence)
}

impl LastLines {
    /// The line that is arriving, or the last one.
    fn last(&self) -> &str {
        if self.line.trim().is_empty() {
            self.lines.back().map_or("", String::as_str)
        } else {
            &self.line
        }
    }

    /// Breaks more of the text to a width.
    fn push(&mut self, text: &str, width: usize) {
        let (mut inert, mut clean) = (
            String::with_capacity(text.len()),
            String::with_capacity(text.len()),
        );
        self.sanitiser.push(text, &mut inert);
        self.redactor.push(&inert, &mut clean);
        for c in clean.chars() {
            match c {
                '\n' => {
                    let line = std::mem::take(&mut self.line);
                    self.end_line(line);
                }
                _ if c.is_whitespace() && (self.line.is_empty() || self.line.ends_with(' ')) => {}
                _ => self.line.push(if c.is_whitespace() { ' ' } else { c }),
            }
            if !c.is_ascii() || self.line.len() > width {
                self.break_line(width);
            }
        }
    }

    /// Breaks the line at its last blank when it is too wide; a word that is too wide itself is
    /// broken anywhere.
    fn break_line(&mut self, width: usize) {
        if self.line.width() <= width {
            return;
        }
        let last = self
            .line
            .chars()
            .last()
            .filter(|c| *c != ' ')
            .map_or(0, char::len_utf8);
        let at = self
            .line
            .trim_end()
            .rfind(' ')
            .map_or(self.line.len() - last, |blank| blank + 1);
        let rest = self.line.split_off(at);
        let line = std::mem::replace(&mut self.line, rest);
        self.end_line(line);
    }

    fn end_line(&mut self, line: String) {
        if line.trim().is_empty() {
            return;
        }
        self.lines.push_back(line);
        if self.lines.len() > LINES {
            self.lines.pop_front();
        }
    }

    /// The last lines, each on one of its own.
    fn shown(&self, width: usize) -> String {
        let current = Some(&self.line).filter(|line| !line.trim().is_empty());
        let lines: Vec<&String> = self.lines.iter().chain(current).collect();
        let from = lines.len().saturating_sub(LINES);
        // The terminal may have become narrower since they were broken.
        lines[from..]
            .iter()
            .map(|line| {
                format!(
                    "\n  {}",
                    console::truncate_str(line.trim_end(), width, &stand_ins::shown("…"))
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[&str], width: usize) -> Vec<String> {
        let mut lines = LastLines::default();
        pieces.iter().for_each(|piece| lines.push(piece, width));
        lines
            .shown(width)
            .lines()
            .skip(1)
            .map(|line| line.trim_start().to_owned())
            .collect()
    }

    #[test]
    fn a_silence_is_shown_from_two_seconds_on() {
        let words = |millis| silence_words(Duration::from_millis(millis));
        assert_eq!(words(1_999), "");
        assert_eq!(words(2_000), " · no data for 2 s");
        assert_eq!(words(65_900), " · no data for 65 s");
    }

    #[test]
    fn only_the_last_lines_are_shown() {
        assert_eq!(
            shown(&["one two three\n\nfour five\nsix"], 9),
            ["three", "four five", "six"]
        );
        assert_eq!(
            shown(&["one two th", "ree\n", "\nfour", " five\nsix", "\n"], 9),
            ["three", "four five", "six"]
        );
        assert_eq!(shown(&[""], 9), Vec::<String>::new());
        assert_eq!(
            shown(&["x".repeat(30).as_str()], 9),
            ["x".repeat(9), "x".repeat(9), "x".repeat(3)]
        );
    }

    #[test]
    fn no_line_is_wider_than_asked() {
        for line in shown(
            &[
                "日本語のテキスト",
                "がここにある 👩‍👩‍👧 e\u{301}e\u{301} and\tmore of it",
            ],
            10,
        ) {
            assert!(line.width() <= 10 && !line.is_empty(), "{line}");
        }
    }

    #[test]
    fn lines_are_cut_when_the_terminal_has_become_narrower() {
        let mut lines = LastLines::default();
        lines.push("a long line of text\nx", 30);
        assert_eq!(lines.shown(10), "\n  a long li…\n  x");
    }
}
