//! A draft from flags alone, for scripts and CI.

use std::path::PathBuf;
use std::time::Duration;

use super::checks::{check_model, check_name, check_ranges, check_reference};
use super::draft::{Draft, GivenFields, find_provider, present};
use super::key_check;
use super::key_place::require_keyring;
use crate::config::base_url::parse_base_url;
use crate::config::home::expanded;
use crate::config::profile::Profile;
use crate::config::{ConfigFile, model_choice};
use crate::platform::commands::PIPE_KEY;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::providers::ProviderEntry;
use crate::secrets::Reference;
use crate::wire::api_key::ApiKey;

/// How long stdin may send nothing before the key is missing.
const STDIN_TIMEOUT: Duration = Duration::from_secs(30);

const USAGE: &str = "amx add-llm-profile NAME --no-input --provider PROVIDER --model MODEL";

/// The draft; a missing field is an error.
pub(super) fn draft(
    fields: GivenFields,
    config: &ConfigFile,
    context: &mut Context<'_>,
) -> Result<Draft, CommandError> {
    let name = fields.name.clone().ok_or_else(|| missing("NAME"))?;
    check_name(&name).map_err(CommandError::usage)?;
    let present_provider = config
        .profiles
        .contains_key(&name)
        .then(|| model_choice::provider_of(&name, config));
    let provider = fields.provider.clone().or(present_provider);
    let entry = find_provider(&provider.ok_or_else(|| missing("--provider"))?)?;
    let existing = present(&name, entry, config, context)?;
    let model = fields.model.clone().or(existing.model.clone());
    let model = model.ok_or_else(|| missing("--model"))?;
    check_model(&model, &name, entry, config)?;
    check_base_url(&fields, entry, &existing)?;
    if let Some(text) = &fields.key_reference {
        check_reference(text)?;
    }
    let key = if fields.key_on_stdin {
        Some(key_from_stdin(context)?)
    } else {
        None
    };
    // A key on stdin goes to the file that is named, by explicit choice.
    let key_file = fields
        .key_reference
        .as_deref()
        .filter(|_| key.is_some())
        .map(file_of)
        .transpose()?;
    if key.is_some() && key_file.is_none() {
        require_keyring(entry, context)?;
    }
    let draft = Draft {
        name,
        entry,
        model,
        base_url: fields.base_url,
        present_base_url: existing.base_url,
        allow_insecure: existing.allow_insecure.unwrap_or(false),
        key,
        key_reference: fields.key_reference.filter(|_| key_file.is_none()),
        key_file,
        temperature: fields.temperature,
        max_tokens: fields.max_tokens,
        alternatives: fields.alternatives,
        activate: fields.activate,
    };
    check_ranges(&draft)?;
    if let Some(key) = draft.key.as_ref().filter(|_| !fields.skip_key_check) {
        key_check::report(&key_check::verify(&draft, key, context)?, &draft, context)?;
    }
    Ok(draft)
}

fn missing(what: &str) -> CommandError {
    CommandError::usage(format!("--no-input requires {what}")).hint(USAGE)
}

fn check_base_url(
    fields: &GivenFields,
    entry: &ProviderEntry,
    existing: &Profile,
) -> Result<(), CommandError> {
    match &fields.base_url {
        Some(text) => parse_base_url(text, existing.allow_insecure.unwrap_or(false))
            .map(|_| ())
            .map_err(|why| CommandError::usage(why).hint("--base-url https://HOST/v1")),
        None if existing.base_url.is_none() && entry.base_url.is_none() => {
            let error = CommandError::usage("--no-input requires --base-url");
            Err(error.hint(format!("{USAGE} --base-url URL")))
        }
        None => Ok(()),
    }
}

/// The file of a reference, to which the key on stdin is written.
fn file_of(reference: &str) -> Result<PathBuf, CommandError> {
    match Reference::parse(reference) {
        Ok(Reference::File(path)) => Ok(expanded(&path.to_string_lossy())),
        _ => Err(CommandError::usage(
            "--api-key-stdin stores the key in the keyring, or in the file of --api-key-ref",
        )
        .hint("--api-key-ref file:~/.amx/keys/NAME")),
    }
}

fn key_from_stdin(context: &mut Context<'_>) -> Result<ApiKey, CommandError> {
    let output = &mut *context.output;
    let bytes = context.input.read_stdin(STDIN_TIMEOUT, &mut || {
        output.note("waiting for the key on stdin");
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        CommandError::new(
            ErrorKind::Credentials,
            "the key on stdin is not valid UTF-8",
        )
    })?;
    ApiKey::parse(text.trim_end_matches(['\r', '\n'])).map_err(|error| {
        CommandError::new(ErrorKind::Credentials, error.to_string())
            .hint(PIPE_KEY.with(["amx add-llm-profile NAME --no-input --api-key-stdin …"]))
    })
}
