//! `--record` and `--replay`: what is exchanged with providers goes to a file, or comes from one.

use std::path::PathBuf;

use clap::Args;

use crate::config::env;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

#[derive(Debug, Clone, Default, Args)]
pub struct RecordingArgs {
    /// Write every exchange with the provider to a new file, without keys
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,

    /// Answer from a recording: no network, no key, no cost
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    pub replay: Option<PathBuf>,
}

impl RecordingArgs {
    /// Which of the two is wanted: a flag of either kind beats both variables.
    pub fn wanted(&self, context: &Context<'_>) -> Result<Self, CommandError> {
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
                "{} and {} are both set, and only one of them can hold",
                env::AMX_RECORD.name,
                env::AMX_REPLAY.name
            );
            return Err(CommandError::new(ErrorKind::Config, message)
                .hint(format!("unset {}", env::AMX_RECORD.name)));
        }
        Ok(Self { record, replay })
    }
}
