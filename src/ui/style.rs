//! The few styles that text is shown in, and the escape sequences that the writer itself may send.

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    #[default]
    Plain,
    Bold,
    Italic,
    BoldItalic,
    Struck,
    Dim,
    Heading,
    Code,
    Link,
    Error,
    Warning,
    Hint,
}

/// Text in a style.
pub type Span = (Style, String);

impl Style {
    /// Sets this style and no other.
    pub fn escape(self) -> &'static str {
        match self {
            Self::Plain => "\x1b[0m",
            Self::Bold => "\x1b[0;1m",
            Self::Italic => "\x1b[0;3m",
            Self::BoldItalic => "\x1b[0;1;3m",
            Self::Struck => "\x1b[0;9m",
            Self::Dim => "\x1b[0;2m",
            Self::Heading => "\x1b[0;1;35m",
            Self::Code => "\x1b[0;36m",
            Self::Link => "\x1b[0;4m",
            Self::Error => "\x1b[0;1;31m",
            Self::Warning => "\x1b[0;33m",
            Self::Hint => "\x1b[0;36m",
        }
    }

    /// This style inside another, as far as the few of them go.
    #[must_use]
    pub fn within(self, outer: Self) -> Self {
        match (outer, self) {
            (outer, Self::Plain) => outer,
            (Self::Bold, Self::Italic) | (Self::Italic, Self::Bold) => Self::BoldItalic,
            (Self::Heading, Self::Bold | Self::Italic) => Self::Heading,
            (_, inner) => inner,
        }
    }
}
