//! `amx add-llm-profile`: sets a profile up, by prompts on a terminal, by flags elsewhere.

mod args;

pub(crate) use args::AddLlmProfileArgs;

use super::setup::{self, GivenFields};
use crate::platform::system::System;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

pub(crate) fn run(args: AddLlmProfileArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.no_input {
        return setup::from_flags(fields(args), context);
    }
    let name = ask(args, context)?;
    let name = System::CURRENT.quoted(&name);
    context
        .output
        .aside(&format!("Next: amx chat -p {name} \"your question\""));
    Ok(())
}

/// Sets a profile up by prompts, and returns its name.
///
/// # Errors
/// Without a terminal, or when the profile is not created.
pub(crate) fn ask(
    args: AddLlmProfileArgs,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    context.require_terminal(
        "add-llm-profile",
        "amx add-llm-profile NAME --no-input --provider PROVIDER --model MODEL --api-key-stdin",
    )?;
    setup::from_prompts(fields(args), context)
}

fn fields(args: AddLlmProfileArgs) -> GivenFields {
    GivenFields {
        name: args.name,
        provider: args.provider,
        model: args.model,
        base_url: args.base_url,
        key_on_stdin: args.api_key_stdin,
        key_reference: args.api_key_ref,
        skip_key_check: args.no_check,
        temperature: args.temperature,
        max_tokens: args.max_tokens,
        alternatives: args.alternatives,
        activate: args.activate,
    }
}
