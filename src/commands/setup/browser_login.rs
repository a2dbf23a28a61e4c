//! The login to OpenRouter in the browser: OAuth, then a profile with the key.

use std::time::Duration;

use super::checks::check_name;
use super::draft::Draft;
use super::key_place::{self, KeyOwner, KeyPlace};
use super::save;
use crate::account::login::{Login, LoginError};
use crate::ask::failure;
use crate::commands::browser;
use crate::config::base_url::parse_base_url;
use crate::config::file::SCHEMA_VERSION;
use crate::config::profile::Profile;
use crate::config::{ConfigError, ConfigFile, env, model_choice};
use crate::ports::context::Context;
use crate::ports::equipment::block_on;
use crate::ports::error::{CommandError, ErrorKind};
use crate::providers::{self, ProviderEntry};
use crate::wire::api_key::ApiKey;

/// How long stdin may send nothing before the code is missing: the code is valid as long.
const STDIN_TIMEOUT: Duration = Duration::from_secs(600);

/// Logs in and saves the key in the profile. Headless: prints the URL and reads the code.
pub(crate) fn log_in(
    profile: &str,
    is_headless: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    check_name(profile)
        .map_err(|why| CommandError::usage(why).hint("amx login --profile openrouter"))?;
    let config = context.config()?;
    let existing = if config.profiles.contains_key(profile) {
        config.expanded(profile, &context.equipment.environment)?
    } else {
        Profile::default()
    };
    let entry = openrouter()?;
    // The code works once: everything that can fail is checked before it is spent.
    require_provider(profile, entry, &config)?;
    require_writable(&config)?;
    let owner = KeyOwner {
        profile,
        config: &config,
        entry,
        is_typed: false,
    };
    let place = key_place::find(&owner, &mut |_, _| Ok(true), context)?;
    let (key_file, key_reference) = match place {
        KeyPlace::Keyring => (None, None),
        KeyPlace::File(path) => (Some(path), None),
        KeyPlace::Reference(reference) => (None, Some(reference)),
    };
    // A key from elsewhere needs no login.
    let key = match &key_reference {
        Some(_) => None,
        None => Some(obtain(
            is_headless,
            entry,
            existing.base_url.as_deref(),
            context,
        )?),
    };
    let suggested = || entry.suggested_model.to_owned();
    let draft = Draft {
        name: profile.to_owned(),
        entry,
        model: existing.model.clone().unwrap_or_else(suggested),
        base_url: None,
        present_base_url: existing.base_url.clone(),
        allow_insecure: existing.allow_insecure.unwrap_or(false),
        key,
        key_file,
        key_reference,
        temperature: existing.temperature,
        max_tokens: existing.max_tokens,
        alternatives: existing.n_alternatives,
        activate: false,
    };
    save::save(&draft, context)
}

fn openrouter() -> Result<&'static ProviderEntry, CommandError> {
    providers::find("openrouter").ok_or_else(|| {
        CommandError::new(
            ErrorKind::Bug,
            "provider openrouter is missing from the table",
        )
    })
}

fn require_provider(
    profile: &str,
    entry: &ProviderEntry,
    config: &ConfigFile,
) -> Result<(), CommandError> {
    let provider = model_choice::provider_of(profile, config);
    if provider == entry.name {
        return Ok(());
    }
    Err(CommandError::usage(format!(
        "profile '{profile}' uses provider {provider}, not openrouter"
    ))
    .hint("amx login --profile NEW-NAME"))
}

/// An error when config.yml has a newer schema, which is read only.
fn require_writable(config: &ConfigFile) -> Result<(), CommandError> {
    match config.schema_version() {
        Some(found) if found > SCHEMA_VERSION => Err(ConfigError::NewerSchema {
            path: config.path.clone(),
            found,
            known: SCHEMA_VERSION,
        }
        .into()),
        _ => Ok(()),
    }
}

fn obtain(
    is_headless: bool,
    entry: &ProviderEntry,
    base_url: Option<&str>,
    context: &mut Context<'_>,
) -> Result<ApiKey, CommandError> {
    let text = context
        .equipment
        .environment
        .get(&env::OPENROUTER_BASE_URL)?
        .map(str::to_owned);
    let text = text
        .as_deref()
        .or(base_url)
        .or(entry.base_url)
        .unwrap_or_default();
    let base_url = parse_base_url(text, false).map_err(CommandError::usage)?;
    let options = context.equipment.client_options()?;
    let login = Login::begin(base_url, &options).map_err(explain)?;
    let code = if is_headless {
        context
            .output
            .say("Open this URL in a browser, authorize amx, and copy the code:");
        context
            .output
            .say(&format!("\n  {}\n", login.page_for_pasting()));
        paste_code(context)?
    } else {
        block_on(code_from_browser(&login, context))??
    };
    block_on(login.exchange(&code))?.map_err(explain)
}

async fn code_from_browser(
    login: &Login,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let (page, callback) = login.listen().map_err(explain)?;
    browser::open(page.as_str(), "amx login --headless", context);
    callback.code().await.map_err(explain)
}

fn paste_code(context: &mut Context<'_>) -> Result<String, CommandError> {
    let check = |text: &str| {
        if text.trim().is_empty() {
            Err("paste the code, or press Ctrl-C".to_owned())
        } else {
            Ok(())
        }
    };
    if context.input.can_ask() {
        return Ok(context.input.text("Code", None, &check)?);
    }
    let output = &mut *context.output;
    let bytes = context.input.read_stdin(STDIN_TIMEOUT, &mut || {
        output.note("waiting for the code on stdin");
    })?;
    let code = String::from_utf8_lossy(&bytes).trim().to_owned();
    check(&code).map_err(|_| {
        CommandError::new(ErrorKind::Input, "no code on stdin").hint("amx login --headless")
    })?;
    Ok(code)
}

fn explain(error: LoginError) -> CommandError {
    let message = error.to_string();
    match error {
        LoginError::Wire(error) => CommandError::new(failure::kind_of_wire(&error), message)
            .caused_by_words(error.root_cause())
            .hint("amx login --headless"),
        LoginError::NoAnswer => CommandError::new(ErrorKind::TryLater, message).hint("amx login"),
        LoginError::CodeRefused { words, .. } => CommandError::new(ErrorKind::Credentials, message)
            .caused_by_words(words)
            .hint("amx login"),
        LoginError::Port(source) => CommandError::new(ErrorKind::LocalIo, message)
            .caused_by(source)
            .hint("amx login --headless"),
        LoginError::Random => CommandError::new(ErrorKind::LocalIo, message),
        LoginError::Denied | LoginError::TimedOut | LoginError::Unreadable | LoginError::Key(_) => {
            CommandError::new(ErrorKind::Credentials, message).hint("amx login")
        }
    }
}
