//! Breaks running text between words, with a hanging indent; writes a word when it is complete. A
//! character of a wide script is a word of its own, with the marks around it that stay with it.

use std::collections::VecDeque;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::ui::line_break::{is_closing, is_opening};
use crate::ui::style::{Look, Span, Style, append};

/// The row ends here and its line continues, as after `<br>`. No text of the source has it.
pub(super) const BREAK: &str = "\u{b}";

/// Columns that a tab in running text is worth.
const TAB: usize = 4;

/// The current position, and the word that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Wrapper {
    width: usize,
    column: usize,
    /// Columns of the widest row of the line.
    widest: usize,
    /// The prefix of continued lines, and its width.
    hanging: Vec<Span>,
    indent: usize,
    /// The prefixes of the lines that follow, and those of what continues them.
    next: VecDeque<(Vec<Span>, Vec<Span>)>,
    /// No word has been written since the line's prefix, so that spaces mean nothing.
    is_fresh: bool,
    /// The start of the word has been written: it is the first one of its line, which never moves.
    is_placed: bool,
    /// Spaces before the word, written when the word fits on the line.
    spaces: usize,
    space_look: Look,
    word: Vec<Span>,
    word_width: usize,
    before: Before,
    /// The last character so far: what follows may still combine with it.
    tail: Span,
}

/// The character before the next one, which decides whether a row may end between the two.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    is_wide: bool,
    is_opening: bool,
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
        self.widest = 0;
        self.indent = width_of(&hanging);
        self.hanging = hanging;
        prefix
            .iter()
            .for_each(|(look, text)| append(out, look.clone(), text));
    }

    /// The same for the line after those that have not ended: it starts at the next line end of the
    /// text.
    pub(super) fn begin_next(&mut self, prefix: Vec<Span>, hanging: Vec<Span>) {
        self.next.push_back((prefix, hanging));
    }

    /// Takes text, in which a line end ends the line.
    pub(super) fn push(&mut self, look: &Look, text: &str, out: &mut Vec<Span>) {
        let mut lines = text.split('\n');
        self.push_in_line(look, lines.next().unwrap_or_default(), out);
        for line in lines {
            self.end_line(out);
            if let Some((prefix, hanging)) = self.next.pop_front() {
                self.begin_line(&prefix, hanging, out);
            }
            self.push_in_line(look, line, out);
        }
    }

    fn push_in_line(&mut self, look: &Look, text: &str, out: &mut Vec<Span>) {
        if self.tail.0 != *look {
            self.end_tail(out);
            self.tail.0.clone_from(look);
        }
        if text.is_ascii() && self.tail.1.is_ascii() {
            self.push_ascii(look, text, out);
            return self.place(out);
        }
        let text = format!("{}{text}", std::mem::take(&mut self.tail.1));
        let mut graphemes = text.graphemes(true);
        graphemes
            .next_back()
            .unwrap_or_default()
            .clone_into(&mut self.tail.1);
        for grapheme in graphemes {
            self.push_grapheme(look, grapheme, out);
        }
        self.place(out);
    }

    /// Writes what is there of the first word of a line: wherever it ends, it stays in this place.
    fn place(&mut self, out: &mut Vec<Span>) {
        if !(self.is_fresh || self.is_placed) {
            return;
        }
        // A mark on a letter does not change its width; on a digit it may.
        if self.tail.1.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            self.end_tail(out);
        }
        // The word that was the first one may have ended.
        if (self.is_fresh || self.is_placed) && !self.word.is_empty() {
            self.is_placed = true;
            self.write_word(out);
        }
    }

    fn write_word(&mut self, out: &mut Vec<Span>) {
        self.is_fresh = false;
        self.column += self.word_width;
        self.widest = self.widest.max(self.column);
        self.word_width = 0;
        self.word
            .drain(..)
            .for_each(|(look, text)| append(out, look, &text));
    }

    /// Between two of these characters there is always a boundary.
    fn push_ascii(&mut self, look: &Look, text: &str, out: &mut Vec<Span>) {
        let Some(last) = text.len().checked_sub(1) else {
            return;
        };
        self.end_tail(out);
        let mut rest = &text[..last];
        while !rest.is_empty() {
            let length = rest
                .bytes()
                .position(|byte| matches!(byte, b' ' | b'\t' | b'\x0b'))
                .unwrap_or(rest.len());
            // The first character decides whether it belongs to a wide one before it.
            let length = if self.before.is_wide { 0 } else { length };
            if length > 0 {
                append(&mut self.word, look.clone(), &rest[..length]);
                self.word_width += length;
                self.before.is_opening = is_opening(&rest[length - 1..]);
            } else {
                self.push_grapheme(look, &rest[..1], out);
            }
            rest = &rest[length.max(1)..];
        }
        self.tail.1.push_str(&text[last..]);
    }

    fn end_tail(&mut self, out: &mut Vec<Span>) {
        if self.tail.1.is_empty() {
            return;
        }
        let mut tail = std::mem::take(&mut self.tail);
        self.push_grapheme(&tail.0, &tail.1, out);
        // The allocation serves the next one.
        tail.1.clear();
        self.tail = tail;
    }

    fn push_grapheme(&mut self, look: &Look, grapheme: &str, out: &mut Vec<Span>) {
        if let Some(marks) = grapheme
            .strip_prefix(' ')
            .filter(|marks| !marks.is_empty() && look.style != Style::Code)
        {
            // A line may end at a blank, whatever combines with it.
            self.push_grapheme(look, " ", out);
            return self.push_grapheme(look, marks, out);
        }
        if grapheme == BREAK {
            return self.break_line(out);
        }
        let is_blank = matches!(grapheme, " " | "\t");
        let blanks = if grapheme == "\t" { TAB } else { 1 };
        // Code is there to be copied, so it is kept in one piece.
        if is_blank && look.style != Style::Code {
            self.end_word(out);
            self.before = Before::default();
            if !self.is_fresh {
                self.spaces += blanks;
                self.space_look.clone_from(look);
            }
            return;
        }
        let width = if is_blank { 1 } else { grapheme.width() };
        // It combines with what is before it, written or not.
        if width == 0 && !self.word.is_empty() {
            return append(&mut self.word, look.clone(), grapheme);
        }
        if width == 0 && self.spaces == 0 {
            return append(out, look.clone(), grapheme);
        }
        // Scripts of wide characters have no spaces: a line may end around any of them.
        let is_wide = width > 1 && look.style != Style::Code;
        if (is_wide || self.before.is_wide) && !self.stays_with(grapheme, width) {
            self.end_word(out);
        }
        append(
            &mut self.word,
            look.clone(),
            if is_blank { " " } else { grapheme },
        );
        self.word_width += width;
        self.before = Before {
            is_wide,
            is_opening: is_opening(grapheme),
        };
    }

    /// Whether no row may end between the word so far and this; a word as wide as a row may be
    /// broken anywhere.
    fn stays_with(&self, grapheme: &str, width: usize) -> bool {
        let is_first = self.is_fresh || self.is_placed;
        let start = if is_first { self.column } else { self.indent };
        (self.before.is_opening || is_closing(grapheme))
            && start + self.word_width + width <= self.width
    }

    fn end_word(&mut self, out: &mut Vec<Span>) {
        if std::mem::take(&mut self.is_placed) {
            return self.write_word(out);
        }
        if self.word.is_empty() {
            return;
        }
        let needed = self.spaces + self.word_width;
        if self.column + needed > self.width && self.column > self.indent && !self.is_fresh {
            append(out, Style::Plain, "\n");
            self.hanging
                .iter()
                .for_each(|(look, text)| append(out, look.clone(), text));
            self.column = self.indent;
        } else if self.spaces > 0 {
            append(out, self.space_look.clone(), &" ".repeat(self.spaces));
            self.column += self.spaces;
        }
        self.spaces = 0;
        self.write_word(out);
    }

    /// Ends the row, and continues the line on the next one.
    fn break_line(&mut self, out: &mut Vec<Span>) {
        self.end_word(out);
        append(out, Style::Plain, "\n");
        self.hanging
            .iter()
            .for_each(|(look, text)| append(out, look.clone(), text));
        self.column = self.indent;
        self.before = Before::default();
        (self.spaces, self.is_fresh) = (0, true);
    }

    /// Draws a rule below the line, as wide as it.
    pub(super) fn underline(&mut self, mark: &str, out: &mut Vec<Span>) {
        self.end_tail(out);
        self.end_word(out);
        let columns = self.widest.min(self.width).saturating_sub(self.indent);
        if columns > 0 {
            self.break_line(out);
            append(out, Style::Plain, &mark.repeat(columns));
        }
    }

    pub(super) fn end_line(&mut self, out: &mut Vec<Span>) {
        self.end_tail(out);
        self.end_word(out);
        self.spaces = 0;
        self.before = Before::default();
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
