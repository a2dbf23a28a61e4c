//! The menu of the line: kept up to date, stepped through and taken from.

use std::ops::Range;

use reedline::EditCommand;

use super::editor::{Editor, Step};
use super::menu::OpenMenu;
use crate::ports::menu::{MenuAction, MenuRow};
use crate::ui::line_editor::paste;

impl Editor {
    /// Whether Enter has chosen from the menu and does nothing more.
    pub(super) fn takes_enter(&mut self) -> bool {
        let Some(menu) = &self.menu else {
            return false;
        };
        let Some(row) = menu.chosen().cloned() else {
            return false;
        };
        let is_chosen = menu.is_chosen();
        // What is written in full is sent.
        let is_written = self.text().get(row.span.clone()) == Some(row.insert.trim_end());
        let (inserts, submits) = match row.action {
            MenuAction::Submit => (!is_written, true),
            MenuAction::Insert => (!is_written, is_written),
            MenuAction::Offer => (is_chosen, !is_chosen),
        };
        if inserts {
            self.take(&row);
        }
        self.menu = None;
        !submits
    }

    /// Tab: the highlighted row is taken.
    pub(super) fn complete(&mut self) -> Step {
        if self.menu.is_none() {
            self.is_menu_closed = false;
            self.update_menu();
        }
        let Some(row) = self.menu.as_ref().and_then(OpenMenu::chosen).cloned() else {
            return Step::Inapplicable;
        };
        self.take(&row);
        self.update_menu();
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

    fn take(&mut self, row: &MenuRow) {
        let insert = paste::cleaned(&row.insert).replace('\n', " ");
        self.write(row.span.clone(), &insert);
        self.walk = None;
    }

    /// Writes in place of a part of the line.
    fn write(&mut self, span: Range<usize>, value: &str) {
        let text = self.text().to_owned();
        let (Some(before), Some(after)) = (text.get(..span.start), text.get(span.end..)) else {
            return;
        };
        // A blank is there already.
        let value = if after.starts_with(' ') {
            value.trim_end_matches(' ')
        } else {
            value
        };
        self.engine.run_edit_commands(&[
            EditCommand::MoveToPosition {
                position: before.len(),
                select: false,
            },
            EditCommand::MoveToPosition {
                position: text.len() - after.len(),
                select: true,
            },
            EditCommand::EraseSelection,
            EditCommand::InsertString(value.to_owned()),
        ]);
        self.observe();
    }

    /// Asks for the menu of the line as it is now.
    pub(super) fn update_menu(&mut self) {
        if self.text().is_empty() {
            self.is_menu_closed = false;
        }
        if self.is_menu_closed {
            self.menu = None;
            return;
        }
        let line = self.line();
        let menu = self.menus.menu(&line, self.caret());
        let is_valid = |row: &MenuRow| line.text.get(row.span.clone()).is_some();
        if !menu.rows.iter().all(is_valid) {
            self.menu = None;
            return;
        }
        self.menu = match &self.menu {
            Some(open) => open.replaced_by(menu),
            None => OpenMenu::new(menu),
        };
    }
}
