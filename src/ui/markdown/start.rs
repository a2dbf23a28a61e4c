//! The start of a line: quotes and list items around it, and the kind of line.

use super::inline::LONGEST_HELD;
use super::marks::{self, Parsed};
use super::wrap::width_of;
use crate::ui::stand_ins;
use crate::ui::style::{Span, Style, append};

/// Running text.
const TEXT: BlockKind = BlockKind::Text(Style::Plain);

/// Columns of indent from which on a line is code.
const CODE_INDENT: usize = 4;

/// The context of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineContext {
    pub width: usize,
    /// Our own marks are ASCII.
    pub is_ascii: bool,
    /// The line before is blank, or code by its indent.
    pub after_gap: bool,
    /// The line before is running text.
    pub after_text: bool,
    /// Column where the text of the list item starts that the line may belong to.
    pub item_column: usize,
}

/// The start of a line, parsed.
#[derive(Debug)]
pub(super) struct LineStart {
    /// Shown before the line, and before what continues it.
    pub prefix: Vec<Span>,
    pub hanging: Vec<Span>,
    /// Bytes of the source that were read.
    pub taken: usize,
    /// Depth of quotes around the line.
    pub depth: usize,
    /// Column where the text of the line's own list item starts.
    pub item_column: Option<usize>,
    /// The line has the mark of a footnote before its text.
    is_footnote: bool,
    /// Columns before the text: white space, and the mark of the line's own list item.
    pub indent: usize,
    pub kind: BlockKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    Text(Style),
    /// A code block opens: its mark, how many of them, and the indent before them.
    Fence {
        mark: char,
        length: usize,
    },
    Rule,
    /// `===` below a heading that has been shown already.
    Underline,
    /// A row of a table, it may be.
    Row,
    Blank,
    /// Code by its indent.
    Code,
    /// A formula on lines of its own, and what ends it.
    Formula(&'static str),
    /// The first line of a quote that is an alert: its title and how it looks.
    Alert(&'static str, Style),
    /// A line of tags that a terminal does not show.
    Hidden,
}

/// A line that is being read from the left.
struct Reader<'a> {
    line: &'a str,
    is_whole: bool,
    around: LineContext,
    start: LineStart,
    column: usize,
}

/// Parses the start of a line; `None` when more is needed. A whole line always has a
/// start.
pub(super) fn read(line: &str, is_whole: bool, around: LineContext) -> Option<LineStart> {
    if line.len() <= LONGEST_HELD {
        return read_within(line, is_whole, around);
    }
    // What still says nothing after so many bytes is text, in whatever pieces it comes.
    Some(
        read_within(
            &line[..line.floor_char_boundary(LONGEST_HELD)],
            false,
            around,
        )
        .unwrap_or_else(LineStart::of_text),
    )
}

fn read_within(line: &str, is_whole: bool, around: LineContext) -> Option<LineStart> {
    let mut reader = Reader {
        line,
        is_whole,
        around,
        start: LineStart::of_text(),
        column: 0,
    };
    let kind = reader.kind()?;
    Some(LineStart {
        kind,
        ..reader.start
    })
}

impl LineStart {
    /// Running text without anything around it.
    fn of_text() -> Self {
        Self {
            prefix: Vec::new(),
            hanging: Vec::new(),
            taken: 0,
            depth: 0,
            item_column: None,
            is_footnote: false,
            indent: 0,
            kind: TEXT,
        }
    }

    /// Whether the line continues a paragraph in quotes of this depth, some of whose marks may be
    /// missing.
    pub(super) fn continues(&self, depth: usize) -> bool {
        let is_marked = self.item_column.is_some() || self.is_footnote;
        self.kind == TEXT && !is_marked && self.depth <= depth
    }
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.line[self.start.taken..]
    }

    /// Parses containers until something else follows.
    fn kind(&mut self) -> Option<BlockKind> {
        loop {
            let before = self.start.taken;
            let trimmed = self.rest().trim_start_matches([' ', '\t']);
            let Some(first) = trimmed.chars().next() else {
                return self.is_whole.then(|| self.blank());
            };
            let length = self.rest().len() - trimmed.len();
            let columns: usize = self.rest()[..length]
                .bytes()
                .map(|byte| if byte == b'\t' { CODE_INDENT } else { 1 })
                .sum();
            let is_marked = self.start.depth > 0 || self.start.item_column.is_some();
            let is_code = !is_marked
                && self.around.after_gap
                && columns >= self.around.item_column + CODE_INDENT;
            let read = match first {
                '>' if is_code => {
                    if self.quoted_fence()? {
                        return Some(self.start.kind);
                    }
                    false
                }
                '>' => self.quote(length, columns)?,
                '-' | '*' | '+' | '0'..='9' => self.item(length, columns)?,
                _ => false,
            };
            if !read {
                self.start.taken = before;
                return self.leaf(first, length, columns, is_code);
            }
        }
    }

    /// Whether a block opens below the quotes of a line that is indented as code is: marks of a
    /// fence mean one at any indent. Reads them if so.
    fn quoted_fence(&mut self) -> Option<bool> {
        let around = LineContext {
            after_gap: false,
            ..self.around
        };
        let start = read_within(self.line, self.is_whole, around)?;
        if !matches!(start.kind, BlockKind::Fence { .. }) {
            return Some(false);
        }
        self.start = start;
        Some(true)
    }

    fn blank(&mut self) -> BlockKind {
        self.start.taken = self.line.len();
        BlockKind::Blank
    }

    /// Indents both lines, as far as a narrow terminal leaves room for words.
    fn indent(&mut self, columns: usize) {
        let room = (self.around.width / 2).saturating_sub(width_of(&self.start.prefix));
        let blanks = " ".repeat(columns.min(room));
        append(&mut self.start.prefix, Style::Plain, &blanks);
        append(&mut self.start.hanging, Style::Plain, &blanks);
    }

    /// `>`, and the blank after it.
    fn quote(&mut self, indent: usize, columns: usize) -> Option<bool> {
        let after = self.rest().as_bytes().get(indent + 1).copied();
        if after.is_none() && !self.is_whole {
            return None;
        }
        // The blank before the next `>` belongs to the one before it.
        self.indent(if self.start.depth > 0 { 0 } else { columns });
        if width_of(&self.start.prefix) + 2 <= (self.around.width / 2).max(2) {
            let bar = stand_ins::of("│ ", self.around.is_ascii);
            append(&mut self.start.prefix, Style::Dim, &bar);
            append(&mut self.start.hanging, Style::Dim, &bar);
        }
        self.start.depth += 1;
        self.start.taken += indent + 1 + usize::from(after == Some(b' '));
        // Columns are counted from the quote on.
        self.column = 0;
        Some(true)
    }

    /// A bullet or a number with what stands before it; false when the marks mean something else.
    fn item(&mut self, indent: usize, columns: usize) -> Option<bool> {
        let trimmed = &self.rest()[indent..];
        let mark = match marks::item(trimmed, self.is_whole) {
            Parsed::Found(mark) => mark,
            Parsed::Absent => return Some(false),
            Parsed::Uncertain => return None,
        };
        let (marker, blanks) = (mark.length, mark.blanks);
        let text = &trimmed[(marker + blanks).min(trimmed.len())..];
        let task = match marks::task_box(text, self.is_whole) {
            Parsed::Found(task) => Some(task),
            Parsed::Absent => None,
            Parsed::Uncertain => return None,
        };
        // A box replaces the bullet.
        let bullet = match (task, mark.is_number) {
            (Some(task), false) => task.to_owned(),
            (Some(task), true) => format!("{} {task}", &trimmed[..marker]),
            (None, false) => "• ".to_owned(),
            (None, true) => format!("{} ", &trimmed[..marker]),
        };
        let bullet = stand_ins::of(&bullet, self.around.is_ascii);
        let taken = indent + marker + blanks + task.map_or(0, |_| marks::TASK_BOX);
        self.indent(columns);
        append(&mut self.start.prefix, Style::Plain, &bullet);
        let hanging = bullet
            .chars()
            .count()
            .min((self.around.width / 2).saturating_sub(width_of(&self.start.hanging)));
        append(&mut self.start.hanging, Style::Plain, &" ".repeat(hanging));
        self.start.taken += taken;
        // With many blanks after the mark the text is code, and belongs one column after it.
        self.column += columns + marker + if blanks > CODE_INDENT { 1 } else { blanks };
        self.start.item_column = Some(self.column);
        Some(true)
    }

    fn leaf(
        &mut self,
        first: char,
        indent: usize,
        columns: usize,
        is_code: bool,
    ) -> Option<BlockKind> {
        let trimmed = &self.rest()[indent..];
        let kind = match first {
            '`' | '~' => match marks::fence(trimmed, first, self.is_whole) {
                Parsed::Found(length) => BlockKind::Fence {
                    mark: first,
                    length,
                },
                Parsed::Absent => TEXT,
                Parsed::Uncertain => return None,
            },
            _ if is_code => BlockKind::Code,
            '#' => return self.heading(indent),
            '[' if trimmed.starts_with("[^") => match marks::footnote(trimmed, self.is_whole) {
                Parsed::Found((mark, length)) => {
                    return Some(self.footnote(&mark, indent + length));
                }
                Parsed::Absent => TEXT,
                Parsed::Uncertain => return None,
            },
            _ => self.kind_of_line(first, trimmed)?,
        };
        if kind == BlockKind::Code {
            return Some(kind);
        }
        self.start.indent = indent + self.start.item_column.unwrap_or(0);
        if !matches!(kind, BlockKind::Fence { .. }) {
            self.indent(columns);
        }
        self.start.taken += indent;
        Some(kind)
    }

    /// The kind by the first characters; `None` when the rest of the line decides.
    fn kind_of_line(&self, first: char, trimmed: &str) -> Option<BlockKind> {
        let needs_line = |is_one: bool, kind: BlockKind| match (is_one, self.is_whole) {
            (true, true) => Some(kind),
            (true, false) => None,
            (false, _) => Some(TEXT),
        };
        match first {
            '-' | '*' | '_' if marks::is_rule_so_far(trimmed) => {
                let is_rule = !self.is_whole || marks::is_rule(trimmed);
                needs_line(is_rule, BlockKind::Rule)
            }
            '=' if self.around.after_text => needs_line(
                trimmed.bytes().all(|byte| matches!(byte, b'=' | b' ')),
                BlockKind::Underline,
            ),
            '|' => needs_line(true, BlockKind::Row),
            '<' => needs_line(marks::is_hidden(trimmed, self.is_whole), BlockKind::Hidden),
            '[' if self.start.depth > 0 => match marks::alert(trimmed, self.is_whole) {
                Parsed::Found((title, style)) => Some(BlockKind::Alert(title, style)),
                Parsed::Absent => Some(TEXT),
                Parsed::Uncertain => None,
            },
            '\\' if trimmed.starts_with("\\[") => Some(BlockKind::Formula("\\]")),
            '$' if trimmed.starts_with("$$") => Some(BlockKind::Formula("$$")),
            '\\' | '$' | '[' if trimmed.len() == 1 && !self.is_whole => None,
            _ => Some(TEXT),
        }
    }

    /// `[^1]: text`, with the number before it.
    fn footnote(&mut self, mark: &str, taken: usize) -> BlockKind {
        let written = self.rest()[..taken].trim_start();
        let written = format!("{} ", written.trim_end().trim_end_matches(':'));
        let mark = if self.around.is_ascii { &written } else { mark };
        self.start.taken += taken;
        self.start.is_footnote = true;
        append(&mut self.start.prefix, Style::Dim, mark);
        let hanging = " ".repeat(mark.chars().count());
        append(&mut self.start.hanging, Style::Plain, &hanging);
        TEXT
    }

    fn heading(&mut self, indent: usize) -> Option<BlockKind> {
        let trimmed = &self.rest()[indent..];
        let level = trimmed.bytes().take_while(|byte| *byte == b'#').count();
        let rest = &trimmed[level..];
        let text = rest.trim_start_matches([' ', '\t']);
        if text.is_empty() && level <= 6 && !self.is_whole {
            return None;
        }
        self.start.taken += indent;
        if level > 6 || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
            return Some(TEXT);
        }
        self.start.taken += level + rest.len() - text.len();
        Some(BlockKind::Text(match level {
            1 => Style::Title,
            2 => Style::Heading,
            _ => Style::Subheading,
        }))
    }
}
