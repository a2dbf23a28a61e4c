//! What a command shows as data: lines of text with roles, and documents. The output decides how
//! they look.

/// What a piece of text is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Plain,
    /// The header of a table, the title of a section.
    Heading,
    /// A name among its values.
    Strong,
    /// Less important than the rest.
    Dim,
    Ok,
    Warning,
    Failure,
    /// A command to type.
    Command,
}

/// Text with what it is.
pub(crate) type Span = (Role, String);

/// One line. A terminal breaks it between words, and indents its next lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    pub spans: Vec<Span>,
    /// Columns by which the other lines that a terminal makes of it are indented.
    pub hang: usize,
    /// Text of a file, which is left to the terminal to break.
    pub is_verbatim: bool,
}

impl Line {
    pub fn plain(text: impl Into<String>) -> Self {
        Self::of(Role::Plain, text)
    }

    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self::default().with(role, text)
    }

    /// A line of a file.
    pub fn verbatim(text: &str) -> Self {
        Self {
            is_verbatim: true,
            ..Self::plain(text)
        }
    }

    /// Appends text in a role.
    #[must_use]
    pub fn with(mut self, role: Role, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.spans.push((role, text));
        }
        self
    }

    /// Appends plain text.
    #[must_use]
    pub fn and(self, text: impl Into<String>) -> Self {
        self.with(Role::Plain, text)
    }

    /// Indents the lines that a terminal makes of this one.
    #[must_use]
    pub fn hanging(mut self, columns: usize) -> Self {
        self.hang = columns;
        self
    }

    /// The text without its roles.
    pub fn text(&self) -> String {
        self.spans.iter().map(|(_, text)| text.as_str()).collect()
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    Line(Line),
    /// Markdown, rendered on a terminal.
    Document(String),
    /// A question of the user, set off as in a conversation.
    Question(String),
}

/// Everything that a command shows, so that an output may open a pager.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    pub blocks: Vec<Block>,
    /// Its end matters most: no pager shows its beginning.
    pub is_kept: bool,
}

impl Page {
    pub fn line(&mut self, line: impl Into<Line>) {
        self.blocks.push(Block::Line(line.into()));
    }

    pub fn lines<L: Into<Line>>(&mut self, lines: impl IntoIterator<Item = L>) {
        lines.into_iter().for_each(|line| self.line(line));
    }

    /// An empty line, unless the page is empty.
    pub fn gap(&mut self) {
        if !self.blocks.is_empty() {
            self.line("");
        }
    }

    /// Keeps the page on the screen, whatever its length.
    #[must_use]
    pub fn kept(self) -> Self {
        Self {
            is_kept: true,
            ..self
        }
    }

    pub fn question(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Question(text.into()));
    }

    pub fn document(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Document(text.into()));
    }
}

impl<L: Into<Line>> FromIterator<L> for Page {
    fn from_iter<I: IntoIterator<Item = L>>(lines: I) -> Self {
        let mut page = Self::default();
        page.lines(lines);
        page
    }
}

/// A term and its value in two columns; the terminal breaks the value below its first word.
pub(crate) fn definition(term: &str, width: usize, value: impl Into<String>) -> Line {
    let blanks = " ".repeat(width.saturating_sub(unicode_width::UnicodeWidthStr::width(term)));
    Line::of(Role::Strong, term)
        .and(format!("{blanks}  "))
        .and(value)
        .hanging(width + 2)
}
