//! Why a server, or a call of one of its tools, failed.

use std::time::Duration;

use super::message::RpcError;
use crate::wire::redact::cut;

/// Longest detail that is kept, in characters.
const LONGEST_DETAIL: usize = 300;

/// What went wrong with a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ServerFault {
    #[error("program '{0}' not found")]
    NoProgram(String),
    #[error("the program could not be started: {0}")]
    NotStarted(String),
    #[error("{0}")]
    Setting(String),
    /// With how it ended.
    #[error("the server {0}")]
    Ended(String),
    /// The same before it answered `server/discover`: it may be older than that.
    #[error("the server {0}")]
    EndedAtDiscover(String),
    #[error("no answer within {} s", .0.as_secs_f64())]
    Silent(Duration),
    /// Nothing has started it: a dry run, or a list of tools.
    #[error("it has never run here, so its tools are unknown")]
    NeverListed,
    /// It may be ready later; the question does not wait for it.
    #[error("not ready after {} s", .0.as_secs_f64())]
    NotReady(Duration),
    /// HTTP status 401.
    #[error("the server requires a login (401)")]
    NeedsLogin,
    #[error("the server refused {method}: {message}")]
    Refused {
        method: String,
        code: i64,
        message: String,
    },
    /// The server lists only revisions of the protocol that amx does not speak.
    #[error("the server speaks no revision of the protocol that amx supports ({0})")]
    Revision(String),
    #[error("{0}")]
    Protocol(String),
    #[error("HTTP {status}{words}")]
    Http { status: u16, words: String },
    #[error("{0}")]
    Network(String),
    /// A server behind a URL that closed the connection instead of an answer.
    #[error("{0}")]
    NoAnswer(String),
    /// The session of a server that keeps one has expired; a new one is opened.
    #[error("the session has expired")]
    SessionExpired,
    #[error("the server has no tool '{0}'")]
    NoTool(String),
    #[error("the tool changed after it was approved; it was not run")]
    Changed,
    #[error("the servers have been stopped")]
    Stopped,
}

impl ServerFault {
    pub(super) fn refused(method: &str, error: &RpcError) -> Self {
        Self::Refused {
            method: method.to_owned(),
            code: error.code,
            message: error.to_string(),
        }
    }

    /// Whether a login helps: exit code 4, where all the tools of a question are lost by it.
    pub(crate) fn needs_login(&self) -> bool {
        *self == Self::NeedsLogin
    }

    /// What to type about it, with the name of the server.
    pub(crate) fn hint(&self, server: &str) -> String {
        let verb = if self.needs_login() { "login" } else { "test" };
        format!("amx mcp {verb} {server}")
    }

    /// Whether the server answered, and did not do what was asked.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::Revision(_) | Self::Protocol(_) | Self::Http { .. }
        )
    }

    /// A detail from elsewhere, shortened and without keys.
    pub(super) fn detail(text: &str) -> String {
        cut(text.trim(), LONGEST_DETAIL)
    }
}

/// A server whose tools a question goes without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LostServer {
    pub name: String,
    pub fault: ServerFault,
}

impl LostServer {
    /// The warning about it.
    pub(crate) fn warning(&self) -> String {
        let Self { name, fault } = self;
        format!(
            "no tools of MCP server {name}: {fault}; {}",
            fault.hint(name)
        )
    }
}
