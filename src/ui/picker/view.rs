//! The rows that a list takes on a terminal of some size.

use unicode_width::UnicodeWidthChar;

use super::filter::Filter;
use super::state::{Choice, Picker};
use crate::ports::pick::PickList;
use crate::present::text::{one_line, shortened};
use crate::ui::paragraph;
use crate::ui::sanitise::inert;
use crate::wire::redact::redacted;

/// Most rows of the list itself.
const TALLEST: usize = 20;

/// Most lines about the selected row.
const PREVIEW: usize = 3;

/// Columns of the mark before a row.
const MARGIN: usize = 2;

/// Columns that are left for the filter beside a question; with less it is below.
const LEAST_FILTER: usize = 8;

/// Rows below a question that is above its filter.
const LEAST_BELOW: usize = 6;

/// Between two columns.
const GAP: &str = "  ";

/// How a piece of a row looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    /// The question.
    Question,
    /// Counts, previews, key bindings.
    Dim,
    Head,
    /// Text of the selected row.
    Selected,
    /// Characters that the filter has found.
    Match,
    SelectedMatch,
    /// The character under the caret.
    Caret,
    Message,
}

/// A piece of a row.
pub(super) type Piece = (Look, String);

/// A row, at most as wide as the terminal less one column.
pub(super) type Row = Vec<Piece>;

/// Columns and rows of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub columns: usize,
    pub rows: usize,
}

/// How many rows each part has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    head: usize,
    pub list: usize,
    preview: usize,
    keys: usize,
}

impl Parts {
    /// For so many choices. One row of the terminal is left to what stands above.
    pub(super) fn of(size: Size, choices: usize, has_preview: bool) -> Self {
        // After the row of the question.
        let rest = size.rows.saturating_sub(2);
        let preview = match rest {
            _ if !has_preview => 0,
            0..7 => 0,
            7..10 => 1,
            10..14 => 2,
            _ => PREVIEW,
        };
        let (head, keys) = (usize::from(rest >= 5), usize::from(rest >= 3));
        let room = rest.saturating_sub(head + keys + preview).max(1);
        // What was said last stays visible above it.
        let most = (size.rows / 2).clamp(1, TALLEST);
        Self {
            head,
            list: room.min(choices.max(1)).min(most),
            preview,
            keys,
        }
    }
}

/// Draws a list. Keeps what takes time: the cells at the last width, the preview of the last row.
#[derive(Default)]
pub(super) struct View {
    cells: Option<(usize, Vec<Vec<String>>)>,
    preview: Option<(usize, Vec<String>)>,
}

impl View {
    /// The parts at this size.
    pub(super) fn parts(state: &Picker, list: &PickList<'_>, size: Size) -> Parts {
        // As many as there are without a filter: the list keeps its height while it is filtered.
        let choices = state.rows.count() + usize::from(list.typed.is_some());
        let below = Size {
            rows: size.rows - label_above(&state.question, size).len(),
            ..size
        };
        Parts::of(below, choices, list.preview.is_some())
    }

    /// All rows, the question first.
    pub(super) fn rows(&mut self, state: &mut Picker, list: &PickList<'_>, size: Size) -> Vec<Row> {
        let parts = Self::parts(state, list, size);
        let width = size.columns.saturating_sub(1);
        state.scroll(parts.list);
        let mut rows = question(state, size);
        let cells = cells_at(&mut self.cells, list, width.saturating_sub(MARGIN));
        let head = cells.first().map(|cells| joined(cells)).unwrap_or_default();
        if parts.head > 0 && !head.is_empty() {
            rows.push(vec![(Look::Head, format!("{}{head}", " ".repeat(MARGIN)))]);
        }
        for index in state.top..state.top + parts.list {
            let mut drawn = choice(state, index, cells, list.searched);
            if index == state.selected && !drawn.is_empty() {
                // To the edge: a shade ends with it.
                drawn.push((Look::Selected, " ".repeat(width)));
            }
            rows.push(drawn);
        }
        if parts.preview > 0 {
            let lines = preview_of(&mut self.preview, list, state.selected_row());
            for line in broken(lines, width.saturating_sub(MARGIN), parts.preview) {
                rows.push(vec![(Look::Dim, format!("{}{line}", " ".repeat(MARGIN)))]);
            }
        }
        let bottom = match &state.message {
            Some(message) => {
                let text = format!("{}{}", " ".repeat(MARGIN), visible(message));
                Some((Look::Message, text))
            }
            None if parts.keys > 0 => Some((Look::Dim, keys(state, width))),
            None => None,
        };
        if let Some(bottom) = bottom {
            if parts.keys == 0 {
                rows.pop();
            }
            rows.push(vec![bottom]);
        }
        rows.into_iter().map(|row| cut(row, width)).collect()
    }
}

fn cells_at<'c>(
    kept: &'c mut Option<(usize, Vec<Vec<String>>)>,
    list: &PickList<'_>,
    width: usize,
) -> &'c [Vec<String>] {
    let same = kept.take().filter(|(other, _)| *other == width);
    &kept
        .insert(same.unwrap_or_else(|| (width, list.table.cells(width))))
        .1
}

fn preview_of<'p>(
    kept: &'p mut Option<(usize, Vec<String>)>,
    list: &PickList<'_>,
    row: Option<usize>,
) -> &'p [String] {
    let (Some(row), Some(preview)) = (row, list.preview) else {
        return &[];
    };
    let same = kept.take().filter(|(other, _)| *other == row);
    let read = || (row, preview(row).iter().map(|line| visible(line)).collect());
    &kept.insert(same.unwrap_or_else(read)).1
}

/// The part of a line that fits, with its caret: the end of what stands before the caret stays
/// visible.
pub(super) fn line(filter: &Filter, room: usize) -> Row {
    let (before, after) = filter.parts();
    let skipped = columns(&before).saturating_sub(room);
    let mut passed = 0;
    let before: String = before
        .chars()
        .skip_while(|c| {
            let is_skipped = passed < skipped;
            passed += width_of(*c);
            is_skipped
        })
        .collect();
    let mut after = after.chars();
    let caret = after.next().unwrap_or(' ');
    vec![
        (Look::Plain, before),
        (Look::Caret, caret.to_string()),
        (Look::Plain, after.collect()),
    ]
}

/// The rows of a question that leaves no room for the filter beside it; none where it does, or
/// where the terminal has no room for them.
fn label_above(question: &str, size: Size) -> Vec<String> {
    let (label, width) = (visible(question), size.columns.saturating_sub(1));
    if columns(&label) + MARGIN + LEAST_FILTER <= width {
        return Vec::new();
    }
    let rows = paragraph::wrapped(&label, width);
    let rows: Vec<String> = rows.lines().map(str::to_owned).collect();
    let has_room = rows.len() + LEAST_BELOW <= size.rows;
    if has_room { rows } else { Vec::new() }
}

/// The question, and the filter with its caret beside it or below.
fn question(state: &Picker, size: Size) -> Vec<Row> {
    let above = label_above(&state.question, size);
    let label = if above.is_empty() {
        format!("{} › ", visible(&state.question))
    } else {
        "› ".to_owned()
    };
    let above = above.into_iter().map(|row| vec![(Look::Question, row)]);
    above
        .chain([filter(label, state, size.columns.saturating_sub(1))])
        .collect()
}

/// The filter with its caret after a label, and the counts where they fit.
fn filter(label: String, state: &Picker, width: usize) -> Row {
    let room = width.saturating_sub(columns(&label) + 1);
    let mut row = vec![(Look::Question, label)];
    row.extend(line(&state.filter, room));
    let (found, all) = (state.rows.matches.len(), state.rows.count());
    let counts = if found == all {
        all.to_string()
    } else {
        format!("{found} of {all}")
    };
    let used: usize = row.iter().map(|(_, text)| columns(text)).sum();
    if let Some(blanks) = width
        .checked_sub(used + columns(&counts))
        .filter(|n| *n > 1)
    {
        row.push((Look::Plain, " ".repeat(blanks)));
        row.push((Look::Dim, counts));
    }
    row
}

/// One choice of the list; an empty row after the last.
fn choice(state: &mut Picker, index: usize, cells: &[Vec<String>], searched: &[usize]) -> Row {
    let Some(choice) = state.choice(index) else {
        return Row::new();
    };
    let is_selected = index == state.selected;
    let (plain, found) = if is_selected {
        (Look::Selected, Look::SelectedMatch)
    } else {
        (Look::Plain, Look::Match)
    };
    let mark = match choice {
        _ if is_selected => "❯ ",
        Choice::Row(row) if state.current() == Some(row) => "• ",
        _ => "  ",
    };
    let mut pieces = vec![(plain, mark.to_owned())];
    let row = match choice {
        Choice::Row(row) => row,
        Choice::Typed => {
            let typed = state.filter.text();
            pieces.push((plain, format!("use '{}' as typed", visible(typed.trim()))));
            return pieces;
        }
    };
    let marked = state.rows.marked(&state.filter.text(), row);
    // The first line is the header.
    let line = cells.get(row + 1).map_or(&[][..], Vec::as_slice);
    for (column, cell) in line.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        if pieces.len() > 1 {
            pieces.push((plain, GAP.to_owned()));
        }
        let place = searched.iter().position(|other| *other == column);
        let parts = place.and_then(|place| marked.get(place));
        let shown = redacted(cell);
        let start = cell.len() - cell.trim_start().len();
        let mut at = 0;
        // A key that was replaced has moved everything after it, and what was cut is not there.
        for part in parts.into_iter().flatten().filter(|_| shown == *cell) {
            let part = start + part.start..start + part.end;
            let (Some(before), Some(inside)) = (cell.get(at..part.start), cell.get(part.clone()))
            else {
                break;
            };
            pieces.push((plain, inert(before)));
            pieces.push((found, inert(inside)));
            at = part.end;
        }
        pieces.push((plain, inert(shown.get(at..).unwrap_or_default())));
    }
    pieces
}

/// Exactly `count` rows of text: the last line takes those that the others leave.
fn broken(lines: &[String], width: usize, count: usize) -> Vec<String> {
    let mut rows: Vec<String> = lines.iter().take(count).cloned().collect();
    while let Some(last) = rows.pop() {
        if rows.len() + 1 >= count || columns(&last) <= width {
            rows.push(last);
            break;
        }
        let mut used = 0;
        let fits = |c: &char| {
            used += width_of(*c);
            used <= width
        };
        let most: usize = last.chars().take_while(fits).map(char::len_utf8).sum();
        let at = last[..most].rfind(' ').filter(|at| *at > 0).unwrap_or(most);
        let (first, rest) = last.split_at(at);
        let (first, rest) = (first.to_owned(), rest.trim_start().to_owned());
        rows.push(first);
        if rest.is_empty() || at == 0 {
            break;
        }
        rows.push(rest);
    }
    rows.resize(count, String::new());
    rows.iter().map(|row| shortened(row, width)).collect()
}

/// The key bindings that fit.
fn keys(state: &Picker, width: usize) -> String {
    let mut all = vec!["Enter select", "Esc cancel", "↑↓ PgUp PgDn move"];
    if state.can_delete {
        all.insert(2, "Ctrl-D delete");
    }
    let mut text = " ".repeat(MARGIN);
    for key in all {
        let gap = if text.trim().is_empty() { "" } else { " · " };
        if columns(&text) + columns(gap) + columns(key) <= width {
            text.push_str(gap);
            text.push_str(key);
        }
    }
    text
}

fn joined(cells: &[String]) -> String {
    let shown = cells.iter().filter(|cell| !cell.is_empty());
    shown.map(String::as_str).collect::<Vec<_>>().join(GAP)
}

/// Untrusted text on one line.
fn visible(text: &str) -> String {
    inert(&redacted(&one_line(text)))
}

/// A terminal may draw a sequence of characters as one; it never draws it wider than its parts.
fn width_of(c: char) -> usize {
    c.width().unwrap_or(0)
}

pub(super) fn columns(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// The row in at most `width` columns; nothing of a row is a line end or a tab.
pub(super) fn cut(row: Row, width: usize) -> Row {
    let mut left = width;
    let mut kept = Row::new();
    for (look, text) in row {
        let text = text.replace(['\n', '\t'], " ");
        let whole = columns(&text) <= left;
        let text: String = text
            .chars()
            .take_while(|c| {
                let fits = width_of(*c) <= left;
                left = if fits { left - width_of(*c) } else { 0 };
                fits
            })
            .collect();
        if !text.is_empty() {
            kept.push((look, text));
        }
        if !whole {
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_the_room_that_the_other_parts_leave() {
        let parts = |rows, choices| {
            let parts = Parts::of(Size { columns: 80, rows }, choices, true);
            (parts.head, parts.list, parts.preview, parts.keys)
        };
        assert_eq!(parts(24, 300), (1, 12, 3, 1));
        assert_eq!(parts(12, 300), (1, 6, 2, 1));
        assert_eq!(parts(6, 300), (0, 3, 0, 1));
        assert_eq!(parts(3, 300), (0, 1, 0, 0));
        assert_eq!(parts(100, 300), (1, TALLEST, 3, 1));
        assert_eq!(parts(24, 2), (1, 2, 3, 1));
    }

    #[test]
    fn a_question_without_room_beside_it_is_above_its_filter() {
        let above =
            |columns, rows| label_above("What would you like to do?", Size { columns, rows });
        assert_eq!(above(80, 24), [""; 0]);
        assert_eq!(above(30, 24), ["What would you like to do?"]);
        assert_eq!(above(20, 24), ["What would you like", "to do?"]);
        assert_eq!(above(20, 7), [""; 0]);
    }

    #[test]
    fn the_last_line_of_a_preview_takes_the_rows_that_are_left() {
        let of = |lines: &[&str], width, count| {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            broken(&lines, width, count)
        };
        assert_eq!(of(&["a", "one two three"], 8, 3), ["a", "one two", "three"]);
        assert_eq!(of(&["one two three four"], 8, 2), ["one two", "three f…"]);
        assert_eq!(of(&["漢字漢字"], 3, 3), ["漢", "字", "漢…"]);
        assert_eq!(of(&["漢"], 1, 2), ["", ""]);
        assert_eq!(of(&[], 10, 2), ["", ""]);
    }
}
