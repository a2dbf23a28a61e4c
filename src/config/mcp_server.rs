//! A server of the Model Context Protocol, as `mcp_servers` in config.yml declares it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::command_tool::Approve;

/// A server, and which of its tools are offered.
#[derive(Debug, Clone, PartialEq)]
pub struct McpServer {
    /// `[a-z0-9][a-z0-9-]{0,31}`.
    pub name: String,
    pub transport: Transport,
    /// Longest call.
    pub timeout: Duration,
    /// Longest start, its list of tools included.
    pub start_timeout: Duration,
    /// Globs of the tools that are offered; empty is all.
    pub only: Vec<String>,
    /// Globs of the tools that are not.
    pub except: Vec<String>,
    /// For every tool that `approve_tools` does not name.
    pub approve: Approve,
    pub approve_tools: BTreeMap<String, Approve>,
}

/// How a server is reached.
#[derive(Debug, Clone, PartialEq)]
pub enum Transport {
    Stdio {
        /// Program and arguments.
        command: Vec<String>,
        /// Values may be references.
        env: BTreeMap<String, String>,
        cwd: Option<PathBuf>,
    },
    Http {
        url: String,
        /// Values may be references.
        headers: BTreeMap<String, String>,
    },
}
