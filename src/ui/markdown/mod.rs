//! Markdown for the terminal, rendered as it streams: text is only ever appended, and every word is
//! written once.
//!
//! A line of the source is classified as soon as its first characters allow it; from then on its
//! words are passed on as they arrive. Only what is not certain is held back: an emphasis
//! until it closes, a line of code until it can be coloured, a table until it ends.

mod alone;
mod angle;
mod code;
mod display;
mod emphasis;
mod empty_rows;
mod entity;
mod formula;
mod found;
mod highlight;
mod inline;
mod link;
mod marks;
mod math;
mod runs;
mod script;
mod start;
mod symbols;
mod table;
mod tag;
mod target;
mod wrap;

use super::capabilities::MarkdownForm;
use super::stand_ins;
use super::style::{Look, Span, Style, append};
use alone::{rule, show_alone, show_label, underline};
use code::{Block, Outcome};
use display::Display;
use empty_rows::EmptyRows;
use inline::Inline;
use start::{BlockKind, LineContext, LineStart};
use table::Table;
use wrap::Wrapper;

/// Widest running text, in columns: longer lines are hard to read. Tables and code may be wider.
const WIDEST_TEXT: usize = 100;

/// The renderer. Feed source with [`push`](Self::push), and end with [`finish`](Self::finish).
#[derive(Debug)]
pub(super) struct Markdown {
    width: usize,
    form: MarkdownForm,
    /// Source of the current line that has not been taken.
    pending: String,
    line: Line,
    inline: Inline,
    block: Option<Block>,
    /// Blocks of code so far; `None` when they get no label.
    blocks: Option<usize>,
    table: Option<Table>,
    formula: Option<Display>,
    /// What the line before leaves behind.
    after_gap: bool,
    after_text: bool,
    empty_rows: EmptyRows,
    item_column: usize,
    /// Quotes around the paragraph.
    depth: usize,
    wrapper: Wrapper,
}

/// What the current line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Not known yet.
    Unknown,
    /// Running text in a base style.
    Text(Style),
    /// Code by its indent: shown as it is written, and left to the terminal to break.
    Code,
}

impl Markdown {
    /// A renderer whose blocks of code have a label with their number.
    pub(super) fn new(width: usize, form: impl Into<MarkdownForm>) -> Self {
        let form = form.into();
        Self {
            width,
            form,
            pending: String::new(),
            line: Line::Unknown,
            inline: Inline::new(form),
            block: None,
            blocks: Some(0),
            table: None,
            formula: None,
            after_gap: true,
            after_text: false,
            empty_rows: EmptyRows::default(),
            item_column: 0,
            depth: 0,
            wrapper: Wrapper::new(width.min(WIDEST_TEXT)),
        }
    }

    /// Shows no labels from now on: a block is all there is.
    pub(super) fn omit_labels(&mut self) {
        self.blocks = None;
    }

    /// Columns of the terminal from now on.
    pub(super) fn set_width(&mut self, width: usize) {
        self.width = width;
        self.wrapper.set_width(width.min(WIDEST_TEXT));
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
        self.end_text(Style::Plain, out);
        self.end_table(out);
        self.block = None;
        self.end_formula(out);
        self.blocks = self.blocks.map(|_| 0);
        (self.after_gap, self.after_text, self.item_column) = (true, false, 0);
        self.empty_rows = EmptyRows::default();
    }

    /// Shows what is certain of the current line.
    fn advance(&mut self, is_whole: bool, out: &mut Vec<Span>) {
        if self.advance_block(is_whole, out) || self.advance_formula(is_whole, out) {
            return;
        }
        if self.line == Line::Unknown && !self.begin(is_whole, out) {
            return;
        }
        let mut pending = std::mem::take(&mut self.pending);
        match self.line {
            Line::Unknown => {}
            Line::Code => append(out, Style::Code, &pending),
            Line::Text(style) => {
                if is_whole && style == Style::Plain {
                    // The paragraph may continue, and what is held back may close.
                    pending.push('\n');
                }
                let wrapper = &mut self.wrapper;
                let mut sink = |look: &Look, text: &str| wrapper.push(look, text, out);
                self.inline.push(&pending, &style.into(), &mut sink);
            }
        }
        // The allocation serves the next piece.
        self.pending = pending;
        self.pending.clear();
        if is_whole {
            self.end_line(out);
        }
    }

    fn end_line(&mut self, out: &mut Vec<Span>) {
        match std::mem::replace(&mut self.line, Line::Unknown) {
            Line::Unknown | Line::Text(Style::Plain) => {}
            Line::Code => self.wrapper.end_line(out),
            Line::Text(style) => {
                self.end_text(style, out);
                self.underline(style, out);
                self.wrapper.end_line(out);
            }
        }
    }

    /// Shows what is held back of running text, of which no more follows.
    fn end_text(&mut self, style: Style, out: &mut Vec<Span>) {
        let wrapper = &mut self.wrapper;
        let mut sink = |look: &Look, text: &str| wrapper.push(look, text, out);
        self.inline.finish(&style.into(), &mut sink);
    }

    /// Without styles a heading of the first two levels has a rule below it.
    fn underline(&mut self, style: Style, out: &mut Vec<Span>) {
        if let Some(mark) = underline(style).filter(|_| self.form.is_plain) {
            let mark = stand_ins::of(mark, self.form.is_ascii);
            self.wrapper.underline(&mark, out);
        }
    }

    /// Gives the line to an open block of code; false when there is none, or it has ended before
    /// the line.
    fn advance_block(&mut self, is_whole: bool, out: &mut Vec<Span>) -> bool {
        let Some(block) = &mut self.block else {
            return false;
        };
        match block.advance(&mut self.pending, is_whole, self.width, out) {
            Outcome::Open => {}
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
        let around = LineContext {
            width: self.width,
            is_ascii: self.form.is_ascii,
            after_gap: self.after_gap,
            after_text: self.after_text,
            item_column: self.item_column,
        };
        let Some(start) = start::read(&self.pending, is_whole, around) else {
            return false;
        };
        if !(self.after_text && start.continues(self.depth)) {
            self.end_text(Style::Plain, out);
            self.depth = start.depth;
        }
        if self.empty_rows.is_second(&start) {
            self.pending.clear();
            return false;
        }
        if start.kind == BlockKind::Row {
            self.row(start, out);
            return false;
        }
        self.end_table(out);
        self.after_gap = matches!(
            start.kind,
            BlockKind::Blank | BlockKind::Code | BlockKind::Hidden
        );
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
        self.open(start, is_whole, out)
    }

    /// Shows what is before the text of a line, and all of a line without text.
    fn open(&mut self, start: LineStart, is_whole: bool, out: &mut Vec<Span>) -> bool {
        self.pending.drain(..start.taken);
        match start.kind {
            BlockKind::Fence { mark, length } => {
                let info = self.pending[length..].trim().to_owned();
                self.pending.clear();
                show_label(&mut self.blocks, &start, &info, out);
                self.block = Some(Block::new(&start, mark, length, &info));
                return false;
            }
            BlockKind::Rule | BlockKind::Underline | BlockKind::Blank => {
                self.pending.clear();
                let room = self.width.saturating_sub(wrap::width_of(&start.prefix));
                let rule = rule(start.kind, room);
                let rule = stand_ins::of(&rule, self.form.is_ascii);
                show_alone(&start, Style::Dim, &rule, out);
                return false;
            }
            BlockKind::Text(style) => {
                if self.inline.is_held() {
                    self.wrapper.begin_next(start.prefix, start.hanging);
                } else {
                    self.wrapper.begin_line(&start.prefix, start.hanging, out);
                }
                self.line = Line::Text(style);
            }
            BlockKind::Formula(end) => {
                let display = Display::new(end, start.depth, start.prefix, start.hanging);
                self.formula = Some(display);
                return !self.advance_formula(is_whole, out);
            }
            BlockKind::Alert(title, style) => {
                self.pending.clear();
                show_alone(&start, style, title, out);
                return false;
            }
            BlockKind::Hidden => {
                self.pending.clear();
                return false;
            }
            BlockKind::Code => {
                self.line = Line::Code;
            }
            BlockKind::Row => return false,
        }
        true
    }

    /// Gives the line to an open formula; false when there is none, or it ended before the line.
    fn advance_formula(&mut self, is_whole: bool, out: &mut Vec<Span>) -> bool {
        let Some(mut display) = self.formula.take() else {
            return false;
        };
        let Some(from) = display.start_of(&self.pending) else {
            if !is_whole && code::may_be_quoted(&self.pending, display.depth) {
                self.formula = Some(display);
                return true;
            }
            // The quote around it has ended.
            display.show(&mut self.wrapper, out);
            return false;
        };
        let is_blank = self.pending[from..].trim().is_empty();
        if (is_whole && is_blank) || display.is_full(&self.pending) {
            display.show(&mut self.wrapper, out);
            if !is_blank {
                self.pending.drain(..from);
                display.begin_row("", &mut self.wrapper, out);
                self.line = Line::Text(Style::Plain);
            }
            return false;
        }
        if is_whole {
            let line = std::mem::take(&mut self.pending);
            if display.push(&line[from..], self.form, &mut self.wrapper, out) {
                return true;
            }
        }
        self.formula = Some(display);
        true
    }

    /// Shows a formula without an end as it is written.
    fn end_formula(&mut self, out: &mut Vec<Span>) {
        if let Some(mut display) = self.formula.take() {
            display.show(&mut self.wrapper, out);
        }
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
        let (width, form) = (self.width, self.form);
        let table = self.table.get_or_insert_with(|| {
            Table::new(width, form, start.depth, start.prefix, start.hanging)
        });
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
            inline::parse_whole(row, &Look::default(), self.form, &mut |look, text| {
                self.wrapper.push(look, text, out);
            });
            self.wrapper.end_line(out);
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod commonmark_tests;
#[cfg(test)]
mod form_tests;
#[cfg(test)]
mod line_end_tests;
#[cfg(test)]
mod plain_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod table_tests;
