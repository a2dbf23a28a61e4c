//! Commands that show or change the settings: model, profile, system prompt, schema, parameters.

use serde_json::Value;

use super::{lists, models};
use crate::ask::schema_source;
use crate::commands::add_llm_profile::{self, AddLlmProfileArgs};
use crate::commands::arguments::JsonArgs;
use crate::commands::conversation::state::{Conversation, Next};
use crate::commands::profiles::{self, ProfilesCommand};
use crate::config::{
    SchemaChoice, Setting, ThemeName, ValueSource, defaults, generation, model_spec,
};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::output::ThemeChange;

/// The word that resets a setting.
const OFF: &str = "off";

/// Runs `/model [ID]`.
///
/// # Errors
/// When the model is invalid, or the list is cancelled.
pub(super) fn model(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let chosen = match argument {
        "" => models::choose(conversation, context)?,
        written => {
            model_spec::check(written)
                .map_err(|why| CommandError::usage(why).hint("/model anthropic/claude-sonnet-5"))?;
            models::confirmed(written, conversation, context)?
        }
    };
    let Some(id) = chosen else {
        return Ok(confirm("Model unchanged", context));
    };
    let mut overrides = conversation.overrides.clone();
    overrides.choose_model(id, &conversation.config);
    conversation.change(context, |changed| *changed = overrides)?;
    let target = conversation.target_label();
    Ok(confirm(&format!("Model: {target}"), context))
}

/// Runs `/profile [NAME]`. Without a name the user picks a profile; the current one shows its
/// settings.
///
/// # Errors
/// When there is no such profile, or the list is cancelled.
pub(super) fn profile(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let current = conversation.settings.profile.value.clone();
    let picked = match argument {
        "" => lists::profile(&current, &conversation.config, context)?,
        name => Some(name.to_owned()),
    };
    match picked {
        Some(name) if name != current || !argument.is_empty() => {
            use_profile(&name, conversation, context)
        }
        _ => show_settings(conversation, context),
    }
}

fn show_settings(
    conversation: &Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let explained = conversation.explained(context)?;
    context.output.page(&profiles::page(explained))?;
    Ok(Next::Prompt)
}

/// Runs `/use-llm NAME`.
///
/// # Errors
/// When there is no such profile.
pub(super) fn use_profile(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let config = &conversation.config;
    if argument.is_empty()
        || !(config.profiles.contains_key(argument) || argument == defaults::DEMO_PROFILE)
    {
        return Err(config.no_profile(argument, "/use-llm").into());
    }
    let name = argument.to_owned();
    // A profile has its own model.
    conversation.change(context, |overrides| {
        (overrides.profile, overrides.model) = (Some(name), None);
    })?;
    let target = conversation.target_label();
    Ok(confirm(&format!("Profile: {target}"), context))
}

/// Runs `/llm-profiles`.
///
/// # Errors
/// When the configuration cannot be read.
pub(super) fn list_profiles(
    _: &str,
    _: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    profiles::run(ProfilesCommand::List(JsonArgs { json: false }), context)?;
    Ok(Next::Prompt)
}

/// Runs `/add-llm-profile [NAME]`, and switches to the new profile.
///
/// # Errors
/// When the profile is not created.
pub(super) fn add_profile(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let args = AddLlmProfileArgs {
        name: Some(argument.to_owned()).filter(|name| !name.is_empty()),
        ..AddLlmProfileArgs::default()
    };
    let name = add_llm_profile::ask(args, context)?;
    conversation.reload(context)?;
    use_profile(&name, conversation, context)
}

/// Runs `/system [TEXT|off]`.
///
/// # Errors
/// When the settings are invalid.
pub(super) fn system(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    match argument {
        "" => {
            let system = conversation
                .settings
                .system
                .as_ref()
                .map(|system| system.value.as_str())
                .filter(|system| !system.is_empty());
            context.output.say(system.unwrap_or("(no system prompt)"));
            Ok(Next::Prompt)
        }
        // Empty rather than unset: it overrides the profile's system prompt.
        OFF => {
            conversation.change(context, |overrides| overrides.system = Some(String::new()))?;
            Ok(confirm(
                "System prompt removed; applies from the next message",
                context,
            ))
        }
        text => {
            conversation.change(context, |overrides| {
                overrides.system = Some(text.to_owned());
            })?;
            Ok(confirm(
                "System prompt set; applies from the next message",
                context,
            ))
        }
    }
}

/// Runs `/schema [FILE|FORM|off]`.
///
/// # Errors
/// When the schema cannot be read, or is invalid.
pub(super) fn schema(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let choice = SchemaChoice::one(argument);
    if argument.is_empty() {
        let schema = conversation
            .settings
            .schema
            .as_ref()
            .filter(|setting| !setting.value.is_off());
        let shown = schema.map_or("none".to_owned(), |setting| {
            format!("{} ({})", setting.value, setting.source)
        });
        return Ok(confirm(&format!("Schema: {shown}"), context));
    }
    let is_off = choice.is_off();
    if !is_off {
        // An invalid schema is reported now, not with the next question.
        let setting = Setting {
            value: choice.clone(),
            source: ValueSource::Flag { option: "/schema" },
            overridden: Vec::new(),
        };
        schema_source::load(&setting, &context.equipment)?;
    }
    conversation.change(context, |overrides| overrides.schema = Some(choice))?;
    Ok(confirm(
        if is_off {
            "Schema removed; applies from the next message"
        } else {
            "Schema set; applies from the next message"
        },
        context,
    ))
}

/// The value that the next request has, and its source; `None` where nothing sets it.
fn sent(
    key: &str,
    conversation: &Conversation,
    context: &Context<'_>,
) -> Result<Option<String>, CommandError> {
    let lines = conversation.explained(context)?;
    let line = lines.iter().find(|line| line.key == key);
    Ok(line.map(|line| format!("{} ({})", line.value, line.source)))
}

/// Runs `/temperature [NUMBER|off]`.
///
/// # Errors
/// When the number is out of range.
pub(super) fn temperature(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        let shown = sent("temperature", conversation, context)?;
        let shown = shown.unwrap_or_else(|| "model default".to_owned());
        return Ok(confirm(&format!("Temperature: {shown}"), context));
    }
    let value = read("temperature", argument, "/temperature", "0.7")?;
    conversation.change(context, |overrides| {
        overrides.generation.set("temperature", value.as_ref());
    })?;
    temperature("", conversation, context)
}

/// Runs `/max-tokens [NUMBER|off]`.
///
/// # Errors
/// When the number is out of range.
pub(super) fn max_tokens(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        let shown = sent("max_tokens", conversation, context)?;
        let shown = shown.map(|shown| format!("Max tokens: {shown}"));
        return Ok(confirm(&shown.unwrap_or_default(), context));
    }
    let value = read("max_tokens", argument, "/max-tokens", "4096")?;
    conversation.change(context, |overrides| {
        overrides.generation.set("max_tokens", value.as_ref());
    })?;
    max_tokens("", conversation, context)
}

/// Runs `/effort [EFFORT|off]`.
///
/// # Errors
/// When the effort is unknown.
pub(super) fn effort(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        let shown = sent("reasoning_effort", conversation, context)?;
        let shown = shown.unwrap_or_else(|| "low for reasoning models (default)".to_owned());
        return Ok(confirm(&format!("Effort: {shown}"), context));
    }
    let value = read("reasoning_effort", argument, "/effort", "low")?;
    conversation.change(context, |overrides| {
        overrides.generation.set("reasoning_effort", value.as_ref());
    })?;
    effort("", conversation, context)
}

/// Runs `/theme [NAME]`, for this run.
///
/// # Errors
/// When there is no such theme.
pub(super) fn theme(
    argument: &str,
    _: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let change =
        if argument.is_empty() {
            ThemeChange::None
        } else {
            let typed = argument.parse::<ThemeName>();
            ThemeChange::Typed(typed.map_err(|what| {
                CommandError::usage(format!("/theme {what}")).hint("/theme dark")
            })?)
        };
    let shown = context.output.theme(change);
    Ok(confirm(&format!("Theme: {shown}"), context))
}

/// Runs `/multiline`: toggles the meaning of Enter.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the signature of an action in the table of commands"
)]
pub(super) fn multiline(
    _: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    conversation.is_multiline = !conversation.is_multiline;
    let is_on = conversation.is_multiline;
    conversation.editor().set_multiline(is_on);
    Ok(confirm(
        if is_on {
            "Multi-line input on: Enter inserts a new line, Alt-Enter sends"
        } else {
            "Multi-line input off: Enter sends, Alt-Enter inserts a new line"
        },
        context,
    ))
}

/// A value of the option of that name, or `None` for `off`.
fn read(
    name: &str,
    text: &str,
    command: &str,
    example: &str,
) -> Result<Option<Value>, CommandError> {
    if text == OFF {
        return Ok(None);
    }
    generation::read(name, text).map(Some).map_err(|what| {
        CommandError::usage(format!("{command} {what}")).hint(format!("{command} {example}"))
    })
}

/// Shows a confirmation.
fn confirm(text: &str, context: &mut Context<'_>) -> Next {
    context.output.aside(text);
    Next::Prompt
}
