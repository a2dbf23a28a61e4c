//! The fields of a profile: those given, those it already has, and the draft that is saved.

use std::path::PathBuf;

use crate::config::base_url::parse_base_url;
use crate::config::model_place::without_provider;
use crate::config::profile::Profile;
use crate::config::{ConfigFile, defaults, env, model_choice};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::providers::{self, ProviderEntry};
use crate::wire::api_key::ApiKey;
use crate::wire::client::Url;

/// Fields decided before the first prompt: the flags of `add-llm-profile`.
#[derive(Debug, Default)]
pub(crate) struct GivenFields {
    pub name: Option<String>,
    pub provider: Option<String>,
    pub model: Option<String>,
    pub base_url: Option<String>,
    /// The API key is read from stdin.
    pub key_on_stdin: bool,
    pub key_reference: Option<String>,
    /// The API key is stored without a request to the provider.
    pub skip_key_check: bool,
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
    pub alternatives: Option<u8>,
    pub activate: bool,
}

/// A complete profile, ready to be saved.
#[derive(Debug)]
pub(super) struct Draft {
    pub name: String,
    pub entry: &'static ProviderEntry,
    pub model: String,
    /// A new base URL, to be written.
    pub base_url: Option<String>,
    /// The base URL already in the profile, variables replaced.
    pub present_base_url: Option<String>,
    /// The profile allows plain http to another machine.
    pub allow_insecure: bool,
    /// A new key.
    pub key: Option<ApiKey>,
    /// Where a new key is stored instead of the keyring.
    pub key_file: Option<PathBuf>,
    /// A reference to write instead.
    pub key_reference: Option<String>,
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
    pub alternatives: Option<u8>,
    pub activate: bool,
}

pub(super) fn find_provider(name: &str) -> Result<&'static ProviderEntry, CommandError> {
    providers::find(name).ok_or_else(|| {
        let known: Vec<&str> = providers::registry::names().collect();
        let nearest = crate::catalog::nearest::closest(name, known.iter().copied());
        let error = CommandError::usage(format!(
            "unknown provider '{}'; expected one of {}",
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

/// The defaults that the prompts offer.
pub(super) fn offered(existing: &Profile) -> (f64, u32, u8) {
    (
        existing.temperature.unwrap_or(defaults::TEMPERATURE),
        existing.max_tokens.unwrap_or(defaults::MAX_TOKENS),
        existing.n_alternatives.unwrap_or(defaults::ALTERNATIVES),
    )
}

/// The profile as stored. When the provider changes, without its model and all that belongs to the
/// provider it was given for.
pub(super) fn present(
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
        model: None,
        ..without_provider(profile)
    })
}

/// The base URL that the key is sent to: of the environment, the profile, or the provider.
pub(super) fn effective_base_url(
    draft: &Draft,
    context: &Context<'_>,
) -> Result<Url, CommandError> {
    let from_environment = base_url_variable(draft.entry, context)?;
    let of_profile = draft
        .base_url
        .as_deref()
        .or(draft.present_base_url.as_deref());
    let text = from_environment
        .or(of_profile)
        .or(draft.entry.base_url)
        .unwrap_or_default();
    // A URL of the profile may come from a variable, which nothing has checked before. The
    // environment allows nothing.
    let allow_insecure = draft.allow_insecure && from_environment.is_none();
    parse_base_url(text, allow_insecure).map_err(CommandError::usage)
}

/// `OPENROUTER_BASE_URL`, for the provider it applies to.
pub(super) fn base_url_variable<'a>(
    entry: &ProviderEntry,
    context: &'a Context<'_>,
) -> Result<Option<&'a str>, CommandError> {
    if entry.name == defaults::PROVIDER {
        Ok(context
            .equipment
            .environment
            .get(&env::OPENROUTER_BASE_URL)?)
    } else {
        Ok(None)
    }
}

/// The headers that name this program to OpenRouter.
pub(super) fn app_headers(entry: &ProviderEntry) -> Vec<(String, String)> {
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
