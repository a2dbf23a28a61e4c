//! The tools of MCP servers among those that are named: a first list, and what is lost.

use super::session::ToolSession;
use crate::ask::question::Resolved;
use crate::config::ConfigFile;
use crate::config::command_tool::SEPARATOR;
use crate::mcp::choice::needed;
use crate::mcp::fault::LostServer;
use crate::mcp::offer::{self, ServerTools};
use crate::mcp::servers::ServerWait;
use crate::ports::context::Context;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};

/// Starts the servers of named tools whose list is not kept, and shows a wait of more than a
/// second. Before [`prepare`](crate::ask::prepare::prepare), which starts nothing.
///
/// # Errors
/// A signal.
pub(crate) fn start_servers(
    resolved: &Resolved<'_>,
    session: &ToolSession,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match &resolved.settings.tools {
        Some(named) => start_named(&named.value, resolved.config, session, context),
        None => Ok(()),
    }
}

/// The same for these names and patterns.
///
/// # Errors
/// As there.
pub(crate) fn start_named(
    wanted: &[String],
    config: &ConfigFile,
    session: &ToolSession,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let servers = needed(&config.mcp_servers, wanted);
    if servers.is_empty() {
        return Ok(());
    }
    let equipment = context.equipment.clone();
    let output = &mut *context.output;
    let mut waiting = |wait: &ServerWait| {
        if wait.seconds == 1 {
            let servers = wait.servers.join(", ");
            output.note(&format!("waiting for MCP servers, at most 5 s: {servers}"));
        }
    };
    equipment.run(
        session
            .servers(&equipment)
            .start_missing(&servers, &mut waiting),
    )
}

/// The tools of the servers that the names need, from their lists.
pub(super) fn offered(
    session: &ToolSession,
    config: &ConfigFile,
    wanted: &[String],
    equipment: &Equipment,
) -> ServerTools {
    let servers = needed(&config.mcp_servers, wanted);
    if servers.is_empty() {
        return ServerTools::default();
    }
    offer::offered(session.servers(equipment), &servers)
}

/// The error when the server of a tool is lost.
///
/// # Errors
/// That error.
pub(crate) fn check_server(
    name: &str,
    config: &ConfigFile,
    session: &ToolSession,
    equipment: &Equipment,
) -> Result<(), CommandError> {
    let found = offered(session, config, &[name.to_owned()], equipment);
    all_lost(&found.lost).map_or(Ok(()), Err)
}

/// The names and patterns that are not of a lost server alone.
pub(super) fn without_lost(wanted: &[String], lost: &[LostServer]) -> Vec<String> {
    let is_lost = |wanted: &&String| {
        let mut starts = lost
            .iter()
            .map(|server| format!("{}{SEPARATOR}", server.name));
        starts.any(|start| wanted.starts_with(&start))
    };
    wanted
        .iter()
        .filter(|wanted| !is_lost(wanted))
        .cloned()
        .collect()
}

/// The error when every tool that was named is of a lost server.
pub(super) fn all_lost(lost: &[LostServer]) -> Option<CommandError> {
    let first = lost.first()?;
    let needs_login = lost.iter().all(|server| server.fault.needs_login());
    let kind = if needs_login {
        ErrorKind::Credentials
    } else {
        ErrorKind::Tool
    };
    let message = format!("no tools of MCP server {}: {}", first.name, first.fault);
    Some(CommandError::new(kind, message).hint(first.fault.hint(&first.name)))
}
