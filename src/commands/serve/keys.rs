//! `amx serve keys`: adds, lists and removes the keys of clients.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::args::{AddArgs, KeysCommand};
use crate::gateway::client_key::{ClientKey, generate, hash_text, seconds};
use crate::gateway::key_file::{self, KeyFileError};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::table::{Cell, Column, Table};
use crate::present::time;
use crate::wire::key_forms::masked;

/// Longest name, in characters.
const LONGEST_NAME: usize = 64;

pub(super) fn run(command: &KeysCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        KeysCommand::Add(args) => {
            let key = add(args, context)?;
            context.output.line(&key)?;
            Ok(())
        }
        KeysCommand::List(args) => list(args.json, context),
        KeysCommand::Remove(args) => remove(&args.name, context),
    }
}

/// Adds a key and returns it; it is not stored.
///
/// # Errors
/// The name is taken, or the file cannot be written.
pub(super) fn add(args: &AddArgs, context: &Context<'_>) -> Result<String, CommandError> {
    check_name(&args.name)?;
    if args
        .per_day
        .is_some_and(|usd| !usd.is_finite() || usd < 0.0)
    {
        return Err(CommandError::usage("--per-day must be an amount in USD"));
    }
    if args.models.iter().any(String::is_empty) {
        return Err(CommandError::usage("--models has an empty pattern"));
    }
    let no_random =
        || CommandError::new(ErrorKind::LocalIo, "the system provides no random numbers");
    let key = generate().ok_or_else(no_random)?;
    let now = SystemTime::now();
    let entry = ClientKey {
        name: args.name.clone(),
        sha256: hash_text(&key),
        created_at: seconds(now),
        expires_at: args.expires.map(|age| seconds(now + age)),
        per_day: args.per_day,
        rpm: args.rpm,
        concurrent: args.concurrent,
        models: args.models.clone(),
    };
    let is_added = key_file::change(&context.home()?, |keys| {
        let is_free = keys.iter().all(|other| other.name != entry.name);
        keys.extend(is_free.then_some(entry));
        is_free
    })
    .map_err(file_error)?;
    if is_added {
        return Ok(key);
    }
    let message = format!("key '{}' already exists", args.name);
    let remove = format!("amx serve keys remove {}", args.name);
    Err(CommandError::new(ErrorKind::Input, message).hint(remove))
}

fn check_name(name: &str) -> Result<(), CommandError> {
    let is_name = (1..=LONGEST_NAME).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if masked(name) != name {
        return Err(CommandError::usage(
            "the name of a key must not be an API key",
        ));
    }
    if is_name {
        return Ok(());
    }
    Err(CommandError::usage(format!(
        "'{}' is not a name for a key: at most {LONGEST_NAME} of a-z, A-Z, 0-9, '.', '_' and '-'",
        name.escape_debug()
    )))
}

fn remove(name: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    let shown = masked(name);
    let is_removed = key_file::change(&context.home()?, |keys| {
        let before = keys.len();
        keys.retain(|key| key.name != name);
        keys.len() < before
    })
    .map_err(file_error)?;
    if !is_removed {
        let message = format!("no key '{}'", shown.escape_debug());
        return Err(CommandError::new(ErrorKind::Input, message).hint("amx serve keys list"));
    }
    context.output.note(&format!(
        "key '{shown}' removed; running servers stop accepting it"
    ));
    Ok(())
}

const COLUMNS: [Column; 7] = [
    Column::left("NAME"),
    Column::left("CREATED").omitted(1),
    Column::left("EXPIRES"),
    Column::right("USD/DAY"),
    Column::right("REQ/MIN"),
    Column::right("PARALLEL"),
    Column::left("MODELS").shrinks_to(12),
];

fn list(is_json: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let keys = key_file::read(&context.home()?).map_err(file_error)?;
    if is_json {
        let keys: Vec<Value> = keys.iter().map(as_json).collect();
        context.output.json(&json!({"keys": keys}))?;
        return Ok(());
    }
    if keys.is_empty() {
        context
            .output
            .note("no keys; add one with: amx serve keys add NAME");
        return Ok(());
    }
    let page = table(&keys).page_lines(context.table_width()).into_iter();
    Ok(context.output.page(&page.collect())?)
}

fn table(keys: &[ClientKey]) -> Table<7> {
    let mut table = Table::new(COLUMNS);
    let now = SystemTime::now();
    for key in keys {
        let expires = match key.expires_at {
            None => "never".to_owned(),
            Some(_) if key.has_expired(now) => "expired".to_owned(),
            Some(expires) => time::local(at(expires)),
        };
        let or_none = |limit: Option<String>| limit.unwrap_or_else(|| "-".to_owned());
        let models = if key.models.is_empty() {
            "all".to_owned()
        } else {
            key.models.join(", ")
        };
        table.row([
            Cell::from(masked(&key.name)),
            time::local(at(key.created_at)).into(),
            expires.into(),
            or_none(key.per_day.map(|usd| format!("${usd}"))).into(),
            or_none(key.rpm.map(|rpm| rpm.to_string())).into(),
            or_none(key.concurrent.map(|most| most.to_string())).into(),
            models.into(),
        ]);
    }
    table
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn as_json(key: &ClientKey) -> Value {
    json!({
        "name": masked(&key.name),
        "created_at": time::utc(at(key.created_at)),
        "expires_at": key.expires_at.map(|expires| time::utc(at(expires))),
        "per_day_usd": key.per_day,
        "rpm": key.rpm,
        "concurrent": key.concurrent,
        "models": key.models,
    })
}

/// The error of the file of keys.
pub(super) fn file_error(error: KeyFileError) -> CommandError {
    let kind = match &error {
        KeyFileError::Invalid { .. } | KeyFileError::Newer { .. } => ErrorKind::Config,
        _ => ErrorKind::LocalIo,
    };
    let message = error.to_string();
    let source = std::error::Error::source(&error).map(ToString::to_string);
    let error = CommandError::new(kind, message);
    let error = match kind {
        ErrorKind::LocalIo => error.hint("check space and permissions, then run the command again"),
        _ => error,
    };
    match source {
        Some(words) => error.caused_by_words(words),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_cannot_be_written_has_a_hint_of_its_own() {
        let path = std::path::PathBuf::from("serve-keys.json");
        let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let error = file_error(KeyFileError::Write { path, source });
        assert_eq!(error.hints.len(), 1);
        assert!(error.hints[0].contains("space"), "{:?}", error.hints);
    }

    #[test]
    fn an_api_key_is_no_name_and_is_not_repeated() {
        let key = "sk-proj-0123456789abcdef0123";
        let error = check_name(key).unwrap_err().message;
        assert!(!error.contains(key) && error.contains("API key"), "{error}");
        assert!(check_name("laptop-1").is_ok());
        let entry = ClientKey::sample(key);
        assert!(!as_json(&entry).to_string().contains(key));
    }
}
