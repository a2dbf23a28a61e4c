//! Tables: aligned where they fit, else with the text of cells wrapped, else one line for each
//! cell.

use unicode_width::UnicodeWidthStr;

use super::inline;
use super::wrap::{BREAK, Wrapper, width_of};
use crate::ui::capabilities::MarkdownForm;
use crate::ui::stand_ins;
use crate::ui::style::{Span, Style, append};

/// Most rows that are held back to align them; the rest follows in the same columns.
const MOST_ROWS: usize = 200;

/// Blanks between two columns.
const GAP: usize = 2;

/// A column narrower than this is no place for text.
const NARROWEST: usize = 8;

type Cell = Vec<Span>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alignment {
    Left,
    Middle,
    Right,
}

/// How the rows are shown.
#[derive(Debug)]
enum Layout {
    /// The widths of columns, and whether cells are wrapped to them.
    Columns {
        widths: Vec<usize>,
        is_wrapped: bool,
    },
    /// `head: cell`, one line for each.
    Records,
}

/// A table that has not ended.
#[derive(Debug)]
pub(super) struct Table {
    width: usize,
    form: MarkdownForm,
    /// The prefix of the first line, and of the others.
    prefix: Vec<Span>,
    hanging: Vec<Span>,
    /// Quotes around it.
    pub depth: usize,
    /// As they are written, until the layout is known.
    rows: Vec<String>,
    alignments: Vec<Alignment>,
    heads: Vec<Cell>,
    layout: Option<Layout>,
    shown: usize,
}

impl Table {
    pub(super) fn new(
        width: usize,
        form: MarkdownForm,
        depth: usize,
        prefix: Vec<Span>,
        hanging: Vec<Span>,
    ) -> Self {
        Self {
            width,
            form,
            prefix,
            hanging,
            depth,
            rows: Vec::new(),
            alignments: Vec::new(),
            heads: Vec::new(),
            layout: None,
            shown: 0,
        }
    }

    /// Takes a row. False when this is no table, since there is no rule below its first row.
    pub(super) fn push(&mut self, row: &str, out: &mut Vec<Span>) -> bool {
        if self.layout.is_some() {
            self.show_row(cells(row, Style::Plain, self.form), out);
            return true;
        }
        if self.rows.len() == 1 {
            let Some(alignments) = alignments(row) else {
                self.rows.push(row.to_owned());
                return false;
            };
            self.alignments = alignments;
        }
        self.rows.push(row.to_owned());
        if self.rows.len() >= MOST_ROWS {
            self.show_held(out);
        }
        true
    }

    /// The end. Returns the rows with their prefixes when this is no table.
    pub(super) fn finish(
        mut self,
        out: &mut Vec<Span>,
    ) -> Option<(Vec<String>, Vec<Span>, Vec<Span>)> {
        if self.alignments.is_empty() {
            return Some((self.rows, self.prefix, self.hanging));
        }
        if self.layout.is_none() {
            self.show_held(out);
        }
        None
    }

    fn show_held(&mut self, out: &mut Vec<Span>) {
        let rows = std::mem::take(&mut self.rows);
        let mut rows = rows
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != 1)
            .map(|(index, row)| {
                let style = if index == 0 {
                    Style::TableHead
                } else {
                    Style::Plain
                };
                cells(row, style, self.form)
            });
        self.heads = rows.next().unwrap_or_default();
        let body: Vec<Vec<Cell>> = rows.collect();
        let room = self.width.saturating_sub(width_of(&self.hanging)).max(1);
        let layout = layout(&self.heads, &body, room);
        if let Layout::Columns { widths, .. } = &layout {
            let mark = stand_ins::of("─", self.form.is_ascii);
            let rule: Vec<String> = widths.iter().map(|width| mark.repeat(*width)).collect();
            let heads = self.heads.clone();
            self.show_line(widths, heads, out);
            self.begin_line(out);
            append(out, Style::Dim, &rule.join(&" ".repeat(GAP)));
            append(out, Style::Plain, "\n");
        } else if body.is_empty() {
            let heads = self.heads.clone();
            heads
                .into_iter()
                .for_each(|head| self.show_record(Vec::new(), head, out));
        }
        self.layout = Some(layout);
        body.into_iter().for_each(|row| self.show_row(row, out));
    }

    fn begin_line(&mut self, out: &mut Vec<Span>) {
        self.prefix
            .iter()
            .for_each(|(look, text)| append(out, look.clone(), text));
        self.prefix.clone_from(&self.hanging);
    }

    fn show_row(&mut self, row: Vec<Cell>, out: &mut Vec<Span>) {
        let Some(layout) = self.layout.take() else {
            return;
        };
        let is_first = std::mem::replace(&mut self.shown, 1) == 0;
        let is_apart = !matches!(
            layout,
            Layout::Columns {
                is_wrapped: false,
                ..
            }
        );
        if is_apart && !is_first {
            self.begin_line(out);
            append(out, Style::Plain, "\n");
        }
        match &layout {
            Layout::Columns { widths, .. } => self.show_line(widths, row, out),
            Layout::Records => {
                for (column, cell) in row.into_iter().enumerate() {
                    let head = self.heads.get(column).cloned().unwrap_or_default();
                    if !cell.is_empty() {
                        self.show_record(head, cell, out);
                    }
                }
            }
        }
        self.layout = Some(layout);
    }

    /// A row in columns, as many lines high as its highest cell.
    fn show_line(&mut self, widths: &[usize], row: Vec<Cell>, out: &mut Vec<Span>) {
        let width = |column: usize| widths.get(column).copied().unwrap_or(usize::MAX);
        let cells: Vec<Vec<Cell>> = row
            .into_iter()
            .enumerate()
            .map(|(column, cell)| wrapped(cell, width(column)))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for line in 0..height {
            self.begin_line(out);
            let mut owed = 0;
            for (column, cell) in cells.iter().enumerate() {
                let cell = cell.get(line).map_or(&[][..], Vec::as_slice);
                let free = widths
                    .get(column)
                    .copied()
                    .unwrap_or(0)
                    .saturating_sub(width_of(cell));
                let before = match self.alignments.get(column).unwrap_or(&Alignment::Left) {
                    Alignment::Left => 0,
                    Alignment::Middle => free / 2,
                    Alignment::Right => free,
                };
                // Blanks are written when something follows them, so that no line ends with any.
                if !cell.is_empty() {
                    append(out, Style::Plain, &" ".repeat(owed + before));
                    cell.iter()
                        .for_each(|(look, text)| append(out, look.clone(), text));
                    owed = 0;
                }
                owed += GAP + if cell.is_empty() { free } else { free - before };
            }
            append(out, Style::Plain, "\n");
        }
    }

    fn show_record(&mut self, head: Cell, cell: Cell, out: &mut Vec<Span>) {
        let mut wrapper = Wrapper::new(self.width);
        let mut hanging = self.hanging.clone();
        append(&mut hanging, Style::Plain, "  ");
        let prefix = std::mem::replace(&mut self.prefix, self.hanging.clone());
        wrapper.begin_line(&prefix, hanging, out);
        if !head.is_empty() {
            head.iter()
                .for_each(|(look, text)| wrapper.push(look, text, out));
            wrapper.push(&Style::Bold.into(), ": ", out);
        }
        cell.iter()
            .for_each(|(look, text)| wrapper.push(look, text, out));
        wrapper.end_line(out);
    }
}

/// Columns as wide as they need to be; narrower ones, if words still fit; or none.
fn layout(heads: &[Cell], body: &[Vec<Cell>], width: usize) -> Layout {
    let columns = body
        .iter()
        .map(Vec::len)
        .max()
        .unwrap_or(0)
        .max(heads.len());
    let column = |column: usize| {
        heads
            .get(column)
            .into_iter()
            .chain(body.iter().filter_map(move |row| row.get(column)))
    };
    let natural: Vec<usize> = (0..columns)
        .map(|index| {
            column(index)
                .map(|cell| widest_line(cell))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let room = width.saturating_sub(GAP * columns.saturating_sub(1));
    if natural.iter().sum::<usize>() <= room {
        return Layout::Columns {
            widths: natural,
            is_wrapped: false,
        };
    }
    let least: Vec<usize> = (0..columns)
        .map(|index| {
            column(index)
                .map(|cell| longest_word(cell))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let at_most = |most: usize| -> Vec<usize> {
        natural
            .iter()
            .zip(&least)
            .map(|(natural, least)| (*natural).min(most).max(*least))
            .collect()
    };
    let most = (NARROWEST..=width)
        .rev()
        .find(|most| at_most(*most).iter().sum::<usize>() <= room);
    most.map_or(Layout::Records, |most| Layout::Columns {
        widths: at_most(most),
        is_wrapped: true,
    })
}

/// Width of the widest line of a cell, which `<br>` ends.
fn widest_line(cell: &[Span]) -> usize {
    let text: String = cell.iter().map(|(_, text)| text.as_str()).collect();
    text.split(BREAK)
        .map(|line| line.trim().width())
        .max()
        .unwrap_or(0)
}

fn wrapped(cell: Cell, width: usize) -> Vec<Cell> {
    let has_lines = cell.iter().any(|(_, text)| text.contains(BREAK));
    if width_of(&cell) <= width && !has_lines {
        return vec![cell];
    }
    let mut wrapper = Wrapper::new(width);
    let mut out = Vec::new();
    cell.iter()
        .for_each(|(look, text)| wrapper.push(look, text, &mut out));
    wrapper.end_line(&mut out);
    let mut lines = vec![Vec::new()];
    for (look, text) in out {
        for (index, piece) in text.split('\n').enumerate() {
            if index > 0 {
                lines.push(Vec::new());
            }
            if let Some(line) = lines.last_mut() {
                append(line, look.clone(), piece);
            }
        }
    }
    // The end of the last line starts no other.
    lines.pop();
    lines
}

/// Width of what cannot be broken.
fn longest_word(cell: &[Span]) -> usize {
    wrapped(cell.to_vec(), 1)
        .iter()
        .map(|line| width_of(line))
        .max()
        .unwrap_or(0)
}

/// `None` when the row is no rule.
fn alignments(rule: &str) -> Option<Vec<Alignment>> {
    let cells = split(rule);
    let is_rule = |cell: &String| {
        cell.contains('-')
            && cell
                .trim_start_matches(':')
                .trim_end_matches(':')
                .bytes()
                .all(|byte| byte == b'-')
    };
    let alignment = |cell: &String| match (cell.starts_with(':'), cell.ends_with(':')) {
        (true, true) => Alignment::Middle,
        (false, true) => Alignment::Right,
        _ => Alignment::Left,
    };
    (!cells.is_empty() && cells.iter().all(is_rule)).then(|| cells.iter().map(alignment).collect())
}

/// The texts of a row; `\|` is no border.
fn split(row: &str) -> Vec<String> {
    let row = row.trim();
    let mut cells = vec![String::new()];
    let mut chars = row.strip_prefix('|').unwrap_or(row).chars().peekable();
    let mut ends_with_border = false;
    while let Some(c) = chars.next() {
        ends_with_border = c == '|';
        let Some(cell) = cells.last_mut() else { break };
        match c {
            '\\' if chars.peek() == Some(&'|') => cell.extend(chars.next()),
            '\\' if chars.peek() == Some(&'\\') => {
                cell.push(c);
                cell.extend(chars.next());
            }
            '|' => cells.push(String::new()),
            _ => cell.push(c),
        }
    }
    if ends_with_border {
        cells.pop();
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

fn cells(row: &str, base: Style, form: MarkdownForm) -> Vec<Cell> {
    let cell = |text: String| {
        let mut spans = Vec::new();
        inline::parse_whole(&text, &base.into(), form, &mut |look, text| {
            append(&mut spans, look.clone(), text);
        });
        spans
    };
    split(row).into_iter().map(cell).collect()
}
