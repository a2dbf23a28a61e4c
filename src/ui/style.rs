//! Text with its look, and the escape sequences that the writer itself may send.

use std::sync::Arc;

pub(super) use super::role::{Ground, Style};
use super::theme::Theme;

/// How text looks: its role, the shade behind it, and where it leads as a link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub style: Style,
    pub ground: Ground,
    /// An inert URL, see [`link_target`](super::link_target).
    pub link: Option<Arc<str>>,
}

/// Text with its look. A line feed with a shade fills the rest of its row with it.
pub(super) type Span = (Look, String);

impl From<Style> for Look {
    fn from(style: Style) -> Self {
        Self {
            style,
            ..Self::default()
        }
    }
}

impl Look {
    /// A style in front of a shade.
    pub(super) fn on(style: Style, ground: Ground) -> Self {
        Self {
            style,
            ground,
            link: None,
        }
    }

    /// A style inside this look.
    #[must_use]
    pub(super) fn with(&self, style: Style) -> Self {
        Self {
            style: style.within(self.style),
            ..self.clone()
        }
    }

    /// Whether a blank looks the same as in the plain style.
    fn leaves_blanks_alone(&self) -> bool {
        !matches!(self.style, Style::Struck | Style::Link) && self.link.is_none()
    }

    /// The parameters of the style and of the shade.
    fn attributes(&self, theme: Theme) -> [&'static str; 2] {
        [theme.attributes(self.style), theme.background(self.ground)]
    }

    /// Writes what sets this look and no other where `before` is set, in as few bytes as that
    /// takes.
    pub(super) fn change(&self, before: &Self, theme: Theme, out: &mut String) {
        if self.link != before.link {
            out.push_str("\x1b]8;;");
            out.push_str(self.link.as_deref().unwrap_or_default());
            out.push_str("\x1b\\");
        }
        let (old, new) = (before.attributes(theme), self.attributes(theme));
        if old == new {
            return;
        }
        let is_direct = old[1] == new[1] && is_colour(old[0]) && is_colour(new[0])
            || old == ["", ""]
            || new == ["", ""];
        let parameters = if is_direct && old[1] == new[1] {
            [new[0], ""]
        } else {
            new
        };
        out.push_str("\x1b[");
        if !is_direct {
            out.push_str("0;");
        }
        out.push_str(parameters[0]);
        if parameters.iter().all(|parameters| !parameters.is_empty()) {
            out.push(';');
        }
        out.push_str(parameters[1]);
        out.push('m');
    }
}

/// Whether the parameters are a colour and nothing else, so that another colour takes its place.
fn is_colour(parameters: &str) -> bool {
    match parameters.strip_prefix('3') {
        Some(rest) => rest.len() == 1 || (rest.starts_with("8;5;") && !rest[4..].contains(';')),
        None => false,
    }
}

/// Appends text with a look. Joins it to what it follows where the look is the same or cannot be
/// seen, since every change of it costs bytes.
pub(super) fn append(spans: &mut Vec<Span>, look: impl Into<Look>, text: &str) {
    if text.is_empty() {
        return;
    }
    let look = look.into();
    if let Some((last, before)) = spans.last_mut() {
        let is_invisible = last.ground == look.ground
            && last.leaves_blanks_alone()
            && look.leaves_blanks_alone()
            && text.bytes().all(|byte| byte == b' ');
        if *last == look || (is_invisible && !before.ends_with('\n')) {
            before.push_str(text);
            return;
        }
    }
    spans.push((look, text.to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: impl Into<Look>, after: impl Into<Look>) -> String {
        let mut out = String::new();
        after.into().change(&before.into(), Theme::BASE, &mut out);
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
    fn a_shade_stays_behind_the_colours_in_front_of_it() {
        let theme = Theme::DARK;
        let on = |style| Look::on(style, Ground::Code);
        for (before, after, expected) in [
            (Look::default(), on(Style::Plain), "\x1b[48;5;235m"),
            (Look::default(), on(Style::Keyword), "\x1b[35;48;5;235m"),
            (on(Style::Keyword), on(Style::Quoted), "\x1b[32m"),
            (on(Style::Keyword), on(Style::Plain), "\x1b[0;48;5;235m"),
            (on(Style::Plain), on(Style::Keyword), "\x1b[0;35;48;5;235m"),
            (on(Style::Keyword), Look::default(), "\x1b[m"),
        ] {
            let mut out = String::new();
            after.change(&before, theme, &mut out);
            assert_eq!(out, expected, "{before:?} to {after:?}");
        }
    }

    #[test]
    fn a_link_opens_and_closes() {
        let link = Look {
            style: Style::Link,
            link: Some("https://x.example".into()),
            ..Look::default()
        };
        assert_eq!(
            change(Style::Plain, link.clone()),
            "\x1b]8;;https://x.example\x1b\\\x1b[4m"
        );
        assert_eq!(change(link, Style::Plain), "\x1b]8;;\x1b\\\x1b[m");
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
                (Style::Bold.into(), "a ".to_owned()),
                (Style::Link.into(), "b".to_owned()),
                (Style::Plain.into(), " ".to_owned())
            ]
        );
    }
}
