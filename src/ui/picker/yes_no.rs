//! A question for yes or no: drawn below the cursor, answered by one key.

use crossterm::event::Event;

use super::drawing::{self, with_drawing};
use super::frame;
use super::keys::Key;
use super::text::{self, TextQuestion};
use super::view::{self, Look, Row};
use crate::ports::input::InputError;
use crate::ports::interrupt::Interrupt;
use crate::ui::{paragraph, raw_keyboard, theme};

/// Before a question, and before what Enter takes.
const MARK: &str = "? ";
const KEYS: &str = " (y/n)";
const PROMPT: &str = " › ";

/// What is wrong with any other answer.
const WRONG: &str = "type y or n";

/// A key by itself: what follows it is for whoever reads next.
struct OneKey(Key);

impl raw_keyboard::Key for OneKey {
    fn of(event: Event) -> Option<Self> {
        // What is pasted is for a prompt, even a single character.
        if matches!(event, Event::Paste(_)) {
            return None;
        }
        Key::of(event).map(Self)
    }

    fn ends_reading(&self) -> bool {
        true
    }
}

/// What a key says.
enum Said {
    Answer(bool),
    Cancel,
    Suspend,
    Redraw,
    Nothing,
}

/// Asks until a key answers, and erases the question, which is inert. `can_draw`: the terminal can
/// move its cursor.
///
/// # Errors
/// `Interrupted` by Ctrl-C, Ctrl-D, Esc or `q`; `Ended` by a signal.
pub(in crate::ui) fn ask(
    question: &str,
    default: bool,
    can_draw: bool,
    interrupt: &Interrupt,
) -> Result<bool, InputError> {
    if !can_draw || !drawing::has_room() {
        return typed(question, default, interrupt);
    }
    with_drawing(interrupt, |keyboard, drawing| {
        let mut drawn_at = None;
        loop {
            let (size, mut keys) = (drawing::size(), Vec::<OneKey>::new());
            let rows = rows(question, default, size.columns.saturating_sub(1));
            let is_fresh = drawn_at != Some(size);
            drawing.write(&frame::drawn(&rows, theme::current(), is_fresh))?;
            drawn_at = Some(size);
            // Until a key comes, or the terminal has another size.
            while keys.is_empty() && drawn_at == Some(drawing::size()) {
                keys = keyboard.keys()?;
            }
            for OneKey(key) in keys {
                match said(&key, default) {
                    Said::Answer(answer) => return Ok(answer),
                    Said::Cancel => return Err(InputError::Interrupted),
                    Said::Suspend => {
                        drawing.write(&frame::erased())?;
                        keyboard.suspend();
                        drawn_at = None;
                    }
                    Said::Redraw => drawn_at = None,
                    Said::Nothing => {}
                }
            }
        }
    })
}

fn said(key: &Key, default: bool) -> Said {
    match key {
        Key::Insert(text) if text.eq_ignore_ascii_case("y") => Said::Answer(true),
        Key::Insert(text) if text.eq_ignore_ascii_case("n") => Said::Answer(false),
        Key::Take => Said::Answer(default),
        Key::Cancel | Key::Delete => Said::Cancel,
        Key::Insert(text) if text == "q" => Said::Cancel,
        Key::Suspend => Said::Suspend,
        Key::Redraw => Said::Redraw,
        _ => Said::Nothing,
    }
}

/// The rows of the question, broken between words.
fn rows(question: &str, default: bool, width: usize) -> Vec<Row> {
    let taken = if default { "yes" } else { "no" };
    let row: Row = vec![
        (Look::Message, MARK.to_owned()),
        (Look::Question, question.to_owned()),
        (Look::Dim, format!("{KEYS}{PROMPT}")),
        (Look::Plain, taken.to_owned()),
    ];
    if view::columns(&text_of(&row)) <= width {
        return vec![row];
    }
    let text = paragraph::hanging(&text_of(&row), MARK.len(), width);
    let rows = text
        .lines()
        .map(|row| vec![(Look::Question, row.to_owned())]);
    rows.map(|row| view::cut(row, width)).collect()
}

fn text_of(row: &Row) -> String {
    row.iter().map(|(_, text)| text.as_str()).collect()
}

/// The question on a terminal that cannot move its cursor.
fn typed(question: &str, default: bool, interrupt: &Interrupt) -> Result<bool, InputError> {
    let check = |text: &str| answer_of(text).map(|_| ()).ok_or_else(|| WRONG.to_owned());
    let question = TextQuestion {
        question: &format!("{question}{KEYS}"),
        default: Some(if default { "y" } else { "n" }),
        check: &check,
    };
    text::ask(&question, false, interrupt).map(|text| answer_of(&text).unwrap_or(default))
}

fn answer_of(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_on_one_row_or_broken_between_words() {
        let shown = |width| -> Vec<String> {
            let rows = rows("Permanently delete the session?", false, width);
            rows.iter().map(text_of).collect()
        };
        assert_eq!(shown(79), ["? Permanently delete the session? (y/n) › no"]);
        assert_eq!(
            shown(30),
            ["? Permanently delete the", "  session? (y/n) › no"]
        );
    }

    #[test]
    fn one_key_answers_and_others_do_nothing() {
        let said = |text: &str| match said(&Key::Insert(text.to_owned()), false) {
            Said::Answer(answer) => Some(answer),
            _ => None,
        };
        assert_eq!(said("Y"), Some(true));
        assert_eq!(said("n"), Some(false));
        assert_eq!(said("x"), None);
        assert_eq!(said("yes please"), None);
        let pasted = Event::Paste("y".to_owned());
        assert!(<OneKey as raw_keyboard::Key>::of(pasted).is_none());
        assert_eq!(answer_of("YES"), Some(true));
        assert_eq!(answer_of("maybe"), None);
    }
}
