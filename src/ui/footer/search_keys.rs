//! Ctrl-R opens a search of the history with a live list below the line; and `?` on an empty one.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use reedline::{PromptEditMode, PromptViMode};

use super::editor::{Editor, Step};
use super::menu::OpenMenu;
use super::search::{HistorySearch, SearchKey};

impl Editor {
    /// Whether the key asks for the key bindings: `?` on an empty line.
    pub(super) fn is_help_key(&self, event: &Event) -> bool {
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
    pub(super) fn mentioned(&mut self) -> Vec<String> {
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

    /// Handles a key of a search. False where no search is open, or the key is not for it.
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
            SearchKey::Passes => return false,
            SearchKey::Nothing => {}
        }
        true
    }

    fn end_search(&mut self) {
        self.search = None;
        self.menu = None;
    }
}
