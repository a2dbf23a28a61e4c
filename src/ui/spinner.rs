//! What moves on stderr while an answer is awaited: a spinner, and the last lines of the model's thoughts.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::redact::redacted;
use super::sanitise::inert;

/// Time between two frames.
const TICK: Duration = Duration::from_millis(100);

/// Lines of thought that are shown at once.
const LINES: usize = 3;

/// Most that is kept of the thoughts, in bytes: only the end is shown.
const KEPT: usize = 4096;

/// Gone as soon as there is something to read. Shows nothing unless stderr can be moved about on.
pub struct Spinner {
    is_enabled: bool,
    bar: Option<ProgressBar>,
    label: String,
    thoughts: String,
}

impl Spinner {
    pub fn new(is_enabled: bool) -> Self {
        Self { is_enabled, bar: None, label: String::new(), thoughts: String::new() }
    }

    /// Waiting for a model.
    pub fn show(&mut self, model: &str) {
        if !self.is_enabled {
            return;
        }
        self.label = redacted(&inert(model));
        self.thoughts.clear();
        let bar = self.bar.get_or_insert_with(new_bar);
        bar.set_message(self.label.clone());
    }

    /// More of what the model thinks.
    pub fn think(&mut self, text: &str, width: usize) {
        if !self.is_enabled {
            return;
        }
        self.thoughts.push_str(&inert(text));
        if self.thoughts.len() > KEPT {
            let from = self.thoughts.ceil_char_boundary(self.thoughts.len() - KEPT / 2);
            self.thoughts.drain(..from);
        }
        let lines = last_lines(&redacted(&self.thoughts), width.saturating_sub(4).max(10));
        let message = format!("{} is thinking{}", self.label, lines.iter().map(|line| format!("\n  {line}")).collect::<String>());
        self.bar.get_or_insert_with(new_bar).set_message(message);
    }

    /// Leaves no trace.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg:.dim}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}

/// The last lines of a text, broken to a width.
fn last_lines(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let fits = line.is_empty() || console::measure_text_width(&line) + 1 + console::measure_text_width(word) <= width;
            if !fits {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(console::truncate_str(&line, width, "…").into_owned());
    }
    let from = lines.len().saturating_sub(LINES);
    lines.drain(..from);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_are_shown() {
        assert_eq!(last_lines("one two three\n\nfour five\nsix", 9), ["three", "four five", "six"]);
        assert_eq!(last_lines("", 9), Vec::<String>::new());
        assert_eq!(last_lines(&"x".repeat(30), 9), [format!("{}…", "x".repeat(8))]);
    }
}
