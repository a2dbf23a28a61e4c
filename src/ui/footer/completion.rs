//! The menu of the line: opened, stepped through and taken from.

use std::ops::Range;

use reedline::EditCommand;

use super::editor::{Editor, Step};
use super::menu::{self, Menu};
use crate::ports::input::Candidate;
use crate::ui::line_editor::paste;

impl Editor {
    /// Whether Enter has chosen from the menu and does nothing more. A command that is chosen
    /// runs at once.
    pub(super) fn takes_enter(&mut self) -> bool {
        let Some(candidate) = self.menu.as_ref().and_then(Menu::chosen).cloned() else {
            return false;
        };
        let runs = menu::opens_itself(self.text(), self.caret());
        // What is written in full is sent, whatever else starts like it.
        let is_written = self.text().get(candidate.span.clone()) == Some(&candidate.value);
        if !is_written {
            self.take(&candidate);
        }
        self.menu = None;
        !runs && !is_written
    }

    pub(super) fn open_menu(&mut self) -> Step {
        self.menu = Menu::new(self.candidates());
        match &self.menu {
            None => Step::Inapplicable,
            Some(menu) if menu.len() == 1 => self.complete(),
            Some(_) => {
                self.insert_common();
                Step::Done
            }
        }
    }

    fn candidates(&mut self) -> Vec<Candidate> {
        let (text, caret) = (self.text().to_owned(), self.caret());
        let mut found = self.completer.complete(&text, caret);
        found.retain(|candidate| text.get(candidate.span.clone()).is_some());
        found
    }

    fn insert_common(&mut self) {
        let common = self.menu.as_ref().and_then(Menu::common_start);
        if let Some((common, span)) = common
            && self
                .text()
                .get(span.clone())
                .is_some_and(|typed| common.len() > typed.len() && common.starts_with(typed))
        {
            self.write(span, &common);
            self.menu = Menu::new(self.candidates());
        }
    }

    /// Tab: a single candidate is taken, several are stepped through.
    pub(super) fn complete(&mut self) -> Step {
        let Some(menu) = &mut self.menu else {
            return Step::Inapplicable;
        };
        if menu.is_untouched() || menu.len() == 1 {
            let Some(chosen) = menu.chosen().cloned() else {
                return Step::Inapplicable;
            };
            self.take(&chosen);
            self.menu = None;
            return Step::Done;
        }
        menu.step(1);
        Step::Done
    }

    pub(super) fn step_menu(&mut self, by: isize) -> Step {
        match &mut self.menu {
            None => Step::Inapplicable,
            Some(menu) => {
                menu.step(by);
                Step::Done
            }
        }
    }

    fn take(&mut self, candidate: &Candidate) {
        let blank = if candidate.is_whole { " " } else { "" };
        let value = paste::cleaned(&candidate.value).replace('\n', " ");
        self.write(candidate.span.clone(), &format!("{value}{blank}"));
        self.walk = None;
    }

    /// Writes in place of a part of the line.
    fn write(&mut self, span: Range<usize>, value: &str) {
        let text = self.text().to_owned();
        let (Some(before), Some(after)) = (text.get(..span.start), text.get(span.end..)) else {
            return;
        };
        let line = format!("{before}{value}{after}");
        self.engine.run_edit_commands(&[
            EditCommand::Clear,
            EditCommand::InsertString(line),
            EditCommand::MoveToPosition {
                position: before.len() + value.len(),
                select: false,
            },
        ]);
    }

    pub(super) fn update_menu(&mut self) {
        if self.text().is_empty() {
            self.is_menu_closed = false;
        }
        let is_open = self.menu.is_some();
        let opens = !self.is_menu_closed && menu::opens_itself(self.text(), self.caret());
        self.menu = if opens || (is_open && !self.text().is_empty()) {
            Menu::new(self.candidates())
        } else {
            None
        };
    }
}
