//! What this process has changed of the terminal: its modes, marked pastes, keys told apart.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use super::window;

/// Which state the keyboard is in.
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
pub(super) struct Changes {
    /// The modes before the first change.
    pub before: Option<Termios>,
    /// The terminal marks pastes.
    pub marks_pastes: bool,
    /// The terminal reports whether its window has the focus.
    pub reports_focus: bool,
    /// How the terminal can tell keys such as Shift-Enter apart.
    pub protocol: Option<KeyProtocol>,
    /// It does so now.
    pub tells_keys_apart: bool,
    pub keyboard: Keyboard,
    /// Keys have been held: what is left of them was meant for this program.
    pub has_held: bool,
}

/// How a terminal distinguishes keys that once sent the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyProtocol {
    /// That of kitty, for a terminal that says that it has it.
    Kitty,
    /// `modifyOtherKeys` of xterm, in its first level: Ctrl-C stays what it is.
    Xterm,
}

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
fn send(sequence: &str) {
    let terminal = console::Term::stderr();
    // Where this fails there is no terminal left.
    let _ = terminal.write_str(sequence).and_then(|()| terminal.flush());
}

/// One at a time: the thread that receives signals changes the terminal too.
static CHANGES: Mutex<Changes> = Mutex::new(Changes {
    before: None,
    marks_pastes: false,
    reports_focus: false,
    protocol: None,
    tells_keys_apart: false,
    keyboard: Keyboard::Free,
    has_held: false,
});

pub(super) fn changes() -> MutexGuard<'static, Changes> {
    CHANGES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process may change the terminal: one in the background would be stopped for it.
pub(super) fn is_in_foreground() -> bool {
    rustix::termios::tcgetpgrp(std::io::stdin())
        .is_ok_and(|group| group == rustix::process::getpgrp())
}

impl Changes {
    pub(super) fn remember(&mut self) {
        if self.before.is_none() {
            self.before = tcgetattr(std::io::stdin()).ok();
        }
    }

    /// Sets the modes as they were, with a change.
    pub(super) fn set(&mut self, change: impl FnOnce(&mut Termios)) {
        self.remember();
        if let Some(mut state) = self.before.clone().filter(|_| is_in_foreground()) {
            change(&mut state);
            // Where this fails there is no terminal left.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &state);
        }
    }

    pub(super) fn mark_pastes(&mut self, is_on: bool) {
        if self.marks_pastes != is_on && is_in_foreground() {
            self.marks_pastes = is_on;
            send(if is_on { "\x1b[?2004h" } else { "\x1b[?2004l" });
        }
        self.report_focus(is_on && window::reports_focus());
    }

    pub(super) fn tell_keys_apart(&mut self, is_on: bool) {
        let Some(protocol) = self.protocol else {
            return;
        };
        if self.tells_keys_apart != is_on && is_in_foreground() {
            self.tells_keys_apart = is_on;
            send(protocol.sequence(is_on));
        }
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

    pub(super) fn hold_keys(&mut self) {
        self.keyboard = Keyboard::Held;
        self.has_held = true;
        self.set(give_keys);
    }

    pub(super) fn read_keys(&mut self) {
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

    pub(super) fn hold(&mut self) {
        self.hold_keys();
        self.mark_pastes(true);
        self.tell_keys_apart(true);
    }

    pub(super) fn restore(&mut self) {
        self.keyboard = Keyboard::Free;
        self.tell_keys_apart(false);
        self.mark_pastes(false);
        if self.before.is_some() {
            self.set(|_| ());
        }
    }
}

/// Changes the modes so that keys come one by one, and Ctrl-C stays a signal.
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
