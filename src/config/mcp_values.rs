//! The values of an MCP server when it is started: variables replaced, secrets read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use url::Url;

use super::base_url::parse_server_url;
use super::headers::is_secret_header;
use super::home;
use super::mcp_server::{McpServer, Transport};
use crate::secrets::SecretError;
use crate::secrets::value::{ValueForm, ValueOwner, Values};
use crate::wire::api_key::remember;

impl McpServer {
    /// The server with its values resolved, to be started. May block: it reads the keyring and
    /// runs `cmd:` programs.
    ///
    /// # Errors
    /// The first value that cannot be resolved.
    pub(crate) fn resolved(&self, values: &Values) -> Result<Self, SecretError> {
        let transport = match &self.transport {
            Transport::Stdio { command, env, cwd } => {
                let owner = self.owner(None);
                let text = |text: &str, setting: &str| {
                    values.resolve(text, ValueForm::Argument, &self.place(setting), &owner)
                };
                let folder = |path: &PathBuf| {
                    let path = text(&path.to_string_lossy(), "cwd")?;
                    Ok::<_, SecretError>(home::expanded(&path))
                };
                Transport::Stdio {
                    command: command
                        .iter()
                        .map(|argument| text(argument, "command"))
                        .collect::<Result<_, _>>()?,
                    env: self.resolved_map("env", env, values, &owner)?,
                    cwd: cwd.as_ref().map(folder).transpose()?,
                }
            }
            Transport::Http { url, headers } => {
                let url = self.resolved_url(url, values)?;
                let owner = self.owner(Some(&url));
                Transport::Http {
                    headers: self.resolved_map("headers", headers, values, &owner)?,
                    url: url.into(),
                }
            }
        };
        Ok(Self {
            transport,
            ..self.clone()
        })
    }

    /// A URL with its variables replaced, checked again.
    pub(crate) fn resolved_url(&self, url: &str, values: &Values) -> Result<Url, SecretError> {
        let place = self.place("url");
        let owner = self.owner(None);
        let text = values.resolve(url, ValueForm::Argument, &place, &owner)?;
        let is_expanded = text != url;
        let url = parse_server_url(&text, is_expanded)
            .map_err(|what| SecretError::Malformed { place, what })?;
        for (name, value) in url.query_pairs().filter(|_| is_expanded) {
            if is_secret_header(&name, &value) {
                remember(&value);
            }
        }
        Ok(url)
    }

    fn resolved_map(
        &self,
        setting: &str,
        map: &BTreeMap<String, String>,
        values: &Values,
        owner: &ValueOwner,
    ) -> Result<BTreeMap<String, String>, SecretError> {
        let resolve = |(name, text): (&String, &String)| {
            let place = self.place(&format!("{setting}.{name}"));
            let value = values.resolve(text, ValueForm::Value, &place, owner)?;
            if is_secret_header(name, &value) {
                remember(&value);
            }
            Ok((name.clone(), value))
        };
        map.iter().map(resolve).collect()
    }
}
