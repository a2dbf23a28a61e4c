//! The prompts, in the documented order: present values are offered, invalid input is asked again.

use serde::de::DeserializeOwned;

use super::checks::{check_model, check_name, check_reference};
use super::draft::{Draft, GivenFields, find_provider, offered, present};
use super::key_check;
use super::key_place::{self, KeyOwner, KeyPlace};
use super::model_question::{
    OfferedModel, ask_model, complete_base_url, list_before_key, model_source,
    replace_unlisted_model,
};
use crate::account::key_check::KeyVerdict;
use crate::chat::reasoning::is_reasoning_model;
use crate::config::base_url::parse_base_url;
use crate::config::options::ValueKind;
use crate::config::options::table::generation::{MAX_TOKENS, TEMPERATURE};
use crate::config::profile::{ALTERNATIVES, Profile};
use crate::config::{ConfigFile, env, model_choice};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::pick::{PickList, Picked};
use crate::present::table::{Column, Table};
use crate::providers::ProviderEntry;
use crate::providers::registry::PROVIDERS;
use crate::wire::api_key::ApiKey;

/// The draft; prompts for every field that is not given.
pub(super) fn draft(
    fields: GivenFields,
    config: &ConfigFile,
    context: &mut Context<'_>,
) -> Result<Draft, CommandError> {
    let name = name_of(fields.name, config, context)?;
    let entry = match &fields.provider {
        Some(provider) => find_provider(provider)?,
        None => choose_provider(&model_choice::provider_of(&name, config), context)?,
    };
    let existing = present(&name, entry, config, context)?;
    // Before the model: the server at that URL lists its models.
    let base_url = ask_base_url(fields.base_url, &existing, entry, context)?;
    let check = |text: &str| check_model(text, &name, entry, config).map_err(|error| error.message);
    let is_given = fields.model.is_some();
    let (model, can_list) = match fields.model {
        Some(model) => {
            check_model(&model, &name, entry, config)?;
            let source = model_source(base_url.as_deref(), &existing, entry, context)?;
            (model, source.is_some())
        }
        None => {
            let list = list_before_key(base_url.as_deref(), &existing, entry, context)?;
            let (offered, can_list) = (offered_model(&existing, entry), list.is_some());
            (ask_model(offered, entry, list, &check, context)?, can_list)
        }
    };
    if let Some(text) = &fields.key_reference {
        check_reference(text)?;
    }
    let mut draft = Draft {
        name: name.clone(),
        entry,
        model,
        base_url,
        present_base_url: existing.base_url.clone(),
        allow_insecure: existing.allow_insecure.unwrap_or(false),
        key: None,
        key_file: None,
        key_reference: fields.key_reference,
        temperature: fields.temperature,
        max_tokens: fields.max_tokens,
        alternatives: fields.alternatives,
        activate: fields.activate,
    };
    if draft.key_reference.is_none() && !entry.is_demo() {
        ask_key(
            &mut draft,
            &existing,
            config,
            fields.skip_key_check,
            context,
        )?;
    }
    if !can_list && !fields.skip_key_check {
        replace_unlisted_model(&mut draft, is_given, &check, context)?;
    }
    ask_numbers(&mut draft, &existing, context)?;
    Ok(draft)
}

fn name_of(
    given: Option<String>,
    config: &ConfigFile,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    match given {
        Some(name) => check_name(&name)
            .map(|()| name)
            .map_err(CommandError::usage),
        None => {
            let suggested = suggested_name(config);
            Ok(context.input.text("Profile name", suggested, &check_name)?)
        }
    }
}

fn offered_model<'a>(existing: &'a Profile, entry: &'a ProviderEntry) -> OfferedModel<'a> {
    OfferedModel {
        id: existing.model.as_deref().unwrap_or(entry.suggested_model),
        is_suggestion: existing.model.is_none(),
    }
}

fn suggested_name(config: &ConfigFile) -> Option<&'static str> {
    Some("default").filter(|name| !config.profiles.contains_key(*name))
}

fn choose_provider(
    current: &str,
    context: &mut Context<'_>,
) -> Result<&'static ProviderEntry, CommandError> {
    let mut table = Table::new([Column::left("NAME"), Column::left("SERVER").shrinks_to(12)]);
    for entry in PROVIDERS {
        table.row([entry.name, entry.title].map(str::to_owned));
    }
    let picked = context.input.pick(PickList {
        searched: &[0, 1],
        current: PROVIDERS.iter().position(|entry| entry.name == current),
        ..PickList::new("Provider", &table)
    })?;
    let entry = match picked {
        Picked::Row(row) => &PROVIDERS[row],
        Picked::Typed(name) => find_provider(&name)?,
    };
    context.output.say(&format!("✓ Provider · {}", entry.name));
    Ok(entry)
}

fn ask_base_url(
    given: Option<String>,
    existing: &Profile,
    entry: &'static ProviderEntry,
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
    let text = complete_base_url(text, existing, entry, context)?;
    Ok(Some(text).filter(|text| Some(text) != existing.base_url.as_ref()))
}

/// Asks for the key until the provider does not reject it. A draft without a key keeps the current
/// one.
fn ask_key(
    draft: &mut Draft,
    existing: &Profile,
    config: &ConfigFile,
    skip_check: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
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
    let may_be_empty =
        in_environment.is_some() || existing.api_key.is_some() || entry.works_without_key;
    // A keyring that is missing is noticed before the key is typed, not after.
    let mut place = if may_be_empty {
        None
    } else {
        Some(place_of_key(draft, config, false, skip_check, context)?)
    };
    let question = key_question(entry, existing, in_environment);
    loop {
        if let Some(KeyPlace::Reference(reference)) = place {
            draft.key_reference = Some(reference);
            return Ok(());
        }
        let check = |text: &str| {
            ApiKey::parse(text)
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        let text = context.input.secret(&question, may_be_empty, &check)?;
        let Ok(key) = ApiKey::parse(&text) else {
            return Ok(());
        };
        let found = match place.take() {
            Some(KeyPlace::File(path)) => KeyPlace::File(path),
            _ => place_of_key(draft, config, true, skip_check, context)?,
        };
        let is_reference = matches!(found, KeyPlace::Reference(_));
        if let KeyPlace::File(path) = &found {
            draft.key_file = Some(path.clone());
        }
        if !is_reference && (skip_check || is_usable(draft, &key, context)?) {
            draft.key = Some(key);
            return Ok(());
        }
        place = Some(found);
    }
}

/// Where the key goes, or comes from.
fn place_of_key(
    draft: &Draft,
    config: &ConfigFile,
    is_typed: bool,
    skip_check: bool,
    context: &mut Context<'_>,
) -> Result<KeyPlace, CommandError> {
    let owner = KeyOwner {
        profile: &draft.name,
        config,
        entry: draft.entry,
        is_typed,
    };
    let mut test =
        |key: &ApiKey, context: &mut Context<'_>| Ok(skip_check || is_usable(draft, key, context)?);
    key_place::find(&owner, &mut test, context)
}

fn key_question(entry: &ProviderEntry, existing: &Profile, in_environment: Option<&str>) -> String {
    match (in_environment, &existing.api_key, entry.key_prefix) {
        (Some(variable), _, _) => format!("API key (Enter to use {variable})"),
        (None, Some(_), _) => "API key (Enter to keep the current one)".to_owned(),
        (None, None, _) if entry.works_without_key => "API key (Enter for none)".to_owned(),
        (None, None, Some(prefix)) => format!("API key ({prefix}…)"),
        (None, None, None) => "API key".to_owned(),
    }
}

/// Verifies the key and reports the result: false when the provider rejects it.
fn is_usable(draft: &Draft, key: &ApiKey, context: &mut Context<'_>) -> Result<bool, CommandError> {
    let entry = draft.entry;
    match key_check::verify(draft, key, context)? {
        KeyVerdict::Accepted { remaining } => {
            context.output.say(&key_check::accepted(remaining, entry));
            Ok(true)
        }
        KeyVerdict::Unknown { why } => {
            context
                .output
                .warning(&format!("the key could not be verified: {why}"));
            Ok(true)
        }
        KeyVerdict::Rejected { status, words } => {
            let words = match words.as_str() {
                "" => String::new(),
                words => format!(": {words}"),
            };
            let to_check = key_check::to_check(draft, context)?;
            context.output.say(&format!(
                "✗ {} rejected the key ({status}){words}; check {to_check} and try again",
                entry.name,
            ));
            Ok(false)
        }
    }
}

fn ask_numbers(
    draft: &mut Draft,
    existing: &Profile,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let (temperature, max_tokens, alternatives) = offered(existing);
    let has_temperature = draft.entry.reasons_at_temperature || !is_reasoning_model(&draft.model);
    let is_asked = has_temperature || existing.temperature.is_some();
    if draft.temperature.is_none() && is_asked {
        draft.temperature = number("Temperature", temperature, TEMPERATURE, context)?;
    }
    if draft.max_tokens.is_none() {
        draft.max_tokens = number(
            "Output token budget (max_tokens)",
            max_tokens,
            MAX_TOKENS,
            context,
        )?;
    }
    if draft.alternatives.is_none() {
        draft.alternatives = number(
            "Number of alternatives",
            alternatives,
            ALTERNATIVES,
            context,
        )?;
    }
    Ok(())
}

/// Prompts for a number until it is one of that kind.
fn number<T: DeserializeOwned + ToString>(
    question: &str,
    default: T,
    kind: ValueKind,
    context: &mut Context<'_>,
) -> Result<Option<T>, CommandError> {
    let parse = |text: &str| {
        kind.read(text.trim())
            .filter(|value| kind.fits(value))
            .and_then(|value| serde_json::from_value(value).ok())
    };
    let check = |text: &str| match parse(text) {
        Some(_) => Ok(()),
        None => Err(format!("must be {}", kind.description())),
    };
    let text = context
        .input
        .text(question, Some(&default.to_string()), &check)?;
    Ok(parse(&text))
}
