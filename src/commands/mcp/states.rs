//! Where each server is, for `/mcp`.

use crate::config::ConfigFile;
use crate::config::mcp_server::McpServer;
use crate::mcp::servers::Servers;
use crate::mcp::state::ServerState;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::Role;
use crate::present::table::{Cell, Column, Table};

const COLUMNS: [Column; 3] = [
    Column::left("SERVER"),
    Column::right("TOOLS"),
    Column::left("STATE").shrinks_to(20),
];

/// Shows the state of each server; starts none.
///
/// # Errors
/// The output is closed.
pub(crate) fn show_states(
    config: &ConfigFile,
    handle: &Servers,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let servers: Vec<McpServer> = config.mcp_servers.values().cloned().collect();
    if servers.is_empty() {
        context
            .output
            .aside("No MCP servers; amx mcp add NAME -- COMMAND adds one");
        return Ok(());
    }
    let states = context.equipment.run(handle.states(&servers))?;
    let mut table = Table::new(COLUMNS).or_records(0);
    for (server, state) in servers.iter().zip(&states) {
        let kept = handle.kept(server).map(|kept| kept.tools.len());
        table.row([
            Cell::of(Role::Strong, &server.name),
            kept.map_or("-".to_owned(), |tools| tools.to_string())
                .into(),
            state_cell(state),
        ]);
    }
    let page = table.page_lines(context.table_width()).into_iter();
    Ok(context.output.page(&page.collect())?)
}

fn state_cell(state: &ServerState) -> Cell {
    match state {
        ServerState::NotStarted => "not started".into(),
        ServerState::Starting => "starting".into(),
        ServerState::Running { revision } => {
            Cell::of(Role::Ok, format!("running (protocol {revision})"))
        }
        ServerState::Failed(why) => Cell::of(Role::Failure, format!("failed: {why}")),
    }
}
