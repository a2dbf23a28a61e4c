//! The one table: aligned columns with a header, shortened, wrapped or omitted until they fit a
//! width. Where even that does not fit, each row becomes a record below its title.

use unicode_width::UnicodeWidthStr;

use super::page::{Line, Role};
use super::text::{shortened, wrapped};

/// Columns between two columns.
const GAP: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
    /// Numbers are aligned on the decimal point; other texts on the right.
    Point,
}

/// One column: its header, its alignment, and how it gives way on a narrow terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    head: &'static str,
    align: Align,
    /// Longer texts are shortened.
    most: usize,
    /// It may be narrowed to this many columns; `None` for never.
    least: Option<usize>,
    /// A text that is wider than its column continues on the next line, instead of being shortened.
    wraps: bool,
    /// Columns with a rank are omitted one after the other, the lowest rank first.
    rank: Option<u8>,
}

impl Column {
    const fn new(head: &'static str, align: Align) -> Self {
        Self {
            head,
            align,
            most: usize::MAX,
            least: None,
            wraps: false,
            rank: None,
        }
    }

    pub(crate) const fn left(head: &'static str) -> Self {
        Self::new(head, Align::Left)
    }

    pub(crate) const fn right(head: &'static str) -> Self {
        Self::new(head, Align::Right)
    }

    /// Numbers aligned on the decimal point.
    pub(crate) const fn point(head: &'static str) -> Self {
        Self::new(head, Align::Point)
    }

    /// Shortens longer texts at any width of the table.
    #[must_use]
    pub(crate) const fn most(mut self, columns: usize) -> Self {
        self.most = columns;
        self
    }

    /// May be narrowed to `columns` when the table does not fit.
    #[must_use]
    pub(crate) const fn shrinks_to(mut self, columns: usize) -> Self {
        self.least = Some(columns);
        self
    }

    /// May be narrowed to `columns`; longer texts then take several lines.
    #[must_use]
    pub(crate) const fn wraps_at(self, columns: usize) -> Self {
        let mut column = self.shrinks_to(columns);
        column.wraps = true;
        column
    }

    /// May be omitted when the table does not fit; the lowest rank is omitted first.
    #[must_use]
    pub(crate) const fn omitted(mut self, rank: u8) -> Self {
        self.rank = Some(rank);
        self
    }
}

/// One cell: its text, and what it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    role: Role,
    text: String,
}

impl Cell {
    pub(crate) fn of(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            text: text.into(),
        }
    }
}

#[cfg(test)]
impl Cell {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::of(Role::Plain, text)
    }
}

/// Rows below a header.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    columns: [Column; N],
    /// The header first.
    rows: Vec<[Cell; N]>,
    /// Columns of the title of a record, where the table does not fit; `None` for never.
    title: Option<usize>,
}

/// How all rows are aligned; measured once, because a table may have thousands of rows.
struct Layout<const N: usize> {
    /// 0 for an omitted column.
    widths: [usize; N],
    /// Columns of the decimal point and what is after it.
    decimals: [usize; N],
}

impl<const N: usize> Table<N> {
    pub(crate) fn new(columns: [Column; N]) -> Self {
        Self {
            columns,
            rows: vec![columns.map(|column| Cell::of(Role::Heading, column.head))],
            title: None,
        }
    }

    /// Shows each row as a record where the table does not fit: the first `title` columns, and the
    /// others below with their headers. Nothing is shortened in a record.
    #[must_use]
    pub(crate) fn or_records(mut self, title: usize) -> Self {
        self.title = Some(title);
        self
    }

    /// Adds a row; each cell is one line of text.
    pub(crate) fn row<C: Into<Cell>>(&mut self, cells: [C; N]) {
        let mut cells = cells.map(Into::into);
        for (cell, column) in cells.iter_mut().zip(&self.columns) {
            cell.text = shortened(&cell.text, column.most);
        }
        self.rows.push(cells);
    }

    /// Columns that the table takes when nothing is shortened or omitted.
    pub(crate) fn natural_width(&self) -> usize {
        total(&self.widths())
    }

    /// The lines of the table without roles, as [`page_lines`](Self::page_lines).
    #[cfg(test)]
    pub(crate) fn lines(&self, width: usize) -> Vec<String> {
        let lines = self.page_lines(width).into_iter();
        lines.map(|line| line.text()).collect()
    }

    /// The lines of the table in at most `width` columns, the header first. Columns that cannot
    /// give way may make it wider.
    pub(crate) fn page_lines(&self, width: usize) -> Vec<Line> {
        let layout = self.layout(width);
        if let Some(title) = self.title.filter(|_| total(&layout.widths) > width) {
            return self.records(title);
        }
        self.rows
            .iter()
            .enumerate()
            .flat_map(|(number, row)| self.row_lines(row, &layout, number == 0))
            .collect()
    }

    /// The cells of each line in at most `width` columns, the header first. They are padded to
    /// their columns; those of an omitted column are empty.
    pub(crate) fn cells(&self, width: usize) -> Vec<Vec<String>> {
        let layout = self.layout(width);
        let cells = |(number, row): (usize, &[Cell; N])| {
            let cell = |column: usize| match layout.widths[column] {
                0 => String::new(),
                columns => {
                    let text = shortened(&row[column].text, columns);
                    let (before, after) = self.padding(&text, column, &layout, number == 0);
                    format!("{}{text}{}", " ".repeat(before), " ".repeat(after))
                }
            };
            (0..N).map(cell).collect()
        };
        self.rows.iter().enumerate().map(cells).collect()
    }

    fn layout(&self, width: usize) -> Layout<N> {
        Layout {
            widths: self.fitted(width),
            decimals: std::array::from_fn(|column| self.after_point(column)),
        }
    }

    fn records(&self, title: usize) -> Vec<Line> {
        let rows = self.rows.iter().skip(1);
        rows.flat_map(|row| self.record(row, title)).collect()
    }

    fn record(&self, row: &[Cell; N], title: usize) -> Vec<Line> {
        let (titles, others) = row.split_at(title.min(N));
        let mut first = Line::default();
        for cell in titles.iter().filter(|cell| !cell.text.is_empty()) {
            let gap = if first.spans.is_empty() { "" } else { " " };
            let role = if cell.role == Role::Plain {
                Role::Strong
            } else {
                cell.role
            };
            first = first.and(gap).with(role, cell.text.as_str());
        }
        let heads = self.columns.iter().skip(title);
        let width = heads.clone().map(|column| column.head.width()).max();
        let width = width.unwrap_or(0);
        let values = others.iter().zip(heads);
        let lines = values
            .filter(|(cell, _)| !cell.text.is_empty())
            .map(|(cell, column)| {
                let head = format!("  {:<width$}  ", column.head.to_lowercase());
                Line::of(Role::Dim, head)
                    .with(cell.role, cell.text.as_str())
                    .hanging(width + 4)
            });
        std::iter::once(first.hanging(2)).chain(lines).collect()
    }

    /// The widest cell of each column, the header included.
    fn widths(&self) -> [usize; N] {
        std::array::from_fn(|column| {
            let cells = self.rows.iter().map(|row| row[column].text.width());
            let widest = cells.max().unwrap_or(0);
            match self.columns[column].align {
                Align::Point => widest.max(self.before_point(column) + self.after_point(column)),
                Align::Left | Align::Right => widest,
            }
        })
    }

    /// Widths that fit: columns are omitted (0), then narrowed.
    fn fitted(&self, width: usize) -> [usize; N] {
        let mut widths = self.widths();
        while self.least_total(&widths) > width {
            let omissible = (0..N).filter(|column| widths[*column] > 0);
            let ranked = omissible.filter_map(|column| Some((self.columns[column].rank?, column)));
            match ranked.min() {
                Some((_, column)) => widths[column] = 0,
                None => break,
            }
        }
        // Texts that wrap lose nothing; of them the last column gives way first.
        let wrapping = (0..N).rev().filter(|column| self.columns[*column].wraps);
        let others = (0..N).filter(|column| !self.columns[*column].wraps);
        for column in wrapping.chain(others) {
            let excess = total(&widths).saturating_sub(width);
            if let Some(least) = self.columns[column].least {
                let narrowed = widths[column].saturating_sub(excess).max(least);
                widths[column] = widths[column].min(narrowed);
            }
        }
        widths
    }

    /// The width of the table when every column is as narrow as it may be.
    fn least_total(&self, widths: &[usize; N]) -> usize {
        let mut least = *widths;
        for (width, column) in least.iter_mut().zip(&self.columns) {
            *width = (*width).min(column.least.unwrap_or(usize::MAX));
        }
        total(&least)
    }

    /// The lines of one row: more than one where a text wraps.
    fn row_lines(&self, row: &[Cell; N], layout: &Layout<N>, is_head: bool) -> Vec<Line> {
        let shown = |column: &usize| layout.widths[*column] > 0;
        let texts: Vec<(usize, Vec<String>)> = (0..N)
            .filter(shown)
            .map(|column| (column, self.texts(&row[column].text, column, layout)))
            .collect();
        let height = texts.iter().map(|(_, texts)| texts.len()).max();
        (0..height.unwrap_or(1))
            .map(|number| {
                let mut line = Line::default();
                let mut blanks = 0;
                for (column, texts) in &texts {
                    let text = texts.get(number).map_or("", String::as_str);
                    let (before, after) = self.padding(text, *column, layout, is_head);
                    if text.is_empty() {
                        blanks += before;
                    } else {
                        line = line.and(" ".repeat(blanks + before));
                        line = line.with(row[*column].role, text);
                        blanks = 0;
                    }
                    blanks += after + GAP;
                }
                line
            })
            .collect()
    }

    /// A text in lines of its column's width.
    fn texts(&self, text: &str, column: usize, layout: &Layout<N>) -> Vec<String> {
        let width = layout.widths[column];
        if self.columns[column].wraps {
            wrapped(text, width)
        } else {
            vec![shortened(text, width)]
        }
    }

    /// Blanks before and after a text in its column.
    fn padding(
        &self,
        text: &str,
        column: usize,
        layout: &Layout<N>,
        is_head: bool,
    ) -> (usize, usize) {
        let blanks = layout.widths[column].saturating_sub(text.width());
        let after = match self.columns[column].align {
            Align::Left => blanks,
            Align::Right => 0,
            Align::Point if is_head || !is_number(text) => 0,
            Align::Point => (layout.decimals[column] - split(text).1.width()).min(blanks),
        };
        (blanks - after, after)
    }

    fn before_point(&self, column: usize) -> usize {
        let texts = self.numbers(column);
        texts.map(|text| split(text).0.width()).max().unwrap_or(0)
    }

    fn after_point(&self, column: usize) -> usize {
        let texts = self.numbers(column);
        texts.map(|text| split(text).1.width()).max().unwrap_or(0)
    }

    fn numbers(&self, column: usize) -> impl Iterator<Item = &str> {
        let cells = self.rows[1..]
            .iter()
            .map(move |row| row[column].text.as_str());
        cells.filter(|text| is_number(text))
    }
}

/// Widths with the gaps between columns.
fn total(widths: &[usize]) -> usize {
    let shown = widths.iter().filter(|width| **width > 0).count();
    widths.iter().sum::<usize>() + GAP * shown.saturating_sub(1)
}

fn is_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// What is before the decimal point, and the point with what is after it.
fn split(number: &str) -> (&str, &str) {
    number.split_at(number.find('.').unwrap_or(number.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table<4> {
        let mut table = Table::new([
            Column::left("MODEL").shrinks_to(8),
            Column::right("TURNS"),
            Column::left("PROVIDER").most(6).omitted(1),
            Column::point("COST"),
        ]);
        let rows = [
            ["a/model-with-a-long-name", "3", "openrouter", "$12.50"],
            ["漢字", "12", "demo", "~$0.0063"],
            ["c", "1", "demo", "unknown"],
        ];
        for row in rows {
            table.row(row.map(str::to_owned));
        }
        table
    }

    #[test]
    fn columns_are_aligned() {
        assert_eq!(
            table().lines(100),
            [
                "MODEL                     TURNS  PROVIDER      COST",
                "a/model-with-a-long-name      3  openr…    $12.50",
                "漢字                         12  demo      ~$0.0063",
                "c                             1  demo       unknown",
            ]
        );
    }

    #[test]
    fn columns_are_omitted_and_narrowed_until_the_table_fits() {
        assert_eq!(table().natural_width(), 51);
        for width in [25, 30, 40, 51, 80] {
            let lines = table().lines(width);
            assert!(
                lines.iter().all(|line| line.width() <= width),
                "{width}: {lines:#?}"
            );
            assert_eq!(lines[0].contains("PROVIDER"), width >= 35, "{width}");
        }
        assert!(table().lines(30)[1].starts_with("a/model-with…"));
    }

    #[test]
    fn a_cell_is_one_line_of_text() {
        let mut table = Table::new([Column::left("NAME")]);
        table.row(["two\nlines \u{1b}[31m".to_owned()]);
        assert_eq!(table.lines(80), ["NAME", "two"]);
    }

    #[test]
    fn an_empty_column_is_omitted() {
        let mut table = Table::new([Column::left(""), Column::left("NAME")]);
        table.row([String::new(), "a".to_owned()]);
        assert_eq!(table.lines(80), ["NAME", "a"]);
    }

    fn described() -> Table<3> {
        let columns = [
            Column::left("NAME"),
            Column::right("N"),
            Column::left("DESCRIPTION").wraps_at(12),
        ];
        let mut table = Table::new(columns).or_records(1);
        table.row([
            Cell::from("review"),
            Cell::from("3"),
            Cell::of(Role::Failure, "look at 漢字 and at the tests"),
        ]);
        table.row(["empty", "10", ""]);
        table
    }

    #[test]
    fn a_text_wraps_below_its_own_column() {
        assert_eq!(
            described().lines(25),
            [
                "NAME     N  DESCRIPTION",
                "review   3  look at 漢字",
                "            and at the",
                "            tests",
                "empty   10",
            ]
        );
        let lines = described().page_lines(80);
        assert_eq!(lines[0].spans[0], (Role::Heading, "NAME".to_owned()));
        assert_eq!(lines[1].spans.last().unwrap().0, Role::Failure);
    }

    #[test]
    fn a_row_is_a_record_where_the_table_does_not_fit() {
        assert_eq!(
            described().lines(20),
            [
                "review",
                "  n            3",
                "  description  look at 漢字 and at the tests",
                "empty",
                "  n            10",
            ]
        );
        let lines = described().page_lines(20);
        assert_eq!((lines[2].hang, lines[0].spans[0].0), (15, Role::Strong));
    }
}
