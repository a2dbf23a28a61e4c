//! `amx tools`: the tools that models may call, one of them run by hand, stored approvals, and the
//! log of calls.

mod args;
mod json;
mod list;
mod listed;
mod manual_run;
mod named;
mod table;

use std::time::SystemTime;

use clap::Subcommand;
use serde_json::Value;

use super::arguments::JsonArgs;
use super::session_store;
use crate::catalog::nearest::closest;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::time;
use crate::store::Store;
use args::{ForgetArgs, LogArgs, RunArgs, ShowArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum ToolsCommand {
    /// List the tools that a profile or --tool can name
    #[command(after_help = "Example:\n  amx tools list --json | jq -r '.[].name'")]
    List(JsonArgs),
    /// Print the declaration of a tool as it is sent to the model
    #[command(after_help = "Example:\n  amx tools show weather -m google/gemini-2.5-flash")]
    Show(ShowArgs),
    /// Run a tool by hand; asks first, as when a model calls it
    #[command(after_help = "Example:\n  amx tools run weather '{\"town\": \"Oslo\"}'")]
    Run(RunArgs),
    /// List the tools that run without asking
    #[command(after_help = "Example:\n  amx tools approvals --json | jq -r '.[].tool'")]
    Approvals(JsonArgs),
    /// Delete a stored approval: the tool is asked about again
    #[command(after_help = "Example:\n  amx tools forget github__create_issue")]
    Forget(ForgetArgs),
    /// Show every tool call, the newest last
    #[command(after_help = "Example:\n  amx tools log --limit 20")]
    Log(LogArgs),
}

pub(crate) fn run(command: ToolsCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        ToolsCommand::List(args) => list::list(&args, context),
        ToolsCommand::Show(args) => list::show(&args, context),
        ToolsCommand::Run(args) => manual_run::run(&args, context),
        ToolsCommand::Approvals(args) => approvals(&args, context),
        ToolsCommand::Forget(args) => forget(&args, context),
        ToolsCommand::Log(args) => log(&args, context),
    }
}

fn approvals(args: &JsonArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let approvals = match session_store::opened(context)? {
        Some(store) => store.approvals()?,
        None => Vec::new(),
    };
    if args.json {
        let values: Value = approvals.iter().map(json::approval).collect();
        return Ok(context.output.json(&values)?);
    }
    if approvals.is_empty() {
        context
            .output
            .note("no stored approvals; 'always' at the question of a tool call adds one");
        return Ok(());
    }
    let times = times(context);
    let table = table::approvals(&approvals, times);
    let lines = table.page_lines(context.table_width());
    Ok(context.output.page(&lines.into_iter().collect())?)
}

fn forget(args: &ForgetArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let store = session_store::opened(context)?;
    let Some(mut store) = store else {
        return Err(unknown(&args.name, None));
    };
    if !store.forget_approval(&args.name)? {
        return Err(unknown(&args.name, Some(&store)));
    }
    let done = format!("✓ Deleted the approval of {}", args.name);
    Ok(context.output.sentence(&done)?)
}

/// The error for a tool without an approval, with the nearest that has one.
fn unknown(name: &str, store: Option<&Store>) -> CommandError {
    let message = format!("{} has no stored approval", name.escape_debug());
    let error = CommandError::new(ErrorKind::No, message);
    let known = store.and_then(|store| store.approvals().ok());
    let known = known.unwrap_or_default();
    let near = closest(name, known.iter().map(|known| known.tool.as_str()));
    match near {
        Some(near) => error.hint(format!("amx tools forget {near}")),
        None => error.hint("amx tools approvals"),
    }
}

fn log(args: &LogArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let calls = match session_store::opened(context)? {
        Some(store) => store.logged_calls(args.limit)?,
        None => Vec::new(),
    };
    if args.json {
        let values: Value = calls.iter().map(json::call).collect();
        return Ok(context.output.json(&values)?);
    }
    if calls.is_empty() {
        context.output.note("no tool calls yet");
        return Ok(());
    }
    let times = times(context);
    let table = table::calls(&calls, times);
    let lines = table.page_lines(context.table_width());
    Ok(context.output.page(&lines.into_iter().collect())?)
}

/// How times are written: short on a terminal, exact elsewhere.
fn times(context: &Context<'_>) -> impl Fn(SystemTime) -> String + use<> {
    let (now, is_terminal) = (SystemTime::now(), context.output.is_terminal());
    move |at| {
        if is_terminal {
            time::recent(at, now)
        } else {
            time::utc(at)
        }
    }
}
