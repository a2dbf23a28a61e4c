//! How the terminal treats what is typed: changed for a while, and restored whatever happens.
//!
//! The process owns the keyboard in turns: a prompt, a line editor, or nobody while an answer
//! streams. What is typed meanwhile must neither be echoed into the answer nor be lost, and Ctrl-C
//! must stay a signal. So between two lines of a conversation the keyboard is *held*: the terminal
//! keeps the keys in its queue, in the mode in which the editor will read them. The modes before
//! the first change are remembered once; every state is set from those, never from the state
//! before it, and the panic hook, the signal thread and the end of the program all call
//! [`restore`] or [`leave`].
//!
//! | state | set by | line mode | echo | Ctrl-C | a paste is marked | left by |
//! |---|---|---|---|---|---|---|
//! | as it was | start, [`restore`] | yes | yes | signal | no | any below |
//! | as it was, without `^C` | [`hide_control_characters`] | yes | yes | signal | no | any |
//! | hidden | [`hide_typing`] | yes | no | signal | no | [`restore`] |
//! | [`Keyboard::Read`] | [`take_keyboard`] | no | no | key | yes | [`hold_typing`] |
//! | [`Keyboard::Read`] | [`read_keys`], for the footer | no | no | key | yes | [`hold_typing`] |
//! | [`Keyboard::Held`] | [`hold_typing`] | no | no | signal | yes | [`take_keyboard`], [`leave`] |
//! | a list | [`take_for_list`] | no | no | key | yes | [`release_list`] |
//! | lines | [`take_lines`] | yes | yes | ends the line | no | [`hold_lines`] |
//! | lines, held | [`hold_lines`] | yes | no | signal | no | [`take_lines`], [`leave`] |
//!
//! A process in the background changes nothing: the kernel would stop it for that. The shell that
//! stops and continues the program sets its own modes, so a held keyboard is held again
//! ([`hold_again`]).

#[cfg(unix)]
use std::io::IsTerminal;
#[cfg(unix)]
use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(unix)]
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush,
    tcgetattr, tcsetattr,
};

#[cfg(unix)]
use super::{keyboard_input, window};
use crate::ports::input::InputError;

/// Which state the keyboard is in.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyboard {
    /// The terminal is as it was, or as a prompt sets it.
    Free,
    /// A line editor reads keys.
    Read,
    /// Keys are left to the line editor that reads next.
    Held,
    /// Lines are left to the plain line reader that reads next.
    LinesHeld,
}

/// What this process has changed.
#[cfg(unix)]
struct Changes {
    /// The modes before the first change.
    before: Option<Termios>,
    /// The terminal marks pastes.
    marks_pastes: bool,
    /// The terminal reports whether its window has the focus.
    reports_focus: bool,
    /// How the terminal can tell keys such as Shift-Enter apart.
    protocol: Option<KeyProtocol>,
    /// It does so now.
    tells_keys_apart: bool,
    keyboard: Keyboard,
    /// Keys have been held: what is left of them was meant for this program.
    has_held: bool,
}

/// How a terminal distinguishes keys that once sent the same bytes.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyProtocol {
    /// That of kitty, for a terminal that says that it has it.
    Kitty,
    /// `modifyOtherKeys` of xterm, in its first level: Ctrl-C stays what it is.
    Xterm,
}

#[cfg(unix)]
impl KeyProtocol {
    /// The one of a terminal with this answer and this `TERM`.
    pub(super) fn of(has_kitty: bool, term: Option<&str>) -> Option<Self> {
        let is_xterm = || term.is_some_and(|term| term.starts_with("xterm"));
        has_kitty
            .then_some(Self::Kitty)
            .or_else(|| is_xterm().then_some(Self::Xterm))
    }

    fn sequence(self, is_on: bool) -> &'static str {
        match (self, is_on) {
            (Self::Kitty, true) => "\x1b[>1u",
            (Self::Kitty, false) => "\x1b[<u",
            (Self::Xterm, true) => "\x1b[>4;1m",
            (Self::Xterm, false) => "\x1b[>4m",
        }
    }
}

/// Sends a sequence of our own to the terminal.
#[cfg(unix)]
fn send(sequence: &str) {
    let terminal = console::Term::stderr();
    // Where this fails there is no terminal left.
    let _ = terminal.write_str(sequence).and_then(|()| terminal.flush());
}

/// One at a time: the thread that receives signals changes the terminal too.
#[cfg(unix)]
static CHANGES: Mutex<Changes> = Mutex::new(Changes {
    before: None,
    marks_pastes: false,
    reports_focus: false,
    protocol: None,
    tells_keys_apart: false,
    keyboard: Keyboard::Free,
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
            send(if is_on { "\x1b[?2004h" } else { "\x1b[?2004l" });
        }
    }

    fn tell_keys_apart(&mut self, is_on: bool) {
        let Some(protocol) = self.protocol else {
            return;
        };
        if self.tells_keys_apart != is_on && is_in_foreground() {
            self.tells_keys_apart = is_on;
            send(protocol.sequence(is_on));
        }
        self.report_focus(is_on && window::reports_focus());
    }

    /// As long as pastes are marked: somebody reads what the terminal reports.
    fn report_focus(&mut self, is_on: bool) {
        if self.reports_focus != is_on && is_in_foreground() {
            self.reports_focus = is_on;
            let terminal = console::Term::stderr();
            // Where this fails there is no terminal left.
            let _ = terminal
                .write_str(if is_on { "\x1b[?1004h" } else { "\x1b[?1004l" })
                .and_then(|()| terminal.flush());
        }
    }

    fn hold_keys(&mut self) {
        self.keyboard = Keyboard::Held;
        self.has_held = true;
        self.set(give_keys);
    }

    fn read_keys(&mut self) {
        self.keyboard = Keyboard::Read;
        self.has_held = true;
        self.set(|state| {
            give_keys(state);
            // Ctrl-C, Ctrl-Z, Ctrl-S and Ctrl-Q are keys.
            state.local_modes.remove(LocalModes::ISIG);
            state.input_modes.remove(InputModes::IXON);
        });
        self.mark_pastes(true);
        self.tell_keys_apart(true);
    }

    fn hold(&mut self) {
        self.hold_keys();
        self.mark_pastes(true);
        self.tell_keys_apart(true);
    }

    fn restore(&mut self) {
        self.keyboard = Keyboard::Free;
        self.tell_keys_apart(false);
        self.mark_pastes(false);
        if self.before.is_some() {
            self.set(|_| ());
        }
    }
}

/// Changes the modes so that keys come one by one, and Ctrl-C stays a signal.
#[cfg(unix)]
fn give_keys(state: &mut Termios) {
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
}

/// The error of a read or a prompt: `HungUp` where the terminal is gone.
pub(super) fn explain(error: std::io::Error) -> InputError {
    #[cfg(unix)]
    if changes().before.is_some() && !std::io::stdin().is_terminal() {
        return InputError::HungUp;
    }
    InputError::Terminal(error)
}

/// Remembers the modes before the first change.
pub(super) fn remember() {
    #[cfg(unix)]
    changes().remember();
}

/// Restores the terminal for a prompt that sets the modes that it needs itself.
pub(super) fn make_ready() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        if changes.keyboard != Keyboard::Free {
            changes.restore();
        }
        changes.remember();
    }
}

/// Restores the terminal: a prompt that a signal ends cannot do it itself.
pub(super) fn restore() {
    #[cfg(unix)]
    changes().restore();
}

/// Restores the terminal at the end of the program. What was typed for a conversation and not read
/// is discarded: the shell would run it.
pub(super) fn leave() {
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

/// Turns echo off before the prompt for a secret: it may be pasted at once.
pub(super) fn hide_typing() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        changes.restore();
        changes.set(|state| state.local_modes.remove(LocalModes::ECHO));
    }
}

/// Keeps the terminal from writing `^C` into an answer or next to a spinner.
pub(super) fn hide_control_characters() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        if changes.keyboard == Keyboard::Free {
            changes.set(|state| state.local_modes.remove(LocalModes::ECHOCTL));
        }
    }
}

/// A line editor is about to read keys.
pub(super) fn take_keyboard() {
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

/// A list is about to read keys. To everyone else it is a prompt: the keyboard stays free.
pub(super) fn take_for_list() {
    #[cfg(unix)]
    {
        let mut changes = changes();
        changes.restore();
        changes.set(Termios::make_raw);
        changes.mark_pastes(true);
    }
    #[cfg(not(unix))]
    {
        // Where this fails there is no console left, which the next read reports.
        let _ = crossterm::terminal::enable_raw_mode();
    }
}

/// Restores the terminal after [`take_for_list`].
pub(super) fn release_list() {
    restore();
    #[cfg(not(unix))]
    {
        // Where this fails there is no console left.
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// Whether the shell that stopped this program has set its own modes meanwhile.
#[cfg(unix)]
pub(super) fn has_lost_list() -> bool {
    let mut changes = changes();
    let is_lost = is_in_foreground() && is_line_mode();
    if is_lost {
        (changes.marks_pastes, changes.reports_focus) = (false, false);
    }
    is_lost
}

/// The footer is about to read keys, Ctrl-C among them. Unlike in [`take_keyboard`] the terminal
/// goes on translating what is written.
#[cfg(unix)]
pub(super) fn read_keys() {
    changes().read_keys();
}

/// From now on keys are told apart by this protocol, whenever they are read for the footer.
#[cfg(unix)]
pub(super) fn use_key_protocol(protocol: Option<KeyProtocol>) {
    changes().protocol = protocol;
}

/// Leaves what is typed in the queue of the terminal, as keys and without showing it; Ctrl-C is a
/// signal and takes nothing from the queue.
pub(super) fn hold_typing() {
    #[cfg(unix)]
    {
        changes().hold();
    }
}

/// Holds again what is held: the shell that stopped this program has set its own modes meanwhile.
#[cfg(unix)]
pub(super) fn hold_again() {
    let mut changes = changes();
    if changes.keyboard == Keyboard::Held && is_in_foreground() && is_line_mode() {
        (changes.marks_pastes, changes.reports_focus) = (false, false);
        changes.hold();
    }
}

/// Sets the modes again that the shell has changed while the program was stopped.
#[cfg(unix)]
pub(super) fn set_again() {
    let mut changes = changes();
    if is_in_foreground() && is_line_mode() {
        (changes.marks_pastes, changes.reports_focus) = (false, false);
        match changes.keyboard {
            Keyboard::Read => changes.read_keys(),
            Keyboard::Held => changes.hold(),
            Keyboard::Free | Keyboard::LinesHeld => {}
        }
    }
}

/// Lines as the terminal edits them, except that Ctrl-C ends one, with `\x03` as its last byte.
pub(super) fn take_lines() {
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
pub(super) fn hold_lines() {
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

/// The state of the keyboard.
#[cfg(unix)]
pub(super) fn keyboard() -> Keyboard {
    changes().keyboard
}

/// Bytes in the queue of the terminal.
#[cfg(unix)]
pub(super) fn queue_length() -> u64 {
    rustix::io::ioctl_fionread(std::io::stdin()).unwrap_or_default()
}

/// Makes the terminal report once more that there is input. A reader that waits for a change, as
/// crossterm does, would otherwise wait for the next key after 1,024 bytes.
#[cfg(unix)]
pub(super) fn remind_reader() {
    let changes = changes();
    if matches!(changes.keyboard, Keyboard::Read | Keyboard::Held)
        && is_in_foreground()
        && queue_length() > 0
    {
        // Setting the modes that are set wakes every reader and changes nothing.
        if let Ok(state) = tcgetattr(std::io::stdin()) {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &state);
        }
    }
}

/// What was typed in line mode before the first read of keys, line ends included.
#[cfg(unix)]
pub(super) fn lines_typed_ahead() -> Vec<u8> {
    let mut typed = Vec::new();
    if is_line_mode() {
        // First the mode, then what was typed in it: a line typed between the two would end in
        // Ctrl-J.
        changes().hold_keys();
        while keyboard_input::has_input() && typed.len() < LONGEST_TYPED_AHEAD {
            let mut buffer = [0; 4096];
            match rustix::io::read(std::io::stdin(), &mut buffer) {
                Ok(length @ 1..) => typed.extend_from_slice(&buffer[..length]),
                _ => break,
            }
        }
    }
    typed
}

/// A console keeps what is typed as keys, whichever mode it is in.
#[cfg(not(unix))]
pub(super) fn lines_typed_ahead() -> Vec<u8> {
    Vec::new()
}

/// Bytes; no terminal's queue is as long.
#[cfg(unix)]
const LONGEST_TYPED_AHEAD: usize = 1 << 20;

#[cfg(unix)]
fn is_line_mode() -> bool {
    tcgetattr(std::io::stdin()).is_ok_and(|state| state.local_modes.contains(LocalModes::ICANON))
}
