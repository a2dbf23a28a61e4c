//! Ctrl-R: searches the history with a live list below the line.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use reedline::{History, PromptEditMode, PromptViMode, SearchDirection, SearchQuery};

use super::editor::{Editor, Request, Step};
use super::menu::OpenMenu;
use super::state::Footer;
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
enum SearchKey {
    Changes,
    Steps(isize),
    Takes,
    Ends,
}

impl HistorySearch {
    fn new(history: &dyn History) -> Self {
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
    fn menu(&mut self) -> Menu {
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
        let note = match (rows.is_empty(), count.saturating_sub(MOST)) {
            (true, _) => "not found".to_owned(),
            (false, 0) => String::new(),
            (false, more) => format!("{more} more"),
        };
        Menu {
            rows,
            note,
            is_growing: false,
        }
    }

    /// Changes the query, or says what else the key does.
    fn press(&mut self, key: KeyEvent) -> SearchKey {
        match (key.modifiers, key.code) {
            (KeyModifiers::CONTROL, KeyCode::Char('r')) => return SearchKey::Steps(1),
            (KeyModifiers::CONTROL, KeyCode::Char('s')) => return SearchKey::Steps(-1),
            (_, KeyCode::Down) => return SearchKey::Steps(1),
            (_, KeyCode::Up) => return SearchKey::Steps(-1),
            (KeyModifiers::CONTROL, KeyCode::Char('c' | 'd' | 'g')) | (_, KeyCode::Esc) => {
                return SearchKey::Ends;
            }
            (KeyModifiers::CONTROL, KeyCode::Char('u' | 'w')) => self.query.clear(),
            (_, KeyCode::Backspace) => drop(self.query.pop()),
            (KeyModifiers::NONE | KeyModifiers::SHIFT, KeyCode::Char(c)) => {
                self.add(&c.to_string())
            }
            _ => return SearchKey::Takes,
        }
        SearchKey::Changes
    }

    fn add(&mut self, text: &str) {
        self.query
            .push_str(&paste::cleaned(text).replace(['\n', '\t'], " "));
    }
}

/// A line of the history on one row.
fn label(line: &str) -> String {
    let text = entry::unprotected(&EnteredText::typed(line)).text;
    text.replace(['\n', '\t'], " ")
}

impl Footer {
    /// Handles a key, and looks up what the line mentions now.
    pub(super) fn press(&mut self, event: Event, is_busy: bool) -> Option<Request> {
        if !is_busy && self.editor.is_help_key(&event) {
            return Some(Request::KeyHelp);
        }
        let request = self.editor.handle(event);
        self.mentioned = self.editor.mentioned();
        request
    }
}

impl Editor {
    /// Whether the key asks for the key bindings: `?` on an empty line.
    fn is_help_key(&self, event: &Event) -> bool {
        let is_question_mark = matches!(
            event,
            Event::Key(KeyEvent {
                code: KeyCode::Char('?'),
                modifiers: KeyModifiers::NONE | KeyModifiers::SHIFT,
                ..
            })
        );
        let types = !matches!(self.mode(), PromptEditMode::Vi(PromptViMode::Normal));
        is_question_mark && types && self.text().is_empty() && self.search.is_none()
    }

    /// What the line mentions, in short.
    fn mentioned(&mut self) -> Vec<String> {
        if !self.text().contains('@') {
            return Vec::new();
        }
        let line = self.whole_text();
        self.menus.chips(&line)
    }

    pub(super) fn open_search(&mut self) -> Step {
        self.search = Some(HistorySearch::new(self.engine.history()));
        self.show_found();
        Step::Done
    }

    fn show_found(&mut self) {
        self.menu = self
            .search
            .as_mut()
            .and_then(|search| OpenMenu::new(search.menu()));
    }

    /// Handles a key of a search. False where no search is open.
    pub(super) fn searches(&mut self, event: &Event) -> bool {
        let Some(search) = &mut self.search else {
            return false;
        };
        let does = match event {
            Event::Paste(text) => {
                search.add(text.trim());
                SearchKey::Changes
            }
            Event::Key(key) => search.press(*key),
            _ => return true,
        };
        match does {
            SearchKey::Changes => self.show_found(),
            SearchKey::Steps(by) => drop(self.step_menu(by)),
            SearchKey::Takes => {
                let chosen = self.menu.as_ref().and_then(OpenMenu::chosen).cloned();
                self.end_search();
                if let Some(row) = chosen {
                    self.replace(row.insert);
                    self.menu = None;
                }
            }
            SearchKey::Ends => self.end_search(),
        }
        true
    }

    fn end_search(&mut self) {
        self.search = None;
        self.menu = None;
    }
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
    fn a_paste_goes_into_the_query_inert() {
        let mut search = search(&[]);
        search.add("a\u{1b}[2Jb");
        assert_eq!(search.query(), "a␛[2Jb");
    }
}
