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
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcsetattr,
};

#[cfg(unix)]
use super::keyboard_input;
#[cfg(unix)]
pub(super) use super::terminal_changes::{KeyProtocol, Keyboard};
#[cfg(unix)]
use super::terminal_changes::{changes, is_in_foreground};
use crate::ports::input::InputError;

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

/// Discards what was typed and not read.
pub(super) fn discard_typed() {
    #[cfg(unix)]
    {
        if is_in_foreground() {
            // Where this fails there is no terminal left, which the next read reports.
            let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
        }
    }
    #[cfg(not(unix))]
    {
        let now = std::time::Duration::ZERO;
        while crossterm::event::poll(now).unwrap_or_default() {
            if crossterm::event::read().is_err() {
                break;
            }
        }
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
