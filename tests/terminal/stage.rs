//! What these tests add to the sandbox: a terminal in it, and a look at what was written.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::pty::{Events, Size, Terminal};
use crate::support::double::Double;
use crate::support::sandbox::{Sandbox, files_below};

const PROGRAM: &str = env!("CARGO_BIN_EXE_amx");

/// Nothing configured and no key, in a terminal that can do what terminals do today.
pub fn bare() -> Sandbox {
    Sandbox::new()
        .env("TERM", "xterm-256color")
        .env("AMX_NO_FOOTER", "1")
        .without("COLUMNS")
}

/// The same with the double as the provider and its key in the environment.
pub fn ready(double: &Double) -> Sandbox {
    bare().double(double).env("AMX_MODEL", "test/plain")
}

/// The same with the double as the provider, and without a key.
pub fn keyless(double: &Double) -> Sandbox {
    ready(double)
        .without("OPENROUTER_API_KEY")
        .without("AMX_MODEL")
}

/// Starts the program on a terminal.
pub fn terminal(sandbox: &Sandbox, arguments: &[&str], size: Size) -> Terminal {
    Terminal::launch(
        PROGRAM,
        arguments,
        sandbox.environment(),
        sandbox.home(),
        size,
    )
    .keeping(sandbox.lease())
}

/// Starts another program on a terminal, in which `$AMX` is the program.
pub fn terminal_of(sandbox: &Sandbox, command: &[&str], size: Size) -> Terminal {
    let mut environment = sandbox.environment().clone();
    environment.insert("AMX".into(), PROGRAM.into());
    let (program, arguments) = (command[0], &command[1..]);
    Terminal::launch(program, arguments, &environment, sandbox.home(), size)
        .keeping(sandbox.lease())
}

/// The same on a terminal that answers as these events say.
pub fn terminal_as(sandbox: &Sandbox, arguments: &[&str], size: Size, events: Events) -> Terminal {
    let (environment, home) = (sandbox.environment(), sandbox.home());
    Terminal::launch_as(PROGRAM, arguments, environment, home, size, events)
        .keeping(sandbox.lease())
}

/// The same on a terminal that answers no question.
pub fn mute_terminal(sandbox: &Sandbox, arguments: &[&str], size: Size) -> Terminal {
    terminal_as(sandbox, arguments, size, Events::mute())
}

/// Waits for the prompt of a conversation, and until keys are read.
pub fn wait_for_prompt(terminal: &Terminal) {
    terminal.wait_until("the prompt", |seen| {
        let screen = seen.screen().contents();
        screen
            .trim_end()
            .lines()
            .any(|row| row.starts_with("amx ›"))
    });
    terminal.wait_until("keys", |_| terminal.modes().gives_keys());
}

/// A shell script in the sandbox, in which `$AMX` is the program.
pub fn shell(sandbox: &Sandbox, script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", script])
        .env_clear()
        .envs(sandbox.environment())
        .env("AMX", PROGRAM)
        .current_dir(sandbox.home());
    command
}

pub fn config_file(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(".amx/config.yml")
}

/// The text of config.yml.
#[track_caller]
pub fn config(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(config_file(sandbox)).unwrap()
}

/// Asserts that there is no file below the home directory.
#[track_caller]
pub fn assert_nothing_written(sandbox: &Sandbox) {
    assert_eq!(files_below(sandbox.home()), Vec::<PathBuf>::new());
}

/// The permission bits of a file or folder.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
