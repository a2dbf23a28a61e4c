//! `amx logs add`: a destination with its fields, from flags or prompts.

use serde_json::{Map, Value, json};

use super::args::{AddArgs, SettingsArgs};
use super::connect::Connection;
use super::values;
use crate::account::destinations::destination::Destination;
use crate::account::destinations::kinds::{self, DestinationKind, Field, MOST_PER_KIND, Need};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

pub(super) fn run(args: &AddArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let Some(kind) = kinds::find(&args.kind) else {
        return Err(CommandError::usage("unknown kind").hint("amx logs kinds"));
    };
    let mut config = values::given(Some(kind), &args.settings.fields, context)?;
    complete(kind, &args.settings.fields, &mut config, context)?;
    let connection = Connection::open(context)?;
    require_room(kind, &args.settings, &connection, context)?;
    let mut body = settings_body(&args.settings);
    body.insert("type".to_owned(), json!(kind.name));
    body.insert("config".to_owned(), Value::Object(config));
    body.entry("name").or_insert_with(|| json!(kind.title));
    if let Some(workspace) = &args.settings.scope.workspace {
        body.insert("workspace_id".to_owned(), json!(workspace));
    }
    let body = Value::Object(body);
    let added = connection.run(context, async |client| client.create(body).await)?;
    report("Added", &added, args.settings.json, context)
}

/// Prompts for required fields that are missing; without a terminal they are an error.
fn complete(
    kind: &DestinationKind,
    flags: &[String],
    config: &mut Map<String, Value>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let missing: Vec<&'static Field> = kind
        .all_fields()
        .filter(|field| field.need == Need::Required && !config.contains_key(field.name))
        .collect();
    if !missing.is_empty() && !context.input.can_ask() {
        let names: Vec<&str> = missing.iter().map(|field| field.name).collect();
        let message = format!("a {} destination needs {}", kind.name, names.join(", "));
        let set = |field: &&Field| {
            if field.is_secret() {
                format!("--set '{}=${{VARIABLE}}'", field.name)
            } else {
                format!("--set {}=VALUE", field.name)
            }
        };
        let flags: Vec<String> = missing.iter().map(set).collect();
        return Err(CommandError::usage(message).hint(format!(
            "amx logs add {} {}",
            kind.name,
            flags.join(" ")
        )));
    }
    // Who gives no field at all is led through those with a default too.
    let is_guided = flags.is_empty() && context.input.can_ask();
    for field in kind.fields {
        let default = match field.need {
            Need::Default(default) if is_guided => Some(default),
            Need::Required if !config.contains_key(field.name) => None,
            _ => continue,
        };
        let value = values::ask(field.name, field.is_secret(), default, context)?;
        if default != Some(value.as_str()) {
            values::put(field, &value, config)?;
        }
    }
    Ok(())
}

/// OpenRouter accepts only so many of a kind; it says so less clearly.
fn require_room(
    kind: &DestinationKind,
    settings: &SettingsArgs,
    connection: &Connection,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let workspace = settings.scope.workspace.as_deref();
    let all = connection.run(context, async |client| client.list(workspace).await)?;
    super::known::remember(&all, context);
    let count = all.iter().filter(|one| one.kind == kind.name).count();
    if count < MOST_PER_KIND {
        return Ok(());
    }
    let message = format!(
        "the account has {count} {} destinations; OpenRouter accepts {MOST_PER_KIND} of a kind",
        kind.name
    );
    Err(CommandError::new(ErrorKind::Refused, message)
        .hint("amx logs list")
        .hint("amx logs remove NAME"))
}

/// The fields of a request that `add` and `set` share.
pub(super) fn settings_body(args: &SettingsArgs) -> Map<String, Value> {
    let hashes = Some(&args.api_key_hash).filter(|hashes| !hashes.is_empty());
    let fields = [
        ("name", args.name.as_ref().map(|name| json!(name))),
        ("sampling_rate", args.sampling_rate.map(|rate| json!(rate))),
        ("privacy_mode", args.privacy_mode.map(|is_on| json!(is_on))),
        ("enabled", args.enabled.map(|is_on| json!(is_on))),
        ("api_key_hashes", hashes.map(|hashes| json!(hashes))),
    ];
    let given = fields.into_iter();
    given
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// One line, or the destination as JSON.
///
/// # Errors
/// Stdout cannot be written.
pub(super) fn report(
    verb: &str,
    destination: &Destination,
    as_json: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    if as_json {
        return Ok(context.output.json(&destination.to_json())?);
    }
    let line = format!(
        "✓ {verb} {} destination '{}' ({})",
        destination.kind,
        destination.name.escape_debug(),
        destination.id
    );
    Ok(context.output.sentence(&line)?)
}
