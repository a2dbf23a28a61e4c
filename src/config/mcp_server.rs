//! A server of the Model Context Protocol, as `mcp_servers` in config.yml declares it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::command_tool::Approve;
use crate::secrets::value::ValueOwner;
use crate::wire::server_url::endpoint;

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
        /// Program and arguments. Values may have `${NAME}`, or be entries of the keyring.
        command: Vec<String>,
        /// Values may be references.
        env: BTreeMap<String, String>,
        cwd: Option<PathBuf>,
    },
    Http {
        /// May have `${NAME}`.
        url: String,
        /// Values may be references.
        headers: BTreeMap<String, String>,
    },
}

/// What a login needs where the server does not say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OAuthSettings {
    /// Registered by hand; without it amx registers itself.
    pub client_id: Option<String>,
    /// Empty: those that the server asks for.
    pub scopes: Vec<String>,
    /// Port of the redirect to this machine; without it the system chooses one.
    pub callback_port: Option<u16>,
    /// Where the authorization server describes itself, when the MCP server does not say it.
    pub metadata_url: Option<String>,
}

impl McpServer {
    /// The setting of a value in messages: `mcp_servers.github.env.TOKEN`.
    pub(crate) fn place(&self, setting: &str) -> String {
        format!("mcp_servers.{}.{setting}", self.name)
    }

    /// Who its values are for. `url` is the expanded one.
    pub(crate) fn owner(&self, url: Option<&Url>) -> ValueOwner {
        ValueOwner::new("mcp", &self.name, url.map(endpoint))
    }

    /// The keyring users of the entries that its values name.
    pub(crate) fn entries(&self) -> Vec<String> {
        let owner = self.owner(None);
        let texts: Vec<&String> = match &self.transport {
            Transport::Stdio { command, env, .. } => command.iter().chain(env.values()).collect(),
            Transport::Http { headers, .. } => headers.values().collect(),
        };
        texts
            .into_iter()
            .filter_map(|text| owner.user_of(text))
            .collect()
    }

    /// Program and arguments, or the URL, as they are written.
    pub(crate) fn target(&self) -> String {
        match &self.transport {
            Transport::Stdio { command, .. } => command.join(" "),
            Transport::Http { url, .. } => url.clone(),
        }
    }

    /// `stdio` or `http`.
    pub(crate) fn kind(&self) -> &'static str {
        match self.transport {
            Transport::Stdio { .. } => "stdio",
            Transport::Http { .. } => "http",
        }
    }
}
