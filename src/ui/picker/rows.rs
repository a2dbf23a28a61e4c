//! The rows of a list as the filter finds them: which match, in which order, and where.

use std::ops::Range;

use crate::ports::pick::PickList;
use crate::present::fuzzy::FuzzyMatcher;

/// Between two texts that are searched together.
const GAP: char = ' ';

/// What is searched of one row.
struct SearchedRow {
    text: String,
    /// The bytes of each searched column in the text, in the order of the columns.
    cells: Vec<Range<usize>>,
    is_deleted: bool,
}

/// All rows, and the ones that match.
pub(super) struct Rows {
    all: Vec<SearchedRow>,
    /// Indices of the rows that match, the best first.
    pub matches: Vec<usize>,
    matcher: FuzzyMatcher,
}

impl Rows {
    pub(super) fn of(list: &PickList<'_>) -> Self {
        let lines = list.table.cells(usize::MAX);
        let mut further = list.also_searched.iter();
        let row = |line: &Vec<String>| {
            let mut row = SearchedRow {
                text: String::new(),
                cells: Vec::new(),
                is_deleted: false,
            };
            for column in list.searched {
                let start = row.text.len();
                row.text
                    .push_str(line.get(*column).map_or("", |cell| cell.trim()));
                row.cells.push(start..row.text.len());
                row.text.push(GAP);
            }
            row.text.push_str(further.next().map_or("", String::as_str));
            row
        };
        let rows: Vec<SearchedRow> = lines.iter().skip(1).map(row).collect();
        Self {
            matches: (0..rows.len()).collect(),
            all: rows,
            matcher: FuzzyMatcher::new(),
        }
    }

    /// Rows that are not deleted.
    pub(super) fn count(&self) -> usize {
        self.all.iter().filter(|row| !row.is_deleted).count()
    }

    /// Finds the rows that match.
    pub(super) fn filter(&mut self, query: &str) {
        let (rows, wanted) = (&self.all, query.trim());
        let texts = rows.iter().map(|row| row.text.as_str());
        let ranked = self.matcher.rank(&in_any_case(wanted), texts);
        let found = ranked.into_iter().map(|found| found.row);
        let (mut first, others): (Vec<usize>, Vec<usize>) = found
            .filter(|row| !rows[*row].is_deleted)
            .partition(|row| rows[*row].is(wanted));
        first.extend(others);
        self.matches = first;
    }

    /// Whether a row is exactly this text.
    pub(super) fn has(&self, text: &str) -> bool {
        // It would be the first match.
        let first = self.matches.first();
        first.is_some_and(|row| self.all[*row].is(text.trim()))
    }

    pub(super) fn delete(&mut self, row: usize) {
        if let Some(row) = self.all.get_mut(row) {
            row.is_deleted = true;
        }
        self.matches.retain(|other| *other != row);
    }

    /// The bytes of each searched column that match, without the blanks around its text.
    pub(super) fn marked(&mut self, query: &str, row: usize) -> Vec<Vec<Range<usize>>> {
        let row = &self.all[row];
        let wanted = in_any_case(query.trim());
        // In what is visible, where all of it is there.
        let visible = row.cells.last().map_or(0, |cell| cell.end);
        let texts = [&row.text[..visible], &row.text];
        let found = texts
            .into_iter()
            .map(|text| self.matcher.positions(&wanted, text))
            .find(|found| !found.is_empty())
            .unwrap_or_default();
        let within = |cell: &Range<usize>| {
            let parts = found.iter().filter_map(|part| {
                let (start, end) = (part.start.max(cell.start), part.end.min(cell.end));
                (start < end).then(|| start - cell.start..end - cell.start)
            });
            parts.collect()
        };
        row.cells.iter().map(within).collect()
    }
}

/// A query that finds capitals as well: the matcher takes lower case for either.
fn in_any_case(query: &str) -> String {
    query.to_lowercase()
}

impl SearchedRow {
    fn is(&self, text: &str) -> bool {
        let first = self
            .cells
            .first()
            .and_then(|cell| self.text.get(cell.clone()));
        first.is_some_and(|first| !text.is_empty() && first.eq_ignore_ascii_case(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::table::{Column, Table};

    fn rows(ids: &[&str]) -> Rows {
        let mut table = Table::new([Column::left("MODEL"), Column::right("CONTEXT")]);
        for id in ids {
            table.row([(*id).to_owned(), "128k".to_owned()]);
        }
        Rows::of(&PickList {
            searched: &[0, 1],
            also_searched: vec!["Anthropic's best".to_owned()],
            ..PickList::new("Model", &table)
        })
    }

    #[test]
    fn the_row_that_is_the_filter_comes_first() {
        let mut rows = rows(&["a/gpt-5-mini", "a/gpt-5", "b/other"]);
        rows.filter("A/GPT-5 ");
        assert_eq!(rows.matches, [1, 0]);
        assert!(rows.has("a/gpt-5") && !rows.has("a/gpt"));
        rows.filter("");
        assert_eq!(rows.matches, [0, 1, 2]);
    }

    #[test]
    fn every_searched_text_counts_and_marks_belong_to_its_cell() {
        let mut rows = rows(&["a/gpt-5", "b/other"]);
        rows.filter("best");
        assert_eq!(rows.matches, [0]);
        assert_eq!(
            rows.marked("a t", 0)[0],
            [0..1, 4..5],
            "not those of the name"
        );
        assert!(rows.marked("best", 0).iter().all(Vec::is_empty));
        assert_eq!(rows.marked("gpt 28", 0), vec![vec![2..5], vec![1..3]]);
    }

    #[test]
    fn a_deleted_row_is_never_found_again() {
        let mut rows = rows(&["a/gpt-5", "b/other"]);
        rows.delete(0);
        rows.filter("");
        assert_eq!((rows.matches.clone(), rows.count()), (vec![1], 1));
    }
}
