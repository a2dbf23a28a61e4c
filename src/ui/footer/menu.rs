//! The menu below the line: rows to choose from, filtered as one types.

use crate::ports::input::Candidate;
use crate::ui::sanitise::inert;
use crate::wire::redact::redacted;

use super::row::{Look, Row};

/// Most rows that a menu holds.
const MOST: usize = 500;

/// Columns between the values and their descriptions.
const GAP: usize = 2;

/// A menu that is open.
#[derive(Debug, Default)]
pub(super) struct Menu {
    rows: Vec<Candidate>,
    chosen: usize,
    /// Nothing has been chosen with a key.
    is_untouched: bool,
}

impl Menu {
    /// A menu of these rows; `None` without rows.
    pub(super) fn new(rows: Vec<Candidate>) -> Option<Self> {
        let rows: Vec<_> = rows.into_iter().take(MOST).collect();
        (!rows.is_empty()).then_some(Self {
            rows,
            chosen: 0,
            is_untouched: true,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The highlighted row.
    pub(super) fn chosen(&self) -> Option<&Candidate> {
        self.rows.get(self.chosen)
    }

    /// The highlighted row, once a key has moved to it.
    pub(super) fn is_untouched(&self) -> bool {
        self.is_untouched
    }

    /// Moves the highlight, from the last row to the first and back.
    pub(super) fn step(&mut self, by: isize) {
        self.is_untouched = false;
        let rows = self.rows.len().cast_signed();
        self.chosen = (self.chosen.cast_signed() + by)
            .rem_euclid(rows.max(1))
            .cast_unsigned();
    }

    /// The longest text that all rows start with.
    pub(super) fn common_start(&self) -> Option<(String, std::ops::Range<usize>)> {
        let first = self.rows.first()?;
        let mut common = first.value.as_str();
        for row in &self.rows {
            if row.span != first.span {
                return None;
            }
            let same = common
                .char_indices()
                .zip(row.value.chars())
                .find(|((_, a), b)| a != b)
                .map_or(common.len().min(row.value.len()), |((at, _), _)| at);
            common = common.get(..same).unwrap_or_default();
        }
        Some((common.to_owned(), first.span.clone()))
    }

    /// The rows around the highlighted one.
    pub(super) fn rows(&self, width: usize, most: usize, is_coloured: bool) -> Vec<String> {
        let first = (self.chosen + 1).saturating_sub(most);
        let shown = self.rows.iter().enumerate().skip(first).take(most);
        let values: Vec<_> = shown
            .map(|(index, row)| {
                (
                    index,
                    on_one_line(&row.value),
                    on_one_line(&row.description),
                )
            })
            .collect();
        let widest = values
            .iter()
            .map(|(_, value, _)| console::measure_text_width(value))
            .max()
            .unwrap_or_default()
            .min(width / 2);
        values
            .into_iter()
            .map(|(index, value, description)| {
                let is_chosen = index == self.chosen;
                let mut row = Row::new(width, is_coloured);
                let value = console::truncate_str(&value, widest, "…");
                row.push(Look::Plain, "  ");
                let look = if is_chosen {
                    Look::Reversed
                } else {
                    Look::Plain
                };
                row.push(
                    look,
                    &console::pad_str(&value, widest, console::Alignment::Left, None),
                );
                row.push(Look::Plain, &" ".repeat(GAP));
                row.push_cut(Look::Dim, &description, true);
                row.end()
            })
            .collect()
    }
}

fn on_one_line(text: &str) -> String {
    redacted(&inert(text)).replace(['\n', '\t'], " ")
}

/// Whether a menu opens by itself: a slash command is being typed.
pub(super) fn opens_itself(line: &str, cursor: usize) -> bool {
    line.starts_with('/')
        && line
            .get(..cursor)
            .is_some_and(|typed| !typed.is_empty() && !typed.contains(char::is_whitespace))
}
