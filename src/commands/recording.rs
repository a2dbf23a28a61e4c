//! `--record` and `--replay` around a command.

use super::arguments::recording::RecordingArgs;
use crate::platform::commands::LIST_FILE;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;
use crate::wire::tape::Tape;
use crate::wire::tape_error::{TapeError, exchanges};

/// Opens the recording that the flags or the environment name. Every request until [`end`] is
/// recorded or replayed.
///
/// # Errors
/// When the recording cannot be created or read.
pub(super) fn begin(args: &RecordingArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
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
            "the last exchange in {} is incomplete and was skipped",
            player.path().display()
        ));
    }
    context.equipment.tape = Some(tape);
    Ok(())
}

/// Closes the recording. `outcome` is the result of the command itself.
///
/// # Errors
/// `outcome`, an incomplete recording, or with `is_strict` unused exchanges.
pub(super) fn end(
    outcome: Result<(), CommandError>,
    is_strict: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match context.equipment.tape.take() {
        None => outcome,
        Some(Tape::Recording(recorder)) => {
            let trouble = recorder.take_error();
            recorder.discard_empty();
            let Some(source) = trouble else {
                return outcome;
            };
            let error = CommandError::new(
                ErrorKind::LocalIo,
                format!("the recording {} is incomplete", recorder.path().display()),
            )
            .caused_by(source);
            context.first_of(
                outcome.err(),
                Some(error.hint("check disk space and permissions, then record to another file")),
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
                    CommandError::new(ErrorKind::No, words).hint("omit --strict, or record again")
                );
            }
            context.output.note(&words);
            Ok(())
        }
    }
}

/// The error of a command for an error of a recording.
fn refusal(error: TapeError) -> CommandError {
    let message = error.to_string();
    match error {
        TapeError::Exists { .. } => {
            CommandError::usage(message).hint("record to another file, or move this one first")
        }
        TapeError::Write { source, .. } => CommandError::new(ErrorKind::LocalIo, message)
            .caused_by(source)
            .hint("choose an existing, writable folder"),
        TapeError::Read { path, source } => CommandError::new(ErrorKind::Input, message)
            .caused_by(source)
            .hint(LIST_FILE.with([&quoted(&path)])),
        TapeError::Broken { .. } => CommandError::new(ErrorKind::Input, message)
            .hint("record it again: amx chat --record NEW-FILE …"),
    }
}
