//! `amx add-llm-profile`: by questions on a terminal, by flags elsewhere.

mod args;
mod draft;
mod save;
mod wizard;

use crate::account::key_check::KeyVerdict;
use crate::config::server::parse_base_url;
use crate::config::{ConfigFile, model_choice};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::ApiKey;
use draft::{
    accepted_words, check_model_at, check_ranges, check_reference, find_provider, present, try_key,
};

pub use args::AddLlmProfileArgs;
pub use draft::{Draft, check_name};
pub use save::{require_keyring, save};

pub fn run(args: AddLlmProfileArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let draft = if args.no_input {
        by_flags(args, &config, context)?
    } else {
        context.require_terminal(
            "add-llm-profile",
            "amx add-llm-profile NAME --no-input --provider PROVIDER --model MODEL --api-key-stdin",
        )?;
        wizard::ask(args, &config, context)?
    };
    save(&draft, context)
}

fn by_flags(
    args: AddLlmProfileArgs,
    config: &ConfigFile,
    context: &mut Context<'_>,
) -> Result<Draft, CommandError> {
    let name = args.name.ok_or_else(|| {
        CommandError::usage("--no-input needs a NAME")
            .hint("amx add-llm-profile NAME --no-input --provider PROVIDER --model MODEL")
    })?;
    check_name(&name).map_err(CommandError::usage)?;
    let missing = |flag: &str| {
        CommandError::usage(format!("--no-input needs {flag}"))
            .hint("amx add-llm-profile NAME --no-input --provider PROVIDER --model MODEL")
    };
    let present_provider = config
        .profiles
        .contains_key(&name)
        .then(|| model_choice::provider_of(&name, config));
    let provider = args
        .provider
        .or(present_provider)
        .ok_or_else(|| missing("--provider"))?;
    let entry = find_provider(&provider)?;
    let existing = present(&name, entry, config, context)?;
    let model = args
        .model
        .or(existing.model)
        .ok_or_else(|| missing("--model"))?;
    check_model_at(&model, &name, entry, config)?;
    if args.base_url.is_none() && existing.base_url.is_none() && entry.base_url.is_none() {
        return Err(missing("--base-url"));
    }
    if let Some(text) = &args.base_url {
        parse_base_url(text, existing.allow_insecure.unwrap_or(false))
            .map_err(CommandError::usage)?;
    }
    if let Some(text) = &args.api_key_ref {
        check_reference(text)?;
    }
    let key = if args.api_key_stdin {
        Some(key_from_stdin(context)?)
    } else {
        None
    };
    if key.is_some() {
        require_keyring(context)?;
    }
    let draft = Draft {
        name,
        entry,
        model,
        base_url: args.base_url,
        present_base_url: existing.base_url,
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

fn key_from_stdin(context: &mut Context<'_>) -> Result<ApiKey, CommandError> {
    let output = &mut *context.output;
    let bytes = context
        .input
        .read_stdin(std::time::Duration::from_secs(30), &mut || {
            output.note("waiting for the key on stdin");
        })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| CommandError::new(ErrorKind::Credentials, "the key on stdin is not text"))?;
    ApiKey::parse(text.trim_end_matches(['\r', '\n'])).map_err(|error| {
        CommandError::new(ErrorKind::Credentials, error.to_string())
            .hint("printf %s \"$KEY\" | amx add-llm-profile NAME --no-input --api-key-stdin …")
    })
}

/// Says what the provider said. A key that was refused is an error.
fn report_verdict(
    verdict: &KeyVerdict,
    draft: &Draft,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match verdict {
        KeyVerdict::Accepted { .. } => context.output.say(&accepted_words(verdict, draft)),
        KeyVerdict::Unknown { why } => context.output.warning(&format!(
            "the key could not be checked: {why}; it is stored all the same"
        )),
        KeyVerdict::Rejected { status } => {
            let error = CommandError::new(
                ErrorKind::Credentials,
                format!(
                    "provider {} did not accept the key ({status}); nothing was stored",
                    draft.entry.name
                ),
            );
            return Err(error.hint(format!(
                "check {}",
                draft
                    .entry
                    .keys_page
                    .unwrap_or("the provider's page of keys")
            )));
        }
    }
    Ok(())
}
