//! The one table: aligned columns with a header, shortened or omitted until they fit a width.

use unicode_width::UnicodeWidthStr;

use super::text::shortened;

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

    /// May be omitted when the table does not fit; the lowest rank is omitted first.
    #[must_use]
    pub(crate) const fn omitted(mut self, rank: u8) -> Self {
        self.rank = Some(rank);
        self
    }
}

/// Rows below a header.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    columns: [Column; N],
    /// The header first.
    rows: Vec<[String; N]>,
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
            rows: vec![columns.map(|column| column.head.to_owned())],
        }
    }

    /// Adds a row; each cell is one line of text.
    pub(crate) fn row(&mut self, cells: [String; N]) {
        let mut cells = cells;
        for (cell, column) in cells.iter_mut().zip(&self.columns) {
            *cell = shortened(cell, column.most);
        }
        self.rows.push(cells);
    }

    /// Columns that the table takes when nothing is shortened or omitted.
    pub(crate) fn natural_width(&self) -> usize {
        total(&self.widths())
    }

    /// The lines of the table in at most `width` columns, the header first. Columns that cannot
    /// give way may make it wider.
    pub(crate) fn lines(&self, width: usize) -> Vec<String> {
        let layout = self.layout(width);
        self.rows
            .iter()
            .enumerate()
            .map(|(number, row)| self.line(row, &layout, number == 0))
            .collect()
    }

    /// The cells of each line in at most `width` columns, the header first, padded to their columns;
    /// the cells of an omitted column are empty.
    pub(crate) fn cells(&self, width: usize) -> Vec<Vec<String>> {
        let layout = self.layout(width);
        let cells = |(number, row): (usize, &[String; N])| {
            let cell = |column: usize| match layout.widths[column] {
                0 => String::new(),
                _ => self.cell(&row[column], column, &layout, number == 0),
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

    /// The widest cell of each column, the header included.
    fn widths(&self) -> [usize; N] {
        std::array::from_fn(|column| {
            let cells = self.rows.iter().map(|row| row[column].width());
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
        for column in 0..N {
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

    fn line(&self, row: &[String; N], layout: &Layout<N>, is_head: bool) -> String {
        let cells = (0..N)
            .filter(|column| layout.widths[*column] > 0)
            .map(|column| self.cell(&row[column], column, layout, is_head));
        let line = cells.collect::<Vec<_>>().join(&" ".repeat(GAP));
        line.trim_end().to_owned()
    }

    fn cell(&self, text: &str, column: usize, layout: &Layout<N>, is_head: bool) -> String {
        let width = layout.widths[column];
        let text = shortened(text, width);
        let blanks = width.saturating_sub(text.width());
        let after = match self.columns[column].align {
            Align::Left => blanks,
            Align::Right => 0,
            Align::Point if is_head || !is_number(&text) => 0,
            Align::Point => (layout.decimals[column] - split(&text).1.width()).min(blanks),
        };
        format!("{}{text}{}", " ".repeat(blanks - after), " ".repeat(after))
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
        let cells = self.rows[1..].iter().map(move |row| row[column].as_str());
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
}
