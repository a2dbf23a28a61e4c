//! `amx add-llm-profile`: by questions on a terminal, by flags elsewhere.

mod save;
mod wizard;

use clap::Args;

use super::context::Context;
use super::error::{CommandError, Kind};
use crate::account::key_check::{self, Verdict};
use crate::config::profile::{Profile, is_model_id, is_profile_name};
use crate::config::settings::parse_base_url;
use crate::config::{ConfigFile, defaults};
use crate::providers::{self, ProviderEntry};
use crate::secrets::{ApiKey, Reference};

pub use save::save;

const EXAMPLES: &str = "\
Examples:
  amx add-llm-profile
  amx add-llm-profile ci --no-input --provider openrouter --model openai/gpt-5-mini --api-key-stdin < key.txt
  amx add-llm-profile box --no-input --provider local --model qwen3 --base-url http://127.0.0.1:8080/v1";

/// Set up a profile
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct AddLlmProfileArgs {
    /// Name of the profile; an existing one is edited
    pub name: Option<String>,

    /// Ask nothing: take everything from flags
    #[arg(long)]
    pub no_input: bool,

    /// openrouter, openai, anthropic, gemini, deepseek, kimi, ollama, local or demo
    #[arg(long)]
    pub provider: Option<String>,

    /// Model id, such as anthropic/claude-sonnet-4
    #[arg(long)]
    pub model: Option<String>,

    /// Base URL, for provider local or a proxy
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,

    /// Read the key from stdin and store it in the keyring
    #[arg(long, conflicts_with = "api_key_ref")]
    pub api_key_stdin: bool,

    /// Where the key is, instead of the keyring: ${NAME}, cmd:PROGRAM, file:/PATH
    #[arg(long, value_name = "REFERENCE")]
    pub api_key_ref: Option<String>,

    /// Do not try the key at the provider
    #[arg(long)]
    pub no_check: bool,

    /// Randomness, 0 to 2
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub temperature: Option<f64>,

    /// Most tokens to produce
    #[arg(long, value_name = "TOKENS")]
    pub max_tokens: Option<u32>,

    /// Number of alternatives, 1 to 5
    #[arg(long, value_name = "NUMBER")]
    pub alternatives: Option<u8>,

    /// Make it the active profile
    #[arg(long)]
    pub activate: bool,
}

/// What a profile is made of, once everything has been answered.
#[derive(Debug)]
pub struct Draft {
    pub name: String,
    pub entry: &'static ProviderEntry,
    pub model: String,
    pub base_url: Option<String>,
    /// A new key for the keyring.
    pub key: Option<ApiKey>,
    /// A reference to write instead.
    pub key_reference: Option<String>,
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
    pub alternatives: Option<u8>,
    pub activate: bool,
}

pub fn run(args: AddLlmProfileArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let draft = if args.no_input {
        by_flags(args, &config, context)?
    } else {
        context.require_terminal("add-llm-profile", "amx add-llm-profile NAME --no-input --provider PROVIDER --model MODEL --api-key-stdin")?;
        wizard::ask(args, &config, context)?
    };
    save(&draft, context)
}

fn by_flags(args: AddLlmProfileArgs, config: &ConfigFile, context: &mut Context<'_>) -> Result<Draft, CommandError> {
    let name = args
        .name
        .ok_or_else(|| CommandError::usage("--no-input needs a NAME").hint("amx add-llm-profile NAME --no-input --provider PROVIDER --model MODEL"))?;
    check_name(&name).map_err(CommandError::usage)?;
    let existing = config.profiles.get(&name).cloned().unwrap_or_default();
    let missing =
        |flag: &str| CommandError::usage(format!("--no-input needs {flag}")).hint("amx add-llm-profile NAME --no-input --provider PROVIDER --model MODEL");
    let provider = args.provider.or(existing.provider).ok_or_else(|| missing("--provider"))?;
    let entry = find_provider(&provider)?;
    let model = args.model.or(existing.model).ok_or_else(|| missing("--model"))?;
    check_model(&model).map_err(CommandError::usage)?;
    let base_url = args.base_url.or(existing.base_url);
    if base_url.is_none() && entry.base_url.is_none() {
        return Err(missing("--base-url"));
    }
    if let Some(text) = &base_url {
        parse_base_url(text, existing.allow_insecure.unwrap_or(false)).map_err(CommandError::usage)?;
    }
    if let Some(text) = &args.api_key_ref {
        check_reference(text)?;
    }
    let key = if args.api_key_stdin { Some(key_from_stdin(context)?) } else { None };
    let draft = Draft {
        name,
        entry,
        model,
        base_url,
        key,
        key_reference: args.api_key_ref,
        temperature: args.temperature,
        max_tokens: args.max_tokens,
        alternatives: args.alternatives,
        activate: args.activate,
    };
    check_ranges(&draft)?;
    if let Some(key) = draft.key.as_ref().filter(|_| !args.no_check) {
        report_verdict(&try_key(&draft, key, context)?, &draft, context)?;
    }
    Ok(draft)
}

fn check_name(name: &str) -> Result<(), String> {
    if is_profile_name(name) {
        Ok(())
    } else {
        Err("a profile name has letters, digits, '.', '_' and '-', begins with a letter or digit, and is at most 64 long".to_owned())
    }
}

fn check_model(model: &str) -> Result<(), String> {
    if is_model_id(model) { Ok(()) } else { Err("a model id has no white space or control characters and is not empty".to_owned()) }
}

fn find_provider(name: &str) -> Result<&'static ProviderEntry, CommandError> {
    providers::find(name).ok_or_else(|| {
        let known: Vec<&str> = providers::registry::names().collect();
        let nearest = crate::config::file::nearest(name, known.iter().copied());
        let error = CommandError::usage(format!("there is no provider '{}'; known are {}", name.escape_debug(), known.join(", ")));
        match nearest {
            Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
            None => error.hint("amx add-llm-profile NAME --no-input --provider openrouter --model MODEL"),
        }
    })
}

fn check_reference(text: &str) -> Result<(), CommandError> {
    match Reference::parse(text) {
        // The text may be a key: it is not repeated.
        Ok(Reference::Plain(_)) => {
            crate::secrets::remember(text);
            Err(CommandError::usage("--api-key-ref takes a reference, and this is none")
                .hint("one of ${NAME}, cmd:PROGRAM, file:/PATH, keyring://amx/NAME/api_key"))
        }
        Ok(_) => Ok(()),
        Err(why) => Err(CommandError::usage(format!("--api-key-ref: {why}"))),
    }
}

fn check_ranges(draft: &Draft) -> Result<(), CommandError> {
    let profile = Profile { temperature: draft.temperature, max_tokens: draft.max_tokens, n_alternatives: draft.alternatives, ..Profile::default() };
    match profile.faults().into_iter().next() {
        None => Ok(()),
        Some(fault) => Err(CommandError::usage(format!("{}: {}", fault.path.join("."), fault.what)).hint("amx add-llm-profile --help")),
    }
}

fn key_from_stdin(context: &mut Context<'_>) -> Result<ApiKey, CommandError> {
    let output = &mut *context.output;
    let bytes = context.input.read_stdin(std::time::Duration::from_secs(30), &mut || output.note("waiting for the key on stdin"))?;
    let text = String::from_utf8(bytes).map_err(|_| CommandError::new(Kind::Credentials, "the key on stdin is not text"))?;
    ApiKey::parse(text.trim_end_matches(['\r', '\n'])).map_err(|error| {
        CommandError::new(Kind::Credentials, error.to_string()).hint("printf %s \"$KEY\" | amx add-llm-profile NAME --no-input --api-key-stdin …")
    })
}

/// Asks the provider about a new key.
fn try_key(draft: &Draft, key: &ApiKey, context: &Context<'_>) -> Result<Verdict, CommandError> {
    let base_url = save::effective_base_url(draft, context)?;
    let options = context.client_options()?;
    let headers = save::app_headers(draft.entry);
    Ok(context.runtime()?.block_on(key_check::check(draft.entry, &base_url, &headers, key, &options)))
}

/// Says what the provider said. A key that was refused is an error.
fn report_verdict(verdict: &Verdict, draft: &Draft, context: &mut Context<'_>) -> Result<(), CommandError> {
    match verdict {
        Verdict::Accepted { .. } => context.output.say(&accepted_words(verdict, draft)),
        Verdict::Unknown { why } => context.output.warning(&format!("the key could not be checked: {why}; it is stored all the same")),
        Verdict::Rejected { status } => {
            let error = CommandError::new(Kind::Credentials, format!("provider {} did not accept the key ({status}); nothing was stored", draft.entry.name));
            return Err(error.hint(format!("check {}", draft.entry.keys_page.unwrap_or("the provider's page of keys"))));
        }
    }
    Ok(())
}

fn accepted_words(verdict: &Verdict, draft: &Draft) -> String {
    match verdict {
        Verdict::Accepted { remaining: Some(remaining) } => format!("✓ {} accepts the key (${remaining:.2} left of its limit)", draft.entry.name),
        _ => format!("✓ {} accepts the key", draft.entry.name),
    }
}

/// The defaults that the questions offer.
fn offered(existing: &Profile) -> (f64, u32, u8) {
    (
        existing.temperature.unwrap_or(defaults::TEMPERATURE),
        existing.max_tokens.unwrap_or(defaults::MAX_TOKENS),
        existing.n_alternatives.unwrap_or(defaults::ALTERNATIVES),
    )
}
