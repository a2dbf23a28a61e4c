//! The list to pick a row of: filtered at each key, drawn below the cursor, erased when it closes.
//!
//! The pure part is `state` (keys change it), `rows` (what matches), `view` (the rows for a size)
//! and `frame` (their bytes); this file and `raw_keyboard` are all that touches the terminal.

mod filter;
mod frame;
mod keys;
mod plain;
mod rows;
mod state;
mod view;

use console::Term;

use super::raw_keyboard::RawKeyboard;
use super::{input_mode, theme};
use crate::ports::input::InputError;
use crate::ports::interrupt::Interrupt;
use crate::ports::pick::{PickList, Picked};
use state::{Picker, Step};
use view::{Size, View};

/// The smallest terminal that a list is drawn on.
const SMALLEST: Size = Size {
    columns: 20,
    rows: 5,
};

/// Lets the user pick a row. `can_draw`: the terminal can move its cursor.
///
/// # Errors
/// `Interrupted` by Ctrl-C or Esc; `Ended` by a signal.
pub(super) fn run(
    list: PickList<'_>,
    can_draw: bool,
    interrupt: &Interrupt,
) -> Result<Picked, InputError> {
    let size = size();
    let is_too_small = size.columns < SMALLEST.columns || size.rows < SMALLEST.rows;
    if !can_draw || is_too_small {
        return plain::ask(&list, interrupt);
    }
    let mut keyboard = RawKeyboard::take(interrupt);
    let drawing = Drawing::new();
    let outcome = held(list, &mut keyboard, &drawing);
    drop(drawing);
    drop(keyboard);
    outcome
}

fn held(
    mut list: PickList<'_>,
    keyboard: &mut RawKeyboard<'_>,
    drawing: &Drawing,
) -> Result<Picked, InputError> {
    let mut state = Picker::new(&list);
    let mut view = View::default();
    let mut drawn_at = None;
    loop {
        let (size, mut keys) = (size(), Vec::<keys::Key>::new());
        let is_fresh = drawn_at != Some(size);
        let rows = view.rows(&mut state, &list, size);
        drawing.write(&frame::drawn(&rows, theme::current(), is_fresh))?;
        drawn_at = Some(size);
        // Until a key comes, or the terminal has another size.
        while keys.is_empty() && drawn_at == Some(self::size()) {
            keys = keyboard.keys()?;
        }
        for key in keys {
            let page = View::parts(&state, &list, size).list;
            match state.press(key, page) {
                Step::Draw => {}
                Step::Redraw => drawn_at = None,
                Step::Take(Picked::Typed(text)) => match list.typed.map(|check| check(&text)) {
                    Some(Err(why)) => state.message = Some(why),
                    _ => return Ok(Picked::Typed(text)),
                },
                Step::Take(answer) => return Ok(answer),
                Step::Delete(row) => {
                    if let Some(delete) = &mut list.delete {
                        let outcome = delete(row);
                        state.deleted(row, outcome);
                    }
                }
                Step::Cancel => return Err(InputError::Interrupted),
                Step::Suspend => {
                    drawing.write(&frame::erased())?;
                    keyboard.suspend();
                    drawn_at = None;
                }
            }
        }
    }
}

/// The list on the terminal; erased when it is dropped.
struct Drawing {
    terminal: Term,
}

impl Drawing {
    fn new() -> Self {
        Self {
            terminal: Term::stderr(),
        }
    }

    fn write(&self, bytes: &str) -> Result<(), InputError> {
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

/// The size of the terminal.
fn size() -> Size {
    let (rows, columns) = Term::stderr().size();
    Size {
        columns: usize::from(columns),
        rows: usize::from(rows),
    }
}
