//! `amx mcp list`: name, kind and target of each server. Nothing is started.

use serde_json::{Value, json};

use crate::config::mcp_server::McpServer;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::Role;
use crate::present::table::{Cell, Column, Table};
use crate::wire::redact::without_keys;

const COLUMNS: [Column; 3] = [
    Column::left("NAME"),
    Column::left("KIND"),
    Column::left("TARGET").shrinks_to(24),
];

pub(super) fn run(as_json: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let servers = config.mcp_servers.values();
    if as_json {
        let rows: Vec<Value> = servers.map(row_json).collect();
        return Ok(context.output.json(&Value::from(rows))?);
    }
    if config.mcp_servers.is_empty() {
        context
            .output
            .note("no MCP server is set up yet: amx mcp add NAME -- COMMAND, or amx mcp import");
        return Ok(());
    }
    let mut table = Table::new(COLUMNS).or_records(0);
    for server in servers {
        table.row([
            Cell::of(Role::Strong, &server.name),
            server.kind().into(),
            without_keys(&server.target()).into(),
        ]);
    }
    let page = table.page_lines(context.table_width()).into_iter();
    Ok(context.output.page(&page.collect())?)
}

fn row_json(server: &McpServer) -> Value {
    json!({
        "name": server.name,
        "kind": server.kind(),
        "target": without_keys(&server.target()),
    })
}
