//! Breaks running text between words, with a hanging indent; writes a word when it is complete.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::ui::style::{Span, Style};

/// Where the writing stands, and the word that is not complete yet.
#[derive(Debug)]
pub struct Wrapper {
    width: usize,
    column: usize,
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
    pub fn new(width: usize) -> Self {
        Self {
            width: width.max(1),
            column: 0,
            indent: 0,
            is_fresh: true,
            spaces: 0,
            space_style: Style::Plain,
            word: Vec::new(),
            word_width: 0,
            tail: (Style::Plain, String::new()),
        }
    }

    /// Begins a line with a prefix; continued lines are indented as deep.
    pub fn begin_line(&mut self, prefix: &str, out: &mut Vec<Span>) {
        self.column = prefix.width();
        // On a narrow terminal an indent must leave room for words.
        self.indent = self.column.min(self.width / 2);
        if !prefix.is_empty() {
            out.push((Style::Plain, prefix.to_owned()));
        }
    }

    pub fn push(&mut self, style: Style, text: &str, out: &mut Vec<Span>) {
        if self.tail.0 != style {
            self.end_tail(out);
        }
        let text = format!("{}{text}", std::mem::take(&mut self.tail.1));
        let mut graphemes = text.graphemes(true);
        self.tail = (style, graphemes.next_back().unwrap_or_default().to_owned());
        for grapheme in graphemes {
            self.push_grapheme(style, grapheme, out);
        }
    }

    fn end_tail(&mut self, out: &mut Vec<Span>) {
        let (style, tail) = std::mem::take(&mut self.tail);
        if !tail.is_empty() {
            self.push_grapheme(style, &tail, out);
        }
    }

    fn push_grapheme(&mut self, style: Style, grapheme: &str, out: &mut Vec<Span>) {
        if matches!(grapheme, " " | "\t") {
            self.end_word(out);
            if !self.is_fresh {
                self.spaces += if grapheme == " " { 1 } else { 4 };
                self.space_style = style;
            }
            return;
        }
        let width = grapheme.width();
        // Scripts of wide characters have no spaces: a line may end after any of them.
        let is_wide = width > 1;
        if is_wide {
            self.end_word(out);
        }
        match self.word.last_mut() {
            Some((last, text)) if *last == style => text.push_str(grapheme),
            _ => self.word.push((style, grapheme.to_owned())),
        }
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
        if self.column + needed > self.width && self.column > self.indent {
            out.push((Style::Plain, format!("\n{}", " ".repeat(self.indent))));
            self.column = self.indent;
        } else if self.spaces > 0 {
            out.push((self.space_style, " ".repeat(self.spaces)));
            self.column += self.spaces;
        }
        self.spaces = 0;
        self.is_fresh = false;
        self.column += self.word_width;
        self.word_width = 0;
        out.append(&mut self.word);
    }

    pub fn end_line(&mut self, out: &mut Vec<Span>) {
        self.end_tail(out);
        self.end_word(out);
        self.spaces = 0;
        self.column = 0;
        self.indent = 0;
        self.is_fresh = true;
        out.push((Style::Plain, "\n".to_owned()));
    }
}
