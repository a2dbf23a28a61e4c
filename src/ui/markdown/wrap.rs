//! Breaks running text between words, with a hanging indent; writes a word when it is complete.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::{Span, Style};

/// Where the writing stands, and the word that is not complete yet.
#[derive(Debug)]
pub struct Wrapper {
    width: usize,
    column: usize,
    indent: usize,
    /// Spaces before the word, written when the word fits on the line.
    spaces: usize,
    space_style: Style,
    word: Vec<Span>,
    word_width: usize,
}

impl Wrapper {
    pub fn new(width: usize) -> Self {
        Self { width: width.max(1), column: 0, indent: 0, spaces: 0, space_style: Style::Plain, word: Vec::new(), word_width: 0 }
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
        for grapheme in text.graphemes(true) {
            match grapheme {
                " " | "\t" => {
                    self.end_word(out);
                    self.spaces += if grapheme == " " { 1 } else { 4 };
                    self.space_style = style;
                }
                _ => self.push_grapheme(style, grapheme, out),
            }
        }
    }

    fn push_grapheme(&mut self, style: Style, grapheme: &str, out: &mut Vec<Span>) {
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
        self.column += self.word_width;
        self.word_width = 0;
        out.append(&mut self.word);
    }

    pub fn end_line(&mut self, out: &mut Vec<Span>) {
        self.end_word(out);
        self.spaces = 0;
        self.column = 0;
        self.indent = 0;
        out.push((Style::Plain, "\n".to_owned()));
    }
}
