//! The keyboard of a list: keys as they come, and what ends or interrupts the waiting.

use std::time::Duration;

#[cfg(not(unix))]
use crossterm::event;

use super::keys::{Key, key_of};
use crate::ports::input::InputError;
use crate::ports::interrupt::{Interrupt, Signal};
use crate::ui::input_mode;
#[cfg(unix)]
use crate::ui::key_parser::{Input, KeyParser};
#[cfg(unix)]
use crate::ui::keyboard_input;

/// How often signals, the modes and the size of the terminal are looked at while no key comes.
const LOOK: Duration = Duration::from_millis(50);

/// Time in which the rest of a key follows an escape.
#[cfg(unix)]
const ESCAPE: Duration = Duration::from_millis(25);

/// Time for the thread of a footer to stop the program: it handles the signal then.
#[cfg(unix)]
const STOPPING: Duration = Duration::from_millis(100);

/// Keys read before the list is drawn.
const MOST: usize = 4096;

/// Takes the keyboard until it is dropped.
pub(super) struct Keyboard<'a> {
    interrupt: &'a Interrupt,
    #[cfg(unix)]
    parser: KeyParser,
}

impl<'a> Keyboard<'a> {
    pub(super) fn take(interrupt: &'a Interrupt) -> Self {
        input_mode::take_for_list();
        // A signal must find the list erased before it ends the program.
        interrupt.arm();
        Self {
            interrupt,
            #[cfg(unix)]
            parser: KeyParser::default(),
        }
    }

    /// Waits a moment for keys, and returns those that have come.
    pub(super) fn keys(&mut self) -> Result<Vec<Key>, InputError> {
        let mut keys = Vec::new();
        while !is_full(&keys) {
            match self.interrupt.pending() {
                Some(Signal::Interrupt) => return Err(InputError::Interrupted),
                Some(signal) => return Err(InputError::Ended(signal)),
                None => {}
            }
            if !self.read(&mut keys)? {
                break;
            }
        }
        Ok(keys)
    }

    /// Reads a byte, and not one more than the key that closes the list has: what is typed ahead is
    /// for whoever reads next. False when nothing came.
    #[cfg(unix)]
    fn read(&mut self, keys: &mut Vec<Key>) -> Result<bool, InputError> {
        let patience = match (keys.is_empty(), self.parser.has_lone_escape()) {
            (false, _) => Duration::ZERO,
            (true, true) => ESCAPE,
            (true, false) => LOOK,
        };
        let mut inputs = Vec::new();
        let has_input = keyboard_input::has_input_within(patience).map_err(input_mode::explain)?;
        if has_input {
            let byte = keyboard_input::read_byte().map_err(input_mode::explain)?;
            let byte = byte.ok_or(InputError::HungUp)?;
            self.parser.push(&[byte], &mut inputs);
        } else if keys.is_empty() {
            self.parser.end_escape(&mut inputs);
            if input_mode::has_lost_list() {
                // Another program had the terminal while this one was stopped.
                input_mode::take_for_list();
                keys.push(Key::Redraw);
            }
        }
        keys.extend(inputs.into_iter().filter_map(|input| match input {
            Input::Event(event) => key_of(event),
            Input::Report(_) => None,
        }));
        Ok(has_input)
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "the parser of other systems is in it")]
    fn read(&mut self, keys: &mut Vec<Key>) -> Result<bool, InputError> {
        let patience = if keys.is_empty() {
            LOOK
        } else {
            Duration::ZERO
        };
        if !event::poll(patience).map_err(input_mode::explain)? {
            return Ok(false);
        }
        keys.extend(event::read().map_err(input_mode::explain).map(key_of)?);
        Ok(true)
    }

    /// Stops the program as Ctrl-Z does. Returns when the shell continues it.
    #[expect(clippy::unused_self, reason = "it belongs to a keyboard that is taken")]
    pub(super) fn suspend(&self) {
        input_mode::release_list();
        #[cfg(unix)]
        {
            // Without a shell to take the terminal it does nothing.
            let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
            std::thread::park_timeout(STOPPING);
        }
        input_mode::take_for_list();
    }
}

/// Whether the keys are to be handled before more are read.
fn is_full(keys: &[Key]) -> bool {
    let closes = |key: &Key| matches!(key, Key::Take | Key::Cancel | Key::Suspend);
    keys.len() >= MOST || keys.last().is_some_and(closes)
}

impl Drop for Keyboard<'_> {
    fn drop(&mut self) {
        self.interrupt.disarm();
        input_mode::release_list();
    }
}
