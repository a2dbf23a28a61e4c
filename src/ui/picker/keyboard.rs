//! The keyboard of a list: keys as they come, and what ends or interrupts the waiting.

use std::time::Duration;

use crossterm::event;

use super::keys::{Key, key_of};
use crate::ports::input::InputError;
use crate::ports::interrupt::{Interrupt, Signal};
use crate::ui::input_mode;
#[cfg(unix)]
use crate::ui::keyboard_input;

/// How often signals, the modes and the terminal itself are looked at while no key comes.
const LOOK: Duration = Duration::from_millis(50);

/// Time for crossterm to notice input that it was reminded of.
#[cfg(unix)]
const REMINDED: Duration = Duration::from_millis(10);

/// Keys read before the list is drawn.
const MOST: usize = 4096;

/// Takes the keyboard until it is dropped.
pub(super) struct Keyboard<'a> {
    interrupt: &'a Interrupt,
}

impl<'a> Keyboard<'a> {
    pub(super) fn take(interrupt: &'a Interrupt) -> Self {
        input_mode::take_for_list();
        // A signal must find the list erased before it ends the program.
        interrupt.arm();
        Self { interrupt }
    }

    /// Waits for keys, and returns those that have come.
    pub(super) fn keys(&self) -> Result<Vec<Key>, InputError> {
        let mut keys = Vec::new();
        loop {
            match self.interrupt.pending() {
                Some(Signal::Interrupt) => return Err(InputError::Interrupted),
                Some(signal) => return Err(InputError::Ended(signal)),
                None => {}
            }
            if !is_next(keys.is_empty())? {
                if keys.is_empty() {
                    look(&mut keys);
                    continue;
                }
                return Ok(keys);
            }
            keys.extend(event::read().map_err(input_mode::explain).map(key_of)?);
            // The keys after it are for whoever reads next.
            let is_last = matches!(keys.last(), Some(Key::Take | Key::Cancel | Key::Suspend));
            if is_last || keys.len() >= MOST {
                return Ok(keys);
            }
        }
    }

    /// Stops the program as Ctrl-Z does. Returns when the shell continues it.
    #[expect(clippy::unused_self, reason = "it belongs to a keyboard that is taken")]
    pub(super) fn suspend(&self) {
        input_mode::release_list();
        #[cfg(unix)]
        {
            // Without a shell to take the terminal it does nothing.
            let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
        }
        input_mode::take_for_list();
    }
}

impl Drop for Keyboard<'_> {
    fn drop(&mut self) {
        self.interrupt.disarm();
        input_mode::release_list();
    }
}

/// Whether there is an event; waits a moment for one.
///
/// The terminal itself is asked first: crossterm never returns from one that has gone, and leaves a
/// long queue unread.
#[cfg(unix)]
fn is_next(waits: bool) -> Result<bool, InputError> {
    let patience = if waits { LOOK } else { Duration::ZERO };
    if keyboard_input::has_input_within(patience).map_err(input_mode::explain)?
        && !event::poll(Duration::ZERO).map_err(input_mode::explain)?
    {
        input_mode::remind_list_reader();
        return event::poll(REMINDED).map_err(input_mode::explain);
    }
    event::poll(Duration::ZERO).map_err(input_mode::explain)
}

#[cfg(not(unix))]
fn is_next(waits: bool) -> Result<bool, InputError> {
    let patience = if waits { LOOK } else { Duration::ZERO };
    event::poll(patience).map_err(input_mode::explain)
}

/// Looks at what comes without a key.
#[cfg(unix)]
fn look(keys: &mut Vec<Key>) {
    if input_mode::has_lost_list() {
        // Another program had the terminal while this one was stopped.
        input_mode::take_for_list();
        keys.push(Key::Redraw);
    }
}

#[cfg(not(unix))]
fn look(_: &mut Vec<Key>) {}
