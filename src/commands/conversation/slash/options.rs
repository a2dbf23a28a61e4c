//! `/set`: any request option by its name, for this conversation.

use crate::ask::{body_options, explain};
use crate::commands::conversation::state::{Conversation, Next};
use crate::config::Explained;
use crate::config::options::{OPTIONS, table};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::{Line, Page, Role};

/// The word that resets an option.
const OFF: &str = "off";

/// Columns of an option's name.
const NAME_WIDTH: usize = 22;

/// The source of values that are set here.
const SPELLING: &str = "/set";

/// Runs `/set [NAME [VALUE|off]]`.
///
/// # Errors
/// When the option is unknown, or its value is invalid.
pub(crate) fn set(
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
            context
                .output
                .aside(&described(name, conversation, context)?);
        }
        (name, value) => {
            let mut overrides = conversation.overrides.clone();
            if value == OFF {
                body_options::take_back(&mut overrides, name);
            } else {
                body_options::choose(&mut overrides, name, value, SPELLING)
                    .map_err(in_conversation)?;
            }
            conversation.change(context, |changed| *changed = overrides)?;
            context
                .output
                .aside(&described(name, conversation, context)?);
            conversation.remark(conversation.settings.options.remarks.clone(), context);
        }
    }
    Ok(Next::Prompt)
}

/// The error with a slash command as its hint.
fn in_conversation(error: CommandError) -> CommandError {
    CommandError {
        hints: vec!["/set   (lists options; Tab completes names and values)".to_owned()],
        ..error
    }
}

fn list(conversation: &Conversation, context: &mut Context<'_>) -> Result<(), CommandError> {
    let known = OPTIONS.iter().map(|option| option.name);
    let fields = conversation.settings.body.keys().map(String::as_str);
    let others = fields.filter(|field| !table::is_known(field));
    let lines = conversation.explained(context)?;
    let mut page = Page::default();
    for name in known.chain(others) {
        if let Some((value, source)) = current(name, &lines, conversation, context)? {
            page.line(
                Line::of(Role::Strong, format!("{name:<NAME_WIDTH$} "))
                    .and(value)
                    .with(Role::Dim, format!("   ({source})"))
                    .hanging(NAME_WIDTH + 1),
            );
        }
    }
    context.output.page(&page)?;
    context
        .output
        .aside("/set NAME VALUE sets an option, /set NAME off resets it");
    Ok(())
}

/// The value and source of an option, or the values that it accepts.
fn described(
    name: &str,
    conversation: &Conversation,
    context: &Context<'_>,
) -> Result<String, CommandError> {
    let option = table::find(name);
    let full_name = option.map_or(name, |option| option.name);
    let lines = conversation.explained(context)?;
    match (current(full_name, &lines, conversation, context)?, option) {
        (Some((value, source)), _) => Ok(format!("{full_name}: {value} ({source})")),
        (None, Some(option)) => Ok(format!(
            "{full_name}: not set; {}",
            option.kind.description()
        )),
        (None, None) => {
            let error = CommandError::usage(format!("unknown option '{}'", name.escape_debug()));
            Err(match table::near(name) {
                Some(near) => error.hint(format!("/set {near}")),
                None => error.hint("/set"),
            })
        }
    }
}

/// The value that is sent, and its source.
fn current(
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
