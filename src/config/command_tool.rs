//! A command that a model may call, as `tools` in config.yml declares it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::secrets::value::ValueOwner;

/// Longest run without `timeout`.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// Most output for the model without `max_output`, in bytes.
pub(crate) const MAX_OUTPUT: u64 = 100 * 1024;

/// Most output that is read of one call, and the largest `max_output`, in bytes.
pub(crate) const MOST_READ: u64 = 1024 * 1024;

/// The name of the tool that finds tools.
pub(crate) const FIND_TOOLS: &str = "find_tools";

/// Names of the tools that are part of amx, which no other tool may have.
pub(crate) const BUILT_IN: &[&str] = &["now", "read_file", "list_files", "find_text", FIND_TOOLS];

/// Among the names of `--tool`: all tools of the profile.
pub(crate) const ALL_TOOLS: &str = "all";

/// Between the name of a server and the name of its tool, and in no name of a command tool.
pub(crate) const SEPARATOR: &str = "__";

/// A tool of the user's own.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandTool {
    pub name: String,
    pub description: Option<String>,
    /// Program and arguments with `{name}`; with `is_shell` one line for `sh -c`.
    pub command: Vec<String>,
    /// A JSON Schema, with `type: object` at its top.
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

/// When the declarations of many tools are replaced by one that searches them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolSearch {
    /// When they are many, or take much of the context window.
    #[default]
    Auto,
    On,
    Off,
}

impl std::fmt::Display for ToolSearch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Auto => "auto",
            Self::On => "on",
            Self::Off => "off",
        })
    }
}

impl CommandTool {
    /// A tool with the defaults of the other settings.
    pub(crate) fn new(name: &str, command: Vec<String>, parameters: Value) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            command,
            parameters,
            reads_json: false,
            env: BTreeMap::new(),
            cwd: None,
            timeout: TIMEOUT,
            max_output: MAX_OUTPUT,
            approve: Approve::default(),
            may_repeat: false,
            is_shell: false,
        }
    }

    /// Who its values are for: it reads its own entries of the keyring.
    pub(crate) fn owner(&self) -> ValueOwner {
        ValueOwner::new("tools", &self.name, None)
    }

    /// The names of its parameters.
    pub(crate) fn parameter_names(&self) -> impl Iterator<Item = &str> {
        let properties = self.parameters.get("properties").and_then(Value::as_object);
        properties
            .into_iter()
            .flat_map(|properties| properties.keys().map(String::as_str))
    }
}

/// The variable that holds the value of a parameter for a shell line.
pub(crate) fn shell_variable(parameter: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!(
        "AMX_ARG_{}",
        parameter.chars().map(plain).collect::<String>()
    )
}

/// Whether a text may be the name of a command tool: what models accept, without the separator of
/// servers.
pub(crate) fn is_tool_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && !name.contains(SEPARATOR)
        && name != ALL_TOOLS
}
