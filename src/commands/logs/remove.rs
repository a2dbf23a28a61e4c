//! `amx logs remove`: deletes a destination, after a question.

use super::args::RemoveArgs;
use super::connect::Connection;
use super::named;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

pub(super) fn run(args: &RemoveArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    if !args.yes {
        context.require_terminal("logs remove", "amx logs remove NAME --yes")?;
    }
    let connection = Connection::open(context)?;
    let workspace = args.scope.workspace.as_deref();
    let found = named::find(&args.destination, workspace, &connection, context)?;
    let name = found.name.escape_debug();
    if !args.yes {
        let question = format!(
            "Remove {} destination '{name}' and its secrets?",
            found.kind
        );
        if !context.input.confirm(&question, false)? {
            return Err(CommandError::new(ErrorKind::No, "nothing was removed"));
        }
    }
    let id = found.id.as_str();
    let deleted = connection.run(context, async |client| client.delete(id).await);
    deleted.map_err(|error| named::with_name(error, &args.destination))?;
    let line = format!("✓ Removed {} destination '{name}' ({id})", found.kind);
    Ok(context.output.sentence(&line)?)
}
