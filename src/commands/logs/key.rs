//! `amx logs key`: the management key in the keyring.

use std::time::Duration;

use super::args::KeyArgs;
use super::connect::{Connection, KEY_USER, openrouter};
use super::failure::KEYS_PAGE;
use crate::ask::connection::origin;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::credential::{delete_key, store_key};
use crate::secrets::reference::SERVICE;
use crate::wire::api_key::ApiKey;

/// How long to wait for the key on stdin.
const STDIN_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn run(args: &KeyArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let store = context.equipment.keyring();
    if args.remove {
        let is_stored = store
            .get(SERVICE, KEY_USER)
            .map_err(crate::secrets::SecretError::from)?
            .is_some();
        if !is_stored {
            let message = "no management key in the keyring";
            return Err(CommandError::new(ErrorKind::No, message).hint("amx logs key"));
        }
        delete_key(store.as_ref(), SERVICE, KEY_USER)?;
        let line =
            format!("✓ Removed the management key from the keyring; revoke it at {KEYS_PAGE}");
        return Ok(context.output.sentence(&line)?);
    }
    let key = if args.stdin {
        key_from_stdin(context)?
    } else {
        ask(context)?
    };
    let settings = openrouter(context)?;
    let origin = origin(&settings);
    // A key for models is refused here, before it is stored.
    let connection = Connection::with_key(settings, key.clone());
    let all = connection.run(context, async |client| client.list(None).await)?;
    super::known::remember(&all, context);
    store_key(store.as_ref(), SERVICE, KEY_USER, &key, &origin)?;
    let line = format!("✓ Stored the management key at keyring://{SERVICE}/{KEY_USER}");
    Ok(context.output.sentence(&line)?)
}

fn ask(context: &mut Context<'_>) -> Result<ApiKey, CommandError> {
    context.require_terminal("logs key", "amx logs key --stdin < key.txt")?;
    context
        .output
        .say(&format!("Create a management key at {KEYS_PAGE}"));
    let check = |text: &str| ApiKey::parse(text).map(drop).map_err(|why| why.to_string());
    let text = context.input.secret("Management key", false, &check)?;
    parsed(&text)
}

fn key_from_stdin(context: &mut Context<'_>) -> Result<ApiKey, CommandError> {
    let output = &mut *context.output;
    let bytes = context.input.read_stdin(STDIN_TIMEOUT, &mut || {
        output.note("waiting for the key on stdin");
    })?;
    let text = String::from_utf8_lossy(&bytes);
    parsed(text.trim_end_matches(['\r', '\n']))
}

fn parsed(text: &str) -> Result<ApiKey, CommandError> {
    ApiKey::parse(text).map_err(|error| {
        CommandError::new(ErrorKind::Credentials, error.to_string())
            .hint(format!("{KEYS_PAGE}   (create a key)"))
    })
}
