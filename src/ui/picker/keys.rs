//! What each key does in a list.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::ui::raw_keyboard;

/// A key, by its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Insert(String),
    DeleteBefore,
    DeleteAfter,
    DeleteWord,
    DeleteStart,
    Left,
    Right,
    ToStart,
    ToEnd,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    /// Takes the selected row.
    Take,
    /// Deletes the selected row, when pressed twice.
    Delete,
    Cancel,
    Suspend,
    /// Draws the list again.
    Redraw,
}

/// Keys with Ctrl.
const CONTROL: &[(char, Key)] = &[
    ('c', Key::Cancel),
    ('d', Key::Delete),
    ('g', Key::Cancel),
    ('h', Key::DeleteBefore),
    ('j', Key::Take),
    ('k', Key::Up),
    ('l', Key::Redraw),
    ('m', Key::Take),
    ('n', Key::Down),
    ('p', Key::Up),
    ('u', Key::DeleteStart),
    ('w', Key::DeleteWord),
    ('a', Key::ToStart),
    ('e', Key::ToEnd),
    ('b', Key::Left),
    ('f', Key::Right),
    ('z', Key::Suspend),
];

/// Keys without a modifier.
const PLAIN: &[(KeyCode, Key)] = &[
    (KeyCode::Backspace, Key::DeleteBefore),
    (KeyCode::Delete, Key::DeleteAfter),
    (KeyCode::Left, Key::Left),
    (KeyCode::Right, Key::Right),
    (KeyCode::Up, Key::Up),
    (KeyCode::Down, Key::Down),
    (KeyCode::BackTab, Key::Up),
    (KeyCode::Tab, Key::Down),
    (KeyCode::PageUp, Key::PageUp),
    (KeyCode::PageDown, Key::PageDown),
    (KeyCode::Home, Key::First),
    (KeyCode::End, Key::Last),
    (KeyCode::Enter, Key::Take),
    (KeyCode::Esc, Key::Cancel),
];

impl raw_keyboard::Key for Key {
    fn of(event: Event) -> Option<Self> {
        key_of(event)
    }

    fn ends_reading(&self) -> bool {
        matches!(self, Self::Take | Self::Cancel | Self::Suspend)
    }
}

fn key_of(event: Event) -> Option<Key> {
    let key = match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => key,
        Event::Paste(text) => return Some(Key::Insert(text)),
        Event::Resize(..) => return Some(Key::Redraw),
        _ => return None,
    };
    let KeyEvent {
        code, modifiers, ..
    } = key;
    match code {
        KeyCode::Char(c) if modifiers == KeyModifiers::CONTROL => {
            let c = c.to_ascii_lowercase();
            let found = CONTROL.iter().find(|(letter, _)| *letter == c);
            found.map(|(_, key)| key.clone())
        }
        KeyCode::Backspace if modifiers.intersects(KeyModifiers::ALT | KeyModifiers::CONTROL) => {
            Some(Key::DeleteWord)
        }
        KeyCode::Char(c) if (modifiers - KeyModifiers::SHIFT).is_empty() => {
            Some(Key::Insert(c.to_string()))
        }
        KeyCode::Char(_) => None,
        _ => {
            let found = PLAIN.iter().find(|(known, _)| *known == code);
            found.map(|(_, key)| key.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        key_of(Event::Key(KeyEvent::new(code, modifiers)))
    }

    #[test]
    fn keys_have_their_usual_effects() {
        let control = |c| pressed(KeyCode::Char(c), KeyModifiers::CONTROL);
        assert_eq!(
            [control('c'), control('n')],
            [Some(Key::Cancel), Some(Key::Down)]
        );
        assert_eq!(control('y'), None);
        let shifted = pressed(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(shifted, Some(Key::Insert("G".to_owned())));
        assert_eq!(pressed(KeyCode::Char('x'), KeyModifiers::ALT), None);
        assert_eq!(
            pressed(KeyCode::Backspace, KeyModifiers::ALT),
            Some(Key::DeleteWord)
        );
        assert_eq!(pressed(KeyCode::Esc, KeyModifiers::NONE), Some(Key::Cancel));
        let paste = key_of(Event::Paste("a\nb".to_owned()));
        assert_eq!(paste, Some(Key::Insert("a\nb".to_owned())));
    }
}
