//! The list to pick a row of: filtered at each key, drawn below the cursor, erased when it closes.
//!
//! The pure part is `state` (keys change it), `rows` (what matches), `view` (the rows for a size)
//! and `frame` (their bytes); this file, `drawing` and `raw_keyboard` are all that touches the
//! terminal. `text` asks for a line of text in the same way, `yes_no` for a yes or a no.

mod drawing;
mod filter;
mod frame;
mod keys;
mod plain;
mod rows;
mod state;
mod text;
mod view;
mod yes_no;

use super::raw_keyboard::RawKeyboard;
use super::theme;
use crate::ports::input::InputError;
use crate::ports::interrupt::Interrupt;
use crate::ports::pick::{PickList, Picked};
use drawing::{Drawing, with_drawing};
use state::{Picker, Step};
pub(super) use text::TextQuestion;
pub(super) use text::ask as ask_text;
use view::View;
pub(super) use yes_no::ask as ask_yes_no;

/// Lets the user pick a row. `can_draw`: the terminal can move its cursor.
///
/// # Errors
/// `Interrupted` by Ctrl-C or Esc; `Ended` by a signal.
pub(super) fn run(
    list: PickList<'_>,
    can_draw: bool,
    interrupt: &Interrupt,
) -> Result<Picked, InputError> {
    if !can_draw || !drawing::has_room() {
        return plain::ask(&list, interrupt);
    }
    with_drawing(interrupt, |keyboard, drawing| held(list, keyboard, drawing))
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
        let (size, mut keys) = (drawing::size(), Vec::<keys::Key>::new());
        let is_fresh = drawn_at != Some(size);
        let rows = view.rows(&mut state, &list, size);
        drawing.write(&frame::drawn(&rows, theme::current(), is_fresh))?;
        drawn_at = Some(size);
        // Until a key comes, or the terminal has another size.
        while keys.is_empty() && drawn_at == Some(drawing::size()) {
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
