//! The history of lines: searched in memory, stored in a file.

use std::path::PathBuf;
use std::sync::OnceLock;

use reedline::{
    FileBackedHistory, History, HistoryItem, HistoryItemId, HistorySessionId, ReedlineError,
    ReedlineErrorVariants, Result, SearchQuery,
};

use super::entry;
use super::history_file::{CAPACITY, HistoryFile};
use super::state::SharedState;
use crate::secrets::reference::looks_like_a_key;
use crate::ui::sanitise::inert;
use crate::wire::redact::redacted;

/// Longest text that is stored, in bytes.
const LONGEST: usize = 64 * 1024;

/// What reedline walks and searches. A file that cannot be read or written is no failure: the lines
/// of this run are still available.
pub(in crate::ui) struct LineHistory {
    /// Loaded at the first key that needs it, not when the prompt opens.
    memory: OnceLock<FileBackedHistory>,
    file: Option<HistoryFile>,
    state: SharedState,
}

impl LineHistory {
    pub(in crate::ui) fn open(path: Option<PathBuf>, state: SharedState) -> Self {
        Self {
            memory: OnceLock::new(),
            file: path.map(HistoryFile::new),
            state,
        }
    }

    fn memory(&self) -> &FileBackedHistory {
        self.memory.get_or_init(|| {
            // It rejects no capacity but the largest number.
            let mut memory = FileBackedHistory::new(CAPACITY).unwrap_or_default();
            for text in self.file.iter().flat_map(HistoryFile::load) {
                // What another program wrote to the file must not drive the terminal either.
                let _ = memory.save(HistoryItem::from_command_line(inert(&text)));
            }
            memory
        })
    }

    fn memory_mut(&mut self) -> Result<&mut FileBackedHistory> {
        self.memory();
        self.memory
            .get_mut()
            .ok_or(ReedlineError(ReedlineErrorVariants::OtherHistoryError(
                "it was not read",
            )))
    }
}

/// A line that starts with a blank is not stored, as in a shell.
fn is_worth_keeping(text: &str) -> bool {
    !text.trim().is_empty() && !text.starts_with(' ') && text.len() <= LONGEST && !holds_a_key(text)
}

/// Whether the text contains an API key.
fn holds_a_key(text: &str) -> bool {
    let is_of_a_key = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.split(|c| !is_of_a_key(c)).any(looks_like_a_key) || redacted(text) != text
}

impl History for LineHistory {
    fn save(&mut self, mut item: HistoryItem) -> Result<HistoryItem> {
        let state = self.state.lock();
        let entered = state.entered(&item.command_line);
        // What was pasted is data when it comes back, too.
        let mut text = entry::with_marks(&entered);
        if state.is_multiline {
            // Where Enter starts a line, a `\` before a line end is no mark; it must not become
            // one.
            text = entry::protected(&text);
        }
        drop(state);
        if !is_worth_keeping(&entry::unprotected(&entered).text) {
            item.id = None;
            return Ok(item);
        }
        item.command_line.clone_from(&text);
        let saved = self.memory_mut()?.save(item)?;
        // A repeated line is not stored twice.
        if let (Some(_), Some(file)) = (saved.id, &self.file)
            && let Err(error) = file.append(&text)
        {
            tracing::debug!(%error, "the history cannot be written");
        }
        Ok(saved)
    }

    fn load(&self, id: HistoryItemId) -> Result<HistoryItem> {
        self.memory().load(id)
    }

    fn count(&self, query: SearchQuery) -> Result<i64> {
        self.memory().count(query)
    }

    fn search(&self, query: SearchQuery) -> Result<Vec<HistoryItem>> {
        self.memory().search(query)
    }

    fn update(
        &mut self,
        id: HistoryItemId,
        change: &dyn Fn(HistoryItem) -> HistoryItem,
    ) -> Result<()> {
        self.memory_mut()?.update(id, change)
    }

    fn clear(&mut self) -> Result<()> {
        self.memory_mut()?.clear()
    }

    fn delete(&mut self, id: HistoryItemId) -> Result<()> {
        self.memory_mut()?.delete(id)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    fn session(&self) -> Option<HistorySessionId> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reedline::SearchDirection;

    fn entered(history: &LineHistory) -> Vec<String> {
        history
            .search(SearchQuery::everything(SearchDirection::Forward, None))
            .unwrap()
            .into_iter()
            .map(|item| item.command_line)
            .collect()
    }

    #[test]
    fn some_lines_are_not_stored() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history");
        let mut history = LineHistory::open(Some(path.clone()), SharedState::default());
        let key = format!("sk-or-v1-{}", "a1".repeat(20));
        for text in [
            "first",
            "first",
            " not this",
            "",
            "two\nlines",
            &key,
            &format!("key={key}!"),
            &"x".repeat(LONGEST + 1),
            "first",
        ] {
            history.save(HistoryItem::from_command_line(text)).unwrap();
        }
        let kept = ["first", "two\nlines", "first"];
        assert_eq!(entered(&history), kept);
        assert_eq!(
            entered(&LineHistory::open(Some(path), SharedState::default())),
            kept
        );
    }

    #[test]
    fn what_is_recalled_is_inert() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history");
        HistoryFile::new(path.clone())
            .append("a\u{1b}]52;c;eA==\u{7}")
            .unwrap();
        assert_eq!(
            entered(&LineHistory::open(Some(path), SharedState::default())),
            ["a␛]52;c;eA==␇"]
        );
    }

    #[test]
    fn without_a_file_the_lines_of_this_run_are_available() {
        let directory = tempfile::tempdir().unwrap();
        let mut history =
            LineHistory::open(Some(directory.path().to_owned()), SharedState::default());
        history
            .save(HistoryItem::from_command_line("a line"))
            .unwrap();
        assert_eq!(entered(&history), ["a line"]);
    }
}
