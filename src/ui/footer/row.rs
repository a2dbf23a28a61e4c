//! One row of the footer: styled text, cut to the width of the terminal.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How a part of a row looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Look {
    #[default]
    Plain,
    /// Of low importance: status, hints, queued messages.
    Dim,
    /// The prompt before the line.
    Prompt,
    /// The character at the caret, and the chosen row of a menu.
    Reversed,
}

impl Look {
    /// The sequence that sets it on top of the plain one. Reverse video is no colour.
    fn attributes(self, is_coloured: bool) -> &'static str {
        match self {
            Self::Reversed => "\x1b[7m",
            Self::Dim if is_coloured => "\x1b[2m",
            Self::Prompt if is_coloured => "\x1b[36m",
            _ => "",
        }
    }
}

/// A row that is being written.
#[derive(Debug)]
pub(super) struct Row {
    out: String,
    columns: usize,
    width: usize,
    is_coloured: bool,
    is_full: bool,
}

impl Row {
    /// An empty row of at most `width` columns.
    pub(super) fn new(width: usize, is_coloured: bool) -> Self {
        Self {
            out: String::new(),
            columns: 0,
            width,
            is_coloured,
            is_full: false,
        }
    }

    /// Columns that are left.
    pub(super) fn room(&self) -> usize {
        self.width - self.columns
    }

    /// Adds text without control characters, as far as there is room.
    pub(super) fn push(&mut self, look: Look, text: &str) {
        if text.is_empty() || self.is_full {
            return;
        }
        let attributes = look.attributes(self.is_coloured);
        self.out.push_str(attributes);
        if text.is_ascii() && text.len() <= self.room() {
            self.out.push_str(text);
            self.columns += text.len();
        } else {
            for grapheme in text.graphemes(true) {
                // A terminal may count its code points one by one.
                let columns: usize = grapheme.width();
                if columns > self.room() {
                    self.is_full = true;
                    break;
                }
                self.out.push_str(grapheme);
                self.columns += columns;
            }
        }
        if !attributes.is_empty() {
            self.out.push_str("\x1b[m");
        }
    }

    /// Adds text, with `…` where it does not fit.
    pub(super) fn push_cut(&mut self, look: Look, text: &str, is_unicode: bool) {
        let tail = if is_unicode { "…" } else { "" };
        let shown = console::truncate_str(text, self.room(), tail);
        self.push(look, &shown);
    }

    pub(super) fn end(self) -> String {
        self.out
    }
}
