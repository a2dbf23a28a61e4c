//! How the terminal treats what is typed: changed for a while, and put back whatever happens.

#[cfg(unix)]
use std::sync::OnceLock;

#[cfg(unix)]
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

#[cfg(unix)]
static BEFORE: OnceLock<Termios> = OnceLock::new();

/// Whether this process may change the terminal: one in the background would be stopped for it.
#[cfg(unix)]
fn is_in_foreground() -> bool {
    rustix::termios::tcgetpgrp(std::io::stdin()).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Remembers how the terminal was before anything changed it.
pub fn remember() {
    #[cfg(unix)]
    if let Ok(state) = tcgetattr(std::io::stdin()) {
        BEFORE.get_or_init(|| state);
    }
}

/// Puts echo and line mode back as they were: a question that a signal ends cannot do it itself.
pub fn restore() {
    #[cfg(unix)]
    if let Some(state) = BEFORE.get().filter(|_| is_in_foreground()) {
        // Where this fails there is no terminal left.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, state);
    }
}

/// Shows nothing of what is typed, before a secret is asked for: somebody may paste it at once.
pub fn hide_typing() {
    change(LocalModes::ECHO);
}

/// Reads one line from the terminal and not a byte more: what is typed ahead belongs to the next
/// question. The end of the input is an interruption.
#[cfg(unix)]
pub fn read_line() -> std::io::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0; 1];
    loop {
        if rustix::io::read(std::io::stdin(), &mut byte)? == 0 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        if byte == *b"\n" {
            return String::from_utf8(line).map_err(|_| std::io::ErrorKind::InvalidData.into());
        }
        line.push(byte[0]);
    }
}

#[cfg(not(unix))]
pub fn read_line() -> std::io::Result<String> {
    console::Term::stderr().read_secure_line()
}

/// Keeps the terminal from writing `^C` into an answer or beside a spinner.
pub fn hide_control_characters() {
    change(LocalModes::ECHOCTL);
}

#[cfg(unix)]
fn change(without: LocalModes) {
    remember();
    if let Some(mut state) = BEFORE.get().filter(|_| is_in_foreground()).cloned() {
        state.local_modes.remove(without);
        // Where this fails the echo is shown; nothing else changes.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &state);
    }
}

/// Elsewhere the terminal keeps its ways.
#[cfg(not(unix))]
fn change(_without: LocalModes) {}

#[cfg(not(unix))]
struct LocalModes;

#[cfg(not(unix))]
impl LocalModes {
    const ECHO: Self = Self;
    const ECHOCTL: Self = Self;
}
