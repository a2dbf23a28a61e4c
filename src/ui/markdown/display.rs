//! A formula on lines of its own: as Unicode where it is simple, else as it is written.

use super::inline::{self, LONGEST_HELD};
use super::wrap::Wrapper;
use super::{code, math};
use crate::ui::capabilities::MarkdownForm;
use crate::ui::style::{Look, Span, Style, append};

/// Before the rows of a formula.
const INDENT: &str = "  ";

/// A formula on lines of its own, held until it ends.
#[derive(Debug)]
pub(super) struct Display {
    end: &'static str,
    /// Before its first row, and before the others.
    prefix: Vec<Span>,
    hanging: Vec<Span>,
    /// Quotes around it.
    pub depth: usize,
    /// The lines as they are written, the first one with its start mark.
    lines: Vec<String>,
    length: usize,
}

impl Display {
    pub(super) fn new(
        end: &'static str,
        depth: usize,
        prefix: Vec<Span>,
        hanging: Vec<Span>,
    ) -> Self {
        Self {
            end,
            prefix,
            hanging,
            depth,
            lines: Vec::new(),
            length: 0,
        }
    }

    /// Where the text of a line starts, after the quotes around the formula; `None` when it has
    /// fewer.
    pub(super) fn start_of(&self, line: &str) -> Option<usize> {
        if self.lines.is_empty() {
            Some(0)
        } else {
            code::after_quotes(line, self.depth)
        }
    }

    /// Whether a line, whole or not, is more than is held back.
    pub(super) fn is_full(&self, line: &str) -> bool {
        self.length + line.len() > LONGEST_HELD
    }

    /// Takes a whole line. Shows the formula, and the text after it, when it ends with the line;
    /// true then.
    pub(super) fn push(
        &mut self,
        line: &str,
        form: MarkdownForm,
        wrapper: &mut Wrapper,
        out: &mut Vec<Span>,
    ) -> bool {
        let from = if self.lines.is_empty() { 2 } else { 0 };
        let body = line.get(from..).unwrap_or_default();
        self.length += line.len();
        let Some(at) = body.find(self.end) else {
            self.lines.push(line.to_owned());
            return false;
        };
        let (formula, after) = line.split_at(from + at + self.end.len());
        self.lines.push(formula.to_owned());
        let source = self.lines.join("\n");
        let inner = source
            .get(2..source.len().saturating_sub(2))
            .unwrap_or_default();
        if let Some(unicode) = math::unicode(inner).filter(|shown| form.shows(shown)) {
            let is_alone = after.trim().is_empty();
            let indent = if is_alone { INDENT } else { "" };
            self.lines = unicode
                .lines()
                .map(|row| format!("{indent}{row}"))
                .collect();
        }
        let last = self.lines.pop().unwrap_or_default();
        self.show(wrapper, out);
        self.show_row(&last, wrapper, out);
        inline::parse_whole(after, &Look::default(), form, &mut |look, text| {
            wrapper.push(look, text, out);
        });
        wrapper.end_line(out);
        true
    }

    /// Starts the next row, with an indent.
    pub(super) fn begin_row(&mut self, indent: &str, wrapper: &mut Wrapper, out: &mut Vec<Span>) {
        append(&mut self.prefix, Style::Plain, indent);
        wrapper.begin_line(&self.prefix, self.hanging.clone(), out);
        self.prefix.clone_from(&self.hanging);
    }

    /// Shows a row as it is written, its indent included, without its end.
    pub(super) fn show_row(&mut self, row: &str, wrapper: &mut Wrapper, out: &mut Vec<Span>) {
        let text = row.trim_start();
        self.begin_row(&row[..row.len() - text.len()], wrapper, out);
        wrapper.push(&Look::default(), text, out);
    }

    /// Shows the lines that are held.
    pub(super) fn show(&mut self, wrapper: &mut Wrapper, out: &mut Vec<Span>) {
        for line in std::mem::take(&mut self.lines) {
            self.show_row(&line, wrapper, out);
            wrapper.end_line(out);
        }
    }
}
