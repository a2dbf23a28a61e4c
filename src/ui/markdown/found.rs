//! What a mark inside a line turned out to be.

use std::borrow::Cow;

use crate::ui::style::Style;

/// What was found at a special character.
#[derive(Debug)]
pub(super) enum FoundInline<'a> {
    /// Not complete; wait for more of the line, or for a character.
    Wait(Option<u8>),
    /// No markup: the character itself, or the run of the mark.
    Literal,
    /// No markup: so many bytes, after which markup may start.
    Marks(usize),
    /// Text in a style, parsed further, after a mark of ours, and how much of the source it took.
    Styled {
        mark: &'static str,
        style: Style,
        inner: &'a str,
        taken: usize,
    },
    /// Text as it is.
    Verbatim {
        style: Style,
        text: Cow<'a, str>,
        taken: usize,
    },
    /// A URL in angle brackets, nothing of which is a mark.
    Url { url: &'a str, taken: usize },
    /// Text that leads somewhere, with the target as it is written.
    Link {
        text: &'a str,
        target: &'a str,
        is_image: bool,
        taken: usize,
    },
}

impl<'a> FoundInline<'a> {
    /// Text in the style around it.
    pub(super) fn plain(text: impl Into<Cow<'a, str>>, taken: usize) -> Self {
        Self::Verbatim {
            style: Style::Plain,
            text: text.into(),
            taken,
        }
    }
}

/// What is on the line of the start of a text, and whether that is all of it.
pub(super) fn first_line(rest: &str, is_whole: bool) -> (&str, bool) {
    match rest.split_once('\n') {
        Some((line, _)) => (line, true),
        None => (rest, is_whole),
    }
}

/// No markup when the text is whole, else more is needed.
pub(super) fn unfinished<'a>(is_whole: bool, wanted: Option<u8>) -> FoundInline<'a> {
    if is_whole {
        FoundInline::Literal
    } else {
        FoundInline::Wait(wanted)
    }
}
