//! Asks whether calls of tools may run.

use crate::ports::error::CommandError;

/// A call as a person is shown it: made from the bytes that are executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallToApprove {
    /// The name of the tool as it was sent.
    pub tool: String,
    /// `mcp server github`, `command`, `built-in`.
    pub source: String,
    /// The server that an answer for the whole server is about; `None` for other tools.
    pub server: Option<String>,
    /// What is executed: arguments as canonical JSON, or a command quoted for a shell.
    pub text: String,
    /// Working directory of a command, or URL of a server, where it matters.
    pub target: Option<String>,
    /// Annotations of its author, such as `read-only`, which decide nothing.
    pub claims: Vec<String>,
    /// What changed since it was always allowed, as lines with `-` and `+`.
    pub change: Option<String>,
    /// SHA-256, in hexadecimal digits, over server identity, name, description and parameters.
    pub hash: String,
}

/// What was decided about one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Once,
    /// With the reason for the model, if one was typed.
    Denied(Option<String>),
    /// This tool, until the conversation ends.
    Conversation,
    /// As long as the hash stays the same.
    Always,
    /// All tools of its server, until the conversation ends.
    Server,
}

/// Asks a person.
pub(crate) trait Approver {
    /// Decides about all calls of one answer: one decision each, in order.
    ///
    /// # Errors
    /// An interrupt, which is no to all of them and stops the answer.
    fn approve(&mut self, calls: &[CallToApprove]) -> Result<Vec<Decision>, CommandError>;
}
