//! One of the texts that a command is given.

use crate::wire::shared_text::SharedText;

/// A text, and where it is from, such as `line 3 of stdin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlacedText {
    pub text: SharedText,
    pub place: String,
}
