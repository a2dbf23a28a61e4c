//! Finds a tool by its name.

use crate::catalog::nearest::closest;
use crate::ports::error::CommandError;
use crate::tools::tool::Tool;

/// The tool of that name.
///
/// # Errors
/// When there is none; the hint has the nearest name.
pub(super) fn found(tools: Vec<Tool>, name: &str) -> Result<Tool, CommandError> {
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
