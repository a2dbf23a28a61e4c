//! What the footer of the conversation shows beside the line.

/// Texts for people; they are made inert and redacted where they are drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FooterState {
    /// The parts of the status row, the most important first.
    pub status: Vec<String>,
    /// The attachments of the next question.
    pub attachments: Vec<String>,
}
