//! The names of tools, also in a list: `weather,now`.

use super::candidate::Candidate;
use crate::config::command_tool::{BUILT_IN, SEPARATOR};
use crate::config::{ConfigFile, Home};
use crate::tools::search;

/// Commands with their descriptions, built-in tools, and a pattern for each server; none when the
/// configuration cannot be read.
pub(crate) fn tools(home: &Home) -> Vec<(String, String)> {
    let Ok(config) = ConfigFile::load_for_edit(home) else {
        return Vec::new();
    };
    let commands = config.tools.into_values().map(|tool| {
        let about = tool.description.unwrap_or_default();
        (
            tool.name,
            about.lines().next().unwrap_or_default().to_owned(),
        )
    });
    let built_in = BUILT_IN.iter().filter(|name| **name != search::NAME);
    let built_in = built_in.map(|name| ((*name).to_owned(), "built-in".to_owned()));
    let servers = config.mcp_servers.into_keys().map(|name| {
        let about = format!("all tools of MCP server '{name}'");
        (format!("{name}{SEPARATOR}*"), about)
    });
    commands.chain(built_in).chain(servers).collect()
}

/// The candidates for the last name of a list.
pub(super) fn of_list(text: &str, home: &Home) -> Vec<Candidate> {
    let at = text.rfind(',').map_or(0, |comma| comma + 1);
    let (before, start) = text.split_at(at);
    let is_new = |name: &str| !before.split(',').any(|known| known == name);
    tools(home)
        .into_iter()
        .filter(|(name, _)| name.starts_with(start) && is_new(name))
        .map(|(name, about)| Candidate::new(name, about).after(before))
        .collect()
}
