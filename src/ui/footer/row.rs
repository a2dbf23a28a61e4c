//! One row of the footer: styled text, cut to the width of the terminal.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::ui::style::Style;
use crate::ui::theme::Theme;

/// A row that is being written.
#[derive(Debug)]
pub(super) struct Row {
    out: String,
    columns: usize,
    width: usize,
    theme: Theme,
    is_full: bool,
}

impl Row {
    /// An empty row of at most `width` columns.
    pub(super) fn new(width: usize, theme: Theme) -> Self {
        Self {
            out: String::new(),
            columns: 0,
            width,
            theme,
            is_full: false,
        }
    }

    /// Columns that are left.
    pub(super) fn room(&self) -> usize {
        self.width - self.columns
    }

    /// Adds text without control characters, as far as there is room.
    pub(super) fn push(&mut self, style: Style, text: &str) {
        if self.is_full {
            return;
        }
        let mut end = text.len();
        if text.is_ascii() && text.len() <= self.room() {
            self.columns += text.len();
        } else {
            for (at, grapheme) in text.grapheme_indices(true) {
                let columns = grapheme.width();
                if columns > self.room() {
                    self.is_full = true;
                    end = at;
                    break;
                }
                self.columns += columns;
            }
        }
        let shown = text.get(..end).unwrap_or_default();
        self.out.push_str(&self.theme.paint(style, shown));
    }

    /// Adds text, with `…` where it does not fit.
    pub(super) fn push_cut(&mut self, style: Style, text: &str, is_unicode: bool) {
        let tail = if is_unicode { "…" } else { "" };
        let shown = console::truncate_str(text, self.room(), tail);
        self.push(style, &shown);
    }

    /// Adds blanks up to a column.
    pub(super) fn pad_to(&mut self, column: usize) {
        let missing = column.saturating_sub(self.columns);
        self.push(Style::Plain, &" ".repeat(missing));
    }

    pub(super) fn end(self) -> String {
        self.out
    }
}
