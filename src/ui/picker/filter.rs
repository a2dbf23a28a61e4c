//! A line of text that is being edited, and the caret in it: what filters a list, or an answer.

use crate::present::text::one_line;
use crate::ui::sanitise::inert;

/// Longest filter, in characters: a paste may be a whole file.
const LONGEST: usize = 200;

/// One line of text.
#[derive(Debug)]
pub(super) struct Filter {
    text: Vec<char>,
    /// Characters before the caret.
    caret: usize,
    /// Most characters.
    most: usize,
}

impl Filter {
    pub(super) fn of(text: &str) -> Self {
        let mut filter = Self::with_room(LONGEST);
        filter.insert(text);
        filter
    }

    /// An empty line of at most so many characters.
    pub(super) fn with_room(most: usize) -> Self {
        Self {
            text: Vec::new(),
            caret: 0,
            most,
        }
    }

    pub(super) fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// The text before and after the caret.
    pub(super) fn parts(&self) -> (String, String) {
        let (before, after) = self.text.split_at(self.caret);
        (before.iter().collect(), after.iter().collect())
    }

    /// Inserts a character or the first line of a paste.
    pub(super) fn insert(&mut self, text: &str) {
        // A blank is a line of its own, of which `one_line` leaves nothing.
        let line = if text == " " {
            text.to_owned()
        } else {
            one_line(&inert(text))
        };
        let room = self.most.saturating_sub(self.text.len());
        let added: Vec<char> = line.chars().take(room).collect();
        let count = added.len();
        self.text.splice(self.caret..self.caret, added);
        self.caret += count;
    }

    pub(super) fn delete_before(&mut self) {
        if self.caret > 0 {
            self.caret -= 1;
            self.text.remove(self.caret);
        }
    }

    pub(super) fn delete_after(&mut self) {
        if self.caret < self.text.len() {
            self.text.remove(self.caret);
        }
    }

    /// Deletes the word before the caret, and the blanks after it.
    pub(super) fn delete_word(&mut self) {
        let is_blank = |c: &&char| c.is_whitespace();
        let before = &self.text[..self.caret];
        let blanks = before.iter().rev().take_while(is_blank).count();
        let rest = before.iter().rev().skip(blanks);
        let word = rest.take_while(|c| !c.is_whitespace()).count();
        let start = self.caret - blanks - word;
        self.text.drain(start..self.caret);
        self.caret = start;
    }

    /// Deletes everything before the caret.
    pub(super) fn delete_start(&mut self) {
        self.text.drain(..self.caret);
        self.caret = 0;
    }

    pub(super) fn left(&mut self) {
        self.caret = self.caret.saturating_sub(1);
    }

    pub(super) fn right(&mut self) {
        self.caret = (self.caret + 1).min(self.text.len());
    }

    pub(super) fn go_to_start(&mut self) {
        self.caret = 0;
    }

    pub(super) fn go_to_end(&mut self) {
        self.caret = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_edited_at_the_caret() {
        let mut filter = Filter::of("claude sonnet");
        filter.delete_word();
        assert_eq!(filter.text(), "claude ");
        filter.delete_word();
        assert_eq!(filter.text(), "");
        for c in ["a", " ", "漢"] {
            filter.insert(c);
        }
        filter.left();
        filter.delete_before();
        assert_eq!(filter.parts(), ("a".to_owned(), "漢".to_owned()));
        filter.delete_after();
        filter.go_to_start();
        filter.insert("x");
        filter.go_to_end();
        filter.left();
        filter.delete_start();
        assert_eq!(filter.text(), "a");
    }

    #[test]
    fn a_paste_is_its_first_line_made_inert_and_short() {
        let filter = Filter::of("\n\u{1b}[2Jgpt\u{202e}\nsecond");
        assert_eq!(filter.text(), "␛[2Jgpt\u{fffd}");
        assert_eq!(Filter::of(&"x".repeat(5000)).text().len(), LONGEST);
    }
}
