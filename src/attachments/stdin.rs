//! Reads data piped to stdin.

use std::time::Duration;

use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::input::StdinKind;

/// Default of `--stdin-timeout`.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Every byte, up to the end. A note appears while no data arrives.
pub(crate) fn bytes(
    patience: Duration,
    context: &mut Context<'_>,
) -> Result<Vec<u8>, CommandError> {
    let output = &mut *context.output;
    let mut when_silent = || output.say("note: waiting for data on stdin (--no-stdin ignores it)");
    Ok(context.input.read_stdin(patience, &mut when_silent)?)
}

/// Like [`bytes`], but no data is an error.
pub(crate) fn read(patience: Duration, context: &mut Context<'_>) -> Result<Vec<u8>, CommandError> {
    let read = if context.input.stdin_kind() == StdinKind::Empty {
        Vec::new()
    } else {
        bytes(patience, context)?
    };
    if read.is_empty() {
        return Err(
            CommandError::new(ErrorKind::Input, "no data on stdin to attach")
                .hint("git diff | amx chat -f changes.diff=- \"review this\""),
        );
    }
    Ok(read)
}
