//! What a server is started or reached with, made of its settings.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::fault::ServerFault;
use super::http::{HttpLink, HttpTarget};
use super::link::Link;
use super::stdio::StdioLink;
use crate::config::mcp_server::{McpServer, Transport};
use crate::config::{Environment, Home};
use crate::ports::equipment::Equipment;
use crate::secrets::SecretStore;
use crate::wire::canonical;
use crate::wire::client::{ClientOptions, Url, endpoint};

/// Variables that a server is given from the environment; the others have to be named.
const PASSED_ON: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "TERM",
    "TMPDIR",
    "TZ",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_COLLATE",
    "LC_NUMERIC",
    "LC_TIME",
    "LC_MONETARY",
];

/// What all servers are started with.
pub(super) struct Context {
    pub environment: Environment,
    pub keyring: Arc<dyn SecretStore>,
    /// How to set up HTTP, or why that is not possible.
    pub client_options: Result<ClientOptions, String>,
    pub home: Option<Home>,
    /// No server starts: answers come from a recording.
    pub is_replaying: bool,
}

impl Context {
    pub(super) fn new(equipment: &Equipment) -> Self {
        Self {
            environment: equipment.environment.clone(),
            keyring: equipment.keyring(),
            client_options: equipment.client_options().map_err(|error| error.message),
            home: equipment.kept_at(),
            is_replaying: equipment.is_replaying(),
        }
    }
}

/// What a server is, for its list and for approvals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// Arguments and working directory, or the origin of the URL: what approvals are bound to.
    pub server: Value,
    /// What its list is kept under.
    pub key: String,
}

/// The identity of a server. Variables in its settings stay names: a changed value is the same
/// server.
pub(super) fn identity(config: &McpServer) -> Identity {
    let (server, key) = match &config.transport {
        Transport::Stdio { command, cwd, .. } => {
            let program = json!({"command": command, "cwd": cwd});
            (program.clone(), program)
        }
        Transport::Http { url, .. } => {
            let origin = Url::parse(url).map_or_else(|_| url.clone(), |url| endpoint(&url));
            (json!({"origin": origin}), json!({"url": url}))
        }
    };
    Identity {
        server,
        key: canonical::sha256(&canonical::json(&key)),
    }
}

/// Starts a server, or makes ready what it is reached with. Reading the keyring may block.
pub(super) fn connect(server: &McpServer, context: &Context) -> Result<Link, ServerFault> {
    match &server.transport {
        Transport::Stdio { command, env, cwd } => {
            let directory: Option<PathBuf> = cwd.clone();
            let mut environment = passed_on(&context.environment);
            for (name, text) in env {
                let place = format!("mcp_servers.{}.env.{name}", server.name);
                let value = resolve(text, &place, context)?;
                environment.push((name.clone(), value));
            }
            StdioLink::start(command, environment, directory.as_deref()).map(Link::Stdio)
        }
        Transport::Http { url, headers } => {
            let place = |setting: &str| format!("mcp_servers.{}.{setting}", server.name);
            let url = Url::parse(url)
                .map_err(|_| ServerFault::Setting(format!("{} is not a URL", place("url"))))?;
            let mut sent = Vec::new();
            for (name, text) in headers {
                let value = resolve(text, &place(&format!("headers.{name}")), context)?;
                sent.push((name.clone(), value));
            }
            let options = context
                .client_options
                .clone()
                .map_err(ServerFault::Setting)?;
            let target = HttpTarget {
                url,
                headers: sent,
                key: None,
            };
            HttpLink::new(target, &options).map(Link::Http)
        }
    }
}

fn passed_on(environment: &Environment) -> Vec<(String, String)> {
    let value = |name: &&str| {
        Some((
            (*name).to_owned(),
            environment.named(name).ok()??.to_owned(),
        ))
    };
    PASSED_ON.iter().filter_map(value).collect()
}

/// The value that a text stands for.
fn resolve(text: &str, place: &str, context: &Context) -> Result<String, ServerFault> {
    let _ = &context.keyring;
    let mut resolved = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = context.environment.named(name).ok().flatten();
        resolved.push_str(before);
        resolved.push_str(value.ok_or_else(|| ServerFault::Unset {
            place: place.to_owned(),
            reference: format!("${{{name}}}"),
        })?);
        rest = after;
    }
    resolved.push_str(rest);
    Ok(resolved)
}
