//! Tables: aligned when they fit the width, else shown as they are written.

use unicode_width::UnicodeWidthStr;

use super::inline;
use crate::ui::style::{Span, Style};

/// A cell as spans, with its width.
struct Cell {
    spans: Vec<Span>,
    width: usize,
}

/// Renders the rows of one table; a text of `|` without the rule below its first row is no table.
pub fn render(rows: &[String], width: usize, out: &mut Vec<Span>) {
    let alignments = rows.get(1).and_then(|rule| alignments(rule));
    let Some(alignments) = alignments else { return verbatim(rows, out) };
    let body: Vec<Vec<Cell>> = rows.iter().enumerate().filter(|(index, _)| *index != 1).map(|(index, row)| cells(row, index == 0)).collect();
    let columns = body.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(|column| body.iter().filter_map(|row| row.get(column)).map(|cell| cell.width).max().unwrap_or(0)).collect();
    if widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1) > width {
        return verbatim(rows, out);
    }
    for (index, row) in body.into_iter().enumerate() {
        render_row(row, &widths, &alignments, out);
        if index == 0 {
            let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            out.push((Style::Dim, format!("{}\n", rule.join("  "))));
        }
    }
}

fn verbatim(rows: &[String], out: &mut Vec<Span>) {
    out.extend(rows.iter().map(|row| (Style::Plain, format!("{row}\n"))));
}

/// True for each column that is aligned to the right; `None` when the row is no rule.
fn alignments(rule: &str) -> Option<Vec<bool>> {
    let cells: Vec<&str> = split(rule);
    let is_rule = |cell: &&str| cell.contains('-') && cell.chars().all(|c| c == '-' || c == ':');
    (!cells.is_empty() && cells.iter().all(is_rule)).then(|| cells.iter().map(|cell| cell.ends_with(':') && !cell.starts_with(':')).collect())
}

fn split(row: &str) -> Vec<&str> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = row.strip_suffix('|').unwrap_or(row);
    row.split('|').map(str::trim).collect()
}

fn cells(row: &str, is_head: bool) -> Vec<Cell> {
    let base = if is_head { Style::Bold } else { Style::Plain };
    let cell = |text: &str| {
        let mut spans = Vec::new();
        inline::parse(text, None, base, true, &mut |style, text| spans.push((style, text.to_owned())));
        let width = spans.iter().map(|(_, text)| text.width()).sum();
        Cell { spans, width }
    };
    split(row).into_iter().map(cell).collect()
}

fn render_row(row: Vec<Cell>, widths: &[usize], alignments: &[bool], out: &mut Vec<Span>) {
    let last = row.len().saturating_sub(1);
    for (column, cell) in row.into_iter().enumerate() {
        let padding = widths.get(column).copied().unwrap_or(0).saturating_sub(cell.width);
        let is_right = alignments.get(column).copied().unwrap_or(false);
        if is_right && padding > 0 {
            out.push((Style::Plain, " ".repeat(padding)));
        }
        out.extend(cell.spans);
        if column < last {
            out.push((Style::Plain, " ".repeat(2 + if is_right { 0 } else { padding })));
        }
    }
    out.push((Style::Plain, "\n".to_owned()));
}
