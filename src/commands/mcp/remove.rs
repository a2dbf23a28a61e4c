//! `amx mcp remove`: the server, and its secrets in the keyring.

use super::args::RemoveArgs;
use super::named::no_server;
use super::write;
use crate::config::edit::{self, Edit};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

pub(super) fn run(args: &RemoveArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let name = &args.name;
    let config = context.config()?;
    let (Some(server), Some(section)) =
        (config.mcp_servers.get(name), config.section_of_server(name))
    else {
        return Err(no_server(name, &config));
    };
    if !args.yes {
        context.require_terminal("mcp remove", "amx mcp remove NAME --yes")?;
        let question = format!("Remove MCP server '{name}' and its stored secrets?");
        if !context.input.confirm(&question, false)? {
            return Err(CommandError::new(ErrorKind::No, "nothing was removed"));
        }
    }
    edit::edit(&context.home()?, |_| {
        Ok::<_, CommandError>(vec![Edit::remove(&[section, name])])
    })?;
    let store = context.equipment.keyring();
    if let Err(error) = write::delete_secrets(server, None, store.as_ref()) {
        context.output.warning(&format!(
            "the secrets at keyring://amx/mcp/{name}/ stay there: {}",
            CommandError::from(error).in_one_line()
        ));
    }
    Ok(context
        .output
        .line(&format!("✓ Removed MCP server '{name}'"))?)
}
