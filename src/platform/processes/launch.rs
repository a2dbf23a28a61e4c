//! Starts a program at the head of a session of its own: without a controlling terminal, to which
//! it could write otherwise, and within its limits from its first instruction on.
//!
//! A process can leave its session only by itself, so amx starts itself under another name. That
//! process leaves the session, sets its limits, and becomes the program. Where amx is not the
//! program that runs, as in unit tests, and on systems without sessions, the program is started
//! directly, in a process group.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tokio::process::Command;

use super::limits::ProcessLimits;
#[cfg(target_os = "linux")]
use super::linux::limit;
#[cfg(all(unix, not(target_os = "linux")))]
use super::not_linux::limit;

/// The name under which amx starts itself.
const NAME: &str = "amx-launch";

/// Exit code of a program that cannot be started, as in a shell.
#[cfg(unix)]
const NOT_STARTED: u8 = 127;

/// The program amx; unset where something else runs.
static OWN: OnceLock<PathBuf> = OnceLock::new();

/// For the start of `main`: notes that amx can be started again.
pub(crate) fn enable() {
    // It stays the running program when the file is replaced.
    let running = Path::new("/proc/self/exe");
    let own = if running.exists() {
        Some(running.to_owned())
    } else {
        std::env::current_exe().ok()
    };
    if cfg!(unix)
        && let Some(own) = own
    {
        // It is enabled once.
        let _ = OWN.set(own);
    }
}

/// Whether programs leave the session and limit themselves.
pub(crate) fn is_enabled() -> bool {
    OWN.get().is_some()
}

/// A command that starts a program; its arguments, environment and pipes are up to the caller.
pub(crate) fn command(program: &str, limits: ProcessLimits) -> Command {
    let mut command = match OWN.get() {
        Some(own) => {
            let mut command = Command::new(own);
            command.args([limits.to_words().as_str(), program]);
            #[cfg(unix)]
            command.arg0(NAME);
            command
        }
        None => direct(program),
    };
    // Where there are no groups, the child itself is ended.
    command.kill_on_drop(cfg!(not(unix)));
    command
}

#[cfg(unix)]
fn direct(program: &str) -> Command {
    let mut command = Command::new(program);
    command.process_group(0);
    command
}

#[cfg(not(unix))]
fn direct(program: &str) -> Command {
    Command::new(program)
}

/// Becomes a program, where the arguments are those of [`command`]. Returns the exit code when that
/// fails, and `None` where amx was started as itself.
pub(crate) fn become_program(arguments: &[OsString]) -> Option<u8> {
    let (name, rest) = arguments.split_first()?;
    let (limits, words) = rest.split_first()?;
    if name != NAME {
        return None;
    }
    let limits = ProcessLimits::from_words(limits.to_str()?)?;
    let (program, arguments) = words.split_first()?;
    #[cfg(unix)]
    return Some(become_of(limits, program, arguments));
    #[cfg(not(unix))]
    {
        let _ = (limits, program, arguments);
        None
    }
}

#[cfg(unix)]
fn become_of(limits: ProcessLimits, program: &OsString, arguments: &[OsString]) -> u8 {
    use std::io::Write;
    use std::os::unix::process::CommandExt;
    // It heads no group yet, so that it may leave.
    let _ = rustix::process::setsid();
    limit(None, limits);
    let error = std::process::Command::new(program).args(arguments).exec();
    let program = program.display();
    // Who started it reads this.
    let _ = writeln!(
        std::io::stderr(),
        "'{program}' could not be started: {error}"
    );
    NOT_STARTED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amx_under_its_own_name_stays_amx() {
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        for arguments in [
            &[][..],
            &["amx"],
            &["amx", "-,-,-", "true"],
            &[NAME],
            &[NAME, "-,-,-"],
            &[NAME, "chat", "true"],
        ] {
            assert_eq!(become_program(&words(arguments)), None, "{arguments:?}");
        }
        assert!(!is_enabled(), "a test program cannot be started as amx");
    }
}
