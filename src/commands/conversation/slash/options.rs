//! `/set`: any option of a request by its name, for this conversation.

use crate::ask::body_options;
use crate::commands::conversation::state::{Conversation, Next};
use crate::config::options::{OPTIONS, path, table};
use crate::config::{Setting, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// The word that takes an option back.
const OFF: &str = "off";

/// How what is chosen here is told of.
const SPELLING: &str = "/set";

pub fn set(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let (name, value) = argument
        .split_once(|c: char| c.is_whitespace() || c == '=')
        .unwrap_or((argument, ""));
    match (name, value.trim()) {
        ("", _) => list(&conversation.settings, context),
        (name, "") => context
            .output
            .aside(&described(name, &conversation.settings)?),
        (name, value) => {
            let mut overrides = conversation.overrides.clone();
            if value == OFF {
                body_options::take_back(&mut overrides, name);
            } else {
                body_options::choose(&mut overrides, name, value, SPELLING)
                    .map_err(in_conversation)?;
            }
            conversation.change(context, |held| *held = overrides)?;
            context
                .output
                .aside(&described(name, &conversation.settings)?);
            conversation.remark(conversation.settings.options.remarks.clone(), context);
        }
    }
    Ok(Next::Prompt)
}

/// A mistake at the prompt is mended at the prompt.
fn in_conversation(error: CommandError) -> CommandError {
    CommandError {
        hints: vec!["/set   (lists what is set; Tab offers names and values)".to_owned()],
        ..error
    }
}

fn list(settings: &Settings, context: &mut Context<'_>) {
    let known = OPTIONS.iter().map(|option| option.name);
    let others = settings
        .body
        .keys()
        .map(String::as_str)
        .filter(|field| !table::is_known(field));
    let rows = known
        .chain(others)
        .filter_map(|name| held(name, settings).map(|(value, source)| (name, value, source)));
    for (name, value, source) in rows {
        context
            .output
            .say(&format!("{name:<22} {value}   ({source})"));
    }
    context
        .output
        .aside("/set NAME VALUE sets one more, /set NAME off takes it back");
}

/// What holds for one option, or what it takes.
fn described(name: &str, settings: &Settings) -> Result<String, CommandError> {
    let option = table::find(name);
    let called = option.map_or(name, |option| option.name);
    match (held(called, settings), option) {
        (Some((value, source)), _) => Ok(format!("{called}: {value} ({source})")),
        (None, Some(option)) => Ok(format!("{called}: not set; {}", option.kind.description())),
        (None, None) => {
            let error = CommandError::usage(format!(
                "nothing is set by the name '{}'",
                name.escape_debug()
            ));
            Err(match table::near(name) {
                Some(meant) => error.hint(format!("/set {meant}")),
                None => error.hint("/set"),
            })
        }
    }
}

/// The value in force, and where it comes from.
fn held(name: &str, settings: &Settings) -> Option<(String, String)> {
    match name {
        "temperature" => settings.temperature.as_ref().map(shown),
        "top_p" => settings.top_p.as_ref().map(shown),
        "max_tokens" => Some(shown(&settings.max_tokens)),
        "reasoning_effort" => settings.effort.as_ref().map(shown),
        "private" => {
            settings.options.private.as_ref().map(|(private, origin)| {
                (private.to_string(), origin.words(&settings.profile.value))
            })
        }
        "models" => {
            let origin = settings.options.origin(name)?;
            Some((
                settings
                    .fallback_models
                    .as_ref()
                    .map(|models| models.value.join(", "))
                    .unwrap_or_default(),
                origin.words(&settings.profile.value),
            ))
        }
        name => {
            let value = path::get(&settings.body, name)?;
            Some((
                value.to_string(),
                settings
                    .options
                    .origin(name)?
                    .words(&settings.profile.value),
            ))
        }
    }
}

fn shown<T: ToString>(setting: &Setting<T>) -> (String, String) {
    (setting.value.to_string(), setting.source.to_string())
}
