//! Empty rows of an answer: shown with what follows them, so that none are left at its end.

use super::style::{Look, Span};

/// Holds empty rows back. The end of a row of text is passed on at once.
#[derive(Debug, Default)]
pub(super) struct BlankRows {
    held: Vec<Span>,
    /// What was passed on last ended its row.
    is_at_row_end: bool,
}

impl BlankRows {
    /// Passes on a piece of the text.
    pub(super) fn push(&mut self, look: Look, text: &str, sink: &mut dyn FnMut(Look, &str)) {
        let words = text.trim_end_matches('\n').len();
        if words > 0 {
            let held = self.held.drain(..);
            held.for_each(|(look, rows)| sink(look, &rows));
            self.is_at_row_end = false;
        }
        let ends_row = !self.is_at_row_end && words < text.len();
        self.is_at_row_end |= ends_row;
        let (shown, rows) = text.split_at(words + usize::from(ends_row));
        if !rows.is_empty() {
            self.held.push((look.clone(), rows.to_owned()));
        }
        if !shown.is_empty() {
            sink(look, shown);
        }
    }

    /// Nothing follows.
    pub(super) fn finish(&mut self) {
        self.held.clear();
        self.is_at_row_end = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[&str]) -> Vec<String> {
        let (mut rows, mut shown) = (BlankRows::default(), Vec::new());
        for piece in pieces {
            rows.push(Look::default(), piece, &mut |_, text| {
                shown.push(text.to_owned());
            });
        }
        shown
    }

    #[test]
    fn empty_rows_are_shown_with_what_follows_them_and_not_at_the_end() {
        assert_eq!(shown(&["a\n\nb"]), ["a\n\nb"]);
        assert_eq!(
            shown(&["a", "\n", "\n", "\nb\n\n"]),
            ["a", "\n", "\n", "\nb\n"]
        );
        assert_eq!(shown(&["a\n\n", "\n"]), ["a\n"]);
        assert_eq!(shown(&["a\n", "\n", "b"]), ["a\n", "\n", "b"]);
    }
}
