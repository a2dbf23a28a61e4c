//! `/mcp`: the MCP servers, and where each is.

use crate::commands::conversation::state::{Conversation, Next};
use crate::commands::mcp;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// Runs `/mcp`.
///
/// # Errors
/// The output is closed.
pub(super) fn mcp(
    _: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let handle = conversation.tools.servers(&context.equipment).clone();
    mcp::show_states(&conversation.config, &handle, context)?;
    Ok(Next::Prompt)
}
