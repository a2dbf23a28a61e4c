//! How the line looks: the prompt, the text, and suggestions from the history.

use std::borrow::Cow;

use reedline::{
    Color, Highlighter, Hinter, History, Prompt, PromptEditMode, PromptHistorySearch,
    PromptHistorySearchStatus, PromptViMode, StyledText,
};
use unicode_width::UnicodeWidthStr;

use super::state::{Painted, SharedState};
use super::suggestion;
use crate::config::{Environment, env};
use crate::ui::capabilities::is_unicode;
use crate::ui::sanitise::inert;
use crate::ui::terminal;

/// Columns of a vi mode in the prompt.
const LONGEST_MODE: usize = 4;

/// What the terminal can show.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct Look {
    pub is_coloured: bool,
    pub is_unicode: bool,
}

impl Look {
    pub(in crate::ui) fn of(environment: &Environment) -> Self {
        Self {
            is_coloured: !environment.is_set(&env::NO_COLOR),
            is_unicode: is_unicode(environment),
        }
    }

    /// Between the prompt and the line.
    pub(in crate::ui) fn indicator(self) -> &'static str {
        if self.is_unicode { " › " } else { " > " }
    }

    /// Before each further line.
    pub(in crate::ui) fn continuation(self) -> &'static str {
        if self.is_unicode { "  … " } else { "  . " }
    }

    /// The text of the prompt, at most half as wide as the terminal.
    pub(in crate::ui) fn words(self, prompt: &str) -> String {
        let tail = if self.is_unicode { "…" } else { "" };
        let words = inert(prompt).replace(['\n', '\t'], " ");
        console::truncate_str(&words, terminal::width() / 2, tail).into_owned()
    }
}

/// The words of a prompt that has no room for the names of attachments: with their number.
pub(super) fn counted(prompt: &str, attached: &[String]) -> String {
    match attached.len() {
        0 => prompt.to_owned(),
        count => format!("{prompt} +{count}"),
    }
}

/// The prompt, for reedline.
pub(super) struct EntryPrompt {
    words: String,
    look: Look,
    state: SharedState,
}

impl EntryPrompt {
    pub(super) fn new(words: &str, look: Look, state: SharedState) -> Self {
        let words = look.words(words);
        let mut locked = state.lock();
        locked.prompt_width = words.width() + look.indicator().width() + LONGEST_MODE;
        locked.painted = crossterm::terminal::size().ok().map(|size| Painted {
            size,
            to_cursor: 1,
            rows: 1,
        });
        drop(locked);
        Self { words, look, state }
    }
}

impl Prompt for EntryPrompt {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        // It is painted when all keys of a batch have been handled: those that wait are next.
        let mut state = self.state.lock();
        state.has_ended = false;
        state.wake();
        Cow::Borrowed(&self.words)
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, mode: PromptEditMode) -> Cow<'_, str> {
        let indicator = self.look.indicator();
        match mode {
            PromptEditMode::Vi(PromptViMode::Insert) => Cow::Owned(format!(" [i]{indicator}")),
            PromptEditMode::Vi(PromptViMode::Normal) => Cow::Owned(format!(" [n]{indicator}")),
            PromptEditMode::Vi(PromptViMode::Visual) => Cow::Owned(format!(" [v]{indicator}")),
            _ => Cow::Borrowed(indicator),
        }
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.look.continuation())
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let said = match search.status {
            PromptHistorySearchStatus::Passing => "search",
            PromptHistorySearchStatus::Failing => "not found",
        };
        Cow::Owned(format!(" ({said}: {}) ", inert(&search.term)))
    }

    fn get_prompt_color(&self) -> Color {
        Color::Cyan
    }

    fn get_indicator_color(&self) -> Color {
        Color::Cyan
    }

    fn get_prompt_multiline_color(&self) -> Color {
        Color::DarkGray
    }
}

/// Paints the line without anything that could drive the terminal, whatever got into it.
pub(super) struct InertText {
    look: Look,
    state: SharedState,
}

impl InertText {
    pub(super) fn new(look: Look, state: SharedState) -> Self {
        Self { look, state }
    }

    /// Scrolls the text above the line up before the line takes the whole screen: reedline would
    /// paint over it.
    fn make_room(&self, line: &str, cursor: usize) {
        let Ok(size) = crossterm::terminal::size() else {
            return;
        };
        let mut state = self.state.lock();
        let indent = [
            state.prompt_width.saturating_sub(LONGEST_MODE),
            self.look.continuation().width(),
        ];
        let to_cursor = rows_of(line.get(..cursor).unwrap_or(line), indent, size.0);
        let now = Painted {
            size,
            to_cursor,
            rows: rows_of(line, indent, size.0),
        };
        let Some(before) = state.painted.replace(now) else {
            return;
        };
        drop(state);
        let height = usize::from(size.1);
        if before.size != size || before.rows >= height || now.rows < height {
            return;
        }
        if let Ok((_, row)) = crossterm::cursor::position() {
            let above = (usize::from(row) + 1).saturating_sub(before.to_cursor);
            let terminal = console::Term::stderr();
            // Where this fails there is no terminal left.
            let _ = terminal
                .write_str(&format!("\x1b[{height};1H{}", "\n".repeat(above)))
                .and_then(|()| terminal.flush());
        }
    }
}

/// Rows that a text takes, each line after an indent of so many columns.
fn rows_of(text: &str, [first, further]: [usize; 2], columns: u16) -> usize {
    let indents = std::iter::once(first).chain(std::iter::repeat(further));
    text.split('\n')
        .zip(indents)
        .map(|(line, indent)| {
            (indent + line.width())
                .div_ceil(usize::from(columns).max(1))
                .max(1)
        })
        .sum()
}

impl Highlighter for InertText {
    fn highlight(&self, line: &str, cursor: usize) -> StyledText {
        self.state.lock().tracker.observe(line, cursor);
        self.make_room(line, cursor);
        let mut text = StyledText::new();
        text.push((Color::Default.normal(), same_length(line)));
        text
    }
}

/// Another character of as many bytes for each that is not to be shown: the cursor is a count of
/// bytes. A tab is a blank, or reedline would lose the position of the cursor.
pub(in crate::ui) fn same_length(line: &str) -> String {
    let shown = |c: char| {
        if c == '\n' || inert(c.encode_utf8(&mut [0; 4])).starts_with(c) && c != '\t' {
            return c;
        }
        match (c, c.len_utf8()) {
            ('\t', _) => ' ',
            (_, 1) => '?',
            (_, 2) => '¿',
            _ => '\u{fffd}',
        }
    };
    line.chars().map(shown).collect()
}

/// Suggests the rest of the last line that started like this one, where there is room for it.
pub(super) struct HistoryHint {
    state: SharedState,
    hint: String,
}

impl HistoryHint {
    pub(super) fn new(state: SharedState) -> Self {
        Self {
            state,
            hint: String::new(),
        }
    }
}

impl Hinter for HistoryHint {
    fn handle(
        &mut self,
        line: &str,
        at: usize,
        history: &dyn History,
        is_coloured: bool,
        _directory: &str,
    ) -> String {
        self.hint.clear();
        // Without colour it would look like typed text.
        if !is_coloured {
            return String::new();
        }
        let hint = suggestion::hint(line, at, history);
        // One that does not fit next to the line would move it.
        if self.state.lock().prompt_width + line.width() + hint.width() >= terminal::width() {
            return String::new();
        }
        self.hint = hint;
        if self.hint.is_empty() {
            String::new()
        } else {
            Color::DarkGray.paint(&self.hint).to_string()
        }
    }

    fn complete_hint(&self) -> String {
        self.hint.clone()
    }

    fn next_hint_token(&self) -> String {
        self.hint[..suggestion::first_word(&self.hint)].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_painted_inert_and_byte_by_byte_as_long() {
        for line in [
            "plain ünï 👋🏽",
            "a\tb\nc",
            "\u{1b}]52;c;eA==\u{7}",
            "\u{9b}2J\u{202e}x\u{7f}\r",
        ] {
            let shown = same_length(line);
            assert_eq!(shown.len(), line.len(), "{line:?}");
            assert_eq!(inert(&shown), shown);
            assert!(!shown.contains('\t'));
        }
        assert_eq!(same_length("a\tb\nü"), "a b\nü");
    }

    #[test]
    fn rows_are_counted_as_they_are_wrapped() {
        for (text, rows) in [
            ("", 1),
            ("12345", 1),
            ("123456", 2),
            ("1\n\n123456\n1234567", 5),
            ("日本語", 2),
        ] {
            assert_eq!(rows_of(text, [5, 4], 10), rows, "{text:?}");
        }
    }
}
