//! Confidence in three words.

use serde::Serialize;

/// The most confident first.
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
