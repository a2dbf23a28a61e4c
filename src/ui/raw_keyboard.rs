//! The keyboard of a list or of a question that one key answers: keys as they come, and what ends
//! or interrupts the waiting.

use std::time::Duration;

use crossterm::event::Event;

use super::input_mode;
#[cfg(unix)]
use super::key_parser::{Input, KeyParser};
#[cfg(unix)]
use super::keyboard_input;
use crate::ports::input::InputError;
use crate::ports::interrupt::{Interrupt, Signal};

/// How often signals, the modes and the size of the terminal are looked at while no key comes.
const LOOK: Duration = Duration::from_millis(50);

/// Time in which the rest of a key follows an escape.
#[cfg(unix)]
const ESCAPE: Duration = Duration::from_millis(25);

/// Time for the thread of a footer to stop the program: it handles the signal then.
#[cfg(unix)]
const STOPPING: Duration = Duration::from_millis(100);

/// Keys read before they are handled.
const MOST: usize = 4096;

/// What the keys of a reader mean.
pub(super) trait Key: Sized {
    /// The effect of an event; `None` when it has none.
    fn of(event: Event) -> Option<Self>;

    /// Whether the keys are to be handled before more are read.
    fn ends_reading(&self) -> bool;
}

/// Takes the keyboard until it is dropped.
pub(super) struct RawKeyboard<'a> {
    interrupt: &'a Interrupt,
    #[cfg(unix)]
    parser: KeyParser,
}

impl<'a> RawKeyboard<'a> {
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
    pub(super) fn keys<K: Key>(&mut self) -> Result<Vec<K>, InputError> {
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

    /// Reads a byte, and not one more than the key that ends the reading has: what is typed ahead
    /// is for whoever reads next. False when nothing came.
    #[cfg(unix)]
    fn read<K: Key>(&mut self, keys: &mut Vec<K>) -> Result<bool, InputError> {
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
                keys.extend(K::of(Event::Resize(0, 0)));
            }
        }
        keys.extend(inputs.into_iter().filter_map(|input| match input {
            Input::Event(event) => K::of(event),
            Input::Report(_) => None,
        }));
        Ok(has_input)
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "the parser of other systems is in it")]
    fn read<K: Key>(&mut self, keys: &mut Vec<K>) -> Result<bool, InputError> {
        let patience = if keys.is_empty() {
            LOOK
        } else {
            Duration::ZERO
        };
        if !crossterm::event::poll(patience).map_err(input_mode::explain)? {
            return Ok(false);
        }
        let event = crossterm::event::read().map_err(input_mode::explain)?;
        keys.extend(K::of(event));
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
fn is_full<K: Key>(keys: &[K]) -> bool {
    keys.len() >= MOST || keys.last().is_some_and(Key::ends_reading)
}

impl Drop for RawKeyboard<'_> {
    fn drop(&mut self) {
        self.interrupt.disarm();
        input_mode::release_list();
    }
}
