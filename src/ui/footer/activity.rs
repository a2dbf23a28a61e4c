//! The activity row: what the answer that is awaited is doing.

use std::time::{Duration, Instant};

use super::row::Row;
use crate::present::count::token_words;
use crate::ui::line_editor::look;
use crate::ui::style::Style;
use crate::ui::theme::Theme;

/// Silence after which it is shown.
const SILENCE: Duration = Duration::from_secs(2);

/// Time between two frames of the spinner.
pub(super) const TICK: Duration = Duration::from_millis(100);

const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const PLAIN_FRAMES: [&str; 4] = ["|", "/", "-", "\\"];

/// What is being waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Waiting,
    /// Tools run: `running NAME`.
    Tools {
        words: String,
        since: Instant,
    },
    Thinking {
        since: Instant,
    },
    Answering,
}

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Activity {
    since: Instant,
    last_data: Instant,
    stage: Stage,
    /// The last line of the reasoning.
    line: String,
    /// Bytes of text and reasoning.
    bytes: usize,
}

impl Activity {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            since: now,
            last_data: now,
            stage: Stage::Waiting,
            line: String::new(),
            bytes: 0,
        }
    }

    /// A request has been sent, once more after a failed one.
    pub(super) fn wait(&mut self, now: Instant) {
        self.stage = Stage::Waiting;
        self.last_data = now;
        self.line.clear();
    }

    /// Tools run, as the words say: some more, or fewer of those that ran already.
    pub(super) fn run(&mut self, words: String, now: Instant) {
        let since = match self.stage {
            Stage::Tools { since, .. } => since,
            _ => now,
        };
        self.stage = Stage::Tools { words, since };
        self.line.clear();
    }

    /// So many bytes of reasoning have arrived, the last line of which is this.
    pub(super) fn think(&mut self, bytes: usize, line: String, now: Instant) {
        if !matches!(self.stage, Stage::Thinking { .. }) {
            self.stage = Stage::Thinking { since: now };
        }
        self.line = line;
        self.bytes += bytes;
        self.last_data = now;
    }

    /// So many bytes of the answer have arrived.
    pub(super) fn answer(&mut self, bytes: usize, now: Instant) {
        self.stage = Stage::Answering;
        self.line.clear();
        self.bytes += bytes;
        self.last_data = now;
    }

    /// The row, and the last line of the reasoning below it.
    pub(super) fn rows(
        &self,
        now: Instant,
        width: usize,
        look: look::Look,
        theme: Theme,
    ) -> Vec<String> {
        let elapsed = now.saturating_duration_since(self.since);
        let ticks = usize::try_from(elapsed.as_millis() / TICK.as_millis()).unwrap_or_default();
        let frame = if look.is_unicode {
            FRAMES[ticks % FRAMES.len()]
        } else {
            PLAIN_FRAMES[ticks % PLAIN_FRAMES.len()]
        };
        let mut row = Row::new(width, theme);
        row.push(Style::Activity, &format!(" {frame} "));
        row.push_cut(Style::Dim, &self.words(now, look), look.is_unicode);
        let mut rows = vec![row.end()];
        if !self.line.is_empty() {
            let mut row = Row::new(width, theme);
            row.push(Style::Plain, "   ");
            row.push_cut(Style::Dim, &self.line, look.is_unicode);
            rows.push(row.end());
        }
        rows
    }

    fn words(&self, now: Instant, look: look::Look) -> String {
        let between = if look.is_unicode { " · " } else { ", " };
        let elapsed = now.saturating_duration_since(self.since);
        let mut parts = vec![format!("{:.1} s", elapsed.as_secs_f64())];
        let seconds = |since: &Instant| now.saturating_duration_since(*since).as_secs();
        match &self.stage {
            Stage::Thinking { since } => parts.push(format!("thinking {} s", seconds(since))),
            Stage::Tools { words, since } => parts.push(format!("{words} {} s", seconds(since))),
            Stage::Waiting | Stage::Answering => {}
        }
        if self.bytes > 0 {
            parts.push(format!("~{}", token_words(self.bytes.div_ceil(4) as u64)));
        }
        let silence = now.saturating_duration_since(self.last_data);
        // A tool sends nothing here.
        if silence >= SILENCE && !matches!(self.stage, Stage::Tools { .. }) {
            parts.push(format!("no data for {} s", silence.as_secs()));
        }
        parts.push("esc to stop".to_owned());
        parts.join(between)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_tools_continues_when_one_has_ended() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let look = look::Look {
            is_coloured: false,
            is_unicode: true,
        };
        let mut activity = Activity::new(start);
        activity.run("running one, two".to_owned(), after(1));
        activity.run("running two".to_owned(), after(3));
        assert!(activity.words(after(5), look).contains("running two 4 s"));
        activity.wait(after(6));
        activity.run("running one".to_owned(), after(7));
        assert!(activity.words(after(8), look).contains("running one 1 s"));
    }
}
