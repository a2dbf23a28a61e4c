//! Markdown for the terminal, rendered as it streams: text is only ever appended, and every word is
//! written once.
//!
//! A line of the source is classified as soon as its first characters allow it; from then on its
//! words are passed on as they arrive. Only what is not certain is held back: an emphasis
//! until it closes, a line of code until it can be coloured, a table until it ends.

mod code;
mod emphasis;
mod found;
mod highlight;
mod inline;
mod link;
mod start;
mod table;
mod wrap;

use super::style::{Look, Span, Style, append};
use code::{Block, Outcome};
use inline::Inline;
use start::{BlockKind, LineContext, LineStart};
use table::Table;
use wrap::Wrapper;

/// Longest rule, in columns.
const LONGEST_RULE: usize = 40;

/// The renderer. Feed source with [`push`](Self::push), and end with [`finish`](Self::finish).
#[derive(Debug)]
pub(super) struct Markdown {
    width: usize,
    /// Source of the current line that has not been taken.
    pending: String,
    line: Line,
    inline: Inline,
    block: Option<Block>,
    table: Option<Table>,
    /// What ends the formula that is open.
    formula: Option<&'static str>,
    /// What the line before leaves behind.
    after_gap: bool,
    after_text: bool,
    item_column: usize,
    wrapper: Wrapper,
}

/// What the current line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Not known yet.
    Unknown,
    /// Running text in a base style.
    Text(Style),
    /// Shown as it is written, and left to the terminal to break.
    Verbatim(Style),
    /// A line of a formula: words as they are written.
    Formula { is_first: bool },
}

impl Markdown {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            pending: String::new(),
            line: Line::Unknown,
            inline: Inline::default(),
            block: None,
            table: None,
            formula: None,
            after_gap: true,
            after_text: false,
            item_column: 0,
            wrapper: Wrapper::new(width),
        }
    }

    /// Columns of the terminal from now on.
    pub(super) fn set_width(&mut self, width: usize) {
        self.width = width;
        self.wrapper.set_width(width);
    }

    /// Takes more of the source, and appends what can be shown to `out`.
    pub(super) fn push(&mut self, text: &str, out: &mut Vec<Span>) {
        for piece in text.split_inclusive('\n') {
            match piece.strip_suffix('\n') {
                Some(piece) => {
                    self.pending.push_str(piece);
                    self.advance(true, out);
                }
                None => {
                    self.pending.push_str(piece);
                    self.advance(false, out);
                }
            }
        }
    }

    /// The end of the source; another one may follow.
    pub(super) fn finish(&mut self, out: &mut Vec<Span>) {
        let has_part = !self.pending.is_empty()
            || self.line != Line::Unknown
            || self.block.as_ref().is_some_and(Block::is_inside_line);
        if has_part {
            self.advance(true, out);
        }
        self.end_table(out);
        self.block = None;
        self.formula = None;
        (self.after_gap, self.after_text, self.item_column) = (true, false, 0);
    }

    /// Shows what is certain of the current line.
    fn advance(&mut self, is_whole: bool, out: &mut Vec<Span>) {
        if self.advance_block(is_whole, out) {
            return;
        }
        if self.line == Line::Unknown && !self.begin(is_whole, out) {
            return;
        }
        if let Line::Formula { is_first } = self.line
            && self.holds_formula(is_first, is_whole)
        {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        let wrapper = &mut self.wrapper;
        match self.line {
            Line::Unknown => {}
            Line::Verbatim(style) => append(out, style, &pending),
            Line::Formula { .. } => wrapper.push(&Look::default(), &pending, out),
            Line::Text(style) => {
                let base = style.into();
                let mut sink = |look: &Look, text: &str| wrapper.push(look, text, out);
                self.inline.push(&pending, &base, &mut sink);
                if is_whole {
                    self.inline.finish(&base, &mut sink);
                }
            }
        }
        // The allocation serves the next piece.
        self.pending = pending;
        self.pending.clear();
        if is_whole {
            self.wrapper.end_line(out);
            self.line = Line::Unknown;
        }
    }

    /// Gives the line to an open block of code; false when there is none, or it has ended before
    /// the line.
    fn advance_block(&mut self, is_whole: bool, out: &mut Vec<Span>) -> bool {
        let Some(block) = &mut self.block else {
            return false;
        };
        match block.advance(&mut self.pending, is_whole, out) {
            Outcome::Open => {}
            Outcome::Line => append(out, Style::Plain, "\n"),
            Outcome::Closed => {
                self.pending.clear();
                self.block = None;
            }
            Outcome::Left => {
                self.block = None;
                return false;
            }
        }
        true
    }

    /// Parses the start of a line; false when there is nothing to continue with.
    fn begin(&mut self, is_whole: bool, out: &mut Vec<Span>) -> bool {
        if self.formula.is_some() {
            return self.begin_in_formula(is_whole, out);
        }
        let around = LineContext {
            width: self.width,
            after_gap: self.after_gap,
            after_text: self.after_text,
            item_column: self.item_column,
        };
        let Some(start) = start::read(&self.pending, is_whole, around) else {
            return false;
        };
        if start.kind == BlockKind::Row {
            self.row(start, out);
            return false;
        }
        self.end_table(out);
        self.after_gap = matches!(start.kind, BlockKind::Blank | BlockKind::Code);
        self.after_text = start.kind == BlockKind::Text(Style::Plain);
        if let Some(column) = start.item_column {
            self.item_column = column;
        } else if start.indent == 0
            && !matches!(
                start.kind,
                BlockKind::Blank | BlockKind::Code | BlockKind::Fence { .. }
            )
        {
            self.item_column = 0;
        }
        self.open(start, out)
    }

    /// Shows what is before the text of a line, and all of a line without text.
    fn open(&mut self, start: LineStart, out: &mut Vec<Span>) -> bool {
        self.pending.drain(..start.taken);
        match start.kind {
            BlockKind::Fence { mark, length } => {
                let info = self.pending[length..].trim().to_owned();
                self.pending.clear();
                if start.item_column.is_some() {
                    show_alone(&start, "", out);
                }
                let bars = start
                    .hanging
                    .into_iter()
                    .filter(|(look, _)| look.style == Style::Dim)
                    .collect();
                self.block = Some(Block::new(
                    mark,
                    length,
                    start.indent,
                    start.depth,
                    bars,
                    &info,
                ));
                return false;
            }
            BlockKind::Rule | BlockKind::Underline | BlockKind::Blank => {
                let mark = if start.kind == BlockKind::Rule {
                    "─"
                } else {
                    "═"
                };
                let length = if start.kind == BlockKind::Blank {
                    0
                } else {
                    self.width
                        .saturating_sub(wrap::width_of(&start.prefix))
                        .clamp(1, LONGEST_RULE)
                };
                self.pending.clear();
                show_alone(&start, &mark.repeat(length), out);
                return false;
            }
            BlockKind::Text(style) => {
                self.wrapper.begin_line(&start.prefix, start.hanging, out);
                self.line = Line::Text(style);
            }
            BlockKind::Formula(end) => {
                self.wrapper.begin_line(&start.prefix, start.hanging, out);
                self.formula = Some(end);
                self.line = Line::Formula { is_first: true };
            }
            BlockKind::Code => {
                self.line = Line::Verbatim(Style::Code);
            }
            BlockKind::Row => return false,
        }
        true
    }

    /// A line inside a formula is held until it is whole, so that the end is found; a blank line
    /// ends it too.
    fn begin_in_formula(&mut self, is_whole: bool, out: &mut Vec<Span>) -> bool {
        let text = self.pending.trim_start();
        if text.is_empty() {
            self.formula = self.formula.filter(|_| !is_whole);
            return is_whole && self.begin(is_whole, out);
        }
        let indent = self.pending[..self.pending.len() - text.len()].to_owned();
        self.wrapper
            .begin_line(&[(Look::default(), indent)], Vec::new(), out);
        self.line = Line::Formula { is_first: false };
        true
    }

    /// Whether a line of a formula must wait for its end; forgets the formula where it ends.
    fn holds_formula(&mut self, is_first: bool, is_whole: bool) -> bool {
        let is_too_long = self.pending.len() > inline::LONGEST_HELD;
        let body = self
            .pending
            .get(if is_first { 2 } else { 0 }..)
            .unwrap_or_default();
        if is_too_long
            || self
                .formula
                .is_some_and(|end| is_whole && body.contains(end))
        {
            self.formula = None;
        }
        !is_whole && self.formula.is_some()
    }

    fn row(&mut self, start: LineStart, out: &mut Vec<Span>) {
        if self
            .table
            .as_ref()
            .is_some_and(|table| table.depth != start.depth || start.item_column.is_some())
        {
            self.end_table(out);
        }
        let row = self.pending.split_off(start.taken);
        self.pending.clear();
        (self.after_gap, self.after_text) = (false, false);
        if let Some(column) = start.item_column {
            self.item_column = column;
        }
        let width = self.width;
        let table = self
            .table
            .get_or_insert_with(|| Table::new(width, start.depth, start.prefix, start.hanging));
        if !table.push(&row, out) {
            self.end_table(out);
        }
    }

    fn end_table(&mut self, out: &mut Vec<Span>) {
        let Some((rows, prefix, hanging)) = self.table.take().and_then(|table| table.finish(out))
        else {
            return;
        };
        // It was no table: running text that starts with `|`.
        for (index, row) in rows.iter().enumerate() {
            self.wrapper.begin_line(
                if index == 0 { &prefix } else { &hanging },
                hanging.clone(),
                out,
            );
            inline::parse_whole(row, &Look::default(), &mut |look, text| {
                self.wrapper.push(look, text, out);
            });
            self.wrapper.end_line(out);
        }
    }
}

/// A line of its own, ended without blanks.
fn show_alone(start: &LineStart, text: &str, out: &mut Vec<Span>) {
    let mut line = start.prefix.clone();
    append(&mut line, Style::Dim, text);
    if let Some((_, last)) = line.last_mut() {
        last.truncate(last.trim_end().len());
    }
    line.iter()
        .for_each(|(look, text)| append(out, look.clone(), text));
    append(out, Style::Plain, "\n");
}

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;
