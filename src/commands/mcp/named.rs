//! The server of a name, or the error that says which there are.

use crate::catalog::nearest::closest;
use crate::config::ConfigFile;
use crate::config::mcp_server::McpServer;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

/// The error for a server that config.yml does not have.
fn no_server(name: &str, config: &ConfigFile) -> CommandError {
    let message = format!("there is no MCP server '{}'", name.escape_debug());
    let error = CommandError::new(ErrorKind::Config, message);
    match closest(name, config.mcp_servers.keys().map(String::as_str)) {
        Some(nearest) => error
            .hint(format!("did you mean '{nearest}'?"))
            .hint("amx mcp list"),
        None if config.mcp_servers.is_empty() => error.hint("amx mcp add NAME -- COMMAND"),
        None => error.hint("amx mcp list"),
    }
}

/// The server of a name.
///
/// # Errors
/// [`ErrorKind::Config`] when there is none.
pub(super) fn named<'a>(name: &str, config: &'a ConfigFile) -> Result<&'a McpServer, CommandError> {
    let server = config.mcp_servers.get(name);
    server.ok_or_else(|| no_server(name, config))
}

/// Reports that there is no server yet.
pub(super) fn no_servers(context: &mut Context<'_>) {
    context
        .output
        .note("no MCP server is set up yet: amx mcp add NAME -- COMMAND, or amx mcp import");
}
