//! A fenced block of code: shown as it is written, in colours where the language is known.

use super::highlight::{LONGEST_LINE, Painter};
use crate::ui::style::{Span, Style, append};

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
}

/// The outcome for a line, or for its start.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// More is needed, or more may follow.
    Open,
    /// A line of code ends.
    Line,
    /// The closing marks.
    Closed,
    /// The quote around the block has ended, and the block with it; the line is none of its own.
    Left,
}

impl Block {
    pub(super) fn new(
        mark: char,
        length: usize,
        indent: usize,
        depth: usize,
        bars: Vec<Span>,
        info: &str,
    ) -> Self {
        let painter = Painter::for_info(info);
        let style = if painter.is_some() {
            Style::Plain
        } else {
            Style::Code
        };
        Self {
            mark,
            length,
            indent,
            depth,
            bars,
            painter,
            style,
            is_fresh: true,
            is_passed_on: false,
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
        out: &mut Vec<Span>,
    ) -> Outcome {
        if self.is_fresh {
            if let Some(outcome) = self.begin(line, is_whole, out) {
                return outcome;
            }
            self.is_fresh = false;
        }
        self.is_passed_on = self.is_passed_on || line.len() > LONGEST_LINE;
        match &mut self.painter {
            Some(painter) if !self.is_passed_on => {
                if !is_whole {
                    return Outcome::Open;
                }
                if !painter.line(line, out) {
                    self.painter = None;
                }
            }
            _ => append(out, self.style, line),
        }
        line.clear();
        if !is_whole {
            return Outcome::Open;
        }
        self.is_fresh = true;
        self.is_passed_on = false;
        Outcome::Line
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
fn after_quotes(line: &str, depth: usize) -> Option<usize> {
    let mut rest = line;
    for _ in 0..depth {
        rest = rest.trim_start_matches([' ', '\t']).strip_prefix('>')?;
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    Some(line.len() - rest.len())
}

/// Whether a line without enough `>` may still get them.
fn may_be_quoted(line: &str, depth: usize) -> bool {
    depth > 0 && line.bytes().all(|byte| matches!(byte, b'>' | b' ' | b'\t'))
}
