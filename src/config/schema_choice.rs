//! What somebody said of the form that answers must have, before it is looked up.

use std::fmt;

/// A description of answers: a file, the name of a saved schema, JSON, or the short form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaChoice {
    pub text: String,
    /// Answers are lists of what it describes.
    pub is_many: bool,
}

impl SchemaChoice {
    pub fn one(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_many: false,
        }
    }

    /// Whether it takes back what a weaker layer says. Nothing at all does not: a variable of a
    /// script that is not set must not turn the check off.
    pub fn is_off(&self) -> bool {
        self.text.trim() == "off"
    }
}

impl fmt::Display for SchemaChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one_line = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mark = if one_line.chars().count() > 60 {
            "…"
        } else {
            ""
        };
        let many = if self.is_many { "many: " } else { "" };
        write!(
            formatter,
            "{many}{}{mark}",
            one_line.chars().take(60).collect::<String>()
        )
    }
}
