//! The footer of the conversation: whether there is one, and what its status row shows.

use serde::Deserialize;

/// A part of the status row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum StatusPart {
    /// The model, as it answered.
    Model,
    /// The share of the context window that is used.
    Context,
    /// The cost of the conversation.
    Cost,
    /// What is spent of the daily cap, where there is one.
    Cap,
    /// Whether the model may call tools.
    Tools,
    /// Whether the model may search the web.
    Web,
    /// Private routing, where it is on.
    Private,
}

/// All of them with their names, in the order of the row.
pub(crate) const STATUS_PARTS: &[(&str, StatusPart)] = &[
    ("model", StatusPart::Model),
    ("context", StatusPart::Context),
    ("cost", StatusPart::Cost),
    ("cap", StatusPart::Cap),
    ("tools", StatusPart::Tools),
    ("web", StatusPart::Web),
    ("private", StatusPart::Private),
];

impl TryFrom<String> for StatusPart {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        STATUS_PARTS
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, part)| *part)
            .ok_or_else(|| "must be model, context, cost, cap, tools, web or private".to_owned())
    }
}

/// The status row as it is written: a list of parts, or `off`.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "must be off or a list such as [model, context, cost]"
)]
pub(crate) enum WrittenStatus {
    /// YAML 1.1 reads `off` as this.
    Off(bool),
    Word(String),
    Parts(Vec<StatusPart>),
}

/// The parts to show; all of them by default.
pub(crate) fn status_parts(written: Option<&WrittenStatus>) -> Result<Vec<StatusPart>, String> {
    let all = || STATUS_PARTS.iter().map(|(_, part)| *part).collect();
    match written {
        None | Some(WrittenStatus::Off(true)) => Ok(all()),
        Some(WrittenStatus::Off(false)) => Ok(Vec::new()),
        Some(WrittenStatus::Word(word)) if word == "off" => Ok(Vec::new()),
        Some(WrittenStatus::Word(word)) if word == "on" => Ok(all()),
        Some(WrittenStatus::Word(_)) => {
            Err("status must be off or a list such as [model, context, cost]".to_owned())
        }
        Some(WrittenStatus::Parts(parts)) => Ok(parts.clone()),
    }
}
