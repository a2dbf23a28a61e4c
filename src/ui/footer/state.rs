//! What the footer shows: the line, the menu, what waits, and what is going on.

use std::time::Instant;

use crossterm::event::Event;
use reedline::{PromptEditMode, PromptViMode};
use unicode_width::UnicodeWidthStr;

use super::activity::Activity;
use super::draft::{self, Draft};
use super::editor::{Editor, Request};
use super::menu::OpenMenu;
use super::painter::Size;
use super::queue::Queue;
use super::row::Row;
use super::search::HistorySearch;
use crate::ports::entered_text::EnteredText;
use crate::ui::line_editor::{entry, look};
use crate::ui::sanitise::inert;
use crate::ui::stand_ins;
use crate::ui::style::Style;
use crate::ui::theme;
use crate::wire::redact::redacted;

/// Most rows of the footer.
const MOST_ROWS: usize = 8;

/// Most rows of the line, of queued messages, and of the progress of several answers.
const MOST_LINE_ROWS: usize = 5;
const MOST_QUEUED: usize = 3;
const MOST_PROGRESS: usize = 4;

/// Characters after the end of a row that are looked at for a key which starts on it.
const AFTER_ROW: usize = 1024;

/// Smallest terminal that has more than the line: columns and rows.
const SMALLEST: Size = Size {
    columns: 30,
    rows: 6,
};

/// The content of the footer.
pub(super) struct Footer {
    pub look: look::Look,
    pub editor: Editor,
    /// The words before the line.
    pub prompt: String,
    pub queue: Queue,
    pub chips: Vec<String>,
    /// What the line mentions, which is attached when it is sent.
    pub mentioned: Vec<String>,
    pub activity: Option<Activity>,
    /// A line for each of several answers.
    pub progress: Vec<String>,
    pub status: Vec<String>,
}

/// Whether a terminal has room for a footer.
pub(super) fn has_room(size: Size) -> bool {
    size.columns >= SMALLEST.columns && size.rows >= SMALLEST.rows
}

impl Footer {
    pub(super) fn new(look: look::Look, editor: Editor) -> Self {
        Self {
            look,
            editor,
            prompt: String::new(),
            queue: Queue::default(),
            chips: Vec::new(),
            mentioned: Vec::new(),
            activity: None,
            progress: Vec::new(),
            status: Vec::new(),
        }
    }

    /// Whether an answer or several are awaited, which Esc stops.
    pub(super) fn is_awaited(&self) -> bool {
        self.activity.is_some() || !self.progress.is_empty()
    }

    /// Handles a key, and looks up what the line mentions now.
    pub(super) fn press(&mut self, event: Event) -> Option<Request> {
        if !self.is_awaited() && self.editor.is_help_key(&event) {
            return Some(Request::KeyHelp);
        }
        let request = self.editor.handle(event);
        self.mentioned = self.editor.mentioned();
        request
    }

    /// Pauses the queue. Its first message goes back to the line, before what is typed there.
    pub(super) fn pause_queue(&mut self) {
        let editor = &mut self.editor;
        self.queue.pause(|first| put_before(editor, first));
        self.editor.has_queue = !self.queue.is_empty();
    }

    /// Puts a text on the line, before what is typed there. A command of either does not become
    /// one with the other: what is typed goes into the history.
    pub(super) fn prefill(&mut self, text: EnteredText) {
        if !put_before(&mut self.editor, &text) {
            self.editor.clear_into_history();
            self.editor.set_text(text);
        }
    }

    /// The rows for a terminal of this size, each narrower than it.
    pub(super) fn rows(&self, size: Size, now: Instant) -> Vec<String> {
        let width = size.columns.saturating_sub(1);
        let most = MOST_ROWS.min(size.rows.saturating_sub(2)).max(1);
        if !has_room(size) {
            return self.line_rows(width, most.min(2));
        }
        let status = self.status_row(width);
        let mut above = self.activity_rows(width, now);
        let left = |taken: usize| most.saturating_sub(taken + usize::from(status.is_some()));
        let menu_rows = self.editor.menu.as_ref().map_or(0, OpenMenu::height);
        let chips = self.chips_row(width);
        above.extend(self.queue_rows(width));
        above.extend(chips);
        above.truncate(left(1 + menu_rows.min(2)));
        let line = self.line_rows(
            width,
            left(above.len() + menu_rows.min(2)).clamp(1, MOST_LINE_ROWS),
        );
        let room = left(above.len() + line.len());
        let menu = self
            .editor
            .menu
            .as_ref()
            .map_or_else(Vec::new, |menu| menu.rows(width, room, theme::current()));
        above
            .into_iter()
            .chain(line)
            .chain(menu)
            .chain(status)
            .collect()
    }

    fn line_rows(&self, width: usize, most: usize) -> Vec<String> {
        let mode = match self.editor.mode() {
            PromptEditMode::Vi(PromptViMode::Insert) => " [i]",
            PromptEditMode::Vi(PromptViMode::Normal) => " [n]",
            PromptEditMode::Vi(PromptViMode::Visual) => " [v]",
            _ => "",
        };
        let prompt = format!("{}{mode}{}", self.prompt, self.look.indicator());
        let hint = if self.look.is_coloured {
            self.editor.hint()
        } else {
            String::new()
        };
        let search = self.editor.search.as_ref().map(HistorySearch::query);
        let searching = format!("search{}", self.look.indicator());
        let (text, caret) = match search {
            Some(query) => (query.to_owned(), query.len()),
            None => entry::drawn(self.editor.text(), self.editor.caret()),
        };
        let draft = Draft {
            text: &look::same_length(&text),
            caret,
            prompt: if search.is_some() {
                &searching
            } else {
                &prompt
            },
            continuation: self.look.continuation(),
            hint: if search.is_some() { "" } else { &hint },
        };
        draft::rows(draft, width, most, theme::current())
    }

    fn activity_rows(&self, width: usize, now: Instant) -> Vec<String> {
        if !self.progress.is_empty() {
            return self
                .progress
                .iter()
                .take(MOST_PROGRESS)
                .map(|line| self.styled(width, Style::Dim, line))
                .collect();
        }
        self.activity.as_ref().map_or_else(Vec::new, |activity| {
            activity.rows(now, width, self.look, theme::current())
        })
    }

    fn queue_rows(&self, width: usize) -> Vec<String> {
        let hidden = self.queue.len().saturating_sub(MOST_QUEUED);
        let mut rows: Vec<_> = self
            .queue
            .iter()
            .take(MOST_QUEUED)
            .map(|message| {
                // A key at the edge is recognised by what follows the row.
                let start: String = message.shown.chars().take(width + AFTER_ROW).collect();
                self.styled(width, Style::Dim, &format!(" + {start}"))
            })
            .collect();
        if hidden > 0 {
            rows.push(self.styled(width, Style::Dim, &format!("   and {hidden} more")));
        }
        rows
    }

    fn all_chips(&self) -> impl Iterator<Item = &str> {
        self.chips.iter().chain(&self.mentioned).map(String::as_str)
    }

    fn chips_row(&self, width: usize) -> Option<String> {
        let chips: Vec<&str> = self.all_chips().collect();
        (!chips.is_empty())
            .then(|| self.styled(width, Style::Chip, &format!(" {}", chips.join("  "))))
    }

    fn status_row(&self, width: usize) -> Option<String> {
        if self.status.is_empty() {
            return None;
        }
        let between = if self.look.is_unicode { " · " } else { ", " };
        Some(self.styled(width, Style::Status, &fitting(&self.status, between, width)))
    }

    /// A row of what came from elsewhere.
    fn styled(&self, width: usize, style: Style, text: &str) -> String {
        let mut row = Row::new(width, theme::current());
        let text = redacted(&inert(&stand_ins::shown(text))).replace(['\n', '\t'], " ");
        row.push_cut(style, &text, self.look.is_unicode);
        row.end()
    }
}

/// Puts a text before what is typed, on a line of its own. False, and nothing is changed, where
/// one of them is a command: of two lines the shell would run both.
fn put_before(editor: &mut Editor, text: &EnteredText) -> bool {
    let typed = editor.whole_text();
    let mut joined = text.clone();
    if !typed.text.is_empty() {
        if entry::starts_command(text) || entry::starts_command(&typed) {
            return false;
        }
        joined.push(&EnteredText::typed("\n"));
        joined.push(&typed);
    }
    editor.set_text(joined);
    true
}

/// The parts that fit into a row: the first one always, and none in part.
fn fitting(parts: &[String], between: &str, width: usize) -> String {
    let mut row = String::new();
    for part in parts {
        let before = if row.is_empty() { " " } else { between };
        if row.is_empty() || row.width() + before.width() + part.width() <= width {
            row.push_str(before);
            row.push_str(part);
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_status_that_does_not_fit_is_omitted() {
        let parts = ["acme/large", "$0.0041 this session", "tools"].map(str::to_owned);
        let shown = |width| fitting(&parts, " · ", width);
        assert_eq!(shown(79), " acme/large · $0.0041 this session · tools");
        assert_eq!(shown(40), " acme/large · $0.0041 this session");
        assert_eq!(shown(30), " acme/large · tools");
        assert_eq!(shown(5), " acme/large");
    }
}
