//! `amx doctor`: diagnoses problems and suggests fixes.

pub mod check;
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
pub mod table;
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
  amx doctor --offline            asks no server
  amx doctor models               asks the model of every profile for a word";

/// What is examined instead of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scope {
    /// The model of every profile answers, and how fast; this may cost a little
    Models,
}

/// Find what is wrong, and what to type about it
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct DoctorArgs {
    /// Ask the models instead
    pub scope: Option<Scope>,

    /// Only this profile
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Ask no server, and run no program that gives a key
    #[arg(long, conflicts_with = "scope")]
    pub offline: bool,

    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// Changes nothing, and prints no secret.
pub fn run(args: &DoctorArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
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
