//! The tools of servers that a question is offered.

use std::sync::Arc;

use super::fault::{LostServer, ServerFault};
use super::servers::Servers;
use super::session::ToolList;
use super::tool::tool;
use crate::config::mcp_server::McpServer;
use crate::tools::names::matches;
use crate::tools::tool::Tool;

/// The tools of a question.
#[derive(Default)]
pub(crate) struct ServerTools {
    /// In the order of the servers, and of the list of each.
    pub tools: Vec<Tool>,
    /// The servers whose tools are lost, and why.
    pub lost: Vec<LostServer>,
    /// Single tools that cannot be offered, in words: a warning each.
    pub left_out: Vec<String>,
}

impl ServerTools {
    /// What is missing, in words.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        let lost = self.lost.iter().map(LostServer::warning);
        lost.chain(self.left_out.iter().cloned())
    }

    fn add(&mut self, handle: &Servers, server: &McpServer, list: ToolList) {
        let words = list.left_out.iter();
        let words = words.map(|what| format!("MCP server {}: omitted {what}", server.name));
        self.left_out.extend(words);
        let server = Arc::new(server.clone());
        let tools = list.tools.into_iter();
        let offered = tools.filter(|tool| is_offered(&server, &tool.name));
        self.tools
            .extend(offered.map(|declared| tool(handle, &server, declared)));
    }

    fn lose(&mut self, server: &McpServer, fault: ServerFault) {
        let name = server.name.clone();
        self.lost.push(LostServer { name, fault });
    }
}

/// The tools of servers, from the lists that are kept; nothing is started.
/// [`Servers::start_missing`] comes before it.
pub(crate) fn offered(handle: &Servers, servers: &[McpServer]) -> ServerTools {
    let mut found = ServerTools::default();
    for (server, list) in servers.iter().zip(handle.lists(servers)) {
        match list {
            Ok(list) => found.add(handle, server, list),
            Err(fault) => found.lose(server, fault),
        }
    }
    found
}

/// Whether the settings of a server offer a tool.
fn is_offered(server: &McpServer, tool: &str) -> bool {
    let any = |globs: &[String]| globs.iter().any(|glob| matches(glob, tool));
    (server.only.is_empty() || any(&server.only)) && !any(&server.except)
}
