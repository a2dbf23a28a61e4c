//! Finds a tool by its name.

use crate::catalog::nearest::closest;
use crate::ports::error::{CommandError, ErrorKind};
use crate::tools::names::collisions;
use crate::tools::tool::Tool;

/// The tool of that name.
///
/// # Errors
/// When there is none, with the nearest name as a hint, or several.
pub(super) fn found(tools: Vec<Tool>, name: &str) -> Result<Tool, CommandError> {
    if let Some(why) = collisions(&tools).get(name) {
        let message = format!("{name} cannot be called: {why}");
        return Err(CommandError::new(ErrorKind::Tool, message)
            .hint("mcp_servers in config.yml: except: leaves one of them out"));
    }
    let known: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let near = closest(name, known.iter().copied()).map(str::to_owned);
    tools
        .into_iter()
        .find(|tool| tool.name == name)
        .ok_or_else(|| {
            let error = CommandError::usage(format!("no tool '{}'", name.escape_debug()));
            let error = match near {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error,
            };
            error.hint("amx tools list")
        })
}
