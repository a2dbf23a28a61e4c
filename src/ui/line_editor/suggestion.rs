//! The line that is suggested from the history.

use reedline::{History, SearchQuery};

use crate::ui::sanitise::inert;

/// The rest of the last line that starts like this one, where the caret is at its end.
pub(in crate::ui) fn hint(line: &str, caret: usize, history: &dyn History) -> String {
    if line.is_empty() || line.contains('\n') || caret < line.len() {
        return String::new();
    }
    let found = history
        .search(SearchQuery::last_with_prefix(line.to_owned(), None))
        .unwrap_or_default();
    let rest = found
        .first()
        .and_then(|item| item.command_line.get(line.len()..))
        .unwrap_or_default();
    if rest.contains('\n') {
        String::new()
    } else {
        inert(rest)
    }
}

/// Bytes of the first word with the blanks before it.
pub(in crate::ui) fn first_word(text: &str) -> usize {
    let word = text.trim_start();
    let blanks = text.len() - word.len();
    blanks + word.find(char::is_whitespace).unwrap_or(word.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reedline::{FileBackedHistory, HistoryItem};

    #[test]
    fn the_last_line_that_starts_alike_is_suggested() {
        let mut history = FileBackedHistory::new(100).unwrap();
        for line in ["one", "one more", "two\nlines"] {
            history.save(HistoryItem::from_command_line(line)).unwrap();
        }
        assert_eq!(hint("one", 3, &history), " more");
        assert_eq!(first_word(" more of it"), 5);
        for (line, caret) in [("", 0), ("one", 1), ("tw", 2), ("x", 1)] {
            assert_eq!(hint(line, caret, &history), "");
        }
    }
}
