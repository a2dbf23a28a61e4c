//! A search of the history: the query, and the lines that match it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use reedline::{History, SearchDirection, SearchQuery};

use crate::ports::entered_text::EnteredText;
use crate::ports::menu::{Menu, MenuAction, MenuRow};
use crate::present::fuzzy::FuzzyMatcher;
use crate::ui::line_editor::{entry, paste};

/// Most lines of the list.
const MOST: usize = 50;

/// A search that is open.
pub(super) struct HistorySearch {
    query: String,
    /// Each line once, the newest first.
    lines: Vec<String>,
    matcher: FuzzyMatcher,
}

/// What a key does to a search.
pub(super) enum SearchKey {
    Changes,
    Steps(isize),
    Takes,
    Ends,
    /// It does the same as without a search, which stays open.
    Passes,
    Nothing,
}

impl HistorySearch {
    pub(super) fn new(history: &dyn History) -> Self {
        let found = history
            .search(SearchQuery::everything(SearchDirection::Backward, None))
            .unwrap_or_default();
        let mut lines: Vec<String> = Vec::with_capacity(found.len());
        let mut seen = std::collections::HashSet::new();
        for item in found {
            if seen.insert(item.command_line.clone()) {
                lines.push(item.command_line);
            }
        }
        Self {
            query: String::new(),
            lines,
            matcher: FuzzyMatcher::new(),
        }
    }

    pub(super) fn query(&self) -> &str {
        &self.query
    }

    /// The lines that match: those that contain the query first, then those that match fuzzily.
    pub(super) fn menu(&mut self) -> Menu {
        let labels: Vec<String> = self.lines.iter().map(|line| label(line)).collect();
        let wanted = self.query.to_lowercase();
        let contains = |row: usize| labels[row].to_lowercase().contains(&wanted);
        let ranked = self
            .matcher
            .rank(&self.query, labels.iter().map(String::as_str));
        let (fuzzy, mut rows): (Vec<usize>, Vec<usize>) = ranked
            .iter()
            .map(|found| found.row)
            .partition(|row| !contains(*row));
        rows.sort_unstable();
        let count = rows.len() + fuzzy.len();
        let rows = rows.into_iter().chain(fuzzy).take(MOST);
        let rows: Vec<MenuRow> = rows
            .map(|row| MenuRow {
                matched: self.matcher.positions(&self.query, &labels[row]),
                label: labels[row].clone(),
                value: String::new(),
                about: String::new(),
                group: "",
                span: 0..0,
                insert: self.lines[row].clone(),
                action: MenuAction::Insert,
            })
            .collect();
        let note = if rows.is_empty() { "not found" } else { "" };
        Menu {
            rows,
            unlisted: count.saturating_sub(MOST),
            note: note.to_owned(),
            ..Menu::default()
        }
    }

    /// Changes the query, or says what else the key does.
    pub(super) fn press(&mut self, key: KeyEvent) -> SearchKey {
        match (key.modifiers, key.code) {
            (KeyModifiers::CONTROL, KeyCode::Char('r')) => return SearchKey::Steps(1),
            (KeyModifiers::CONTROL, KeyCode::Char('s')) => return SearchKey::Steps(-1),
            (_, KeyCode::Down) => return SearchKey::Steps(1),
            (_, KeyCode::Up) => return SearchKey::Steps(-1),
            (KeyModifiers::CONTROL, KeyCode::Char('c' | 'd' | 'g')) | (_, KeyCode::Esc) => {
                return SearchKey::Ends;
            }
            (KeyModifiers::CONTROL, KeyCode::Char('l' | 'z')) => return SearchKey::Passes,
            (_, KeyCode::Enter | KeyCode::Tab | KeyCode::Right | KeyCode::End) => {
                return SearchKey::Takes;
            }
            (KeyModifiers::CONTROL, KeyCode::Char('u' | 'w')) => self.query.clear(),
            (_, KeyCode::Backspace) => drop(self.query.pop()),
            (KeyModifiers::NONE | KeyModifiers::SHIFT, KeyCode::Char(c)) => {
                self.add(&c.to_string());
            }
            _ => return SearchKey::Nothing,
        }
        SearchKey::Changes
    }

    pub(super) fn add(&mut self, text: &str) {
        self.query
            .push_str(&paste::cleaned(text).replace(['\n', '\t'], " "));
    }
}

/// A line of the history on one row.
fn label(line: &str) -> String {
    let text = entry::unprotected(&EnteredText::typed(line)).text;
    text.replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use reedline::{FileBackedHistory, HistoryItem};

    fn search(lines: &[&str]) -> HistorySearch {
        let mut history = FileBackedHistory::new(100).unwrap();
        for line in lines {
            history.save(HistoryItem::from_command_line(*line)).unwrap();
        }
        HistorySearch::new(&history)
    }

    fn found(search: &mut HistorySearch, typed: &str) -> Vec<String> {
        search.query.clear();
        for c in typed.chars() {
            search.press(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
        }
        let menu = search.menu();
        menu.rows.into_iter().map(|row| row.label).collect()
    }

    #[test]
    fn the_newest_line_that_contains_the_query_is_first() {
        let mut search = search(&["explain lifetimes", "one", "Explain traits", "one", "e x p"]);
        assert_eq!(
            found(&mut search, ""),
            ["e x p", "one", "Explain traits", "explain lifetimes"]
        );
        assert_eq!(
            found(&mut search, "exp"),
            ["Explain traits", "explain lifetimes", "e x p"]
        );
        assert_eq!(found(&mut search, "none"), Vec::<String>::new());
        assert_eq!(search.menu().note, "not found");
    }

    #[test]
    fn lines_of_an_entry_are_on_one_row_and_come_back_whole() {
        let mut search = search(&["two\nlines"]);
        search.add("two\rlines");
        assert_eq!(search.query(), "two lines");
        let row = search.menu().rows.remove(0);
        assert_eq!(
            (row.label.as_str(), row.insert.as_str()),
            ("two lines", "two\nlines")
        );
    }

    #[test]
    fn only_keys_that_take_a_row_end_the_search_with_it() {
        let mut search = search(&["one"]);
        let mut does = |modifiers, code| search.press(KeyEvent::new(code, modifiers));
        for code in [KeyCode::Enter, KeyCode::Tab, KeyCode::Right, KeyCode::End] {
            assert!(matches!(does(KeyModifiers::NONE, code), SearchKey::Takes));
        }
        for key in ['l', 'z'] {
            let does = does(KeyModifiers::CONTROL, KeyCode::Char(key));
            assert!(matches!(does, SearchKey::Passes), "{key}");
        }
        for (modifiers, code) in [
            (KeyModifiers::CONTROL, KeyCode::Char('o')),
            (KeyModifiers::ALT, KeyCode::Char('d')),
            (KeyModifiers::NONE, KeyCode::PageUp),
            (KeyModifiers::NONE, KeyCode::F(5)),
        ] {
            assert!(
                matches!(does(modifiers, code), SearchKey::Nothing),
                "{code:?}"
            );
        }
    }

    #[test]
    fn a_paste_goes_into_the_query_inert() {
        let mut search = search(&[]);
        search.add("a\u{1b}[2Jb");
        assert_eq!(search.query(), "a␛[2Jb");
    }
}
