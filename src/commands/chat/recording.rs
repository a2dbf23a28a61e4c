//! `--record` and `--replay`: what is exchanged with providers goes to a file, or comes from one.

use std::path::PathBuf;

use clap::Args;

use super::readiness;
use crate::chat::{Tape, TapeError, exchanges};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Kind};
use crate::commands::files::quoted;
use crate::config::env;

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
    fn wanted(&self, context: &Context<'_>) -> Result<Self, CommandError> {
        if self.record.is_some() || self.replay.is_some() {
            return Ok(self.clone());
        }
        let path = |variable| -> Result<Option<PathBuf>, CommandError> {
            Ok(context.environment.get(variable)?.map(PathBuf::from))
        };
        let (record, replay) = (path(&env::AMX_RECORD)?, path(&env::AMX_REPLAY)?);
        if record.is_some() && replay.is_some() {
            let message = format!(
                "{} and {} are both set, and only one of them can hold",
                env::AMX_RECORD.name,
                env::AMX_REPLAY.name
            );
            return Err(CommandError::new(Kind::Config, message)
                .hint(format!("unset {}", env::AMX_RECORD.name)));
        }
        Ok(Self { record, replay })
    }
}

/// Opens what the flags or the environment name. Everything that is asked from here on is recorded
/// or replayed, until [`end`].
pub fn begin(args: &RecordingArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let wanted = args.wanted(context)?;
    let tape = match (&wanted.record, &wanted.replay) {
        (Some(path), _) => Tape::record(path),
        (None, Some(path)) => Tape::replay(path),
        (None, None) => return Ok(()),
    };
    let tape = tape.map_err(refusal)?;
    if let Tape::Replaying(player) = &tape
        && player.is_truncated()
    {
        context.output.warning(&format!(
            "the last exchange in {} is not complete, and is left out",
            player.path().display()
        ));
    }
    context.tape = Some(tape);
    Ok(())
}

/// The end of what is recorded or replayed. `outcome` is how the command ended otherwise.
pub fn end(
    outcome: Result<(), CommandError>,
    is_strict: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match context.tape.take() {
        None => outcome,
        Some(Tape::Recording(recorder)) => {
            let trouble = recorder.take_trouble();
            recorder.discard_empty();
            let Some(source) = trouble else {
                return outcome;
            };
            let error = CommandError::new(
                Kind::LocalIo,
                format!(
                    "the recording {} is not complete",
                    recorder.path().display()
                ),
            )
            .caused_by(source);
            readiness::first_of(
                outcome.err(),
                Some(error.hint("check space and permissions, then record again to another file")),
                context,
            )
        }
        Some(Tape::Replaying(player)) => {
            let unused = player.unused();
            if unused == 0 || outcome.is_err() {
                return outcome;
            }
            let words = format!(
                "{unused} of the {} in {} {} not used",
                exchanges(player.count()),
                player.path().display(),
                if unused == 1 { "was" } else { "were" }
            );
            if is_strict {
                return Err(
                    CommandError::new(Kind::No, words).hint("leave out --strict, or record again")
                );
            }
            context.output.note(&words);
            Ok(())
        }
    }
}

fn refusal(error: TapeError) -> CommandError {
    let message = error.to_string();
    match error {
        TapeError::Exists { .. } => {
            CommandError::usage(message).hint("record to another file, or move that one away first")
        }
        TapeError::Write { source, .. } => CommandError::new(Kind::LocalIo, message)
            .caused_by(source)
            .hint("choose a folder that is there and can be written"),
        TapeError::Read { path, source } => CommandError::new(Kind::Input, message)
            .caused_by(source)
            .hint(format!("ls -l {}", quoted(&path))),
        TapeError::Broken { .. } => CommandError::new(Kind::Input, message)
            .hint("record it again: amx chat --record NEW-FILE …"),
    }
}
