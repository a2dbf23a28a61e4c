//! `amx mcp remove`: the server, and its secrets in the keyring.

use super::args::RemoveArgs;
use super::named::named;
use super::token::{self, Removed};
use super::write;
use crate::config::edit::{self, Edit};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::SecretError;
use crate::secrets::keyring::KeyringError;

pub(super) fn run(args: &RemoveArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let name = &args.name;
    let config = context.config()?;
    let server = named(name, &config)?;
    let section = config.section_of_server(name).unwrap_or_default();
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
    let deleted = write::delete_secrets(server, None, store.as_ref());
    let deleted = deleted.and_then(|()| match token::remove(name, context) {
        // Without a keyring there is no token in it.
        Err(SecretError::Keyring(KeyringError::Disabled | KeyringError::Unreachable(_))) => {
            Ok(Removed::Nothing)
        }
        other => other,
    });
    if let Err(error) = deleted {
        context.output.warning(&format!(
            "the secrets at keyring://amx/mcp/{name}/ stay there: {}",
            CommandError::from(error).in_one_line()
        ));
    }
    Ok(context
        .output
        .sentence(&format!("✓ Removed MCP server '{name}'"))?)
}
