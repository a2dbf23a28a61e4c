//! A tool as it is listed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::chat::tool::Declaration;
use crate::config::ConfigFile;
use crate::config::command_tool::Approve;
use crate::tools::names::sent_name;
use crate::tools::tool::Tool;
use crate::tools::{built_in, search};

/// What lists show of a tool.
pub(super) struct ListedTool {
    pub name: String,
    /// Its name where it comes from.
    own_name: String,
    /// Why models are not offered it.
    pub not_offered: Option<String>,
    pub source: String,
    pub description: Option<String>,
    parameters: Value,
    /// Of its declaration, estimated.
    pub tokens: u64,
    /// `ask`, or `allow` where it runs without a question.
    pub approve: &'static str,
}

impl ListedTool {
    /// `collisions` are the names that several tools have, and the words for them.
    pub(super) fn of(
        tool: &Tool,
        config: &ConfigFile,
        collisions: &BTreeMap<String, String>,
    ) -> Self {
        let declaration = Declaration {
            name: tool.name.clone(),
            description: tool.description.clone(),
            parameters: tool.parameters.clone(),
        };
        let command = config.tools.get(&tool.name);
        let is_allowed = tool.source == built_in::SOURCE
            || command.is_some_and(|command| command.approve == Approve::Allow)
            || is_allowed_of_server(tool, config);
        Self {
            tokens: search::tokens(&declaration),
            approve: if is_allowed { "allow" } else { "ask" },
            own_name: tool.own_name().to_owned(),
            not_offered: collisions
                .get(&tool.name)
                .cloned()
                .or_else(|| tool.runner.missing()),
            name: declaration.name,
            source: tool.source.clone(),
            description: declaration.description,
            parameters: declaration.parameters,
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "source": self.source,
            "description": self.description,
            "parameters": self.parameters,
            "tokens": self.tokens,
            "approve": self.approve,
            "own_name": self.own_name,
            "not_offered": self.not_offered,
        })
    }
}

/// Whether the settings of its server allow a tool.
fn is_allowed_of_server(tool: &Tool, config: &ConfigFile) -> bool {
    let mut servers = config.mcp_servers.values();
    let server = servers.find(|server| tool.source == format!("server {}", server.name));
    server.is_some_and(|server| {
        let mut tools = server.approve_tools.iter();
        let own = tools.find(|(name, _)| sent_name(&server.name, name) == tool.name);
        own.map_or(server.approve, |(_, approve)| *approve) == Approve::Allow
    })
}
