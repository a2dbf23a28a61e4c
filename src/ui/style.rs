//! The few styles that text is shown in, and the escape sequences that the writer itself may send.

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Style {
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
    /// Parts of highlighted code. A comment is [`Dim`](Self::Dim).
    Keyword,
    Quoted,
    Constant,
    Function,
    Type,
    Removed,
}

/// Text in a style.
pub(super) type Span = (Style, String);

impl Style {
    /// Sets this style on top of the plain one: what the user's terminal calls its 16 colours.
    fn attributes(self) -> &'static str {
        match self {
            Self::Plain => "\x1b[m",
            Self::Bold => "\x1b[1m",
            Self::Italic => "\x1b[3m",
            Self::BoldItalic => "\x1b[1;3m",
            Self::Struck => "\x1b[9m",
            Self::Dim => "\x1b[2m",
            Self::Heading => "\x1b[1;35m",
            Self::Code | Self::Hint | Self::Type => "\x1b[36m",
            Self::Link => "\x1b[4m",
            Self::Error => "\x1b[1;31m",
            Self::Warning | Self::Constant => "\x1b[33m",
            Self::Keyword => "\x1b[35m",
            Self::Quoted => "\x1b[32m",
            Self::Function => "\x1b[34m",
            Self::Removed => "\x1b[31m",
        }
    }

    /// Whether the style is a colour and nothing else, so that another colour takes its place.
    fn is_colour(self) -> bool {
        self.attributes().starts_with("\x1b[3") && self != Self::Italic
    }

    /// Writes what sets this style and no other where `before` is set, in as few bytes as that
    /// takes.
    pub(super) fn change(self, before: Self, out: &mut String) {
        let attributes = self.attributes();
        if attributes == before.attributes() {
            return;
        }
        if self == Self::Plain || before == Self::Plain || (self.is_colour() && before.is_colour())
        {
            out.push_str(attributes);
        } else {
            out.push_str("\x1b[0;");
            out.push_str(&attributes[2..]);
        }
    }

    /// This style inside another, as far as the few of them go.
    #[must_use]
    pub(super) fn within(self, outer: Self) -> Self {
        match (outer, self) {
            (outer, Self::Plain) => outer,
            (Self::Bold, Self::Italic) | (Self::Italic, Self::Bold) => Self::BoldItalic,
            (Self::BoldItalic, Self::Bold | Self::Italic) => Self::BoldItalic,
            (Self::Heading, Self::Bold | Self::Italic | Self::BoldItalic) => Self::Heading,
            (_, inner) => inner,
        }
    }

    /// Whether a blank looks the same in this style as in the plain one.
    fn leaves_blanks_alone(self) -> bool {
        !matches!(self, Self::Struck | Self::Link)
    }
}

/// Appends text in a style. Joins it to what it follows where the style is the same or cannot be
/// seen, since every change of style costs bytes.
pub(super) fn append(spans: &mut Vec<Span>, style: Style, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some((last, before)) = spans.last_mut() {
        let is_invisible = last.leaves_blanks_alone()
            && style.leaves_blanks_alone()
            && text.bytes().all(|byte| byte == b' ');
        if *last == style || (is_invisible && !before.ends_with('\n')) {
            before.push_str(text);
            return;
        }
    }
    spans.push((style, text.to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: Style, after: Style) -> String {
        let mut out = String::new();
        after.change(before, &mut out);
        out
    }

    #[test]
    fn a_change_of_style_takes_as_few_bytes_as_it_can() {
        assert_eq!(change(Style::Plain, Style::Bold), "\x1b[1m");
        assert_eq!(change(Style::Bold, Style::Plain), "\x1b[m");
        assert_eq!(change(Style::Keyword, Style::Quoted), "\x1b[32m");
        assert_eq!(change(Style::Code, Style::Type), "");
    }

    #[test]
    fn nothing_of_the_style_before_stays() {
        assert_eq!(change(Style::Bold, Style::Italic), "\x1b[0;3m");
        assert_eq!(change(Style::Bold, Style::Code), "\x1b[0;36m");
        assert_eq!(change(Style::Code, Style::Italic), "\x1b[0;3m");
        assert_eq!(change(Style::Heading, Style::Keyword), "\x1b[0;35m");
    }

    #[test]
    fn blanks_take_the_style_before_them_unless_it_shows() {
        let mut spans = Vec::new();
        for (style, text) in [
            (Style::Bold, "a"),
            (Style::Plain, " "),
            (Style::Link, "b"),
            (Style::Plain, " "),
        ] {
            append(&mut spans, style, text);
        }
        assert_eq!(
            spans,
            [
                (Style::Bold, "a ".to_owned()),
                (Style::Link, "b".to_owned()),
                (Style::Plain, " ".to_owned())
            ]
        );
    }
}
