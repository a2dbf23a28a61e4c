//! Runs a command in the user's shell, on the user's terminal.

use std::process::{Command, ExitStatus};

use crate::ask::connection;
use crate::platform::shell::CommandShell;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

/// Runs a command to its end, without the API keys of the environment. Returns its exit code when
/// it is not 0; after a signal, 128 and the number of the signal.
///
/// # Errors
/// [`ErrorKind::LocalIo`] when the shell cannot be started.
pub(super) fn run(
    shell: &CommandShell,
    command: &str,
    context: &mut Context<'_>,
) -> Result<Option<u8>, CommandError> {
    let mut child = Command::new(&shell.program);
    child.args(shell.flags).arg(command);
    for variable in connection::key_variables() {
        child.env_remove(variable);
    }
    let interrupt = &context.equipment.interrupt;
    // Ctrl-C is for the command, as often as it is pressed.
    interrupt.continue_after_ctrl_c();
    interrupt.arm();
    context.input.lend_terminal();
    let ended = child.status();
    let interrupt = &context.equipment.interrupt;
    interrupt.disarm();
    interrupt.acknowledge();
    let status = ended.map_err(|source| {
        let what = format!("the shell {} could not be started", shell.program);
        CommandError::new(ErrorKind::LocalIo, what)
            .caused_by(source)
            .hint("amx chat -e --shell sh …")
    })?;
    Ok(failure_of(status))
}

/// The exit code of a process that failed.
fn failure_of(status: ExitStatus) -> Option<u8> {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Some(u8::try_from(128 + signal).unwrap_or(u8::MAX));
    }
    match status.code() {
        Some(0) => None,
        // Windows has larger ones.
        code => Some(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
    }
}
