//! Checks of tools and MCP servers. Nothing is started: a server that did not start when it was
//! last needed is reported from then.

use super::check::{Finding, or_ok};
use super::subject::Subject;
use crate::config::ConfigFile;
use crate::config::mcp_server::{McpServer, Transport};
use crate::mcp::kept::last_failure;
use crate::platform::programs::find_program;
use crate::present::count::plural;
use crate::present::time;
use crate::wire::redact::without_keys;

/// The servers that did not start when they were last needed.
fn failed(subject: &Subject, config: &ConfigFile) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return Vec::new();
    };
    let finding = |server: &McpServer| {
        let failed = last_failure(home, server)?;
        let (name, ago) = (&server.name, time::age(failed.at, subject.now));
        let why = without_keys(&failed.why);
        let words = format!("MCP server {name}: did not start {ago} ago: {why}");
        Some(Finding::warning(words, format!("amx mcp test {name}")))
    };
    config.mcp_servers.values().filter_map(finding).collect()
}

/// The programs of commands and servers exist.
pub(super) fn programs(subject: &Subject) -> Vec<Finding> {
    let Ok(config) = &subject.config else {
        return Vec::new();
    };
    let tools = config.tools.values().filter(|tool| !tool.is_shell);
    let tools = tools.map(|tool| (format!("tool {}", tool.name), &tool.command, &tool.cwd));
    let servers = config.mcp_servers.values();
    let servers = servers.filter_map(|server| match &server.transport {
        Transport::Stdio { command, cwd, .. } => {
            Some((format!("MCP server {}", server.name), command, cwd))
        }
        Transport::Http { .. } => None,
    });
    let path = subject.environment.named("PATH").ok().flatten();
    let missing = tools.chain(servers).filter_map(|(name, command, cwd)| {
        let program = command.first().filter(|program| !program.contains("${"))?;
        let folder = match cwd {
            Some(cwd) => crate::config::home::expanded(&cwd.to_string_lossy()),
            None => std::env::current_dir().unwrap_or_default(),
        };
        let is_found = find_program(program, &folder, path.unwrap_or_default()).is_some();
        let words = format!("{name}: program '{}' not found", without_keys(program));
        (!is_found).then(|| Finding::warning(words, "amx config edit"))
    });
    let mut missing: Vec<Finding> = missing.collect();
    missing.extend(failed(subject, config));
    if config.tools.is_empty() && config.mcp_servers.is_empty() {
        return vec![Finding::skipped("no tools and no MCP servers")];
    }
    let words = format!(
        "{}, {}: programs found",
        plural(config.tools.len(), "tool"),
        plural(config.mcp_servers.len(), "MCP server")
    );
    or_ok(missing, &words)
}
