//! `amx logs set`: changes what is given, and nothing else.

use serde_json::Value;

use super::add::{report, settings_body};
use super::args::SetArgs;
use super::connect::Connection;
use super::{named, values};
use crate::account::destinations::kinds;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

pub(super) fn run(args: &SetArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let mut body = settings_body(&args.settings);
    if args.all_api_keys {
        body.insert("api_key_hashes".to_owned(), Value::Null);
    }
    if body.is_empty() && args.settings.fields.is_empty() {
        return Err(CommandError::usage("nothing to change")
            .hint("amx logs set NAME --sampling-rate 0.1")
            .hint("amx logs set --help"));
    }
    let connection = Connection::open(context)?;
    let workspace = args.settings.scope.workspace.as_deref();
    let found = named::find(&args.destination, workspace, &connection, context)?;
    let config = values::given(kinds::find(&found.kind), &args.settings.fields, context)?;
    if !config.is_empty() {
        body.insert("config".to_owned(), Value::Object(config));
    }
    let body = Value::Object(body);
    let id = found.id.as_str();
    let changed = connection.run(context, async |client| client.update(id, body).await);
    let changed = changed.map_err(|error| named::with_name(error, &args.destination))?;
    report("Changed", &changed, args.settings.json, context)
}
