//! `amx login`: a key from OpenRouter by way of the browser, and the three ways in for a first run.

use std::time::Duration;

use clap::Args;

use super::add_llm_profile::{self, AddLlmProfileArgs, Draft};
use crate::account::login::{Login, LoginError};
use crate::ask::failure;
use crate::config::file::SCHEMA_VERSION;
use crate::config::profile::Profile;
use crate::config::server::parse_base_url;
use crate::config::{ConfigError, env, model_choice};
use crate::ports::context::Context;
use crate::ports::equipment::block_on;
use crate::ports::error::{CommandError, ErrorKind};
use crate::providers::{self, ProviderEntry};
use crate::secrets::ApiKey;

const EXAMPLES: &str = "\
Examples:
  amx login
  amx login --headless            over ssh: open the address elsewhere, paste the code here";

/// Log in to OpenRouter with the browser
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct LoginArgs {
    /// Profile that gets the key
    #[arg(short, long, value_name = "NAME", default_value = "openrouter")]
    pub profile: String,

    /// Print the address, and take the code that the page shows
    #[arg(long)]
    pub headless: bool,
}

pub fn run(args: &LoginArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    add_llm_profile::check_name(&args.profile)
        .map_err(|why| CommandError::usage(why).hint("amx login --profile openrouter"))?;
    let config = context.config()?;
    let existing = if config.profiles.contains_key(&args.profile) {
        config.expanded(&args.profile, &context.equipment.environment)?
    } else {
        Profile::default()
    };
    let entry = providers::find("openrouter").ok_or_else(|| {
        CommandError::new(
            ErrorKind::Bug,
            "provider openrouter is missing from the table",
        )
    })?;
    if model_choice::provider_of(&args.profile, &config) != entry.name {
        return Err(CommandError::usage(format!(
            "profile '{}' is not of provider openrouter",
            args.profile
        ))
        .hint("amx login --profile NEW-NAME"));
    }
    // The code is good for one try: everything that comes after must be possible before it is
    // spent.
    if let Some(found) = config
        .schema_version()
        .filter(|found| *found > SCHEMA_VERSION)
    {
        return Err(ConfigError::NewerSchema {
            path: config.path,
            found,
            known: SCHEMA_VERSION,
        }
        .into());
    }
    add_llm_profile::require_keyring(context)?;
    let key = obtain(args, entry, existing.base_url.as_deref(), context)?;
    let draft = Draft {
        name: args.profile.clone(),
        entry,
        model: existing
            .model
            .clone()
            .unwrap_or_else(|| entry.suggested_model.to_owned()),
        base_url: None,
        present_base_url: existing.base_url.clone(),
        key: Some(key),
        key_reference: None,
        temperature: existing.temperature,
        max_tokens: existing.max_tokens,
        alternatives: existing.n_alternatives,
        activate: false,
    };
    add_llm_profile::save(&draft, context)
}

fn obtain(
    args: &LoginArgs,
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
    let code = if args.headless {
        context
            .output
            .say("Open this address in a browser, allow the login, and copy the code:");
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
    let (page, come_back) = login.listen().await.map_err(explain)?;
    context
        .output
        .say("Opening this address in your browser; allow the login there:");
    context.output.say(&format!("\n  {page}\n"));
    if opener::open_browser(page.as_str()).is_err() {
        context.output.note(
            "no browser could be started: open the address yourself, or use amx login --headless",
        );
    }
    come_back.code().await.map_err(explain)
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
    let bytes = context
        .input
        .read_stdin(Duration::from_secs(600), &mut || {
            output.note("waiting for the code on stdin");
        })?;
    let code = String::from_utf8_lossy(&bytes).trim().to_owned();
    check(&code).map_err(|_| {
        CommandError::new(ErrorKind::Input, "stdin brought no code").hint("amx login --headless")
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

/// Nothing is configured and somebody is there: offers three ways. Gives the profile to go on with,
/// `None` when the one that was just made is active.
pub fn first_run(context: &mut Context<'_>) -> Result<Option<String>, CommandError> {
    let ways = [
        "Set up a profile   (any provider, with a key you have)",
        "Log in to OpenRouter   (the browser gives the key)",
        "Try the demo   (scripted answers, no key, no network)",
    ];
    let chosen = context.input.choose(
        "No profile is set up yet. What would you like to do?",
        &ways.map(str::to_owned),
        0,
    )?;
    match chosen {
        0 => {
            add_llm_profile::run(AddLlmProfileArgs::default(), context)?;
            Ok(None)
        }
        1 => {
            let args = LoginArgs {
                profile: "openrouter".to_owned(),
                headless: false,
            };
            run(&args, context)?;
            Ok(Some(args.profile))
        }
        _ => Ok(Some(crate::config::defaults::DEMO_PROFILE.to_owned())),
    }
}
