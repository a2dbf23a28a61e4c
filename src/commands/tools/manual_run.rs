//! `amx tools run`: one call by hand, with everything that a call of a model passes.

use std::time::Instant;

use super::args::RunArgs;
use super::named;
use crate::ask::tools::{check_server, start_named};
use crate::commands::approval::Asking;
use crate::ports::approval::Approver;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::tools::arguments;
use crate::tools::gate::Decided;

/// Runs a tool, and prints what it brings.
///
/// # Errors
/// When there is no such tool, its arguments are invalid, it was not allowed, or it failed.
pub(super) fn run(args: &RunArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let session = args.rules.session(&context.equipment.environment);
    start_named(std::slice::from_ref(&args.name), &config, &session, context)?;
    check_server(&args.name, &config, &session, &context.equipment)?;
    let (tools, _) = session.known(&config, &context.equipment)?;
    let tool = named::found(tools, &args.name)?;
    let arguments = arguments::read(&args.arguments, &tool.parameters).map_err(|why| {
        CommandError::usage(why).hint(format!("amx tools show {}   (its parameters)", tool.name))
    })?;
    let prepared = context.equipment.run(tool.runner.prepare(&arguments))?;
    let call = prepared.map_err(|why| CommandError::new(ErrorKind::Tool, why))?;
    let shown = call.shown();
    let server = shown.server.clone();
    let can_ask = context.input.can_ask();
    let mut asking = Asking {
        output: &mut *context.output,
        input: &mut *context.input,
    };
    let approver = can_ask.then_some(&mut asking as &mut dyn Approver);
    let Decided { verdicts, refusal } = session.gate().decide(vec![shown], approver)?;
    let Some(verdict) = verdicts.first() else {
        return Ok(());
    };
    let logged = session
        .gate()
        .log(&tool.name, server.as_deref(), &arguments, verdict)?;
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    if !verdict.is_allowed() {
        let message = format!("{} was not run", tool.name);
        let hint = format!(
            "amx tools run {0} JSON --allow {0}   (does not ask)",
            tool.name
        );
        return Err(CommandError::new(ErrorKind::No, message).hint(hint));
    }
    let started = Instant::now();
    let output = context.equipment.run(call.run())?;
    let error = output.is_error.then_some(output.content.as_str());
    session
        .gate()
        .log_end(logged, started.elapsed(), output.bytes, error)?;
    context.output.line(output.content.trim_end_matches('\n'))?;
    if output.is_error {
        let message = format!("{} failed", tool.name);
        return Err(CommandError::new(ErrorKind::Tool, message));
    }
    Ok(())
}
