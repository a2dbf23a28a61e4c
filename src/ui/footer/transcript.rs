//! Where the transcript ends on the screen: the column, what is open there, and the last character.
//!
//! It reads what is written: text, line feeds, SGR, OSC and single controls. Columns are counted
//! as a terminal of the `wcwidth` kind counts them, one code point after the other.

use unicode_width::UnicodeWidthChar;

/// Columns between two tab stops.
const TAB: usize = 8;

/// Longest SGR state in bytes; a longer one only costs a wrong colour.
const LONGEST_SGR: usize = 128;

/// Where a sequence of bytes is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Parser {
    #[default]
    Text,
    Escape,
    Csi,
    /// OSC, DCS, APC and PM: up to BEL or ST.
    String,
    /// An escape inside a string, which ends it.
    StringEscape,
}

/// The last character and what it was written in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct LastCell {
    text: String,
    columns: usize,
    sgr: String,
    link: String,
}

/// The end of the transcript.
#[derive(Debug, Clone)]
pub(super) struct Transcript {
    width: usize,
    /// Columns before the cursor; `width` while the next character is to wrap.
    column: usize,
    /// Columns since the last line feed.
    line_columns: usize,
    /// The line was broken at the edge: a terminal may keep that at another width.
    is_broken: bool,
    /// Line feeds without anything between them, up to the end.
    line_feeds: usize,
    /// Rows that were started until now.
    rows: usize,
    last: LastCell,
    /// SGR sequences since the last reset.
    sgr: String,
    /// The sequence that opened the link that is open.
    link: String,
    parser: Parser,
    sequence: String,
}

impl Transcript {
    /// The end of a transcript at the start of a row, on a terminal of so many columns.
    pub(super) fn new(width: usize) -> Self {
        Self {
            width: width.max(2),
            column: 0,
            line_columns: 0,
            is_broken: false,
            line_feeds: 1,
            rows: 0,
            last: LastCell::default(),
            sgr: String::new(),
            link: String::new(),
            parser: Parser::Text,
            sequence: String::new(),
        }
    }

    /// Whether the next character wraps: the cursor is on the last cell and not behind it.
    pub(super) fn is_wrapping(&self) -> bool {
        self.column >= self.width
    }

    /// The column of the last character, counted from 1.
    pub(super) fn last_column(&self) -> usize {
        self.column.saturating_sub(self.last.columns) + 1
    }

    /// Whether the row of the cursor is empty.
    pub(super) fn is_at_row_start(&self) -> bool {
        self.column == 0
    }

    /// Whether the row of the cursor is empty and the one above it as well.
    pub(super) fn ends_in_blank_row(&self) -> bool {
        self.column == 0 && self.line_feeds >= 2
    }

    /// Rows that were started until now.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Whether a control sequence is incomplete: nothing may be written between its parts.
    pub(super) fn is_inside_sequence(&self) -> bool {
        self.parser != Parser::Text
    }

    /// Writes the last character once more, in its cell and in its style.
    pub(super) fn repeat_last(&self, out: &mut String) {
        let LastCell {
            text, sgr, link, ..
        } = &self.last;
        out.push_str("\x1b[m");
        out.push_str(sgr);
        out.push_str(link);
        out.push_str(text);
        if !link.is_empty() {
            out.push_str(NO_LINK);
        }
        out.push_str("\x1b[m");
        self.reopen(out);
    }

    /// Ends what is open, for text that is no part of the transcript.
    pub(super) fn close(&self, out: &mut String) {
        if !self.link.is_empty() {
            out.push_str(NO_LINK);
        }
        if !self.sgr.is_empty() {
            out.push_str("\x1b[m");
        }
    }

    /// Opens again what [`close`](Self::close) has ended.
    pub(super) fn reopen(&self, out: &mut String) {
        out.push_str(&self.sgr);
        out.push_str(&self.link);
    }

    /// Whether another width may move the end to a column that the terminal must report: one that
    /// reflows breaks the line again, and another does not.
    pub(super) fn is_uncertain_at(&self, width: usize) -> bool {
        self.is_broken || self.line_columns >= self.width.min(width)
    }

    /// The terminal has another width: the end is where it would be had the line been written at
    /// this width.
    pub(super) fn resize(&mut self, width: usize) {
        self.width = width.max(2);
        self.column = match self.line_columns.checked_sub(1) {
            None => 0,
            Some(before) => before % self.width + 1,
        };
    }

    /// The terminal reports its cursor in this column, counted from 1.
    pub(super) fn set_column(&mut self, column: usize) {
        let is_at_edge = column == self.width && self.is_wrapping();
        if !is_at_edge {
            self.column = column.saturating_sub(1);
        }
    }

    /// The terminal reports its cursor on the last character.
    pub(super) fn set_column_of_last(&mut self, column: usize) {
        self.column = column.saturating_sub(1) + self.last.columns;
    }

    /// What another program wrote is unknown: the cursor is at the start of an empty row.
    pub(super) fn forget(&mut self) {
        *self = Self {
            rows: self.rows + 1,
            ..Self::new(self.width)
        };
    }

    /// The same, where what was written last is the end of the transcript still.
    pub(super) fn forget_rows(&mut self) {
        let line_feeds = self.line_feeds;
        let is_at_row_start = self.is_at_row_start();
        self.forget();
        if is_at_row_start {
            self.line_feeds = line_feeds.max(1);
        }
    }

    /// The row above the cursor, which is at the start of an empty one, is empty as well.
    pub(super) fn follow_blank_row(&mut self) {
        self.line_feeds = self.line_feeds.max(2);
    }

    /// Reads what is written, and appends to `out` what is to be written: the same, except that a
    /// tab that a terminal would drop at the edge is a blank.
    pub(super) fn push(&mut self, text: &str, out: &mut String) {
        let mut copied = 0;
        for (at, c) in text.char_indices() {
            match self.parser {
                Parser::Text if c == '\t' && self.is_wrapping() => {
                    out.push_str(&text[copied..at]);
                    out.push(' ');
                    copied = at + 1;
                    self.print(' ', 1);
                }
                Parser::Text => self.character(c),
                _ => self.sequence(c),
            }
        }
        out.push_str(&text[copied..]);
    }

    fn character(&mut self, c: char) {
        match c {
            '\x1b' => {
                self.parser = Parser::Escape;
                self.sequence.clear();
                self.sequence.push(c);
            }
            '\n' => {
                self.line_feeds = if self.line_columns == 0 {
                    self.line_feeds + 1
                } else {
                    1
                };
                self.begin_row();
                self.line_columns = 0;
                self.is_broken = false;
            }
            '\r' => {
                self.column = 0;
                self.line_columns = 0;
            }
            '\t' => {
                let stop = (self.column / TAB + 1) * TAB;
                let stop = stop.min(self.width - 1);
                self.line_columns += stop - self.column;
                self.column = stop;
                self.last = LastCell::default();
            }
            ' '..='~' => self.print(c, 1),
            c => self.print(c, c.width().unwrap_or(0)),
        }
    }

    fn print(&mut self, c: char, columns: usize) {
        if columns == 0 {
            // A mark on the character before it.
            if !c.is_control() {
                self.last.text.push(c);
            }
            return;
        }
        if self.column + columns > self.width {
            self.begin_row();
            self.is_broken = true;
        }
        self.column += columns;
        self.line_columns += columns;
        self.last.text.clear();
        self.last.text.push(c);
        self.last.columns = columns;
        self.last.sgr.clone_from(&self.sgr);
        self.last.link.clone_from(&self.link);
    }

    fn begin_row(&mut self) {
        self.rows += 1;
        self.column = 0;
        self.last = LastCell::default();
    }

    fn sequence(&mut self, c: char) {
        self.sequence.push(c);
        self.parser = match (self.parser, c) {
            (Parser::Escape, '[') => Parser::Csi,
            (Parser::Escape, ']' | 'P' | '_' | '^' | 'X') => Parser::String,
            (Parser::Escape, ' '..='/') => Parser::Escape,
            (Parser::Escape, _) => Parser::Text,
            (Parser::Csi, '@'..='~') => {
                if c == 'm' {
                    self.change_style();
                }
                Parser::Text
            }
            (Parser::Csi, _) => Parser::Csi,
            (Parser::String, '\x07') => self.end_string(),
            (Parser::String, '\x1b') => Parser::StringEscape,
            (Parser::String, _) => Parser::String,
            (Parser::StringEscape | Parser::Text, _) => self.end_string(),
        };
    }

    fn change_style(&mut self) {
        let parameters = &self.sequence[2..self.sequence.len() - 1];
        if matches!(parameters, "" | "0") {
            self.sgr.clear();
            return;
        }
        if parameters.starts_with("0;") || self.sgr.len() > LONGEST_SGR {
            self.sgr.clear();
        }
        self.sgr.push_str(&self.sequence);
    }

    fn end_string(&mut self) -> Parser {
        if let Some(rest) = self.sequence.strip_prefix("\x1b]8;") {
            let target = rest.split_once(';').map_or("", |(_, target)| target);
            let target = target.trim_end_matches(['\x07', '\x1b', '\\']);
            if target.is_empty() {
                self.link.clear();
            } else {
                self.link.clone_from(&self.sequence);
            }
        }
        Parser::Text
    }
}

/// Ends a link.
const NO_LINK: &str = "\x1b]8;;\x1b\\";
