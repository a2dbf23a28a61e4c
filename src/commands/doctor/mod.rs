//! `amx doctor`: diagnoses problems and suggests fixes.

mod access;
mod args;
pub(crate) mod check;
mod configuration;
mod conversations;
mod findings;
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
mod serving;
mod subject;
mod summary;
pub(crate) mod table;
mod telemetry;
mod terminal;
mod tools;
mod variables;

pub(crate) use args::DoctorArgs;

use args::Scope;

use crate::ports::context::Context;
use crate::ports::error::CommandError;
use findings::Row;
use subject::Subject;

/// Changes nothing, and prints no secret.
pub(crate) fn run(args: &DoctorArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.scope == Some(Scope::Models) {
        return latency::run(args.profile.as_deref(), args.json, context);
    }
    let mut subject = Subject::gather(args.profile.as_deref(), args.offline, context)?;
    key_search::find(&mut subject, context);
    servers::ask(&mut subject, context)?;
    telemetry::ask(&mut subject, context)?;
    let rows: Vec<Row<'_>> = table::CHECKS
        .iter()
        .flat_map(|check| {
            (check.examine)(&subject)
                .into_iter()
                .map(move |finding| (check, finding))
        })
        .collect();
    report::show(&rows, &subject, args, context)
}
