//! What is drawn on the terminal, and its size.

use console::Term;

use super::frame;
use super::view::Size;
use crate::ports::input::InputError;
use crate::ports::interrupt::Interrupt;
use crate::ui::input_mode;
use crate::ui::raw_keyboard::RawKeyboard;

/// The smallest terminal that a list is drawn on.
const SMALLEST: Size = Size {
    columns: 20,
    rows: 5,
};

/// The list on the terminal; erased when it is dropped.
pub(super) struct Drawing {
    terminal: Term,
}

impl Drawing {
    pub(super) fn new() -> Self {
        Self {
            terminal: Term::stderr(),
        }
    }

    pub(super) fn write(&self, bytes: &str) -> Result<(), InputError> {
        self.terminal
            .write_str(bytes)
            .and_then(|()| self.terminal.flush())
            .map_err(input_mode::explain)
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        // Where this fails there is no terminal left.
        let _ = self.write(&frame::erased());
    }
}

/// Runs something with the keyboard and a drawing. The drawing is erased before the keyboard is
/// given back.
///
/// # Errors
/// Those of what is run.
pub(super) fn with_drawing<T>(
    interrupt: &Interrupt,
    run: impl FnOnce(&mut RawKeyboard<'_>, &Drawing) -> Result<T, InputError>,
) -> Result<T, InputError> {
    let mut keyboard = RawKeyboard::take(interrupt);
    let drawing = Drawing::new();
    let outcome = run(&mut keyboard, &drawing);
    drop(drawing);
    drop(keyboard);
    outcome
}

/// The size of the terminal.
pub(super) fn size() -> Size {
    let (rows, columns) = Term::stderr().size();
    Size {
        columns: usize::from(columns),
        rows: usize::from(rows),
    }
}

/// Whether the terminal is large enough to draw on.
pub(super) fn has_room() -> bool {
    let size = size();
    size.columns >= SMALLEST.columns && size.rows >= SMALLEST.rows
}
