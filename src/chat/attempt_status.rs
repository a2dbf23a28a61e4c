//! How one request ended, in a status or a word.

use std::fmt;

use serde::{Serialize, Serializer};

/// How a request ended. JSON shows an HTTP status as a number and anything else as a word; the
/// ledger stores the same as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptStatus {
    /// A complete answer.
    Ok,
    /// `max_tokens` was reached before any visible text.
    Length,
    /// The user stopped it.
    Cancelled,
    /// Refused with this HTTP status, or the code in the body of a 200.
    Http(u16),
    /// Refused without a status or a code.
    Refused,
    /// The connection was lost before the end.
    Cut,
    /// No connection.
    Unreachable,
    /// No visible text.
    Empty,
    Timeout,
    /// Withheld by a content filter.
    Filtered,
    /// Not the form of chat completions.
    Unreadable,
    /// No API key was found, so nothing was sent.
    NoKey,
    /// The recording has no such request.
    NotRecorded,
}

impl AttemptStatus {
    /// The answer may have gone on after what was read of it.
    pub(crate) fn is_part(self) -> bool {
        matches!(self, Self::Cancelled | Self::Cut | Self::Timeout)
    }
}

impl fmt::Display for AttemptStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Http(status) => return write!(formatter, "{status}"),
            Self::Ok => "ok",
            Self::Length => "length",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::Cut => "cut",
            Self::Unreachable => "unreachable",
            Self::Empty => "empty",
            Self::Timeout => "timeout",
            Self::Filtered => "filtered",
            Self::Unreadable => "unreadable",
            Self::NoKey => "no key",
            Self::NotRecorded => "not recorded",
        })
    }
}

impl Serialize for AttemptStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Http(status) => serializer.serialize_u16(*status),
            word => serializer.collect_str(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_is_a_number_and_the_rest_are_words() {
        assert_eq!(json!(AttemptStatus::Http(429)), json!(429));
        assert_eq!(json!(AttemptStatus::NoKey), json!("no key"));
        assert_eq!(AttemptStatus::Http(503).to_string(), "503");
    }
}
