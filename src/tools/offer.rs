//! The tools that are offered: all that the user has, those that are named, and how they are sent.

use std::path::{Path, PathBuf};

use super::command::{self, CommandContext};
use super::dialects::{self, Dialect};
use super::names::{self, UnknownTool};
use super::tool::Tool;
use super::{built_in, names::Choice};
use crate::chat::tool::Declaration;
use crate::config::ConfigFile;
use crate::platform::beneath::BeneathError;

/// The commands of the configuration and the built-in tools, in the order of their names; see
/// [`built_in::all`] for the last two parameters.
///
/// # Errors
/// The root that cannot be opened, and why.
pub(crate) fn local(
    config: &ConfigFile,
    context: &CommandContext,
    roots: &[PathBuf],
    private: Option<&Path>,
) -> Result<Vec<Tool>, (PathBuf, BeneathError)> {
    let commands = config.tools.values().cloned();
    let mut tools: Vec<Tool> = commands
        .map(|tool| command::tool(tool, context.clone()))
        .collect();
    tools.extend(built_in::all(roots, private)?);
    Ok(tools)
}

/// The named tools without those whose names are equal and those that cannot be called here, with
/// warnings about those and about patterns that match nothing.
///
/// # Errors
/// The first name that no tool has.
pub(crate) fn named(
    tools: Vec<Tool>,
    wanted: &[String],
) -> Result<(Vec<Tool>, Vec<String>), UnknownTool> {
    let (tools, mut warnings) = names::without_collisions(tools);
    let known: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let Choice { chosen, unmatched } = names::choose(wanted, &known)?;
    warnings.extend(
        unmatched
            .iter()
            .map(|pattern| format!("no tool matches '{}'", pattern.escape_debug())),
    );
    let mut index = 0;
    let mut is_chosen = |_: &Tool| {
        index += 1;
        chosen.contains(&(index - 1))
    };
    let mut named: Vec<Tool> = tools.into_iter().filter(|tool| is_chosen(tool)).collect();
    named.retain(|tool| match tool.runner.missing() {
        Some(why) => {
            warnings.push(format!("{} is not offered to the model: {why}", tool.name));
            false
        }
        None => true,
    });
    Ok((named, warnings))
}

/// A tool as a family of models accepts it.
///
/// # Errors
/// The warning about a tool that cannot be sent.
pub(crate) fn declaration(tool: &Tool, dialect: &Dialect) -> Result<Declaration, String> {
    match dialects::for_family(&tool.parameters, dialect) {
        Ok(parameters) => Ok(Declaration {
            name: tool.name.clone(),
            description: tool.description.clone(),
            parameters,
        }),
        Err(why) => Err(format!(
            "{} is not offered to the model: {why} ({})",
            tool.name, dialect.family
        )),
    }
}
