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

/// The tools that are named.
pub(crate) struct Named {
    pub tools: Vec<Tool>,
    /// Patterns that match nothing, and tools whose names are equal.
    pub warnings: Vec<String>,
    /// Why other ones of them cannot be called on this machine.
    pub missing: Vec<String>,
}

/// The named tools, without those whose names are equal and those that cannot be called here. With
/// `runs` false nothing is called, so that nothing need be installed.
///
/// # Errors
/// The first name that no tool has.
pub(crate) fn named(tools: Vec<Tool>, wanted: &[String], runs: bool) -> Result<Named, UnknownTool> {
    let (tools, mut warnings) = names::without_collisions(tools);
    let known: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let Choice { chosen, unmatched } = names::choose(wanted, &known)?;
    let unmatched = unmatched.iter();
    warnings
        .extend(unmatched.map(|pattern| format!("no tool matches '{}'", pattern.escape_debug())));
    let mut missing = Vec::new();
    let mut named = Vec::with_capacity(chosen.len());
    for (index, tool) in tools.into_iter().enumerate() {
        if !chosen.contains(&index) {
            continue;
        }
        match tool.runner.missing().filter(|_| runs) {
            Some(why) => missing.push(not_offered(&tool.name, &why)),
            None => named.push(tool),
        }
    }
    Ok(Named {
        tools: named,
        warnings,
        missing,
    })
}

fn not_offered(tool: &str, why: &str) -> String {
    format!("{tool} is not offered to the model: {why}")
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
        Err(why) => Err(not_offered(
            &tool.name,
            &format!("{why} ({})", dialect.family),
        )),
    }
}
