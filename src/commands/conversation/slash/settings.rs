//! Commands that change who is asked, and how.

use serde_json::Value;

use super::models;
use crate::ask::explain;
use crate::ask::schema_source;
use crate::commands::add_llm_profile::{self, AddLlmProfileArgs};
use crate::commands::arguments::JsonArgs;
use crate::commands::conversation::state::{Conversation, Next};
use crate::commands::profiles::{self, ProfilesCommand};
use crate::config::{SchemaChoice, Setting, ValueSource, defaults, generation, model_spec};
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// The word that takes a setting back.
const OFF: &str = "off";

pub fn model(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let id = match argument {
        // The list is that of the provider that answers now, which need not be the profile's.
        "" if conversation.settings.is_foreign => format!(
            "{}:{}",
            conversation.settings.entry.name,
            models::choose(conversation, context)?
        ),
        "" => models::choose(conversation, context)?,
        written => written.to_owned(),
    };
    model_spec::check(&id)
        .map_err(|why| CommandError::usage(why).hint("/model anthropic/claude-sonnet-4"))?;
    let mut overrides = conversation.overrides.clone();
    overrides.choose_model(id, &conversation.config);
    conversation.change(context, |changed| *changed = overrides)?;
    Ok(said(&conversation.who(), context))
}

pub fn profile(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if !argument.is_empty() {
        return use_profile(argument, conversation, context);
    }
    for line in explain::explain(&conversation.resolved(), &context.equipment)? {
        context.output.say(&format!(
            "{:<22} {}   ({})",
            line.key, line.value, line.source
        ));
    }
    Ok(Next::Prompt)
}

pub fn use_profile(
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
    // Another profile comes with its own model.
    conversation.change(context, |overrides| {
        (overrides.profile, overrides.model) = (Some(name), None);
    })?;
    Ok(said(&conversation.who(), context))
}

pub fn list_profiles(
    _: &str,
    _: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    profiles::run(ProfilesCommand::List(JsonArgs { json: false }), context)?;
    Ok(Next::Prompt)
}

pub fn add_profile(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let before: Vec<String> = conversation.config.profiles.keys().cloned().collect();
    let name = Some(argument.to_owned()).filter(|name| !name.is_empty());
    add_llm_profile::run(
        AddLlmProfileArgs {
            name: name.clone(),
            ..AddLlmProfileArgs::default()
        },
        context,
    )?;
    conversation.reload(context)?;
    let new = conversation
        .config
        .profiles
        .keys()
        .find(|name| !before.contains(name))
        .cloned();
    match name.or(new) {
        Some(name) => use_profile(&name, conversation, context),
        None => Ok(Next::Prompt),
    }
}

pub fn system(
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
            context.output.say(system.unwrap_or("(no instructions)"));
            Ok(Next::Prompt)
        }
        // Empty rather than unset: the profile's own instructions are dropped as well.
        OFF => {
            conversation.change(context, |overrides| overrides.system = Some(String::new()))?;
            Ok(said("no instructions from now on", context))
        }
        text => {
            conversation.change(context, |overrides| {
                overrides.system = Some(text.to_owned());
            })?;
            Ok(said(
                "the instructions hold from the next question on",
                context,
            ))
        }
    }
}

pub fn schema(
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
        return Ok(said(&format!("schema: {shown}"), context));
    }
    let is_off = choice.is_off();
    if !is_off {
        // One that cannot be used is told now, and not with the next question.
        let setting = Setting {
            value: choice.clone(),
            source: ValueSource::Flag { option: "/schema" },
            overridden: Vec::new(),
        };
        schema_source::load(&setting, &context.equipment)?;
    }
    conversation.change(context, |overrides| overrides.schema = Some(choice))?;
    Ok(said(
        if is_off {
            "answers are free again"
        } else {
            "answers keep to the schema from the next question on; /schema off ends it"
        },
        context,
    ))
}

pub fn temperature(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        let shown = conversation
            .settings
            .temperature
            .as_ref()
            .map_or("the model's own".to_owned(), |setting| {
                format!("{} ({})", setting.value, setting.source)
            });
        return Ok(said(&format!("temperature: {shown}"), context));
    }
    let value = read("temperature", argument, "/temperature", "0.7")?;
    conversation.change(context, |overrides| {
        overrides.generation.set("temperature", value.as_ref());
    })?;
    temperature("", conversation, context)
}

pub fn max_tokens(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        let setting = &conversation.settings.max_tokens;
        return Ok(said(
            &format!("max_tokens: {} ({})", setting.value, setting.source),
            context,
        ));
    }
    let value = read("max_tokens", argument, "/max-tokens", "4096")?;
    conversation.change(context, |overrides| {
        overrides.generation.set("max_tokens", value.as_ref());
    })?;
    max_tokens("", conversation, context)
}

pub fn effort(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        let effort = conversation.settings.effort.as_ref();
        let shown = effort.map_or("low on reasoning routes (default)".to_owned(), |setting| {
            format!("{} ({})", setting.value, setting.source)
        });
        return Ok(said(&format!("effort: {shown}"), context));
    }
    let value = read("reasoning_effort", argument, "/effort", "low")?;
    conversation.change(context, |overrides| {
        overrides.generation.set("reasoning_effort", value.as_ref());
    })?;
    effort("", conversation, context)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "an action of the table of commands"
)]
pub fn multiline(
    _: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    conversation.is_multiline = !conversation.is_multiline;
    let is_on = conversation.is_multiline;
    conversation.editor().set_multiline(is_on);
    Ok(said(
        if is_on {
            "Enter begins a new line, Alt-Enter sends"
        } else {
            "Enter sends, Alt-Enter begins a new line"
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

fn said(text: &str, context: &mut Context<'_>) -> Next {
    context.output.aside(text);
    Next::Prompt
}
