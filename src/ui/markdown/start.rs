//! The start of a line: quotes and list items around it, and the kind of line.

use super::inline::LONGEST_HELD;
use super::wrap::width_of;
use crate::ui::style::{Span, Style, append};

/// Columns of indent from which on a line is code.
const CODE_INDENT: usize = 4;

/// The context of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineContext {
    pub width: usize,
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
            indent: 0,
            kind: BlockKind::Text(Style::Plain),
        }
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
                '>' if !is_code => self.quote(length, columns)?,
                '-' | '*' | '+' | '0'..='9' => self.item(length, columns)?,
                _ => false,
            };
            if !read {
                self.start.taken = before;
                return self.leaf(first, length, columns, is_code);
            }
        }
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
            append(&mut self.start.prefix, Style::Dim, "│ ");
            append(&mut self.start.hanging, Style::Dim, "│ ");
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
        let mark = match item_mark(trimmed, self.is_whole) {
            Parsed::Found(mark) => mark,
            Parsed::Absent => return Some(false),
            Parsed::Uncertain => return None,
        };
        let (marker, blanks) = (mark.length, mark.blanks);
        let text = &trimmed[(marker + blanks).min(trimmed.len())..];
        let task = match task_box(text, self.is_whole) {
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
        let taken = indent + marker + blanks + task.map_or(0, str::len);
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
            '`' | '~' => fence(trimmed, first, self.is_whole)?,
            _ if is_code => BlockKind::Code,
            '#' => return self.heading(indent),
            '-' | '*' | '_' if is_rule_so_far(trimmed) => {
                if !self.is_whole {
                    return None;
                }
                if is_rule(trimmed) {
                    BlockKind::Rule
                } else {
                    BlockKind::Text(Style::Plain)
                }
            }
            '=' if self.around.after_text
                && trimmed.bytes().all(|byte| matches!(byte, b'=' | b' ')) =>
            {
                if !self.is_whole {
                    return None;
                }
                BlockKind::Underline
            }
            '|' if self.is_whole => BlockKind::Row,
            '|' => return None,
            '\\' if trimmed.starts_with("\\[") => BlockKind::Formula("\\]"),
            '$' if trimmed.starts_with("$$") => BlockKind::Formula("$$"),
            '\\' | '$' if trimmed.len() == 1 && !self.is_whole => return None,
            _ => BlockKind::Text(Style::Plain),
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
            return Some(BlockKind::Text(Style::Plain));
        }
        self.start.taken += level + rest.len() - text.len();
        Some(BlockKind::Text(match level {
            1 => Style::Title,
            2 => Style::Heading,
            _ => Style::Subheading,
        }))
    }
}

/// What is at the start of a text of which more may arrive.
enum Parsed<T> {
    Found(T),
    Absent,
    /// The rest of the line decides.
    Uncertain,
}

/// The mark of a list item: `-`, `*`, `+`, `7.` or `7)`.
struct ItemMark {
    /// Bytes of the mark.
    length: usize,
    /// White space after it.
    blanks: usize,
    is_number: bool,
}

/// The mark at the start of a line; absent where the characters mean something else.
fn item_mark(trimmed: &str, is_whole: bool) -> Parsed<ItemMark> {
    if is_rule_so_far(trimmed) && (!is_whole || is_rule(trimmed)) {
        return if is_whole {
            Parsed::Absent
        } else {
            Parsed::Uncertain
        };
    }
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let is_number = digits > 0;
    let length = if is_number { digits + 1 } else { 1 };
    let mark = trimmed.as_bytes().get(digits).filter(|_| is_number);
    let after = trimmed.as_bytes().get(length);
    if digits > 9
        || mark.is_some_and(|mark| !matches!(mark, b'.' | b')'))
        || after.is_some_and(|after| !matches!(after, b' ' | b'\t'))
    {
        return Parsed::Absent;
    }
    if after.is_none() && !is_whole {
        return Parsed::Uncertain;
    }
    if is_number && mark.is_none() {
        return Parsed::Absent;
    }
    let blanks = trimmed[length.min(trimmed.len())..]
        .bytes()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    if length + blanks == trimmed.len() && !is_whole {
        return Parsed::Uncertain;
    }
    Parsed::Found(ItemMark {
        length,
        blanks,
        is_number,
    })
}

/// The box of a task at the start of an item's text.
fn task_box(text: &str, is_whole: bool) -> Parsed<&'static str> {
    const BOXES: [&str; 3] = ["[ ] ", "[x] ", "[X] "];
    let may_become_one = text.len() < 4 && BOXES.iter().any(|task| task.starts_with(text));
    match BOXES.into_iter().find(|task| text.starts_with(task)) {
        Some(task) => Parsed::Found(task),
        None if !is_whole && may_become_one => Parsed::Uncertain,
        None => Parsed::Absent,
    }
}

/// Nothing but one kind of mark and blanks.
fn is_rule_so_far(trimmed: &str) -> bool {
    let Some(mark) = trimmed
        .bytes()
        .next()
        .filter(|mark| matches!(mark, b'-' | b'*' | b'_'))
    else {
        return false;
    };
    trimmed.bytes().all(|byte| byte == mark || byte == b' ')
}

fn is_rule(trimmed: &str) -> bool {
    is_rule_so_far(trimmed) && trimmed.bytes().filter(|byte| *byte != b' ').count() >= 3
}

fn fence(trimmed: &str, mark: char, is_whole: bool) -> Option<BlockKind> {
    let length = trimmed.chars().take_while(|c| *c == mark).count();
    let rest = &trimmed[length..];
    // A mark after the opening ones makes it a code span in running text.
    if length >= 3 && (mark == '~' || !rest.contains(mark)) {
        return is_whole.then_some(BlockKind::Fence { mark, length });
    }
    if rest.is_empty() && length < 3 && !is_whole {
        return None;
    }
    Some(BlockKind::Text(Style::Plain))
}
