//! Checks of tools and MCP servers. Nothing is started.

use super::check::{Finding, or_ok};
use super::subject::Subject;
use crate::config::mcp_server::Transport;
use crate::present::count::plural;
use crate::tools::command::program_exists;
use crate::wire::redact::without_keys;

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
        let is_found = program_exists(program, &folder, path.unwrap_or_default());
        let words = format!("{name}: program '{}' not found", without_keys(program));
        (!is_found).then(|| Finding::warning(words, "amx config edit"))
    });
    let missing: Vec<Finding> = missing.collect();
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
