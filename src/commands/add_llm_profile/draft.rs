//! What a profile is made of, and the checks that each part must pass.

use crate::account::key_check::{self, KeyVerdict};
use crate::chat::Url;
use crate::config::model_choice::{self, Choice};
use crate::config::profile::{Profile, is_profile_name};
use crate::config::server::parse_base_url;
use crate::config::{ConfigFile, defaults, env, model_spec};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::providers::{self, ProviderEntry};
use crate::secrets::reference::looks_like_a_key;
use crate::secrets::{ApiKey, Reference};

/// What a profile is made of, once everything has been answered.
#[derive(Debug)]
pub struct Draft {
    pub name: String,
    pub entry: &'static ProviderEntry,
    pub model: String,
    /// A new base URL, to be written.
    pub base_url: Option<String>,
    /// The one that the profile has and keeps, with its variables replaced.
    pub present_base_url: Option<String>,
    /// A new key for the keyring.
    pub key: Option<ApiKey>,
    /// A reference to write instead.
    pub key_reference: Option<String>,
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
    pub alternatives: Option<u8>,
    pub activate: bool,
}

pub fn check_name(name: &str) -> Result<(), String> {
    if looks_like_a_key(name) {
        crate::secrets::remember(name);
        return Err(
            "that has the form of a key, and a name is written down in plain text".to_owned(),
        );
    }
    if is_profile_name(name) {
        Ok(())
    } else {
        Err(
            "a profile name has letters, digits, '.', '_' and '-', begins with a letter or digit, \
            and is at most 64 long"
                .to_owned(),
        )
    }
}

fn check_model(model: &str) -> Result<(), String> {
    model_spec::check(model)
}

/// A model that is to stand in this profile, at this provider.
pub fn check_model_at(
    model: &str,
    profile: &str,
    entry: &ProviderEntry,
    config: &ConfigFile,
) -> Result<(), CommandError> {
    check_model(model).map_err(CommandError::usage)?;
    Choice::of_flag(model, config)?.check_place(profile, entry, config)?;
    Ok(())
}

pub fn find_provider(name: &str) -> Result<&'static ProviderEntry, CommandError> {
    providers::find(name).ok_or_else(|| {
        let known: Vec<&str> = providers::registry::names().collect();
        let nearest = crate::catalog::nearest::closest(name, known.iter().copied());
        let error = CommandError::usage(format!(
            "there is no provider '{}'; known are {}",
            name.escape_debug(),
            known.join(", ")
        ));
        match nearest {
            Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
            None => error
                .hint("amx add-llm-profile NAME --no-input --provider openrouter --model MODEL"),
        }
    })
}

pub fn check_reference(text: &str) -> Result<(), CommandError> {
    match Reference::parse(text) {
        // The text may be a key: it is not repeated.
        Ok(Reference::Plain(_)) => {
            crate::secrets::remember(text);
            Err(
                CommandError::usage("--api-key-ref takes a reference, and this is none")
                    .hint("one of ${NAME}, cmd:PROGRAM, file:/PATH, keyring://amx/NAME/api_key"),
            )
        }
        Ok(_) => Ok(()),
        Err(why) => Err(CommandError::usage(format!("--api-key-ref: {why}"))),
    }
}

pub fn check_ranges(draft: &Draft) -> Result<(), CommandError> {
    let profile = Profile {
        temperature: draft.temperature,
        max_tokens: draft.max_tokens,
        n_alternatives: draft.alternatives,
        ..Profile::default()
    };
    match profile.faults().into_iter().next() {
        None => Ok(()),
        Some(fault) => {
            Err(CommandError::usage(fault.to_string()).hint("amx add-llm-profile --help"))
        }
    }
}

/// Asks the provider about a new key.
pub fn try_key(
    draft: &Draft,
    key: &ApiKey,
    context: &Context<'_>,
) -> Result<KeyVerdict, CommandError> {
    let base_url = effective_base_url(draft, context)?;
    let options = context.equipment.client_options()?;
    let headers = app_headers(draft.entry);
    context.equipment.run(key_check::check(
        draft.entry,
        &base_url,
        &headers,
        key,
        &options,
    ))
}

pub fn accepted_words(verdict: &KeyVerdict, draft: &Draft) -> String {
    match verdict {
        KeyVerdict::Accepted {
            remaining: Some(remaining),
        } => format!(
            "✓ {} accepts the key (${remaining:.2} left of its limit)",
            draft.entry.name
        ),
        _ => format!("✓ {} accepts the key", draft.entry.name),
    }
}

/// The defaults that the questions offer.
pub fn offered(existing: &Profile) -> (f64, u32, u8) {
    (
        existing.temperature.unwrap_or(defaults::TEMPERATURE),
        existing.max_tokens.unwrap_or(defaults::MAX_TOKENS),
        existing.n_alternatives.unwrap_or(defaults::ALTERNATIVES),
    )
}

/// What the profile has already, as far as it still holds: address and key belong to the provider
/// they were given for, and go with it.
pub fn present(
    name: &str,
    entry: &ProviderEntry,
    config: &ConfigFile,
    context: &Context<'_>,
) -> Result<Profile, CommandError> {
    if !config.profiles.contains_key(name) {
        return Ok(Profile::default());
    }
    let profile = config.expanded(name, &context.equipment.environment)?;
    if model_choice::provider_of(name, config) == entry.name {
        return Ok(profile);
    }
    Ok(Profile {
        base_url: None,
        api_key: None,
        allow_insecure: None,
        model: None,
        ..profile
    })
}

/// The address that the key will be sent to: the environment's, the profile's, or the provider's.
pub fn effective_base_url(draft: &Draft, context: &Context<'_>) -> Result<Url, CommandError> {
    let from_environment = if draft.entry.name == defaults::PROVIDER {
        context
            .equipment
            .environment
            .get(&env::OPENROUTER_BASE_URL)?
    } else {
        None
    };
    let of_profile = draft
        .base_url
        .as_deref()
        .or(draft.present_base_url.as_deref());
    let text = from_environment
        .or(of_profile)
        .or(draft.entry.base_url)
        .unwrap_or_default();
    // The profile's own has been checked with what the profile allows; the environment allows
    // nothing.
    parse_base_url(text, from_environment.is_none()).map_err(CommandError::usage)
}

pub fn app_headers(entry: &ProviderEntry) -> Vec<(String, String)> {
    if !entry.is_openrouter {
        return Vec::new();
    }
    [
        ("HTTP-Referer", defaults::APP_REFERER),
        ("X-OpenRouter-Title", defaults::APP_TITLE),
        ("X-Title", defaults::APP_TITLE),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}
