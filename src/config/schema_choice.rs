//! The schema of the answers as the user named it, before it is loaded.

use crate::wire::redact::cut;
use std::fmt;

/// A file, the name of a saved schema, JSON, or the short form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaChoice {
    pub text: String,
    /// Answers are lists of items that match it.
    pub is_many: bool,
}

impl SchemaChoice {
    pub fn one(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_many: false,
        }
    }

    /// Whether it unsets the schema of a weaker layer. An empty text does not: an unset variable of
    /// a script must not turn the check off.
    pub fn is_off(&self) -> bool {
        self.text.trim() == "off"
    }
}

/// Longest text of a schema that is shown, in characters.
const LONGEST_SHOWN: usize = 60;

impl fmt::Display for SchemaChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one_line = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let many = if self.is_many { "many: " } else { "" };
        write!(formatter, "{many}{}", cut(&one_line, LONGEST_SHOWN))
    }
}
