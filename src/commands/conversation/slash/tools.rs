//! `/tools` and `/allow`: which tools the model may call, and which of them run without asking.

use crate::catalog::nearest::closest;
use crate::commands::arguments::JsonArgs;
use crate::commands::conversation::state::{Conversation, Next};
use crate::commands::tools::{self, ToolsCommand};
use crate::config::command_tool::SEPARATOR;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::tools::names::{is_pattern, matches};
use crate::tools::permissions::may_allow;

const ON: &str = "on";
const OFF: &str = "off";

/// Runs `/tools [on|off [NAME…]]`: lists the tools, or changes which of them the model may call.
///
/// # Errors
/// When no tool has a name.
pub(super) fn choose(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let words: Vec<&str> = names_of(argument).collect();
    let current = chosen(conversation);
    let wanted = match words.as_slice() {
        [] => {
            tools::run(ToolsCommand::List(JsonArgs { json: false }), context)?;
            context.output.aside(&tools_words(&current));
            return Ok(Next::Prompt);
        }
        // Those of the profile again.
        [ON] => None,
        [OFF] => Some(Vec::new()),
        [OFF, names @ ..] => Some(without(names, &current, conversation, context)?),
        [ON, names @ ..] | names => {
            check(names, conversation, context)?;
            let mut wanted = current;
            for name in names {
                if !wanted.iter().any(|known| known == name) {
                    wanted.push((*name).to_owned());
                }
            }
            Some(wanted)
        }
    };
    conversation.change(context, |overrides| overrides.tools = wanted)?;
    context.output.aside(&tools_words(&chosen(conversation)));
    Ok(Next::Prompt)
}

/// Runs `/allow [NAME…|off]`: tools that run without asking until the conversation ends.
///
/// # Errors
/// For a pattern that would allow everything.
pub(super) fn allow(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let names: Vec<&str> = names_of(argument).collect();
    if let Some(everything) = names.iter().find(|name| !may_allow(name)) {
        let message = format!("/allow {everything}: there is no yes to every tool");
        return Err(CommandError::usage(message).hint("/allow NAME"));
    }
    if names == [OFF] {
        conversation.tools.gate().permissions.clear();
    } else {
        check(&names, conversation, context)?;
        for name in names {
            conversation.tools.gate().permissions.allow(name.to_owned());
        }
    }
    conversation.update_completer(context);
    let allowed = conversation.tools.gate().permissions.allowed_words();
    let words = if allowed.is_empty() {
        "Allowed: none; every call is asked about".to_owned()
    } else {
        format!("Allowed: {allowed}")
    };
    context.output.aside(&words);
    Ok(Next::Prompt)
}

fn names_of(argument: &str) -> impl Iterator<Item = &str> {
    argument
        .split([',', ' ', '\t'])
        .filter(|name| !name.is_empty())
}

fn chosen(conversation: &Conversation) -> Vec<String> {
    let named = conversation.settings.tools.as_ref();
    named.map(|named| named.value.clone()).unwrap_or_default()
}

fn tools_words(chosen: &[String]) -> String {
    if chosen.is_empty() {
        "Tools: none; /tools on NAME lets the model call one".to_owned()
    } else {
        format!("Tools: {}", chosen.join(", "))
    }
}

/// The chosen tools without some. A pattern of which one is removed becomes the names of the rest.
fn without(
    names: &[&str],
    current: &[String],
    conversation: &Conversation,
    context: &Context<'_>,
) -> Result<Vec<String>, CommandError> {
    let is_removed = |name: &str| names.iter().any(|removed| matches(removed, name));
    let known = known(conversation, context)?;
    let mut rest: Vec<String> = Vec::new();
    for chosen in current {
        let meant = known.iter().filter(|name| matches(chosen, name));
        let (removed, kept): (Vec<&String>, Vec<&String>) =
            meant.partition(|name| is_removed(name));
        if removed.is_empty() && !is_removed(chosen) {
            rest.push(chosen.clone());
        } else {
            rest.extend(kept.into_iter().cloned());
        }
    }
    Ok(rest)
}

/// Each name must be that of a tool. The tools of a server are known once it has started.
fn check(
    names: &[&str],
    conversation: &Conversation,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let known = known(conversation, context)?;
    let is_known = |name: &str| {
        let server = name.split_once(SEPARATOR).map(|(server, _)| server);
        is_pattern(name)
            || known.iter().any(|known| known == name)
            || server.is_some_and(|server| conversation.config.mcp_servers.contains_key(server))
    };
    let Some(unknown) = names.iter().find(|name| !is_known(name)) else {
        return Ok(());
    };
    let error = CommandError::usage(format!("no tool '{}'", unknown.escape_debug()));
    let near = closest(unknown, known.iter().map(String::as_str));
    let error = match near {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error,
    };
    Err(error.hint("/tools"))
}

fn known(conversation: &Conversation, context: &Context<'_>) -> Result<Vec<String>, CommandError> {
    let (tools, _) = conversation
        .tools
        .known(&conversation.config, &context.equipment)?;
    Ok(tools.into_iter().map(|tool| tool.name).collect())
}
