//! How the terminal treats what is typed: changed for a while, and put back whatever happens.
//!
//! | state | line mode | echo | Ctrl-C | a paste is marked |
//! |---|---|---|---|---|
//! | as it was | yes | yes | signal | no |
//! | [`hide_typing`] | yes | no | signal | no |
//! | [`take_keyboard`] | no | no | key | yes |
//! | [`hold_typing`] | no | no | signal | yes |

#[cfg(unix)]
use std::io::IsTerminal;
#[cfg(unix)]
use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(unix)]
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush,
    tcgetattr, tcsetattr,
};

use crate::ports::input::InputError;

/// Whom the keyboard belongs to.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyboard {
    Nobody,
    /// A line editor reads keys.
    Read,
    /// Keys are left to the line editor that reads next.
    Held,
    /// Lines are.
    LinesHeld,
}

/// What this process has changed.
#[cfg(unix)]
struct Changes {
    /// How the terminal was before anything changed it.
    before: Option<Termios>,
    /// A paste is marked by the terminal.
    marks_pastes: bool,
    keyboard: Keyboard,
    /// Keys were held at some time: what is left of them was meant for this program.
    has_held: bool,
}

/// One at a time: the thread that receives signals changes the terminal too.
#[cfg(unix)]
static CHANGES: Mutex<Changes> = Mutex::new(Changes {
    before: None,
    marks_pastes: false,
    keyboard: Keyboard::Nobody,
    has_held: false,
});

#[cfg(unix)]
fn changes() -> MutexGuard<'static, Changes> {
    CHANGES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process may change the terminal: one in the background would be stopped for it.
#[cfg(unix)]
fn is_in_foreground() -> bool {
    rustix::termios::tcgetpgrp(std::io::stdin())
        .is_ok_and(|group| group == rustix::process::getpgrp())
}

#[cfg(unix)]
impl Changes {
    fn remember(&mut self) {
        if self.before.is_none() {
            self.before = tcgetattr(std::io::stdin()).ok();
        }
    }

    /// Sets the modes as they were, with a change.
    fn set(&mut self, change: impl FnOnce(&mut Termios)) {
        self.remember();
        if let Some(mut state) = self.before.clone().filter(|_| is_in_foreground()) {
            change(&mut state);
            // Where this fails there is no terminal left.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &state);
        }
    }

    fn mark_pastes(&mut self, is_on: bool) {
        if self.marks_pastes != is_on && is_in_foreground() {
            self.marks_pastes = is_on;
            let terminal = console::Term::stderr();
            // Where this fails there is no terminal left.
            let _ = terminal
                .write_str(if is_on { "\x1b[?2004h" } else { "\x1b[?2004l" })
                .and_then(|()| terminal.flush());
        }
    }

    fn hold_keys(&mut self) {
        self.keyboard = Keyboard::Held;
        self.has_held = true;
        self.set(|state| {
            state
                .local_modes
                .remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::IEXTEN);
            state
                .local_modes
                .insert(LocalModes::ISIG | LocalModes::NOFLSH);
            // Enter must stay what it is, or the editor would take it for Ctrl-J.
            state
                .input_modes
                .remove(InputModes::ICRNL | InputModes::INLCR | InputModes::IGNCR);
            state.special_codes[SpecialCodeIndex::VMIN] = 1;
            state.special_codes[SpecialCodeIndex::VTIME] = 0;
        });
    }

    fn hold(&mut self) {
        self.hold_keys();
        self.mark_pastes(true);
    }

    fn restore(&mut self) {
        self.keyboard = Keyboard::Nobody;
        self.mark_pastes(false);
        if self.before.is_some() {
            self.set(|_| ());
        }
    }
}

/// Why reading or asking failed: on what was a terminal and is none any more, there is nobody left.
pub fn explain(error: std::io::Error) -> InputError {
    #[cfg(unix)]
    if changes().before.is_some() && !std::io::stdin().is_terminal() {
        return InputError::HungUp;
    }
    InputError::Terminal(error)
}

/// Remembers how the terminal was before anything changed it.
pub fn remember() {
    #[cfg(unix)]
    changes().remember();
}

/// The terminal as it was, for a question that sets what it needs itself.
pub fn make_ready() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        if changes.keyboard != Keyboard::Nobody {
            changes.restore();
        }
        changes.remember();
    }
}

/// Puts everything back as it was: a question that a signal ends cannot do it itself.
pub fn restore() {
    #[cfg(unix)]
    changes().restore();
}

/// Puts everything back at the end of the program. What was typed for a conversation and not read
/// is thrown away: the shell would run it.
pub fn leave() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        changes.restore();
        if std::mem::take(&mut changes.has_held) && is_in_foreground() {
            // Where this fails there is no terminal left.
            let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
        }
    }
}

/// Shows nothing of what is typed, before a secret is asked for: somebody may paste it at once.
pub fn hide_typing() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        changes.restore();
        changes.set(|state| state.local_modes.remove(LocalModes::ECHO));
    }
}

/// Keeps the terminal from writing `^C` into an answer or beside a spinner.
pub fn hide_control_characters() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        if changes.keyboard == Keyboard::Nobody {
            changes.set(|state| state.local_modes.remove(LocalModes::ECHOCTL));
        }
    }
}

/// A line editor is about to read keys.
pub fn take_keyboard() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        // The mode that the editor sets, and comes back to: whenever [`remind_reader`] sets it once
        // more, it is the right one.
        changes.set(Termios::make_raw);
        changes.mark_pastes(true);
        changes.keyboard = Keyboard::Read;
    }
}

/// Leaves what is typed in the queue of the terminal, as keys and without showing it; Ctrl-C is a
/// signal and takes nothing from the queue.
pub fn hold_typing() {
    #[cfg(unix)]
    {
        changes().hold();
    }
}

/// Holds again what is held: the shell that stopped this program has set its own modes meanwhile.
#[cfg(unix)]
pub fn hold_again() {
    let mut changes = changes();
    if changes.keyboard == Keyboard::Held && is_in_foreground() && is_line_mode() {
        changes.marks_pastes = false;
        changes.hold();
    }
}

/// Lines as the terminal edits them, except that Ctrl-C ends one, with `\x03` as its last byte.
pub fn take_lines() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        changes.restore();
        changes.set(|state| {
            state.special_codes[SpecialCodeIndex::VEOL] =
                state.special_codes[SpecialCodeIndex::VINTR];
            // Zero turns a key off.
            state.special_codes[SpecialCodeIndex::VINTR] = 0;
            state.local_modes.insert(LocalModes::ECHOCTL);
        });
    }
}

/// Leaves lines in the queue of the terminal without showing them; Ctrl-C takes nothing from it.
pub fn hold_lines() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        changes.restore();
        changes.keyboard = Keyboard::LinesHeld;
        changes.has_held = true;
        changes.set(|state| {
            state.local_modes.remove(LocalModes::ECHO);
            state.local_modes.insert(LocalModes::NOFLSH);
        });
    }
}

/// Whom the keyboard belongs to now.
#[cfg(unix)]
pub fn keyboard() -> Keyboard {
    changes().keyboard
}

/// Bytes in the queue of the terminal.
#[cfg(unix)]
pub fn queue_length() -> u64 {
    rustix::io::ioctl_fionread(std::io::stdin()).unwrap_or_default()
}

/// Makes the terminal tell once more that there is something to read. Whoever is only told of
/// changes, as crossterm is, would wait for the next key after 1,024 bytes.
#[cfg(unix)]
pub fn remind_reader() {
    let changes = changes();
    if matches!(changes.keyboard, Keyboard::Read | Keyboard::Held)
        && is_in_foreground()
        && queue_length() > 0
    {
        // Setting the modes that are set wakes every reader up, and changes nothing.
        if let Ok(state) = tcgetattr(std::io::stdin()) {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &state);
        }
    }
}

/// What was typed in line mode before anybody asked for keys, line ends included.
pub fn lines_typed_ahead() -> Vec<u8> {
    let mut typed = Vec::new();
    #[cfg(unix)]
    if is_line_mode() {
        // First the mode, then what was typed in it: a line typed between the two would end in
        // Ctrl-J.
        changes().hold_keys();
        while has_input() && typed.len() < LONGEST_TYPED_AHEAD {
            let mut buffer = [0; 4096];
            match rustix::io::read(std::io::stdin(), &mut buffer) {
                Ok(length @ 1..) => typed.extend_from_slice(&buffer[..length]),
                _ => break,
            }
        }
    }
    typed
}

/// Bytes; no terminal's queue is as long.
#[cfg(unix)]
const LONGEST_TYPED_AHEAD: usize = 1 << 20;

#[cfg(unix)]
fn is_line_mode() -> bool {
    tcgetattr(std::io::stdin()).is_ok_and(|state| state.local_modes.contains(LocalModes::ICANON))
}

/// Whether a read would give something at once.
#[cfg(unix)]
pub fn has_input() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
    poll(
        &mut watched,
        Some(&Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        }),
    )
    .is_ok_and(|ready| ready > 0)
}

#[cfg(not(unix))]
pub fn has_input() -> bool {
    false
}

/// Waits until there is something to read, or until `is_over`: then it is an interruption.
#[cfg(unix)]
pub fn wait_for_input(is_over: &dyn Fn() -> bool) -> std::io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    while !is_over() {
        let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(
            &mut watched,
            Some(&Timespec {
                tv_sec: 0,
                tv_nsec: 50_000_000,
            }),
        ) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    Err(std::io::ErrorKind::Interrupted.into())
}

#[cfg(not(unix))]
pub fn wait_for_input(_is_over: &dyn Fn() -> bool) -> std::io::Result<()> {
    Ok(())
}

/// Reads one line from the terminal and not a byte more: what is typed ahead belongs to the next
/// question. The end of the input is an interruption.
#[cfg(unix)]
pub fn read_line() -> std::io::Result<String> {
    let mut line = Vec::new();
    while let Some(byte) = read_byte()? {
        if byte == b'\n' {
            return String::from_utf8(line).map_err(|_| std::io::ErrorKind::InvalidData.into());
        }
        line.push(byte);
    }
    Err(std::io::ErrorKind::Interrupted.into())
}

#[cfg(not(unix))]
pub fn read_line() -> std::io::Result<String> {
    console::Term::stderr().read_secure_line()
}

/// One byte from stdin; `None` at the end of the input.
#[cfg(unix)]
pub fn read_byte() -> std::io::Result<Option<u8>> {
    let mut byte = [0; 1];
    loop {
        match rustix::io::read(std::io::stdin(), &mut byte) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(byte[0])),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(not(unix))]
pub fn read_byte() -> std::io::Result<Option<u8>> {
    use std::io::Read;
    let mut byte = [0; 1];
    Ok((std::io::stdin().read(&mut byte)? > 0).then_some(byte[0]))
}
