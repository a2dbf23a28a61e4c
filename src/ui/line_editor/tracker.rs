//! Which part of the line was pasted, followed through every edit.
//!
//! An edit is what differs between the line before and after it: one piece in the middle. What is
//! inserted there was pasted when it was just announced as a paste, or when it is a piece of an
//! earlier paste that comes back, by undo or from the kill ring.

use std::ops::Range;

use crate::ports::entered_text::EnteredText;

/// Characters that come back at once; fewer may be typed keys that were handled together.
const SHORTEST_PIECE: usize = 4;

/// Follows one line.
#[derive(Debug, Default)]
pub(in crate::ui) struct PasteTracker {
    line: EnteredText,
    cursor: usize,
    /// What has been pasted into this line.
    pastes: Vec<String>,
    /// How many of them, the last ones, are not on the line yet.
    announced: usize,
}

impl PasteTracker {
    /// The line as it was seen last.
    pub(in crate::ui) fn line(&self) -> &EnteredText {
        &self.line
    }

    /// The line before the cursor, as it was seen last.
    pub(in crate::ui) fn before_cursor(&self) -> EnteredText {
        self.line.slice(0..self.cursor)
    }

    /// This text is about to be inserted, and it is data.
    pub(in crate::ui) fn announce(&mut self, text: &str) {
        if !text.is_empty() {
            self.pastes.push(text.to_owned());
            self.announced += 1;
        }
    }

    /// The line is replaced by this text.
    pub(in crate::ui) fn set(&mut self, line: EnteredText) {
        self.pastes.extend(
            line.pasted
                .iter()
                .filter_map(|range| line.text.get(range.clone()).map(str::to_owned)),
        );
        self.announced = 0;
        self.line = line;
    }

    /// The line has been submitted or discarded.
    pub(in crate::ui) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The line is now this one, with its cursor at a byte.
    pub(in crate::ui) fn observe(&mut self, line: &str, cursor: usize) {
        self.cursor = cursor;
        if self.line.text != line {
            let (mut now, inserted, rest) = self.line.change(line);
            now.push(&self.origin_of(&line[inserted]));
            now.push(&rest);
            self.line = now;
        }
        if line.is_empty() {
            // What was killed can still be yanked, so the pastes stay.
            self.announced = 0;
        }
    }

    /// The line was edited in another program: what is new and has several lines is data.
    pub(in crate::ui) fn edited(&mut self, line: &str) {
        self.line = self.line.edited(line);
    }

    /// What of an inserted piece is data.
    fn origin_of(&mut self, piece: &str) -> EnteredText {
        let known = self.pastes.len() - self.announced;
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        for paste in self.pastes.split_off(known) {
            if let Some(at) = piece[from..].find(&paste) {
                found.push(from + at..from + at + paste.len());
                from += at + paste.len();
            } else if !piece.is_empty() && found.is_empty() {
                return self.all_data(piece, paste);
            }
            self.pastes.push(paste);
        }
        self.announced = 0;
        if found.is_empty() && self.came_back(piece) {
            return EnteredText::data(piece);
        }
        EnteredText {
            text: piece.to_owned(),
            pasted: found,
        }
    }

    /// `ab` pasted before `a` looks like `ba` inserted after it: the piece is data as a whole.
    fn all_data(&mut self, piece: &str, paste: String) -> EnteredText {
        self.pastes.push(paste);
        self.announced = 0;
        EnteredText::data(piece)
    }

    fn came_back(&self, piece: &str) -> bool {
        piece.chars().nth(SHORTEST_PIECE - 1).is_some()
            && self.pastes.iter().any(|paste| paste.contains(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line with what is data in brackets.
    fn shown(tracker: &PasteTracker) -> String {
        let mut shown = tracker.line.text.clone();
        for range in tracker.line.pasted.iter().rev() {
            shown.insert(range.end, ']');
            shown.insert(range.start, '[');
        }
        shown
    }

    fn paste(tracker: &mut PasteTracker, text: &str, line: &str) {
        tracker.announce(text);
        observe(tracker, line);
    }

    fn observe(tracker: &mut PasteTracker, line: &str) {
        tracker.observe(line, line.len());
    }

    #[test]
    fn pasted_and_typed_text_are_told_apart() {
        let mut tracker = PasteTracker::default();
        observe(&mut tracker, "see ");
        paste(&mut tracker, "/etc/passwd", "see /etc/passwd");
        observe(&mut tracker, "see /etc/passwd now");
        assert_eq!(shown(&tracker), "see [/etc/passwd] now");
        observe(&mut tracker, "see /etc/pass-wd now");
        assert_eq!(shown(&tracker), "see [/etc/pass]-[wd] now");
        observe(&mut tracker, "/pass-wd now");
        assert_eq!(shown(&tracker), "[/pass]-[wd] now");
    }

    #[test]
    fn keys_and_a_paste_may_be_seen_together() {
        let mut tracker = PasteTracker::default();
        tracker.announce("!rm");
        tracker.announce("@b");
        observe(&mut tracker, "x !rm y @b z");
        assert_eq!(shown(&tracker), "x [!rm] y [@b] z");
    }

    #[test]
    fn a_paste_next_to_its_own_characters_is_data() {
        let mut tracker = PasteTracker::default();
        observe(&mut tracker, "/a");
        paste(&mut tracker, "/", "//a");
        assert!(!tracker.line.pasted.is_empty());
        let mut tracker = PasteTracker::default();
        observe(&mut tracker, "a");
        paste(&mut tracker, "!a", "!aa");
        assert_eq!(shown(&tracker), "[!a]a");
    }

    #[test]
    fn what_comes_back_is_still_data() {
        let mut tracker = PasteTracker::default();
        paste(&mut tracker, "!rm -rf x", "!rm -rf x");
        observe(&mut tracker, "");
        observe(&mut tracker, "!rm -rf x");
        assert_eq!(shown(&tracker), "[!rm -rf x]");
        observe(&mut tracker, "");
        observe(&mut tracker, "!rm ");
        assert_eq!(shown(&tracker), "[!rm ]");
        tracker.clear();
        observe(&mut tracker, "!rm -rf x");
        assert_eq!(shown(&tracker), "!rm -rf x");
    }

    #[test]
    fn a_line_that_is_set_has_its_own_ranges() {
        let mut tracker = PasteTracker::default();
        tracker.set(EnteredText::data("/etc"));
        observe(&mut tracker, "/etc?");
        assert_eq!(shown(&tracker), "[/etc]?");
    }

    #[test]
    fn new_lines_of_another_program_are_data() {
        let mut tracker = PasteTracker::default();
        tracker.set(EnteredText::typed("/system Be brief"));
        tracker.edited("/system Be kind\nand brief");
        assert_eq!(shown(&tracker), "/system Be [kind\nand ]brief");
        tracker.set(EnteredText::default());
        tracker.edited("/model x");
        assert_eq!(shown(&tracker), "/model x");
        tracker.edited("!ls\n!rm");
        assert_eq!(shown(&tracker), "[!ls\n!rm]");
    }

    proptest::proptest! {
        #[test]
        fn ranges_stay_inside_the_line(lines in proptest::collection::vec("[a/é ]{0,6}", 0..12)) {
            let mut tracker = PasteTracker::default();
            for (number, line) in lines.iter().enumerate() {
                if number % 3 == 0 {
                    tracker.announce(line);
                }
                observe(&mut tracker, line);
                proptest::prop_assert_eq!(&tracker.line.text, line);
                for range in &tracker.line.pasted {
                    proptest::prop_assert!(line.get(range.clone()).is_some());
                }
            }
        }
    }
}
