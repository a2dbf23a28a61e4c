//! Reads `mcp_servers` of config.yml, also under the name that other programs give it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_yaml::Value;

use super::base_url::parse_server_url;
use super::command_tool::Approve;
use super::fields::{FieldFault, Fields, fault};
use super::headers::{fault_of_server, is_secret_header};
use super::mcp_server::{McpServer, OAuthSettings, Transport};
use super::secret_words::secret_arguments;
use crate::secrets::value::{self, ValueForm};
use crate::wire::redact::cut;

/// The names of the section. A server is in one of them.
pub(crate) const SECTIONS: &[&str] = &["mcp_servers", "mcpServers"];

/// The settings of a server.
pub(super) const KEYS: &[&str] = &[
    "command",
    "args",
    "env",
    "cwd",
    "url",
    "headers",
    "oauth",
    "type",
    "timeout",
    "start_timeout",
    "only",
    "except",
    "approve",
];

/// The settings of `oauth`.
pub(super) const OAUTH_KEYS: &[&str] = &["client_id", "scopes", "callback_port", "metadata_url"];

/// Settings that one kind of server has, and the other has not.
const OF_STDIO: &[&str] = &["args", "env", "cwd"];
const OF_HTTP: &[&str] = &["headers", "oauth"];

/// Values of `type`, as other programs write it, and the setting that has the target then.
const TYPES: &[(&str, &str)] = &[
    ("stdio", "command"),
    ("http", "url"),
    ("streamable-http", "url"),
    ("streamable_http", "url"),
];

const TIMEOUT: Duration = Duration::from_secs(60);
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The old transport of the protocol.
pub(crate) const NO_SSE: &str = "the HTTP+SSE transport is deprecated and not supported; use the \
                                 server's streamable HTTP URL";

/// Whether a text is a server name: `[a-z0-9][a-z0-9-]{0,31}`.
pub(crate) fn is_server_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() <= 32
        && name.bytes().next().is_some_and(is_part)
        && name.bytes().all(|byte| is_part(byte) || byte == b'-')
}

pub(crate) const NAME_FORM: &str =
    "at most 32 lower-case letters, digits and '-', starting with a letter or digit";

/// The servers of both sections.
pub(super) fn read(root: &Value) -> Result<BTreeMap<String, McpServer>, FieldFault> {
    let mut servers = BTreeMap::new();
    for section in SECTIONS {
        let above = Fields {
            path: vec![(*section).to_owned()],
            entries: match root.get(section) {
                None | Some(Value::Null) => continue,
                Some(Value::Mapping(entries)) => entries,
                Some(_) => {
                    let path = vec![(*section).to_owned()];
                    return Err(fault(path, "must be a mapping of names to servers"));
                }
            },
        };
        for (name, value) in above.entries {
            let name = name.as_str().unwrap_or_default();
            let path = above.path_of(name);
            if !is_server_name(name) {
                let what = format!(
                    "'{}' is not a server name: {NAME_FORM}",
                    cut(name, 80).escape_debug()
                );
                return Err(fault(path, what).about_key());
            }
            let Value::Mapping(entries) = value else {
                return Err(fault(path, "must be a mapping with command or url"));
            };
            let server = server(name, &Fields { path, entries })?;
            if servers.insert(name.to_owned(), server).is_some() {
                let what = format!("is in {} too; remove one of them", SECTIONS[0]);
                return Err(fault(above.path_of(name), what).about_key());
            }
        }
    }
    Ok(servers)
}

/// What is secret in the values of all servers and command tools, and written in plain text.
pub(super) fn plain_secrets(root: &Value) -> impl Iterator<Item = &str> {
    let sections = SECTIONS
        .iter()
        .chain(&["tools"])
        .filter_map(|section| root.get(section)?.as_mapping());
    let servers = sections.flatten().map(|(_, server)| server);
    servers.flat_map(|server| secret_values(server).chain(secret_words(server)))
}

/// The secrets among variables and headers.
fn secret_values(server: &Value) -> impl Iterator<Item = &str> {
    let maps = ["env", "headers"].map(|setting| server.get(setting).and_then(Value::as_mapping));
    let entries = maps.into_iter().flatten().flatten();
    entries.filter_map(|(name, value)| {
        let (name, value) = (name.as_str()?, value.as_str()?);
        (!value::is_reference(value) && is_secret_header(name, value)).then_some(value)
    })
}

/// The secrets among the words of the command.
fn secret_words(server: &Value) -> impl Iterator<Item = &str> {
    let lists = ["command", "args"].map(|setting| server.get(setting).and_then(Value::as_sequence));
    let words = lists.into_iter().flatten().flatten();
    secret_arguments(words.filter_map(Value::as_str))
        // What a call fills in is no secret yet.
        .filter(|word| !value::is_reference(word) && !word.starts_with('{'))
}

fn server(name: &str, fields: &Fields<'_>) -> Result<McpServer, FieldFault> {
    let (approve, approve_tools) = approve(fields)?;
    let server = McpServer {
        name: name.to_owned(),
        transport: transport(fields)?,
        timeout: fields.duration("timeout")?.unwrap_or(TIMEOUT),
        start_timeout: fields.duration("start_timeout")?.unwrap_or(START_TIMEOUT),
        only: fields.texts("only")?.unwrap_or_default(),
        except: fields.texts("except")?.unwrap_or_default(),
        approve,
        approve_tools,
    };
    check_values(&server, fields)?;
    oauth(fields)?;
    Ok(server)
}

fn transport(fields: &Fields<'_>) -> Result<Transport, FieldFault> {
    let (command, url) = (fields.get("command"), fields.text("url")?);
    let kind = fields.text("type")?;
    if let Some(kind) = &kind {
        let Some((_, target)) = TYPES.iter().find(|(name, _)| name == kind) else {
            let what = match kind.as_str() {
                "sse" => NO_SSE,
                _ => "must be stdio or http",
            };
            return Err(fields.fault("type", what));
        };
        if fields.get(target).is_none() {
            return Err(fields.fault("type", format!("'{kind}' needs {target}")));
        }
    }
    match (command, url) {
        (Some(_), Some(_)) => {
            Err(fields.fault("url", "is given besides command; a server has one of them"))
        }
        (None, None) => Err(fault(
            fields.path.clone(),
            "has neither command nor url; a server has one of them",
        )
        .about_key()),
        (Some(_), None) => {
            fields.refuse(OF_HTTP, "is a setting of servers with url")?;
            Ok(Transport::Stdio {
                command: command_line(fields)?,
                env: fields.map("env")?,
                cwd: fields.text("cwd")?.map(PathBuf::from),
            })
        }
        (None, Some(url)) => {
            fields.refuse(OF_STDIO, "is a setting of servers with command")?;
            if !url.contains("${") {
                parse_server_url(&url, false).map_err(|what| fields.fault("url", what))?;
            }
            Ok(Transport::Http {
                url,
                headers: fields.map("headers")?,
            })
        }
    }
}

fn command_line(fields: &Fields<'_>) -> Result<Vec<String>, FieldFault> {
    let mut command = match fields.get("command") {
        Some(Value::String(text)) if text.contains(char::is_whitespace) => {
            let words = text.split_whitespace().collect::<Vec<_>>().join(", ");
            let what = format!(
                "is run without a shell; write a list: [{}]",
                cut(&words, 80)
            );
            return Err(fields.fault("command", what));
        }
        Some(Value::String(text)) => vec![text.clone()],
        _ => fields.texts("command")?.unwrap_or_default(),
    };
    if command.first().is_none_or(String::is_empty) {
        return Err(fields.fault("command", "is empty"));
    }
    command.extend(fields.texts("args")?.unwrap_or_default());
    Ok(command)
}

fn oauth(fields: &Fields<'_>) -> Result<OAuthSettings, FieldFault> {
    let entries = match fields.get("oauth") {
        None => return Ok(OAuthSettings::default()),
        Some(Value::Mapping(entries)) => entries,
        Some(_) => return Err(fields.fault("oauth", "must be a mapping")),
    };
    let inner = Fields {
        path: fields.path_of("oauth"),
        entries,
    };
    let port = match inner.get("callback_port") {
        None => None,
        Some(port) => {
            let number = port.as_u64().and_then(|port| u16::try_from(port).ok());
            let port = number
                .filter(|port| *port > 0)
                .ok_or_else(|| inner.fault("callback_port", "must be a number from 1 to 65535"))?;
            Some(port)
        }
    };
    let metadata_url = inner.text("metadata_url")?;
    if let Some(url) = &metadata_url {
        parse_server_url(url, false).map_err(|what| inner.fault("metadata_url", what))?;
    }
    Ok(OAuthSettings {
        metadata_url,
        client_id: inner.text("client_id")?,
        scopes: inner.texts("scopes")?.unwrap_or_default(),
        callback_port: port,
    })
}

/// `ask`, `allow`, or a mapping of tools to one of them.
fn approve(fields: &Fields<'_>) -> Result<(Approve, BTreeMap<String, Approve>), FieldFault> {
    const FORM: &str = "must be ask, allow, or a mapping of tools to ask or allow";
    let word = |value: &Value| match value.as_str() {
        Some("ask") => Some(Approve::Ask),
        Some("allow") => Some(Approve::Allow),
        _ => None,
    };
    match fields.get("approve") {
        None => Ok((Approve::Ask, BTreeMap::new())),
        Some(Value::Mapping(tools)) => {
            let tool =
                |(name, value): (&Value, &Value)| Some((name.as_str()?.to_owned(), word(value)?));
            let tools: Option<BTreeMap<_, _>> = tools.iter().map(tool).collect();
            let tools = tools.ok_or_else(|| fields.fault("approve", FORM))?;
            Ok((Approve::Ask, tools))
        }
        Some(value) => {
            let approve = word(value).ok_or_else(|| fields.fault("approve", FORM))?;
            Ok((approve, BTreeMap::new()))
        }
    }
}

/// Checks references, names of variables and headers.
fn check_values(server: &McpServer, fields: &Fields<'_>) -> Result<(), FieldFault> {
    let owner = server.owner(None);
    let check = |setting: &str, text: &str, form| match value::fault(text, form, &owner) {
        Some(what) => Err(fields.fault(setting, what)),
        None => Ok(()),
    };
    let (setting, map) = match &server.transport {
        Transport::Stdio { command, env, cwd } => {
            for argument in command {
                check("command", argument, ValueForm::Argument)?;
            }
            let cwd = cwd.as_ref().map(|cwd| cwd.to_string_lossy());
            check("cwd", &cwd.unwrap_or_default(), ValueForm::Argument)?;
            ("env", env)
        }
        Transport::Http { url, headers, .. } => {
            check("url", url, ValueForm::Argument)?;
            ("headers", headers)
        }
    };
    for (name, text) in map {
        let wrong = match setting {
            "headers" => fault_of_server(name, text),
            _ if name.is_empty() || name.contains(['=', '\0']) => Some(format!(
                "'{}' is not a name of a variable",
                name.escape_debug()
            )),
            _ => None,
        };
        let wrong = wrong.or_else(|| value::fault(text, ValueForm::Value, &owner));
        if let Some(what) = wrong {
            let mut path = fields.path_of(setting);
            path.push(name.clone());
            return Err(fault(path, what));
        }
    }
    Ok(())
}

/// The settings for a login to a server of a valid file.
pub(super) fn oauth_of(root: &Value, name: &str) -> OAuthSettings {
    let server = SECTIONS
        .iter()
        .find_map(|section| root.get(section)?.get(name));
    let fields = server.and_then(Value::as_mapping).map(|entries| Fields {
        path: Vec::new(),
        entries,
    });
    let read = fields.and_then(|fields| oauth(&fields).ok());
    read.unwrap_or_default()
}
