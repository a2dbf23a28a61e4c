//! `amx mcp test`: starts servers, lists their tools and keeps the lists.

use serde_json::{Value, json};

use super::args::TestArgs;
use super::named::{named, no_servers};
use crate::config::mcp_server::McpServer;
use crate::mcp::fault::ServerFault;
use crate::mcp::servers::{ServerTest, Servers};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;
use crate::present::page::{Line, Page, Role};
use crate::present::text::one_line;
use crate::present::time;

/// Columns of a tool's name.
const NAME_WIDTH: usize = 24;

/// Lines of stderr that an error shows.
const STDERR_LINES: usize = 3;

/// Lines at the end of stderr in which they are looked for.
const STDERR_END: usize = 20;

/// How lines begin that a package manager adds whatever happens.
const NOISE: [&str; 4] = [
    "npm notice",
    "npm warn",
    "npm WARN",
    "npm error A complete log of this run",
];

pub(super) fn run(args: &TestArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let servers: Vec<McpServer> = match &args.name {
        Some(name) => vec![named(name, &config)?.clone()],
        None => config.mcp_servers.values().cloned().collect(),
    };
    if servers.is_empty() && !args.json {
        no_servers(context);
        return Ok(());
    }
    let handle = Servers::new(&context.equipment);
    let mut rows = Vec::new();
    let mut failed: Vec<CommandError> = Vec::new();
    for server in &servers {
        let test = context.equipment.run(handle.test(server))?;
        if args.json {
            rows.push(to_json(server, &test));
        } else if test.outcome.is_ok() {
            context.output.page(&page(server, &test))?;
        }
        if let Err(fault) = &test.outcome {
            failed.push(failure(server, fault, &test.stderr));
        }
    }
    if args.json {
        context.output.json(&Value::from(rows))?;
    }
    finish(failed, servers.len(), context)
}

/// The end of the tests: the error of the only server, or of some of them.
fn finish(
    mut failed: Vec<CommandError>,
    count: usize,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match (failed.len(), count) {
        (0, _) => Ok(()),
        (_, 1) => failed.pop().map_or(Ok(()), Err),
        (failures, _) => {
            for error in &failed {
                context.output.failure(error);
            }
            let kind = if failures == count {
                ErrorKind::Tool
            } else {
                ErrorKind::Partial
            };
            let message = format!("{failures} of {} failed", plural(count, "MCP server"));
            Err(CommandError::new(kind, message).hint("amx mcp test NAME"))
        }
    }
}

/// Why a server cannot be used, and what to do.
pub(super) fn failure(server: &McpServer, fault: &ServerFault, stderr: &str) -> CommandError {
    let name = &server.name;
    let (kind, hint) = match fault {
        ServerFault::NeedsLogin => (ErrorKind::Credentials, format!("amx mcp login {name}")),
        ServerFault::Network(_) | ServerFault::NoAnswer(_) => {
            (ErrorKind::Network, format!("amx mcp test {name}"))
        }
        _ => (ErrorKind::Tool, "amx config edit".to_owned()),
    };
    CommandError::new(kind, format!("MCP server '{name}': {fault}"))
        .caused_by_words(cause(stderr))
        .hint(hint)
}

/// What a server wrote to stderr about its end: from the first line that mentions an error, else
/// the last lines.
fn cause(stderr: &str) -> String {
    let is_noise = |line: &str| NOISE.iter().any(|start| line.starts_with(start));
    let lines: Vec<&str> = stderr
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !is_noise(line))
        .collect();
    let end = &lines[lines.len().saturating_sub(STDERR_END)..];
    let mentions_error = |line: &&str| {
        let line = line.to_ascii_lowercase();
        line.contains("error") || line.contains("err!")
    };
    let last = end.len().saturating_sub(STDERR_LINES);
    let first = end.iter().position(mentions_error).unwrap_or(last);
    let shown: Vec<&str> = end[first..].iter().take(STDERR_LINES).copied().collect();
    shown.join(" · ")
}

/// A server that works, in one line and what is missing; empty for one that does not.
pub(super) fn summary(server: &McpServer, test: &ServerTest) -> Page {
    shown(server, test, false)
}

fn page(server: &McpServer, test: &ServerTest) -> Page {
    shown(server, test, true)
}

fn shown(server: &McpServer, test: &ServerTest, has_tools: bool) -> Page {
    let mut page = Page::default();
    let Ok((revision, list)) = &test.outcome else {
        return page;
    };
    page.line(
        Line::of(Role::Ok, "✓ ")
            .with(Role::Strong, &server.name)
            .and(format!(
                ": {} in {} (protocol {revision})",
                plural(list.tools.len(), "tool"),
                time::seconds(test.took)
            )),
    );
    for tool in list.tools.iter().filter(|_| has_tools) {
        let about = one_line(tool.description.as_deref().unwrap_or_default());
        let line = Line::plain(format!("  {:<NAME_WIDTH$}  {about}", tool.name));
        page.line(line.hanging(NAME_WIDTH + 4));
    }
    for what in &list.left_out {
        page.line(Line::of(Role::Warning, format!("  omitted: {what}")));
    }
    page
}

fn to_json(server: &McpServer, test: &ServerTest) -> Value {
    let mut row = json!({
        "name": server.name,
        "era": null,
        "ms": time::millis(test.took),
        "tools": null,
        "error": null,
        "stderr": test.stderr,
    });
    match &test.outcome {
        Ok((revision, list)) => {
            let tools = list.tools.iter().map(|tool| {
                json!({
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.parameters,
                })
            });
            row["era"] = (*revision).into();
            row["tools"] = tools.collect();
        }
        Err(fault) => row["error"] = fault.to_string().into(),
    }
    row
}
