//! The state of a list: keys change it, and it says what to do next. It reads and writes nothing.

use super::filter::Filter;
use super::keys::Key;
use super::rows::Rows;
use crate::ports::pick::{PickList, Picked};

/// What the caller does after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Draws the list.
    Draw,
    /// Draws it again after the terminal has changed what stands there.
    Redraw,
    Take(Picked),
    /// Deletes the row, and reports with [`Picker::deleted`].
    Delete(usize),
    Cancel,
    Suspend,
}

/// A choice in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Row(usize),
    /// The filter, as an answer of its own.
    Typed,
}

/// A list that is being filtered.
pub(super) struct Picker {
    pub question: String,
    pub rows: Rows,
    pub filter: Filter,
    /// Index of the selected choice.
    pub selected: usize,
    /// Index of the first visible choice.
    pub top: usize,
    /// Shown instead of the key bindings, until the next key.
    pub message: Option<String>,
    /// The row that a second Ctrl-D deletes.
    armed: Option<usize>,
    /// The row to select while nothing is typed.
    current: Option<usize>,
    takes_typed: bool,
    pub can_delete: bool,
}

impl Picker {
    pub(super) fn new(list: &PickList<'_>) -> Self {
        let mut picker = Self {
            question: list.question.to_owned(),
            rows: Rows::of(list),
            filter: Filter::of(list.filter),
            selected: 0,
            top: 0,
            message: None,
            armed: None,
            current: list.current,
            takes_typed: list.typed.is_some(),
            can_delete: list.delete.is_some(),
        };
        picker.filtered();
        picker
    }

    /// The row that is the current value.
    pub(super) fn current(&self) -> Option<usize> {
        self.current
    }

    /// Whether the filter can be the answer.
    pub(super) fn offers_typed(&self) -> bool {
        let text = self.filter.text();
        self.takes_typed && !text.trim().is_empty() && !self.rows.has(&text)
    }

    /// How many choices there are.
    pub(super) fn count(&self) -> usize {
        self.rows.matches.len() + usize::from(self.offers_typed())
    }

    pub(super) fn choice(&self, index: usize) -> Option<Choice> {
        match self.rows.matches.get(index) {
            Some(row) => Some(Choice::Row(*row)),
            None => (index < self.count()).then_some(Choice::Typed),
        }
    }

    /// The row that is selected.
    pub(super) fn selected_row(&self) -> Option<usize> {
        match self.choice(self.selected)? {
            Choice::Row(row) => Some(row),
            Choice::Typed => None,
        }
    }

    /// Scrolls so that the selected choice is among `visible` rows.
    pub(super) fn scroll(&mut self, visible: usize) {
        let visible = visible.max(1);
        let last = self.count().saturating_sub(visible);
        let lowest = (self.selected + 1).saturating_sub(visible);
        self.top = self.top.clamp(lowest, self.selected).min(last);
    }

    /// Handles a key; `page` is the number of visible rows.
    pub(super) fn press(&mut self, key: Key, page: usize) -> Step {
        let armed = self.armed.take();
        if key != Key::Redraw {
            self.message = None;
        }
        let end = self.count().saturating_sub(1);
        let page = page.max(1);
        match key {
            Key::Insert(text) => self.edit(|filter| filter.insert(&text)),
            Key::DeleteBefore => self.edit(Filter::delete_before),
            Key::DeleteAfter => self.edit(Filter::delete_after),
            Key::DeleteWord => self.edit(Filter::delete_word),
            Key::DeleteStart => self.edit(Filter::delete_start),
            Key::Left => self.filter.left(),
            Key::Right => self.filter.right(),
            Key::ToStart => self.filter.go_to_start(),
            Key::ToEnd => self.filter.go_to_end(),
            // From one end to the other.
            Key::Up => self.selected = self.selected.checked_sub(1).unwrap_or(end),
            Key::Down if self.selected >= end => self.selected = 0,
            Key::Down => self.selected += 1,
            Key::PageUp => self.selected = self.selected.saturating_sub(page),
            Key::PageDown => self.selected = (self.selected + page).min(end),
            Key::First => self.selected = 0,
            Key::Last => self.selected = end,
            Key::Take => return self.take(),
            Key::Delete => return self.delete(armed),
            Key::Cancel => return Step::Cancel,
            Key::Suspend => return Step::Suspend,
            Key::Redraw => {
                self.armed = armed;
                return Step::Redraw;
            }
        }
        Step::Draw
    }

    /// The end of a deletion.
    pub(super) fn deleted(&mut self, row: usize, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => {
                self.rows.delete(row);
                self.selected = self.selected.min(self.count().saturating_sub(1));
                self.message = Some("Deleted".to_owned());
            }
            Err(why) => self.message = Some(why),
        }
    }

    fn edit(&mut self, change: impl FnOnce(&mut Filter)) {
        let before = self.filter.text();
        change(&mut self.filter);
        if self.filter.text() != before {
            self.filtered();
        }
    }

    fn filtered(&mut self) {
        let text = self.filter.text();
        self.rows.filter(&text);
        let current = self.current.filter(|_| text.trim().is_empty());
        let place = |row: usize| self.rows.matches.iter().position(|other| *other == row);
        self.selected = current.and_then(place).unwrap_or(0);
        self.top = 0;
    }

    fn take(&mut self) -> Step {
        match self.choice(self.selected) {
            Some(Choice::Row(row)) => Step::Take(Picked::Row(row)),
            Some(Choice::Typed) => Step::Take(Picked::Typed(self.filter.text().trim().to_owned())),
            None => {
                self.message = Some("Nothing matches".to_owned());
                Step::Draw
            }
        }
    }

    fn delete(&mut self, armed: Option<usize>) -> Step {
        let Some(row) = self.selected_row().filter(|_| self.can_delete) else {
            return Step::Draw;
        };
        if armed == Some(row) {
            return Step::Delete(row);
        }
        self.armed = Some(row);
        self.message = Some("Ctrl-D again deletes it permanently".to_owned());
        Step::Draw
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::table::{Column, Table};

    fn table(count: usize) -> Table<1> {
        let mut table = Table::new([Column::left("MODEL")]);
        for number in 0..count {
            table.row([format!("a/model-{number}")]);
        }
        table
    }

    fn typed(picker: &mut Picker, text: &str) {
        for c in text.chars() {
            picker.press(Key::Insert(c.to_string()), 10);
        }
    }

    #[test]
    fn the_current_row_is_selected_until_something_is_typed() {
        let table = table(30);
        let mut picker = Picker::new(&PickList {
            current: Some(7),
            ..PickList::new("Model", &table)
        });
        assert_eq!(picker.selected_row(), Some(7));
        typed(&mut picker, "model-12");
        assert_eq!(picker.selected_row(), Some(12));
        picker.press(Key::DeleteStart, 10);
        assert_eq!(picker.selected_row(), Some(7));
        assert_eq!(picker.press(Key::Take, 10), Step::Take(Picked::Row(7)));
    }

    #[test]
    fn the_selection_moves_by_rows_and_pages_and_from_end_to_end() {
        let table = table(30);
        let mut picker = Picker::new(&PickList::new("Model", &table));
        let mut after = |key| {
            picker.press(key, 10);
            picker.selected
        };
        assert_eq!([after(Key::Up), after(Key::Down)], [29, 0]);
        assert_eq!([after(Key::PageDown), after(Key::PageDown)], [10, 20]);
        assert_eq!([after(Key::PageDown), after(Key::PageUp)], [29, 19]);
        assert_eq!([after(Key::First), after(Key::Last)], [0, 29]);
        picker.scroll(10);
        assert_eq!(picker.top, 20);
    }

    #[test]
    fn a_row_is_deleted_by_two_keys_in_a_row() {
        let table = table(3);
        let mut list = PickList::new("Session", &table);
        let mut delete = |_: usize| Ok(());
        list.delete = Some(&mut delete);
        let mut picker = Picker::new(&list);
        picker.press(Key::Last, 10);
        assert_eq!(picker.press(Key::Delete, 10), Step::Draw);
        picker.press(Key::Up, 10);
        picker.press(Key::Down, 10);
        assert_eq!(picker.press(Key::Delete, 10), Step::Draw, "not in a row");
        assert_eq!(picker.press(Key::Redraw, 10), Step::Redraw);
        assert!(picker.message.is_some(), "a resize keeps the message");
        assert_eq!(picker.press(Key::Delete, 10), Step::Delete(2));
        picker.deleted(2, Err("busy".to_owned()));
        assert_eq!(picker.selected_row(), Some(2));
        picker.deleted(2, Ok(()));
        assert_eq!((picker.selected_row(), picker.count()), (Some(1), 2));
    }

    #[test]
    fn without_deletion_the_key_does_nothing() {
        let table = table(3);
        let mut picker = Picker::new(&PickList::new("Model", &table));
        for _ in 0..2 {
            assert_eq!(picker.press(Key::Delete, 10), Step::Draw);
        }
        assert_eq!(picker.message, None);
    }

    #[test]
    fn a_typed_answer_is_the_last_choice_unless_it_is_a_row() {
        let table = table(3);
        let mut list = PickList::new("Model", &table);
        let any = |_: &str| Ok(());
        list.typed = Some(&any);
        let mut picker = Picker::new(&list);
        assert_eq!(picker.count(), 3);
        typed(&mut picker, "model");
        assert_eq!(picker.choice(3), Some(Choice::Typed));
        typed(&mut picker, " x ");
        let taken = picker.press(Key::Take, 10);
        assert_eq!(taken, Step::Take(Picked::Typed("model x".to_owned())));
        picker.press(Key::DeleteStart, 10);
        typed(&mut picker, "a/model-1");
        assert_eq!(picker.count(), 1);
    }

    #[test]
    fn enter_without_a_match_takes_nothing() {
        let table = table(3);
        let mut picker = Picker::new(&PickList::new("Model", &table));
        typed(&mut picker, "zzz");
        assert_eq!(picker.press(Key::Take, 10), Step::Draw);
        assert_eq!(picker.message.as_deref(), Some("Nothing matches"));
    }
}
