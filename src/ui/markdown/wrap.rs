//! Breaks running text between words, with a hanging indent; writes a word when it is complete.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::ui::style::{Span, Style, append};

/// Columns that a tab in running text is worth.
const TAB: usize = 4;

/// The current position, and the word that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Wrapper {
    width: usize,
    column: usize,
    /// The prefix of continued lines, and its width.
    hanging: Vec<Span>,
    indent: usize,
    /// No word has been written since the line's prefix, so that spaces mean nothing.
    is_fresh: bool,
    /// Spaces before the word, written when the word fits on the line.
    spaces: usize,
    space_style: Style,
    word: Vec<Span>,
    word_width: usize,
    /// The last character so far: what follows may still combine with it.
    tail: Span,
}

impl Wrapper {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width: width.max(1),
            is_fresh: true,
            ..Self::default()
        }
    }

    /// The width from now on. A line that is wider than the terminal has become is broken before
    /// its next word, whatever the terminal made of it.
    pub(super) fn set_width(&mut self, width: usize) {
        self.width = width.max(1);
    }

    /// Starts a line with a prefix; continued lines start with `hanging`.
    pub(super) fn begin_line(&mut self, prefix: &[Span], hanging: Vec<Span>, out: &mut Vec<Span>) {
        self.column = width_of(prefix);
        self.indent = width_of(&hanging);
        self.hanging = hanging;
        prefix
            .iter()
            .for_each(|(style, text)| append(out, *style, text));
    }

    pub(super) fn push(&mut self, style: Style, text: &str, out: &mut Vec<Span>) {
        if self.tail.0 != style {
            self.end_tail(out);
            self.tail.0 = style;
        }
        if text.is_ascii() && self.tail.1.is_ascii() {
            return self.push_ascii(style, text, out);
        }
        let text = format!("{}{text}", std::mem::take(&mut self.tail.1));
        let mut graphemes = text.graphemes(true);
        graphemes
            .next_back()
            .unwrap_or_default()
            .clone_into(&mut self.tail.1);
        for grapheme in graphemes {
            self.push_grapheme(style, grapheme, out);
        }
    }

    /// Between two of these characters there is always a boundary.
    fn push_ascii(&mut self, style: Style, text: &str, out: &mut Vec<Span>) {
        let Some(last) = text.len().checked_sub(1) else {
            return;
        };
        self.end_tail(out);
        let mut rest = &text[..last];
        while !rest.is_empty() {
            let length = rest
                .bytes()
                .position(|byte| matches!(byte, b' ' | b'\t'))
                .unwrap_or(rest.len());
            if length > 0 {
                append(&mut self.word, style, &rest[..length]);
                self.word_width += length;
            } else {
                self.push_grapheme(style, &rest[..1], out);
            }
            rest = &rest[length.max(1)..];
        }
        self.tail.1.push_str(&text[last..]);
    }

    fn end_tail(&mut self, out: &mut Vec<Span>) {
        if self.tail.1.is_empty() {
            return;
        }
        let mut tail = std::mem::take(&mut self.tail.1);
        self.push_grapheme(self.tail.0, &tail, out);
        // SessionTurn for the next one.
        tail.clear();
        self.tail.1 = tail;
    }

    fn push_grapheme(&mut self, style: Style, grapheme: &str, out: &mut Vec<Span>) {
        if let Some(marks) = grapheme
            .strip_prefix(' ')
            .filter(|marks| !marks.is_empty() && style != Style::Code)
        {
            // A line may end at a blank, whatever combines with it.
            self.push_grapheme(style, " ", out);
            return self.push_grapheme(style, marks, out);
        }
        let is_blank = matches!(grapheme, " " | "\t");
        let blanks = if grapheme == "\t" { TAB } else { 1 };
        // Code is there to be copied, so it is kept in one piece.
        if is_blank && style != Style::Code {
            self.end_word(out);
            if !self.is_fresh {
                self.spaces += blanks;
                self.space_style = style;
            }
            return;
        }
        let width = if is_blank { 1 } else { grapheme.width() };
        if width == 0 && self.word.is_empty() && self.spaces == 0 {
            // It combines with what has been written.
            return append(out, style, grapheme);
        }
        // Scripts of wide characters have no spaces: a line may end after any of them.
        let is_wide = width > 1 && style != Style::Code;
        if is_wide {
            self.end_word(out);
        }
        append(&mut self.word, style, if is_blank { " " } else { grapheme });
        self.word_width += width;
        if is_wide {
            self.end_word(out);
        }
    }

    fn end_word(&mut self, out: &mut Vec<Span>) {
        if self.word.is_empty() {
            return;
        }
        let needed = self.spaces + self.word_width;
        if self.column + needed > self.width && self.column > self.indent && !self.is_fresh {
            append(out, Style::Plain, "\n");
            self.hanging
                .iter()
                .for_each(|(style, text)| append(out, *style, text));
            self.column = self.indent;
        } else if self.spaces > 0 {
            append(out, self.space_style, &" ".repeat(self.spaces));
            self.column += self.spaces;
        }
        self.spaces = 0;
        self.is_fresh = false;
        self.column += self.word_width;
        self.word_width = 0;
        self.word
            .drain(..)
            .for_each(|(style, text)| append(out, style, &text));
    }

    pub(super) fn end_line(&mut self, out: &mut Vec<Span>) {
        self.end_tail(out);
        self.end_word(out);
        self.spaces = 0;
        self.column = 0;
        self.indent = 0;
        self.hanging.clear();
        self.is_fresh = true;
        append(out, Style::Plain, "\n");
    }
}

/// Columns that a text takes.
pub(super) fn width_of(spans: &[Span]) -> usize {
    spans.iter().map(|(_, text)| text.width()).sum()
}
