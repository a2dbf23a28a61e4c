//! A tool of a server, as questions use it.

use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::declaration::ToolDeclaration;
use super::fault::ServerFault;
use super::servers::Servers;
use super::target::identity;
use crate::config::command_tool::Approve;
use crate::config::mcp_server::{McpServer, Transport};
use crate::ports::approval::{CallToApprove, Standing};
use crate::tools::excerpt::excerpt;
use crate::tools::names::sent_name;
use crate::tools::tool::{Call, NO_OUTPUT, Pending, Runner, Tool, ToolOutput};
use crate::wire::canonical;
use crate::wire::redact::stored;

/// Most of a result that the model is given, in bytes.
const MOST_GIVEN: usize = 100 * 1024;

/// The tool of a server as it was listed.
pub(super) fn tool(servers: &Servers, server: &Arc<McpServer>, listed: ToolDeclaration) -> Tool {
    let name = sent_name(&server.name, &listed.name);
    Tool {
        name: name.clone(),
        description: listed.description.clone(),
        parameters: listed.parameters.clone(),
        source: format!("server {}", server.name),
        may_repeat: false,
        runner: Rc::new(ServerTool {
            servers: servers.clone(),
            server: Arc::clone(server),
            listed,
            name,
        }),
    }
}

struct ServerTool {
    servers: Servers,
    server: Arc<McpServer>,
    /// What the model was given.
    listed: ToolDeclaration,
    /// As it is sent to the model.
    name: String,
}

impl Runner for ServerTool {
    fn prepare<'a>(&'a self, arguments: &'a Value) -> Pending<'a, Result<Box<dyn Call>, String>> {
        Box::pin(async move {
            let asked = self.servers.declaration(&self.server, &self.listed.name);
            let declared = asked.await.map_err(|fault| self.words(&fault))?;
            let text = canonical::json(arguments);
            let call: Box<dyn Call> = Box::new(ServerCall {
                servers: self.servers.clone(),
                server: Arc::clone(&self.server),
                shown: self.shown(&declared, text),
                declared,
            });
            Ok(call)
        })
    }

    fn own_name(&self) -> Option<&str> {
        Some(&self.listed.name)
    }
}

impl ServerTool {
    fn words(&self, fault: &ServerFault) -> String {
        format!("error: MCP server '{}': {fault}", self.server.name)
    }

    fn shown(&self, declared: &ToolDeclaration, text: String) -> CallToApprove {
        CallToApprove {
            tool: self.name.clone(),
            source: format!("mcp server {}", self.server.name),
            server: Some(self.server.name.clone()),
            text,
            target: match &self.server.transport {
                Transport::Stdio { cwd, .. } => cwd.as_ref().map(|cwd| cwd.display().to_string()),
                Transport::Http { url, .. } => Some(url.clone()),
            },
            claims: declared.claims(),
            change: None,
            definition: declared.definition(&identity(&self.server).server),
            standing: standing(&self.server, &self.listed.name),
        }
    }
}

/// What the settings of a server say about a tool.
fn standing(server: &McpServer, tool: &str) -> Standing {
    match server.approve_tools.get(tool).unwrap_or(&server.approve) {
        Approve::Ask => Standing::Ask,
        Approve::Allow => Standing::AllowedAsSeen,
    }
}

/// A call whose arguments are the JSON that was shown.
struct ServerCall {
    servers: Servers,
    server: Arc<McpServer>,
    declared: ToolDeclaration,
    shown: CallToApprove,
}

impl Call for ServerCall {
    fn shown(&self) -> CallToApprove {
        self.shown.clone()
    }

    fn run(self: Box<Self>) -> Pending<'static, ToolOutput> {
        Box::pin(async move {
            // It was JSON a moment ago.
            let arguments: Value = serde_json::from_str(&self.shown.text).unwrap_or_default();
            let called = self.servers.call(&self.server, self.declared, arguments);
            match called.await {
                Ok(result) if result.text.is_empty() => ToolOutput {
                    content: NO_OUTPUT.to_owned(),
                    is_error: result.is_error,
                    bytes: 0,
                },
                Ok(result) => ToolOutput {
                    bytes: result.text.len() as u64,
                    content: excerpt(&stored(&result.text), MOST_GIVEN),
                    is_error: result.is_error,
                },
                Err(fault) => ToolOutput {
                    content: failed(&fault, &self.server.name),
                    is_error: true,
                    bytes: 0,
                },
            }
        })
    }
}

/// The result of a call that failed, which the user reads as well.
fn failed(fault: &ServerFault, server: &str) -> String {
    let hint = if fault.needs_login() {
        format!("; {}", fault.hint(server))
    } else {
        String::new()
    };
    format!("error: MCP server '{server}': {fault}{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_without_a_login_names_the_command_for_one() {
        let words = failed(&ServerFault::NeedsLogin, "docs");
        assert_eq!(
            words,
            "error: MCP server 'docs': the server requires a login (401); amx mcp login docs"
        );
        let words = failed(&ServerFault::Stopped, "docs");
        assert_eq!(
            words,
            "error: MCP server 'docs': the servers have been stopped"
        );
    }
}
