//! What a server is started or reached with, made of its settings.

use std::sync::Arc;

use serde_json::{Value, json};

use super::fault::ServerFault;
use super::http::{HttpLink, HttpTarget};
use super::link::Link;
use super::stdio::StdioLink;
use super::token_source::TokenSource;
use crate::account::oauth::TokenStore;
use crate::config::Home;
use crate::config::mcp_server::{McpServer, Transport};
use crate::ports::equipment::Equipment;
use crate::secrets::SecretError;
use crate::secrets::value::{ValueForm, Values};
use crate::tools::environment::allowed;
use crate::wire::canonical;
use crate::wire::client::{ClientOptions, Url, endpoint};

/// What all servers are started with.
pub(super) struct Context {
    /// What every server is given of the environment.
    pub environment: Vec<(String, String)>,
    pub values: Values,
    /// How to set up HTTP, or why that is not possible.
    pub client_options: Result<ClientOptions, String>,
    pub home: Option<Home>,
    /// No server starts: answers come from a recording.
    pub is_replaying: bool,
}

impl Context {
    pub(super) fn new(equipment: &Equipment) -> Self {
        Self {
            environment: allowed(&equipment.environment),
            values: equipment.values(),
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
    /// What its list is stored under.
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
            let owner = server.owner(None);
            let resolve = |text: &str, form, setting: &str| {
                let resolved = context
                    .values
                    .resolve(text, form, &server.place(setting), &owner);
                resolved.map_err(|error| setting_fault(&error))
            };
            let mut environment = context.environment.clone();
            for (name, text) in env {
                let value = resolve(text, ValueForm::Value, &format!("env.{name}"))?;
                environment.push((name.clone(), value));
            }
            let words = command.iter();
            let words = words.map(|text| resolve(text, ValueForm::Argument, "command"));
            let command = words.collect::<Result<Vec<_>, _>>()?;
            StdioLink::start(&command, environment, cwd.as_deref()).map(Link::Stdio)
        }
        Transport::Http { url, headers } => {
            let place = server.place("url");
            let expanded = context
                .values
                .resolve(url, ValueForm::Argument, &place, &server.owner(None))
                .map_err(|error| setting_fault(&error))?;
            let url = Url::parse(&expanded)
                .map_err(|_| ServerFault::Setting(format!("{place} is not a URL")))?;
            let owner = server.owner(Some(&url));
            let mut sent = Vec::new();
            for (name, text) in headers {
                let place = server.place(&format!("headers.{name}"));
                let value = context
                    .values
                    .resolve(text, ValueForm::Value, &place, &owner);
                sent.push((name.clone(), value.map_err(|error| setting_fault(&error))?));
            }
            let options = context
                .client_options
                .clone()
                .map_err(ServerFault::Setting)?;
            let has_own = headers
                .keys()
                .any(|name| name.eq_ignore_ascii_case("authorization"));
            let folder = context
                .home
                .as_ref()
                .map(|home| home.directory().to_owned());
            let store = TokenStore::new(Arc::clone(&context.values.store)).with_locks(folder);
            let tokens = TokenSource::new(store, &server.name, url.clone(), options.clone());
            let target = HttpTarget {
                url,
                headers: sent,
                tokens: (!has_own).then_some(tokens),
            };
            HttpLink::new(target, &options).map(Link::Http)
        }
    }
}

fn setting_fault(error: &SecretError) -> ServerFault {
    ServerFault::Setting(ServerFault::detail(&error.to_string()))
}
