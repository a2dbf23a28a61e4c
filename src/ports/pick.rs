//! A list to pick one row of: what is shown, what the filter searches, and what was picked.

use super::answer_check::AnswerCheck;
use crate::present::table::Table;

/// The rows of a list as a table, for any width.
pub trait PickTable {
    /// The cells of each line in at most `width` columns, the header first. A cell is padded to its
    /// column; the cells of an omitted column are empty.
    fn cells(&self, width: usize) -> Vec<Vec<String>>;
}

impl<const N: usize> PickTable for Table<N> {
    fn cells(&self, width: usize) -> Vec<Vec<String>> {
        Self::cells(self, width)
    }
}

/// The lines about one row: at most three are shown.
pub(crate) type Preview<'a> = &'a dyn Fn(usize) -> Vec<String>;

/// Deletes a row for good; the error is shown.
pub(crate) type DeleteRow<'a> = &'a mut dyn FnMut(usize) -> Result<(), String>;

/// A list, and what can be done with its rows. Texts are untrusted.
pub struct PickList<'a> {
    /// What is picked, such as `Model`; shown before the filter.
    pub question: &'a str,
    pub table: &'a dyn PickTable,
    /// The columns that the filter searches. A row whose first one is the filter comes first.
    pub searched: &'a [usize],
    /// Text that the filter searches as well, for each row; may be shorter than the table.
    pub also_searched: Vec<String>,
    /// The row that is selected while nothing is typed.
    pub current: Option<usize>,
    /// What the filter starts with.
    pub filter: &'a str,
    /// Allows an answer that is no row, checked before it is taken.
    pub typed: Option<AnswerCheck<'a>>,
    pub preview: Option<Preview<'a>>,
    pub delete: Option<DeleteRow<'a>>,
}

impl<'a> PickList<'a> {
    /// A list whose first column is searched, with nothing but its rows.
    pub(crate) fn new(question: &'a str, table: &'a dyn PickTable) -> Self {
        Self {
            question,
            table,
            searched: &[0],
            also_searched: Vec::new(),
            current: None,
            filter: "",
            typed: None,
            preview: None,
            delete: None,
        }
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// Index of the row in the table, the header not counted.
    Row(usize),
    /// What was typed, and is no row.
    Typed(String),
}
