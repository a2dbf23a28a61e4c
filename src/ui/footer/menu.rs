//! The menu below the line: its highlighted row, and how it is drawn.

use super::row::Row;
use crate::ports::menu::{Menu, MenuRow};
use crate::ui::sanitise::inert;
use crate::ui::style::Style;
use crate::ui::theme::Theme;
use crate::wire::redact::redacted;

/// Columns before the rows, and between their parts.
const MARGIN: usize = 2;

/// A menu that is open.
#[derive(Debug)]
pub(super) struct OpenMenu {
    menu: Menu,
    chosen: usize,
    /// The highlighted row was chosen with a key.
    is_chosen: bool,
}

impl OpenMenu {
    /// `None` for a menu that shows nothing.
    pub(super) fn new(menu: Menu) -> Option<Self> {
        let has_any = !menu.rows.is_empty() || !menu.note.is_empty();
        has_any.then_some(Self {
            menu,
            chosen: 0,
            is_chosen: false,
        })
    }

    /// Other rows, of which the chosen one stays chosen where it is still there.
    pub(super) fn replaced_by(&self, menu: Menu) -> Option<Self> {
        let mut new = Self::new(menu)?;
        if self.is_chosen
            && let Some(row) = self.chosen()
            && let Some(at) = new
                .menu
                .rows
                .iter()
                .position(|new| new.insert == row.insert)
        {
            (new.chosen, new.is_chosen) = (at, true);
        }
        Some(new)
    }

    /// Rows on the screen.
    pub(super) fn height(&self) -> usize {
        self.menu.rows.len() + usize::from(!self.menu.note.is_empty())
    }

    pub(super) fn is_growing(&self) -> bool {
        self.menu.is_growing
    }

    /// The highlighted row.
    pub(super) fn chosen(&self) -> Option<&MenuRow> {
        self.menu.rows.get(self.chosen)
    }

    /// Whether it was chosen with a key.
    pub(super) fn is_chosen(&self) -> bool {
        self.is_chosen
    }

    /// Moves the highlight, from the last row to the first and back.
    pub(super) fn step(&mut self, by: isize) {
        self.is_chosen = true;
        let rows = self.menu.rows.len().max(1).cast_signed();
        let at = (self.chosen.cast_signed() + by).rem_euclid(rows);
        self.chosen = at.cast_unsigned();
    }

    /// The rows around the highlighted one.
    pub(super) fn rows(&self, width: usize, most: usize, theme: Theme) -> Vec<String> {
        let has_note = !self.menu.note.is_empty() && most > 1;
        let most = most - usize::from(has_note).min(most);
        let first = (self.chosen + 1).saturating_sub(most);
        let shown: Vec<_> = self
            .menu
            .rows
            .iter()
            .enumerate()
            .skip(first)
            .take(most)
            .collect();
        let widest = shown
            .iter()
            .map(|(_, row)| console::measure_text_width(&on_one_line(&row.label)))
            .max()
            .unwrap_or_default()
            .min(width / 2);
        let mut rows: Vec<_> = shown
            .into_iter()
            .map(|(index, row)| drawn(row, index == self.chosen, widest, width, theme))
            .collect();
        if has_note {
            let mut row = Row::new(width, theme);
            row.pad_to(MARGIN);
            row.push_cut(Style::MenuDim, &on_one_line(&self.menu.note), true);
            rows.push(row.end());
        }
        rows
    }
}

fn drawn(row: &MenuRow, is_chosen: bool, widest: usize, width: usize, theme: Theme) -> String {
    let mut drawn = Row::new(width, theme);
    drawn.pad_to(MARGIN);
    let style = if is_chosen {
        Style::MenuSelected
    } else {
        Style::MenuItem
    };
    let label = on_one_line(&row.label);
    let label = console::truncate_str(&label, widest, "…");
    let label = console::pad_str(&label, widest, console::Alignment::Left, None);
    drawn.push(style, &label);
    for part in [&row.value, &row.about] {
        if !part.is_empty() {
            drawn.push(Style::Plain, "  ");
            drawn.push_cut(Style::MenuDim, &on_one_line(part), true);
        }
    }
    drawn.end()
}

fn on_one_line(text: &str) -> String {
    redacted(&inert(text)).replace(['\n', '\t'], " ")
}
