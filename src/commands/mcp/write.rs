//! Writes servers to config.yml, and their secrets to the keyring: both or neither.

use serde_yaml::Value;

use crate::config::ConfigFile;
use crate::config::edit::{self, Edit};
use crate::config::mcp_draft::{Answers, DraftSecret, DraftTarget, ServerDraft};
use crate::config::mcp_server::McpServer;
use crate::config::mcp_servers::SECTIONS;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::credential::{Before, delete_key};
use crate::secrets::reference::SERVICE;
use crate::secrets::value::{ValueForm, ValueOwner, Values};
use crate::secrets::{SecretError, SecretStore};
use crate::wire::client::Url;
use crate::wire::server_url::endpoint;

/// A server whose secrets are in the keyring, ready to be written.
pub(super) struct Prepared {
    pub name: String,
    value: Value,
    /// Its entries before.
    before: Vec<Before>,
}

/// Stores the secrets of a draft.
///
/// # Errors
/// The keyring cannot be used, or the URL is not known and so not the server of its secrets. What
/// was stored is as before.
pub(super) fn prepare(
    draft: &ServerDraft,
    answers: &Answers,
    values: &Values,
) -> Result<Prepared, CommandError> {
    let (value, secrets) = written(draft, answers)?;
    let mut prepared = Prepared {
        name: draft.name.clone(),
        value,
        before: Vec::new(),
    };
    if secrets.is_empty() {
        return Ok(prepared);
    }
    let owner = ValueOwner::new("mcp", &draft.name, origin(draft, values)?);
    let store = values.store.as_ref();
    for secret in secrets {
        let before = Before::take(store, SERVICE, &owner.user(&secret.entry));
        let stored = before.and_then(|before| {
            prepared.before.push(before);
            values.store(&secret.entry, &secret.value, &owner)
        });
        if let Err(error) = stored {
            prepared.undo(store);
            return Err(error.of_value().into());
        }
    }
    Ok(prepared)
}

/// The setting of a draft, which refers to its secrets.
fn written(
    draft: &ServerDraft,
    answers: &Answers,
) -> Result<(Value, Vec<DraftSecret>), CommandError> {
    let owner = ValueOwner::new("mcp", &draft.name, None);
    let written = draft.written(answers, &|entry| owner.reference(entry));
    written.map_err(|why| {
        let message = format!("MCP server '{}' {why}", draft.name);
        CommandError::new(ErrorKind::Config, message)
    })
}

/// Scheme, host and port of the server of a draft; `None` for a program.
fn origin(draft: &ServerDraft, values: &Values) -> Result<Option<String>, CommandError> {
    let DraftTarget::Http { url, .. } = &draft.target else {
        return Ok(None);
    };
    let owner = ValueOwner::new("mcp", &draft.name, None);
    let place = format!("url of '{}'", draft.name);
    let text = url.literal().unwrap_or_default();
    let text = values.resolve(&text, ValueForm::Argument, &place, &owner)?;
    let url = Url::parse(&text)
        .map_err(|_| CommandError::new(ErrorKind::Config, format!("{place} is not a URL")))?;
    Ok(Some(endpoint(&url)))
}

impl Prepared {
    /// Restores the entries of the keyring.
    fn undo(&self, store: &dyn SecretStore) {
        for before in &self.before {
            // The error that led here is the one to report.
            let _ = before.put_back(store);
        }
    }
}

/// Whether config.yml has a server of this name.
pub(super) enum Existing {
    None,
    Same,
    Different,
}

/// What config.yml has under the name of a draft. Nothing is stored.
///
/// # Errors
/// The draft is incomplete.
pub(super) fn existing(
    draft: &ServerDraft,
    answers: &Answers,
    config: &ConfigFile,
) -> Result<Existing, CommandError> {
    let (value, _) = written(draft, answers)?;
    let section = config.section_of_server(&draft.name);
    let present = section.and_then(|section| config.root().get(section)?.get(&draft.name));
    Ok(match present {
        None => Existing::None,
        Some(present) if *present == value => Existing::Same,
        Some(_) => Existing::Different,
    })
}

/// Writes servers; those of the same name are replaced.
///
/// # Errors
/// config.yml cannot be written. The keyring is as before.
pub(super) fn write(
    servers: &[Prepared],
    values: &Values,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let written = edit::edit(&context.home()?, |config| {
        let edits = servers.iter().map(|server| {
            let section = config.section_of_server(&server.name);
            let section = section.unwrap_or_else(|| section_of(config));
            Edit::set(&[section, &server.name], server.value.clone())
        });
        Ok::<_, CommandError>(edits.collect())
    });
    if written.is_err() {
        for server in servers {
            server.undo(values.store.as_ref());
        }
    }
    written
}

/// The section for a new server.
fn section_of(config: &ConfigFile) -> &'static str {
    let is_used = |section: &&&str| config.root().get(**section).is_some();
    SECTIONS.iter().find(is_used).unwrap_or(&SECTIONS[0])
}

/// Gives up servers that are not written after all.
pub(super) fn undo(servers: &[Prepared], values: &Values) {
    for server in servers {
        server.undo(values.store.as_ref());
    }
}

/// Deletes the entries of a server in the keyring, but those that `kept` still names.
///
/// # Errors
/// The keyring cannot be used.
pub(super) fn delete_secrets(
    server: &McpServer,
    kept: Option<&McpServer>,
    store: &dyn SecretStore,
) -> Result<(), SecretError> {
    let still = kept.map(McpServer::entries).unwrap_or_default();
    for user in server.entries() {
        if !still.contains(&user) {
            delete_key(store, SERVICE, &user)?;
        }
    }
    Ok(())
}
