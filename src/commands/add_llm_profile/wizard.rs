//! The questions, in the documented order; a bad answer is asked for again, what exists is offered.

use super::args::AddLlmProfileArgs;
use super::draft::{
    Draft, accepted_words, app_headers, check_model_at, check_name, check_reference, find_provider,
    offered, present, try_key,
};
use super::save;
use crate::account::key_check::KeyVerdict;
use crate::ask::model_list::ModelSource;
use crate::commands::model_picker;
use crate::config::profile::Profile;
use crate::config::server::parse_base_url;
use crate::config::{ConfigFile, defaults, env, model_choice};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::providers::ProviderEntry;
use crate::providers::registry::PROVIDERS;
use crate::secrets::ApiKey;

/// Asks everything that a flag has not answered.
pub fn ask(
    args: AddLlmProfileArgs,
    config: &ConfigFile,
    context: &mut Context<'_>,
) -> Result<Draft, CommandError> {
    let name = match args.name {
        Some(name) => check_name(&name)
            .map(|()| name)
            .map_err(CommandError::usage)?,
        None => context
            .input
            .text("Profile name", suggested_name(config), &check_name)?,
    };
    let entry = match &args.provider {
        Some(provider) => find_provider(provider)?,
        None => choose_provider(&model_choice::provider_of(&name, config), context)?,
    };
    let existing = present(&name, entry, config, context)?;
    let model = match args.model {
        Some(model) => check_model_at(&model, &name, entry, config).map(|()| model)?,
        None => {
            let check = |text: &str| {
                check_model_at(text, &name, entry, config).map_err(|error| error.message)
            };
            ask_model(&existing, entry, &check, context)?
        }
    };
    let base_url = ask_base_url(args.base_url, &existing, entry, context)?;
    if let Some(text) = &args.api_key_ref {
        check_reference(text)?;
    }
    let mut draft = Draft {
        name,
        entry,
        model,
        base_url,
        present_base_url: existing.base_url.clone(),
        key: None,
        key_reference: args.api_key_ref,
        temperature: args.temperature,
        max_tokens: args.max_tokens,
        alternatives: args.alternatives,
        activate: args.activate,
    };
    if draft.key_reference.is_none() && !entry.is_demo() {
        draft.key = ask_key(&draft, &existing, args.no_check, context)?;
    }
    ask_numbers(&mut draft, &existing, context)?;
    Ok(draft)
}

fn suggested_name(config: &ConfigFile) -> Option<&'static str> {
    Some("default").filter(|name| !config.profiles.contains_key(*name))
}

fn choose_provider(
    current: &str,
    context: &mut Context<'_>,
) -> Result<&'static ProviderEntry, CommandError> {
    let items: Vec<String> = PROVIDERS
        .iter()
        .map(|entry| format!("{:<11} {}", entry.name, entry.title))
        .collect();
    let current = PROVIDERS
        .iter()
        .position(|entry| entry.name == current)
        .unwrap_or(0);
    Ok(&PROVIDERS[context.input.choose("Provider", &items, current)?])
}

/// Asks for the model. `?` with a few letters looks for it in the provider's list.
fn ask_model(
    existing: &Profile,
    entry: &'static ProviderEntry,
    check: &dyn Fn(&str) -> Result<(), String>,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let offered = existing.model.as_deref().unwrap_or(entry.suggested_model);
    let place = list_place(existing, entry, context)?;
    if place.is_some() {
        context
            .output
            .aside("?LETTERS looks for a model in the provider's list");
    }
    loop {
        let check = |text: &str| {
            if text.starts_with('?') && place.is_some() {
                Ok(())
            } else {
                check(text)
            }
        };
        let typed = context.input.text("Model", Some(offered), &check)?;
        let Some((letters, place)) = typed.strip_prefix('?').zip(place.as_ref()) else {
            return Ok(typed);
        };
        match model_picker::listed(place, context)
            .and_then(|listing| model_picker::pick(&listing.models, letters.trim(), None, context))
        {
            Ok(id) => {
                context.output.say(&format!("✓ {id}"));
                return Ok(id);
            }
            Err(error) if error.is_quiet() => return Err(error),
            Err(error) => context.output.failure(&error),
        }
    }
}

/// Where the provider's list is; `None` when its address is not known yet.
fn list_place(
    existing: &Profile,
    entry: &'static ProviderEntry,
    context: &Context<'_>,
) -> Result<Option<ModelSource>, CommandError> {
    let from_environment = if entry.name == defaults::PROVIDER {
        context
            .equipment
            .environment
            .get(&env::OPENROUTER_BASE_URL)?
    } else {
        None
    };
    let Some(text) = from_environment
        .or(existing.base_url.as_deref())
        .or(entry.base_url)
    else {
        return Ok(None);
    };
    let Ok(base_url) = parse_base_url(text, existing.allow_insecure.unwrap_or(false)) else {
        return Ok(None);
    };
    ModelSource::of_entry(entry, base_url, app_headers(entry), &context.equipment).map(Some)
}

fn ask_base_url(
    given: Option<String>,
    existing: &Profile,
    entry: &ProviderEntry,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    let check =
        |text: &str| parse_base_url(text, existing.allow_insecure.unwrap_or(false)).map(|_| ());
    if let Some(text) = given {
        check(&text).map_err(CommandError::usage)?;
        return Ok(Some(text));
    }
    if entry.base_url.is_some() {
        return Ok(None);
    }
    let text = context.input.text(
        "Base URL",
        existing
            .base_url
            .as_deref()
            .or(Some("http://127.0.0.1:8080/v1")),
        &check,
    )?;
    Ok(Some(text).filter(|text| Some(text) != existing.base_url.as_ref()))
}

/// Asks for the key until the provider does not refuse it. `None` keeps what there is.
fn ask_key(
    draft: &Draft,
    existing: &Profile,
    no_check: bool,
    context: &mut Context<'_>,
) -> Result<Option<ApiKey>, CommandError> {
    let entry = draft.entry;
    let in_environment = [entry.key_variable, env::AMX_LLM_API_KEY.name]
        .into_iter()
        .find(|name| {
            context
                .equipment
                .environment
                .named(name)
                .ok()
                .flatten()
                .is_some()
        });
    let question = match (in_environment, &existing.api_key) {
        (Some(variable), _) => format!("API key (Enter: none, {variable} is used)"),
        (None, Some(_)) => "API key (Enter: keep the present one)".to_owned(),
        (None, None) if entry.works_without_key => "API key (Enter: none)".to_owned(),
        (None, None) => match entry.key_prefix {
            Some(prefix) => format!("API key ({prefix}…)"),
            None => "API key".to_owned(),
        },
    };
    let may_be_empty =
        in_environment.is_some() || existing.api_key.is_some() || entry.works_without_key;
    if !may_be_empty {
        // Better to know now than after the key has been typed.
        save::require_keyring(context)?;
    }
    loop {
        let check = |text: &str| {
            ApiKey::parse(text)
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        let text = context.input.secret(&question, may_be_empty, &check)?;
        let Ok(key) = ApiKey::parse(&text) else {
            return Ok(None);
        };
        save::require_keyring(context)?;
        if no_check {
            return Ok(Some(key));
        }
        match try_key(draft, &key, context)? {
            verdict @ KeyVerdict::Accepted { .. } => {
                context.output.say(&accepted_words(&verdict, draft));
                return Ok(Some(key));
            }
            KeyVerdict::Unknown { why } => {
                context
                    .output
                    .warning(&format!("the key could not be checked: {why}"));
                return Ok(Some(key));
            }
            KeyVerdict::Rejected { status } => {
                let page = entry.keys_page.unwrap_or("the provider's page of keys");
                context.output.say(&format!(
                    "✗ {} did not accept the key ({status}); check {page} and try again",
                    entry.name
                ));
            }
        }
    }
}

fn ask_numbers(
    draft: &mut Draft,
    existing: &Profile,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let (temperature, max_tokens, alternatives) = offered(existing);
    if draft.temperature.is_none() {
        draft.temperature = number(
            "Temperature",
            temperature,
            "a number between 0 and 2",
            |number| (0.0..=2.0).contains(number),
            context,
        )?;
    }
    if draft.max_tokens.is_none() {
        draft.max_tokens = number(
            "Output token budget (max_tokens)",
            max_tokens,
            "a whole number above 0",
            |number| *number > 0,
            context,
        )?;
    }
    if draft.alternatives.is_none() {
        draft.alternatives = number(
            "Number of alternatives",
            alternatives,
            "a whole number between 1 and 5",
            |number| (1..=5).contains(number),
            context,
        )?;
    }
    Ok(())
}

fn number<T: std::str::FromStr + ToString>(
    question: &str,
    default: T,
    expected: &str,
    is_fine: impl Fn(&T) -> bool,
    context: &mut Context<'_>,
) -> Result<Option<T>, CommandError> {
    let parse = |text: &str| {
        text.trim()
            .parse::<T>()
            .ok()
            .filter(|number| is_fine(number))
    };
    let check = |text: &str| {
        if parse(text).is_some() {
            Ok(())
        } else {
            Err(format!("this must be {expected}"))
        }
    };
    let text = context
        .input
        .text(question, Some(&default.to_string()), &check)?;
    Ok(parse(&text))
}
