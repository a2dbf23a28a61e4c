//! Asks whether calls of tools may run.

use super::error::CommandError;
use crate::wire::canonical;

/// A call as a person is shown it: made from the bytes that are executed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallToApprove {
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
    /// What changed since it was last allowed, as lines with `-` and `+`. The policy sets it.
    pub change: Option<String>,
    /// What an *always* is bound to; see `tools::definition`.
    pub definition: String,
    pub standing: Standing,
}

impl CallToApprove {
    /// SHA-256 of the definition, in hexadecimal digits.
    pub fn hash(&self) -> String {
        canonical::sha256(&self.definition)
    }
}

/// What the configuration says about a tool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// Someone is asked, unless a rule allows the call.
    #[default]
    Ask,
    /// `approve: allow` of a command, which is in the user's own file.
    Allowed,
    /// `approve: allow` of a server: as its tools were when they were first called.
    AllowedAsSeen,
    /// A tool of amx that only reads, inside a root that the command line names.
    Free,
}

/// Which of the calls of one answer are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallsPart {
    All,
    /// One after the other: its number, from 1, and how many there are.
    One {
        number: usize,
        of: usize,
    },
}

/// What was decided about one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Once,
    /// With the reason for the model, if one was typed.
    Denied(Option<String>),
    /// This tool, until the conversation ends.
    Conversation,
    /// As long as the definition stays the same.
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
