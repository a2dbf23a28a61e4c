//! How sure a model is, in one of three words.

use serde::Serialize;

/// The surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Bucket {
    High,
    Medium,
    Low,
}

impl Bucket {
    /// As it is shown and declared.
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
        }
    }
}
