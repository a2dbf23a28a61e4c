//! What a mark inside a line turned out to be.

use crate::ui::style::Style;

/// What was found at a special character.
pub(super) enum FoundInline<'a> {
    /// Not complete; wait for more of the line, or for a character.
    Wait(Option<u8>),
    /// No markup: the character itself.
    Literal,
    /// Text in a style, parsed further, and how much of the source it took.
    Styled {
        style: Style,
        inner: &'a str,
        taken: usize,
    },
    /// Text as it is.
    Verbatim {
        style: Style,
        text: &'a str,
        taken: usize,
    },
    /// Text that leads somewhere, with the target as it is written.
    Link {
        text: &'a str,
        target: &'a str,
        taken: usize,
    },
}
