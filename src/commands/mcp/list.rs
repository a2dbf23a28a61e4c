//! `amx mcp list`: kind, tools and target of each server. Nothing is started.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::named::no_servers;
use crate::config::mcp_server::McpServer;
use crate::mcp::servers::Servers;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::Role;
use crate::present::table::{Cell, Column, Table};
use crate::present::time;
use crate::store::FailedServer;
use crate::wire::redact::without_keys;

const COLUMNS: [Column; 6] = [
    Column::left("NAME"),
    Column::left("KIND"),
    Column::left("PROTOCOL").omitted(1),
    Column::right("TOOLS"),
    Column::left("STATE"),
    Column::left("TARGET").shrinks_to(24),
];

pub(super) fn run(as_json: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let handle = Servers::new(&context.equipment);
    let rows: Vec<Row> = config
        .mcp_servers
        .values()
        .map(|server| Row::of(server, &handle))
        .collect();
    if as_json {
        let rows: Value = rows.iter().map(Row::to_json).collect();
        return Ok(context.output.json(&rows)?);
    }
    if rows.is_empty() {
        no_servers(context);
        return Ok(());
    }
    let mut table = Table::new(COLUMNS).or_records(0);
    let now = SystemTime::now();
    for row in rows {
        table.row([
            Cell::of(Role::Strong, &row.server.name),
            row.server.kind().into(),
            row.era.unwrap_or("-").into(),
            row.tools
                .map_or("-".to_owned(), |tools| tools.to_string())
                .into(),
            row.state.cell(now),
            row.target.into(),
        ]);
    }
    let page = table.page_lines(context.table_width()).into_iter();
    Ok(context.output.page(&page.collect())?)
}

/// What is kept of a server.
struct Row<'a> {
    server: &'a McpServer,
    target: String,
    /// The revision of the protocol; `None` when it never ran.
    era: Option<&'static str>,
    tools: Option<usize>,
    state: State,
}

/// What became of a server when it was last needed, and when that was.
enum State {
    Unknown,
    Listed(SystemTime),
    Failed(FailedServer),
}

impl State {
    fn word(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Listed(_) => "listed",
            Self::Failed(_) => "failed",
        }
    }

    fn since(&self) -> Option<SystemTime> {
        match self {
            Self::Unknown => None,
            Self::Listed(at) | Self::Failed(FailedServer { at, .. }) => Some(*at),
        }
    }

    fn cell(&self, now: SystemTime) -> Cell {
        let word = self.word();
        let text = self.since().map_or(word.to_owned(), |at| {
            format!("{word} {} ago", time::age(at, now))
        });
        match self {
            Self::Failed(_) => Cell::of(Role::Failure, text),
            Self::Unknown | Self::Listed(_) => text.into(),
        }
    }
}

impl<'a> Row<'a> {
    fn of(server: &'a McpServer, handle: &Servers) -> Self {
        let kept = handle.kept(server);
        let state = match (handle.failure(server), &kept) {
            (Some(failed), _) => State::Failed(failed),
            (None, Some(kept)) => State::Listed(kept.listed),
            (None, None) => State::Unknown,
        };
        Self {
            state,
            server,
            target: without_keys(&server.target()),
            era: kept.as_ref().map(|kept| kept.revision.name),
            tools: kept.map(|kept| kept.tools.len()),
        }
    }

    fn to_json(&self) -> Value {
        let why = match &self.state {
            State::Failed(failed) => Some(failed.why.as_str()),
            State::Unknown | State::Listed(_) => None,
        };
        json!({
            "name": self.server.name,
            "kind": self.server.kind(),
            "target": self.target,
            "era": self.era,
            "tools": self.tools,
            "state": self.state.word(),
            "since": self.state.since().map(time::utc),
            "error": why,
        })
    }
}
