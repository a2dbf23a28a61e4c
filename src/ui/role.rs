//! The roles that text is shown in, and the shades behind it. The theme has the attributes of each.

/// A role of text. The theme has the attributes of each.
#[expect(
    dead_code,
    reason = "the footer, the pickers and the tables have roles of their own"
)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Style {
    #[default]
    Plain,
    Bold,
    Italic,
    BoldItalic,
    Struck,
    Dim,
    /// Headings of the first, the second and the further levels.
    Title,
    Heading,
    Subheading,
    Code,
    Link,
    Error,
    Warning,
    Hint,
    /// Parts of highlighted code. A comment is [`Dim`](Self::Dim).
    Keyword,
    Quoted,
    Constant,
    Function,
    Type,
    Removed,
    /// Number and language of a block of code.
    Label,
    /// A question of the user in the transcript, and the mark before it.
    Question,
    QuestionMark,
    /// Rows of the footer: what is happening, the state, an attachment of the draft.
    Activity,
    Status,
    Chip,
    /// Rows of menus and pickers: as usual, highlighted, of low importance.
    MenuItem,
    MenuSelected,
    MenuDim,
    /// The first row of a table, a number that matters, and the outcome of a check. A warning is
    /// [`Warning`](Self::Warning).
    TableHead,
    Number,
    Ok,
    Fail,
    /// The character under the caret of a drawn input row.
    Caret,
}

/// The shade behind text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Ground {
    #[default]
    None,
    Question,
    Code,
}

impl Style {
    /// This style inside another, as far as the few of them go.
    #[must_use]
    pub(super) fn within(self, outer: Self) -> Self {
        match (outer, self) {
            (outer, Self::Plain) => outer,
            (Self::Bold, Self::Italic) | (Self::Italic, Self::Bold) => Self::BoldItalic,
            (Self::BoldItalic, Self::Bold | Self::Italic) => Self::BoldItalic,
            (
                Self::Title | Self::Heading | Self::Subheading,
                Self::Bold | Self::Italic | Self::BoldItalic,
            ) => outer,
            (_, inner) => inner,
        }
    }
}
