//! `amx tools list` and `amx tools show`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::args::ShowArgs;
use super::listed::ListedTool;
use super::{named, table};
use crate::commands::arguments::JsonArgs;
use crate::commands::arguments::tools::ToolRules;
use crate::config::{ConfigFile, Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::tools::names::collisions;
use crate::tools::tool::Tool;
use crate::tools::{dialects, offer};

/// Lists every tool.
///
/// # Errors
/// When the configuration is invalid, or stdout cannot be written.
pub(super) fn list(args: &JsonArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let (tools, unlisted) = all(&config, context)?;
    let collisions = collisions(&tools);
    let listed: Vec<ListedTool> = tools
        .iter()
        .map(|tool| ListedTool::of(tool, &config, &collisions))
        .collect();
    if args.json {
        let values: Value = listed.iter().map(ListedTool::json).collect();
        return Ok(context.output.json(&values)?);
    }
    let lines = table::tools(&listed).page_lines(context.table_width());
    context.output.page(&lines.into_iter().collect())?;
    let not_offered = listed.iter().filter_map(|tool| {
        let why = tool.not_offered.as_ref()?;
        Some(format!("{} is not offered: {why}", tool.name))
    });
    for note in not_offered.collect::<BTreeSet<String>>() {
        context.output.note(&note);
    }
    if !unlisted.is_empty() {
        let servers = unlisted.join(", ");
        context.output.note(&format!(
            "MCP servers whose tools are not listed yet: {servers}; amx mcp test lists them"
        ));
    } else if config.tools.is_empty() && config.mcp_servers.is_empty() {
        context
            .output
            .note("no commands under 'tools' in config.yml; amx config edit adds one");
    }
    Ok(())
}

/// Prints the declaration of a tool.
///
/// # Errors
/// When there is no such tool, or its schema cannot be sent to the model.
pub(super) fn show(args: &ShowArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let overrides = Overrides {
        profile: args.profile.clone(),
        model: args.model.clone(),
        ..Overrides::default()
    };
    let settings = Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    let (tools, _) = all(&config, context)?;
    let tool = named::found(tools, &args.name)?;
    let dialect = dialects::of(settings.entry.name, &settings.model.value);
    let declaration = offer::declaration(&tool, dialect)
        .map_err(|why| CommandError::new(ErrorKind::Tool, why))?;
    let function = json!({
        "name": declaration.name,
        "description": declaration.description,
        "parameters": declaration.parameters,
    });
    Ok(context
        .output
        .json(&json!({"type": "function", "function": function}))?)
}

/// All tools that are known, and the servers that are not listed yet.
fn all(
    config: &ConfigFile,
    context: &Context<'_>,
) -> Result<(Vec<Tool>, Vec<String>), CommandError> {
    let session = ToolRules::default().session(&context.equipment.environment);
    session.known(config, &context.equipment)
}
