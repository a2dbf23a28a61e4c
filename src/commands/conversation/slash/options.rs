//! `/set`: any option of a request by its name, for this conversation.

use crate::ask::{body_options, explain};
use crate::commands::conversation::state::{Conversation, Next};
use crate::config::Explained;
use crate::config::options::{OPTIONS, table};
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
        ("", _) => list(conversation, context)?,
        (name, "") => {
            let words = described(name, conversation, context)?;
            context.output.aside(&words);
        }
        (name, value) => {
            let mut overrides = conversation.overrides.clone();
            if value == OFF {
                body_options::take_back(&mut overrides, name);
            } else {
                body_options::choose(&mut overrides, name, value, SPELLING)
                    .map_err(in_conversation)?;
            }
            conversation.change(context, |held| *held = overrides)?;
            {
                let words = described(name, conversation, context)?;
                context.output.aside(&words);
            }
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

fn list(conversation: &Conversation, context: &mut Context<'_>) -> Result<(), CommandError> {
    let known = OPTIONS.iter().map(|option| option.name);
    let fields = conversation.settings.body.keys().map(String::as_str);
    let others = fields.filter(|field| !table::is_known(field));
    let lines = explain::explain(&conversation.resolved(), &context.equipment)?;
    let mut rows = Vec::new();
    for name in known.chain(others) {
        if let Some((value, source)) = held(name, &lines, conversation, context)? {
            rows.push(format!("{name:<22} {value}   ({source})"));
        }
    }
    for row in rows {
        context.output.say(&row);
    }
    context
        .output
        .aside("/set NAME VALUE sets one more, /set NAME off takes it back");
    Ok(())
}

/// What holds for one option, or what it takes.
fn described(
    name: &str,
    conversation: &Conversation,
    context: &Context<'_>,
) -> Result<String, CommandError> {
    let option = table::find(name);
    let called = option.map_or(name, |option| option.name);
    let lines = explain::explain(&conversation.resolved(), &context.equipment)?;
    match (held(called, &lines, conversation, context)?, option) {
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

/// The value that is sent, and where it comes from.
fn held(
    name: &str,
    lines: &[Explained],
    conversation: &Conversation,
    context: &Context<'_>,
) -> Result<Option<(String, String)>, CommandError> {
    let key = if name == "models" {
        "fallback_models"
    } else {
        name
    };
    let line = lines
        .iter()
        .find(|line| line.key == key || line.key.strip_prefix("body.") == Some(key));
    let line = match line {
        Some(line) => Some(line.clone()),
        None => explain::explain_option(name, &conversation.resolved(), &context.equipment)?,
    };
    Ok(line.map(|line| (line.value, line.source)))
}
