//! Up and Down through the lines of the history.

use reedline::{History, SearchDirection, SearchQuery};

/// A walk through the history, from the line that was being typed.
#[derive(Debug)]
pub(super) struct HistoryWalk {
    /// The lines, oldest first, and at their end the one that was typed.
    lines: Vec<String>,
    at: usize,
}

impl HistoryWalk {
    /// Through the lines that start like the one that is typed, when the caret is at its end;
    /// else through all of them.
    pub(super) fn new(typed: &str, caret: usize, history: &dyn History) -> Self {
        let found = history
            .search(SearchQuery::everything(SearchDirection::Forward, None))
            .unwrap_or_default();
        let prefix = if caret == typed.len() && !typed.contains('\n') {
            typed
        } else {
            ""
        };
        let mut lines: Vec<String> = Vec::with_capacity(found.len() + 1);
        for item in found {
            let line = item.command_line;
            let is_repeated = lines.last() == Some(&line);
            if line.starts_with(prefix) && line != typed && !is_repeated {
                lines.push(line);
            }
        }
        lines.push(typed.to_owned());
        Self {
            at: lines.len() - 1,
            lines,
        }
    }

    /// The next older or younger line, unless there is none.
    pub(super) fn step(&mut self, is_back: bool) -> Option<String> {
        let at = if is_back {
            self.at.checked_sub(1)?
        } else {
            self.at + 1
        };
        let line = self.lines.get(at)?.clone();
        self.at = at;
        Some(line)
    }

    /// Whether the line that was typed has been reached again.
    pub(super) fn is_over(&self) -> bool {
        self.at + 1 == self.lines.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reedline::{FileBackedHistory, HistoryItem};

    fn history(lines: &[&str]) -> FileBackedHistory {
        let mut history = FileBackedHistory::new(100).unwrap();
        for line in lines {
            history.save(HistoryItem::from_command_line(*line)).unwrap();
        }
        history
    }

    fn walked(typed: &str, back: usize, forth: usize) -> Option<String> {
        let history = history(&["one", "two", "one more"]);
        let mut walk = HistoryWalk::new(typed, typed.len(), &history);
        let mut line = None;
        for _ in 0..back {
            line = walk.step(true);
        }
        for _ in 0..forth {
            line = walk.step(false);
        }
        line
    }

    #[test]
    fn the_lines_come_back_and_the_typed_one_at_the_end() {
        assert_eq!(walked("", 1, 0).as_deref(), Some("one more"));
        assert_eq!(walked("", 3, 0).as_deref(), Some("one"));
        assert_eq!(walked("", 4, 0), None);
        assert_eq!(walked("draft", 1, 0), None);
        assert_eq!(walked("on", 2, 0).as_deref(), Some("one"));
        assert_eq!(walked("on", 2, 2).as_deref(), Some("on"));
        assert_eq!(walked("on", 1, 2), None);
    }
}
