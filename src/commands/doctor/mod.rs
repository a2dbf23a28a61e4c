//! `amx doctor`: diagnoses problems and suggests fixes.

mod access;
pub(crate) mod check;
mod configuration;
mod conversations;
mod key_search;
mod keys;
mod latency;
mod models;
mod network;
mod plain_text;
mod profiles;
mod program;
mod report;
mod servers;
mod subject;
pub(crate) mod table;
mod terminal;
mod variables;

use clap::{Args, ValueEnum};

use crate::ports::context::Context;
use crate::ports::error::CommandError;
use report::Row;
use subject::Subject;

const EXAMPLES: &str = "\
Examples:
  amx doctor
  amx doctor --offline
  amx doctor models          send a one-word request to every profile";

/// What is checked instead of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scope {
    /// Send a one-word request to the model of every profile; may cost a little
    Models,
}

/// Diagnose problems and suggest fixes
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DoctorArgs {
    /// Test the models instead: a one-word request to every profile
    pub scope: Option<Scope>,

    /// Check only this profile
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Contact no server and run no key command
    #[arg(long, conflicts_with = "scope")]
    pub offline: bool,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Changes nothing, and prints no secret.
pub(crate) fn run(args: &DoctorArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.scope == Some(Scope::Models) {
        return latency::run(args.profile.as_deref(), args.json, context);
    }
    let mut subject = Subject::gather(args.profile.as_deref(), args.offline, context)?;
    key_search::find(&mut subject, context);
    servers::ask(&mut subject, context)?;
    let rows: Vec<Row<'_>> = table::CHECKS
        .iter()
        .flat_map(|check| {
            (check.examine)(&subject)
                .into_iter()
                .map(move |finding| (check, finding))
        })
        .collect();
    report::show(&rows, &subject, args.json, context)
}
