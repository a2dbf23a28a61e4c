//! `amx batch`: asks many rows of a file, each once.

mod args;
mod ask_args;
mod dry_run;
mod report;
mod setup;
mod shard;
mod show;
mod values;

pub(crate) use args::BatchArgs;

use args::{BatchCommand, MergeArgs};

use crate::batch::{discount, job, merge};
use crate::commands::{key_origin, recording};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::count::plural;
use show::Screen;

/// Runs a job, or resumes it.
///
/// # Errors
/// Why rows have no answer, or why the job could not start.
pub(crate) fn run(args: &BatchArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    if let Some(BatchCommand::Merge(merge)) = &args.command {
        return put_together(merge, context);
    }
    args.refused.refuse("amx batch")?;
    if args.job.dry_run {
        return dry_run::run(setup::job(args, context)?, context);
    }
    recording::begin(&args.ask.0.recording, context)?;
    let outcome = ask(args, context);
    recording::end(outcome, args.ask.0.strict, context)
}

fn ask(args: &BatchArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let job = setup::job(args, context)?;
    key_origin::confirm(&job.planner.settings, context)?;
    let output = job.options.output.clone();
    let equipment = context.equipment.clone();
    let mut screen = Screen::new(context);
    let ended = match job.options.discount {
        Some(discount) => discount::run(job, discount, &equipment, &mut screen)?,
        None => job::run(job, &equipment, &mut screen)?,
    };
    report::report(ended, output.as_deref(), context)
}

/// Puts the outputs of shards together.
fn put_together(args: &MergeArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let merged = merge::merge(&args.files, &args.output)?;
    context.output.note(&format!(
        "{} of {} in {}",
        plural(merged.rows, "row"),
        plural(merged.files, "file"),
        args.output.display()
    ));
    Ok(())
}
