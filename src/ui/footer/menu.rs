//! The menu below the line: its highlighted row, and how it is drawn.

use std::borrow::Cow;

use super::row::Row;
use crate::ports::menu::{Menu, MenuRow};
use crate::ui::sanitise::inert;
use crate::ui::stand_ins;
use crate::ui::style::Style;
use crate::ui::theme::{self, Theme};
use crate::wire::redact::redacted;

/// Columns before the rows, and between their parts.
const MARGIN: usize = 2;

/// Fewest rows of which one may say which row is highlighted.
const ROWS_WITH_POSITION: usize = 4;

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

    fn total(&self) -> usize {
        self.menu.rows.len() + self.menu.unlisted
    }

    /// Rows on the screen, where there is room for all.
    pub(super) fn height(&self) -> usize {
        let has_note = !self.menu.note.is_empty() || self.menu.unlisted > 0;
        self.menu.rows.len() + usize::from(has_note)
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

    /// What stands below the rows: the menu's own note, or where the highlighted one is.
    fn note(&self, most: usize) -> Option<String> {
        if !self.menu.note.is_empty() {
            return (most > 1).then(|| on_one_line(&self.menu.note));
        }
        let (rows, of) = (self.menu.rows.len(), self.total());
        let is_cut = rows > most || of > rows;
        (is_cut && most >= ROWS_WITH_POSITION).then(|| format!("{} of {of}", self.chosen + 1))
    }

    /// Columns of the labels that share a row with what describes them.
    fn label_width(&self, width: usize) -> usize {
        let described = self.menu.rows.iter().filter(|row| is_described(row));
        described
            .map(|row| console::measure_text_width(&on_one_line(&row.label)))
            .max()
            .unwrap_or_default()
            .min(width / 2)
    }

    /// The label of a row, in so many columns.
    fn label(&self, row: &MenuRow, width: usize) -> String {
        let label = on_one_line(&row.label);
        let cut = if self.menu.has_paths {
            with_its_end(&label, width)
        } else {
            console::truncate_str(&label, width, &stand_ins::shown("…"))
        };
        cut.into_owned()
    }

    /// The rows around the highlighted one. Their columns are those of all rows.
    pub(super) fn rows(&self, width: usize, most: usize, theme: Theme) -> Vec<String> {
        let note = self.note(most);
        let most = most - usize::from(note.is_some());
        let first = (self.chosen + 1).saturating_sub(most);
        let shown: Vec<_> = self
            .menu
            .rows
            .iter()
            .enumerate()
            .skip(first)
            .take(most)
            .collect();
        let (widest, alone) = (self.label_width(width), width.saturating_sub(MARGIN));
        let mut rows: Vec<_> = shown
            .into_iter()
            .map(|(index, row)| {
                let label = self.label(row, if is_described(row) { widest } else { alone });
                drawn(row, &label, index == self.chosen, widest, width, theme)
            })
            .collect();
        if let Some(note) = note {
            let mut row = Row::new(width, theme);
            row.pad_to(MARGIN);
            row.push_cut(Style::MenuDim, &note, true);
            rows.push(row.end());
        }
        rows
    }
}

fn is_described(row: &MenuRow) -> bool {
    !row.value.is_empty() || !row.about.is_empty()
}

fn drawn(
    row: &MenuRow,
    label: &str,
    is_chosen: bool,
    widest: usize,
    width: usize,
    theme: Theme,
) -> String {
    let mut drawn = Row::new(width, theme);
    drawn.pad_to(MARGIN);
    let style = if is_chosen {
        Style::MenuSelected
    } else {
        Style::MenuItem
    };
    let label = console::pad_str(label, widest, console::Alignment::Left, None);
    drawn.push(style, &label);
    for part in [&row.value, &row.about] {
        if !part.is_empty() {
            drawn.push(Style::Plain, "  ");
            drawn.push_cut(
                Style::MenuDim,
                &on_one_line(part),
                theme::terminal().is_unicode,
            );
        }
    }
    drawn.end()
}

/// Cuts the start of a path that is too wide.
fn with_its_end(label: &str, width: usize) -> Cow<'_, str> {
    let too_wide = console::measure_text_width(label).saturating_sub(width);
    if too_wide == 0 {
        return Cow::Borrowed(label);
    }
    let end = label
        .char_indices()
        .map(|(at, _)| at)
        .find(|at| console::measure_text_width(&label[..*at]) > too_wide)
        .unwrap_or(label.len());
    Cow::Owned(format!("{}{}", stand_ins::shown("…"), &label[end..]))
}

fn on_one_line(text: &str) -> String {
    redacted(&inert(&stand_ins::shown(text))).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::menu::MenuAction;

    fn menu(labels: &[&str], about: &str) -> OpenMenu {
        let rows = labels.iter().map(|label| MenuRow {
            label: (*label).to_owned(),
            matched: Vec::new(),
            value: String::new(),
            about: about.to_owned(),
            group: "",
            span: 0..0,
            insert: String::new(),
            action: MenuAction::Insert,
        });
        let menu = Menu {
            rows: rows.collect(),
            ..Menu::default()
        };
        OpenMenu::new(menu).expect("rows")
    }

    fn drawn(menu: &OpenMenu, width: usize, most: usize) -> Vec<String> {
        let rows = menu.rows(width, most, Theme::BASE);
        let plain = rows.iter().map(|row| console::strip_ansi_codes(row));
        plain.map(|row| row.trim_end().to_owned()).collect()
    }

    #[test]
    fn columns_stay_where_they_are_when_the_rows_scroll() {
        let mut menu = menu(&["/a", "/bb", "/cc", "/dd", "/a-long-name"], "does");
        let first = drawn(&menu, 60, 4);
        assert_eq!(first[0], "  /a            does");
        assert_eq!(first[3], "  1 of 5");
        menu.step(-1);
        let last = drawn(&menu, 60, 4);
        assert_eq!(last[2], "  /a-long-name  does");
        assert_eq!(last[1].find("does"), first[0].find("does"));
        assert_eq!(last[3], "  5 of 5");
    }

    #[test]
    fn matches_without_a_row_are_counted() {
        let mut menu = menu(&["a.txt", "b.txt", "c.txt"], "");
        menu.menu.unlisted = 117;
        assert_eq!(menu.height(), 4);
        assert_eq!(drawn(&menu, 40, 4)[3], "  1 of 120");
    }

    #[test]
    fn a_menu_that_fits_or_has_too_few_rows_says_no_position() {
        let menu = menu(&["/a", "/b", "/c", "/d"], "does");
        assert_eq!(drawn(&menu, 60, 4).len(), 4);
        assert_eq!(drawn(&menu, 60, 4)[3], "  /d  does");
        assert_eq!(drawn(&menu, 60, 3)[2], "  /c  does");
    }

    #[test]
    fn a_label_without_words_beside_it_has_the_row_and_a_path_keeps_its_end() {
        let mut menu = menu(
            &["dir12/sub/file_12_34.txt", "日本語/日本語/ファイル.txt"],
            "",
        );
        assert_eq!(drawn(&menu, 39, 5)[0], "  dir12/sub/file_12_34.txt");
        assert_eq!(drawn(&menu, 18, 5)[0], "  dir12/sub/file_…");
        menu.menu.has_paths = true;
        assert_eq!(drawn(&menu, 18, 5)[0], "  …/file_12_34.txt");
        assert_eq!(drawn(&menu, 18, 5)[1], "  …語/ファイル.txt");
    }
}
