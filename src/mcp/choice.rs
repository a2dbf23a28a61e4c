//! Which servers the tools that are named need. Pure.

use std::collections::BTreeMap;

use crate::config::command_tool::SEPARATOR;
use crate::config::mcp_server::McpServer;
use crate::tools::names::is_pattern;

/// The servers of which a name or a pattern may choose a tool. A name without the separator is a
/// tool of no server.
pub(crate) fn needed(servers: &BTreeMap<String, McpServer>, wanted: &[String]) -> Vec<McpServer> {
    let is_needed = |server: &&McpServer| {
        let start = format!("{}{SEPARATOR}", server.name);
        wanted.iter().any(|wanted| may_choose(wanted, &start))
    };
    servers.values().filter(is_needed).cloned().collect()
}

/// Whether a name or a pattern may choose a name with this start.
fn may_choose(wanted: &str, start: &str) -> bool {
    if !is_pattern(wanted) {
        return wanted.starts_with(start);
    }
    // Up to the first `*`, each character of the pattern is one of the name.
    for (of_pattern, of_start) in wanted.chars().zip(start.chars()) {
        match of_pattern {
            '*' => return true,
            '?' => {}
            _ if of_pattern == of_start => {}
            _ => return false,
        }
    }
    wanted.chars().count() > start.chars().count() || wanted.contains('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_needed_where_a_name_or_pattern_may_choose_a_tool_of_it() {
        for (wanted, is_needed) in [
            ("github__get_me", true),
            ("github__*", true),
            ("github__", true),
            ("git*", true),
            ("*", true),
            ("*_me", true),
            ("g?thub__x", true),
            ("?ithub__x*", true),
            ("github", false),
            ("gitlab__get_me", false),
            ("gitl*", false),
            ("weather", false),
            ("w*", false),
            ("github??", false),
        ] {
            assert_eq!(may_choose(wanted, "github__"), is_needed, "{wanted}");
        }
    }
}
