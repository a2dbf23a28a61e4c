//! `--record` and `--replay`: writes exchanges with providers to a file, or reads them from one.

use std::path::PathBuf;

use clap::Args;

use super::groups;
use crate::config::env;
use crate::platform::commands::UNSET_VARIABLE;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RecordingArgs {
    /// Record every exchange with the provider in a new file, without keys
    #[arg(long, value_name = "FILE", help_heading = groups::OUTPUT, hide_short_help = true)]
    pub record: Option<PathBuf>,

    /// Answer from a recording: no network, no key, no cost
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "record",
        help_heading = groups::OUTPUT, hide_short_help = true
    )]
    pub replay: Option<PathBuf>,
}

impl RecordingArgs {
    /// The recording in use: a flag of either kind overrides both variables.
    pub(crate) fn wanted(&self, context: &Context<'_>) -> Result<Self, CommandError> {
        if self.record.is_some() || self.replay.is_some() {
            return Ok(self.clone());
        }
        let path = |variable| -> Result<Option<PathBuf>, CommandError> {
            Ok(context
                .equipment
                .environment
                .get(variable)?
                .map(PathBuf::from))
        };
        let (record, replay) = (path(&env::AMX_RECORD)?, path(&env::AMX_REPLAY)?);
        if record.is_some() && replay.is_some() {
            let message = format!(
                "{} and {} are both set; only one can apply",
                env::AMX_RECORD.name,
                env::AMX_REPLAY.name
            );
            return Err(CommandError::new(ErrorKind::Config, message)
                .hint(UNSET_VARIABLE.with([env::AMX_RECORD.name])));
        }
        Ok(Self { record, replay })
    }
}
