//! A command that a model may call, as `tools` in config.yml declares it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

/// A tool of the user's own.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandTool {
    pub name: String,
    pub description: Option<String>,
    /// Program and arguments with `{name}`; with `is_shell` one line for `sh -c`.
    pub command: Vec<String>,
    /// A JSON Schema.
    pub parameters: Value,
    /// The arguments are written to stdin as one line of JSON.
    pub reads_json: bool,
    /// Values may be references such as `${TOKEN}` and `keyring://…`.
    pub env: BTreeMap<String, String>,
    /// Where amx was started when `None`.
    pub cwd: Option<PathBuf>,
    pub timeout: Duration,
    /// Most output for the model, in bytes.
    pub max_output: u64,
    pub approve: Approve,
    /// The same call may be made again and again.
    pub may_repeat: bool,
    pub is_shell: bool,
}

/// Whether calls of a tool are asked about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Approve {
    #[default]
    Ask,
    Allow,
}
