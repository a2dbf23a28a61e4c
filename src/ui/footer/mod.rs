//! The footer of the conversation: the line, its menu, what waits and what is going on, drawn below
//! the transcript.
//!
//! The transcript is only ever added to. The footer hangs below its end and is erased with every
//! write: [`frame`] and [`painter`] compose the bytes and are pure; [`state`] is what is shown;
//! [`screen`] is the footer of this process, which the command and the keyboard's thread share.

mod activity;
mod completion;
mod draft;
mod editor;
mod frame;
mod history_walk;
mod keyboard;
mod menu;
mod painter;
#[cfg(test)]
mod panic_tests;
mod prompt;
#[cfg(test)]
mod property_tests;
mod queue;
mod row;
mod screen;
mod search;
mod search_keys;
mod state;
mod throttle;
mod transcript;
mod tty;

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use super::{line_editor, signals, terminal};
use crate::config::{Environment, env};
use crate::platform::system::System;
use crate::ports::input::{EditorOptions, LineEditor};
use crate::ports::interrupt::Interrupt;
use activity::Activity;
use prompt::FooterPrompt;

/// Opens the prompt of the conversation: in the footer where the terminal has room for it and it
/// was not turned off.
pub(super) fn open(
    options: EditorOptions,
    environment: &Environment,
    interrupt: Interrupt,
) -> Box<dyn LineEditor> {
    let is_off = !options.has_footer
        || environment.is_set(&env::AMX_NO_FOOTER)
        || System::CURRENT.is_dumb(environment.get(&env::TERM).ok().flatten());
    if is_off || !is_one_terminal() || !state::has_room(tty::size()) {
        return line_editor::open(options, environment, interrupt);
    }
    signals::remove_at_end(remove);
    terminal::write_by(write);
    Box::new(FooterPrompt::new(options, environment, interrupt))
}

/// Whether input and both outputs are the same terminal.
fn is_one_terminal() -> bool {
    let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let device = |stat: rustix::io::Result<rustix::fs::Stat>| stat.ok().map(|stat| stat.st_rdev);
    let input = device(rustix::fs::fstat(&stdin));
    stdin.is_terminal()
        && stdout.is_terminal()
        && stderr.is_terminal()
        && input == device(rustix::fs::fstat(&stdout))
        && input == device(rustix::fs::fstat(&stderr))
}

/// Whether there is a footer, or will be again when a question has been answered.
pub(super) fn is_on() -> bool {
    screen::is_on()
}

/// Writes text of the transcript; `None` where there is no footer.
fn write(text: &str) -> Option<std::io::Result<()>> {
    screen::with(|screen| screen.write(text))
}

/// Whether the transcript ends in an empty row. False where there is no footer.
pub(super) fn is_below_blank_row() -> bool {
    screen::with(|screen| screen.painter.is_below_blank_row()).unwrap_or_default()
}

/// Silence of the keyboard before a question that one key answers.
const QUIET: Duration = Duration::from_millis(700);

/// Waits until no key was pressed for a moment: what is being typed is for the draft, and must not
/// answer the question that follows. Ends with a signal.
pub(super) fn wait_until_quiet(interrupt: &Interrupt) {
    while !interrupt.is_pending() {
        let pressed = screen::with(|screen| match screen.phase {
            screen::Phase::Lent => None,
            _ => screen.pressed_at,
        });
        let since = pressed.flatten().map(|at| at.elapsed());
        match since.and_then(|since| QUIET.checked_sub(since)) {
            None | Some(Duration::ZERO) => return,
            Some(left) => interrupt.wait_blocking(left),
        }
    }
}

/// Removes the footer, for another prompt or program. It appears again with the next entry or
/// answer.
pub(super) fn lend() {
    screen::with(screen::Screen::disappear);
}

/// Removes the footer at the end of the program, whatever another thread is doing.
pub(super) fn remove() {
    if !is_on() {
        return;
    }
    match screen::try_lock() {
        Some(mut screen) => {
            if let Some(screen) = screen.as_mut() {
                screen.disappear();
            }
        }
        // The cursor is at the end of the transcript, save within a write.
        None => {
            screen::abandon();
            drop(tty::write_all(b"\x1b[J\x1b[?25h"));
        }
    }
}

/// An answer is awaited.
pub(super) fn wait_for_answer() {
    screen::with(|screen| {
        let now = Instant::now();
        // They have been sent.
        screen.footer.chips.clear();
        match &mut screen.footer.activity {
            Some(activity) => activity.wait(now),
            none => *none = Some(Activity::new(now)),
        }
        screen.begin_to_move();
    });
}

/// Tools run, as the words say.
pub(super) fn run_tools(words: String) {
    screen::with(|screen| {
        if let Some(activity) = &mut screen.footer.activity {
            activity.run(words, Instant::now());
        }
        screen.begin_to_move();
    });
}

/// So many bytes of reasoning have arrived, the last line of which is this.
pub(super) fn think(bytes: usize, line: &str) {
    screen::with(|screen| {
        if let Some(activity) = &mut screen.footer.activity {
            activity.think(bytes, line.to_owned(), Instant::now());
        }
    });
}

/// So many bytes of the answer have arrived.
pub(super) fn count_answer(bytes: usize) {
    screen::with(|screen| {
        if let Some(activity) = &mut screen.footer.activity {
            activity.answer(bytes, Instant::now());
        }
    });
}

/// The answer has ended.
pub(super) fn end_answer() {
    screen::with(|screen| {
        screen.footer.activity = None;
        screen.change();
    });
}

/// A line for each of several answers; none when all have ended.
pub(super) fn show_progress(lines: Vec<String>) {
    screen::with(|screen| {
        screen.footer.progress = lines;
        screen.begin_to_move();
    });
}
