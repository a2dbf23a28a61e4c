//! A fenced block of code: shown as it is written, in colours where the language is known.

use unicode_width::UnicodeWidthChar;

use super::highlight::{LONGEST_LINE, Painter};
use super::start::LineStart;
use super::wrap::width_of;
use crate::ui::style::{Ground, Look, Span, Style, append};

/// Columns that a terminal may show a character wider than expected: a tab.
const TAB: usize = 8;

/// How much deeper than the opening marks the closing ones may be indented.
const DEEPER: usize = 3;

/// An open block.
#[derive(Debug)]
pub(super) struct Block {
    mark: char,
    length: usize,
    /// White space before the opening marks, taken away from each line so that code can be copied.
    indent: usize,
    /// Depth of quotes around the block, and what shows them.
    depth: usize,
    bars: Vec<Span>,
    painter: Option<Painter>,
    /// What has no colours of its own.
    style: Style,
    /// It is not certain yet that the line is one of code.
    is_fresh: bool,
    /// The line is too long to be looked at.
    is_passed_on: bool,
    row: Row,
}

/// How far a line of code has come.
#[derive(Debug, Default)]
struct Row {
    columns: usize,
    /// Characters whose width a terminal may see in another way.
    uncertain: usize,
}

impl Row {
    fn push(&mut self, text: &str) {
        // One character after the other: a cluster may come in two pieces.
        self.columns += text.chars().map(|c| c.width().unwrap_or(1)).sum::<usize>();
        self.uncertain += text.chars().filter(|c| !matches!(c, ' '..='~')).count();
    }

    /// Whether the rest of the row can be shaded: the cursor is not at the edge, where a terminal
    /// that waits to wrap would erase the last character.
    fn has_rest(&self, width: usize) -> bool {
        if self.uncertain == 0 {
            self.columns == 0 || !self.columns.is_multiple_of(width.max(1))
        } else {
            self.columns + TAB * self.uncertain < width
        }
    }
}

/// The outcome for a line, or for its start.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The block continues.
    Open,
    /// The closing marks.
    Closed,
    /// The quote around the block has ended, and the block with it; the line is none of its own.
    Left,
}

impl Block {
    /// A block that so many of a mark have opened.
    pub(super) fn new(start: &LineStart, mark: char, length: usize, info: &str) -> Self {
        let bars = start.hanging.iter();
        let bars = bars.filter(|(look, _)| look.style == Style::Dim).cloned();
        let painter = Painter::for_info(info);
        let style = if painter.is_some() {
            Style::Plain
        } else {
            Style::Code
        };
        Self {
            mark,
            length,
            indent: start.indent,
            depth: start.depth,
            bars: bars.collect(),
            painter,
            style,
            is_fresh: true,
            is_passed_on: false,
            row: Row::default(),
        }
    }

    /// Whether some of a line has been shown and not its end.
    pub(super) fn is_inside_line(&self) -> bool {
        !self.is_fresh
    }

    /// Shows what is certain of a line, and removes it from `line`.
    pub(super) fn advance(
        &mut self,
        line: &mut String,
        is_whole: bool,
        width: usize,
        out: &mut Vec<Span>,
    ) -> Outcome {
        if self.is_fresh {
            if let Some(outcome) = self.begin(line, is_whole, out) {
                return outcome;
            }
            self.is_fresh = false;
        }
        self.is_passed_on = self.is_passed_on || line.len() > LONGEST_LINE;
        let mut code = Vec::new();
        match &mut self.painter {
            Some(painter) if !self.is_passed_on => {
                if !is_whole {
                    return Outcome::Open;
                }
                if !painter.line(line, &mut code) {
                    self.painter = None;
                }
            }
            _ => append(&mut code, self.style, line),
        }
        self.row.push(line);
        line.clear();
        for (look, text) in code {
            append(out, Look::on(look.style, Ground::Code), &text);
        }
        if !is_whole {
            return Outcome::Open;
        }
        let row = std::mem::take(&mut self.row);
        let shade = if row.has_rest(width) {
            Ground::Code
        } else {
            Ground::None
        };
        append(out, Look::on(Style::Plain, shade), "\n");
        self.is_fresh = true;
        self.is_passed_on = false;
        Outcome::Open
    }

    /// `None` when the line is one of code; its start has been removed then.
    fn begin(&mut self, line: &mut String, is_whole: bool, out: &mut Vec<Span>) -> Option<Outcome> {
        let Some(from) = after_quotes(line, self.depth) else {
            return Some(if is_whole || !may_be_quoted(line, self.depth) {
                Outcome::Left
            } else {
                Outcome::Open
            });
        };
        let rest = &line[from..];
        if rest.is_empty() && !is_whole {
            return Some(Outcome::Open);
        }
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let indent = rest.len() - trimmed.len();
        let marks = trimmed.chars().take_while(|c| *c == self.mark).count();
        let may_close = indent <= self.indent + DEEPER
            && trimmed[marks * self.mark.len_utf8()..]
                .trim_start()
                .is_empty();
        if may_close && is_whole && marks >= self.length {
            return Some(Outcome::Closed);
        }
        if may_close && !is_whole && line.len() <= LONGEST_LINE {
            return Some(Outcome::Open);
        }
        let from = from + indent.min(self.indent);
        let is_blank = is_whole && line.len() <= from;
        self.row = Row::default();
        self.row.columns = width_of(&self.bars);
        self.bars.iter().for_each(|(look, text)| {
            append(
                out,
                look.clone(),
                if is_blank { text.trim_end() } else { text },
            );
        });
        line.drain(..from);
        None
    }
}

/// Where the text starts after so many `>`, each with the blank after it; `None` when there are
/// fewer.
pub(super) fn after_quotes(line: &str, depth: usize) -> Option<usize> {
    let mut rest = line;
    for _ in 0..depth {
        rest = rest.trim_start_matches([' ', '\t']).strip_prefix('>')?;
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    Some(line.len() - rest.len())
}

/// Whether a line without enough `>` may still get them.
pub(super) fn may_be_quoted(line: &str, depth: usize) -> bool {
    depth > 0 && line.bytes().all(|byte| matches!(byte, b'>' | b' ' | b'\t'))
}
