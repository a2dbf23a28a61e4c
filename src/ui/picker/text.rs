//! A question for a line of text: drawn below the cursor with the keys of a list, and replaced by
//! one line with the answer.

use console::Term;

use super::drawing::{Drawing, with_drawing};
use super::filter::Filter;
use super::keys::Key;
use super::view::{self, Look, Row, Size};
use super::{drawing, frame};
use crate::ports::answer_check::AnswerCheck;
use crate::ports::input::InputError;
use crate::ports::interrupt::Interrupt;
use crate::ui::raw_keyboard::RawKeyboard;
use crate::ui::sanitise::inert;
use crate::ui::{input_mode, keyboard_input, paragraph, theme};
use crate::wire::redact::redacted;

/// Longest answer, in characters: a command, a URL, a code of a login.
const LONGEST: usize = 4000;

/// Columns that are left for the answer next to its question; with less it is below.
const LEAST_ROOM: usize = 16;

/// Before a question, the end of a question, before what is wrong with an answer.
const MARK: &str = "? ";
const PROMPT: &str = "› ";
const WRONG: &str = "✘ ";

/// What is wrong with no answer, where there is no default.
const EMPTY: &str = "type an answer, or press Ctrl-C";

/// A question for a line of text. The texts are untrusted.
pub(in crate::ui) struct TextQuestion<'a> {
    pub question: &'a str,
    /// What Enter takes when nothing is typed; shown in brackets unless it is empty.
    pub default: Option<&'a str>,
    pub check: AnswerCheck<'a>,
}

impl TextQuestion<'_> {
    /// The question, with its default.
    pub(in crate::ui) fn label(&self) -> String {
        let default = self.default.filter(|default| !default.is_empty());
        let label = match default {
            Some(default) => format!("{} [{default}]", self.question),
            None => self.question.to_owned(),
        };
        inert(&redacted(&label)).replace(['\n', '\t'], " ")
    }

    /// The answer for what was typed, or what is wrong with it.
    fn answer(&self, typed: &str) -> Result<String, String> {
        match (typed.trim(), self.default) {
            ("", Some(default)) => Ok(default.to_owned()),
            ("", None) => Err((self.check)("").err().unwrap_or_else(|| EMPTY.to_owned())),
            (typed, _) => (self.check)(typed).map(|()| typed.to_owned()),
        }
    }
}

/// Asks until the answer is right, and erases the question. `can_draw`: the terminal can move its
/// cursor.
///
/// # Errors
/// `Interrupted` by Ctrl-C, Ctrl-D on an empty line or Esc; `Ended` by a signal.
pub(in crate::ui) fn ask(
    question: &TextQuestion<'_>,
    can_draw: bool,
    interrupt: &Interrupt,
) -> Result<String, InputError> {
    if !can_draw || !drawing::has_room() {
        return plain(question, interrupt);
    }
    with_drawing(interrupt, |keyboard, drawing| {
        held(question, keyboard, drawing)
    })
}

fn held(
    question: &TextQuestion<'_>,
    keyboard: &mut RawKeyboard<'_>,
    drawing: &Drawing,
) -> Result<String, InputError> {
    let label = question.label();
    let mut typed = Filter::with_room(LONGEST);
    let mut wrong = None;
    let mut drawn_at = None;
    loop {
        let (size, mut keys) = (drawing::size(), Vec::<Key>::new());
        let rows = rows(&label, &typed, wrong.as_deref(), size);
        let is_fresh = drawn_at != Some(size);
        drawing.write(&frame::drawn(&rows, theme::current(), is_fresh))?;
        drawn_at = Some(size);
        // Until a key comes, or the terminal has another size.
        while keys.is_empty() && drawn_at == Some(drawing::size()) {
            keys = keyboard.keys()?;
        }
        for key in keys {
            match key {
                Key::Take => match question.answer(&typed.text()) {
                    Ok(answer) => return Ok(answer),
                    Err(why) => wrong = Some(why),
                },
                Key::Cancel => return Err(InputError::Interrupted),
                Key::Delete if typed.text().is_empty() => return Err(InputError::Interrupted),
                Key::Suspend => {
                    drawing.write(&frame::erased())?;
                    keyboard.suspend();
                    drawn_at = None;
                }
                Key::Redraw => drawn_at = None,
                key => edit(key, &mut typed),
            }
        }
    }
}

/// Keys that move in a list move in the line, or do nothing.
fn edit(key: Key, typed: &mut Filter) {
    match key {
        Key::Insert(text) => typed.insert(&text),
        Key::DeleteBefore => typed.delete_before(),
        Key::Delete | Key::DeleteAfter => typed.delete_after(),
        Key::DeleteWord => typed.delete_word(),
        Key::DeleteStart => typed.delete_start(),
        Key::Left => typed.left(),
        Key::Right => typed.right(),
        Key::ToStart | Key::First => typed.go_to_start(),
        Key::ToEnd | Key::Last => typed.go_to_end(),
        _ => {}
    }
}

/// The question and the line, in one row or the line below, and what is wrong with the last answer.
/// They leave a row of the terminal to what is above.
fn rows(label: &str, typed: &Filter, wrong: Option<&str>, size: Size) -> Vec<Row> {
    let width = size.columns.saturating_sub(1);
    let whole = format!("{MARK}{label} {PROMPT}");
    let is_beside = view::columns(&whole) + LEAST_ROOM <= width;
    let mut rows: Vec<Row> = Vec::new();
    let mut line = Row::new();
    if is_beside {
        line.push((Look::Message, MARK.to_owned()));
        line.push((Look::Question, label.to_owned()));
        line.push((Look::Dim, format!(" {PROMPT}")));
    } else {
        let text = paragraph::hanging(&format!("{MARK}{label}"), MARK.len(), width);
        rows.extend(
            text.lines()
                .map(|row| vec![(Look::Question, row.to_owned())]),
        );
        line.push((Look::Dim, PROMPT.to_owned()));
    }
    let used: usize = line.iter().map(|(_, text)| view::columns(text)).sum();
    line.extend(view::line(typed, width.saturating_sub(used + 1)));
    rows.push(line);
    if let Some(why) = wrong {
        let why = inert(&redacted(why)).replace(['\n', '\t'], " ");
        let text = paragraph::hanging(&format!("{WRONG}{why}"), 2, width);
        rows.extend(
            text.lines()
                .map(|row| vec![(Look::Message, row.to_owned())]),
        );
    }
    rows.truncate(size.rows.saturating_sub(1).max(1));
    rows.into_iter().map(|row| view::cut(row, width)).collect()
}

/// The question on a terminal that cannot move its cursor.
fn plain(question: &TextQuestion<'_>, interrupt: &Interrupt) -> Result<String, InputError> {
    let screen = Term::stderr();
    let label = question.label();
    loop {
        screen
            .write_str(&format!("{label}: "))
            .map_err(input_mode::explain)?;
        input_mode::restore();
        let line = keyboard_input::wait_for_input(&|| interrupt.is_pending())
            .and_then(|()| keyboard_input::read_line());
        let typed = match line {
            Ok(line) => {
                let mut typed = Filter::with_room(LONGEST);
                typed.insert(&line);
                typed.text()
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                return Err(InputError::Interrupted);
            }
            Err(error) => return Err(input_mode::explain(error)),
        };
        match question.answer(&typed) {
            Ok(answer) => return Ok(answer),
            Err(why) => screen
                .write_line(&inert(&redacted(&why)))
                .map_err(input_mode::explain)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(label: &str, typed: &str, wrong: Option<&str>, columns: usize) -> Vec<String> {
        let mut line = Filter::with_room(LONGEST);
        line.insert(typed);
        let rows = rows(label, &line, wrong, Size { columns, rows: 24 });
        rows.iter()
            .map(|row| row.iter().map(|(_, text)| text.as_str()).collect())
            .collect()
    }

    #[test]
    fn the_line_is_beside_the_question_or_below() {
        assert_eq!(shown("Name [x]", "abc", None, 40), ["? Name [x] › abc "]);
        assert_eq!(
            shown("Base URL [http://127.0.0.1:8080/v1]", "http", None, 40),
            ["? Base URL [http://127.0.0.1:8080/v1]", "› http "]
        );
    }

    #[test]
    fn the_end_of_a_long_line_stays_visible_and_no_row_touches_the_edge() {
        let long = "http://127.0.0.1:18080/a/very/long/path/to/v1";
        let wrong = Some("a URL is needed, such as http://127.0.0.1:8080/v1");
        let rows = shown("Base URL [http://127.0.0.1:8080/v1]", long, wrong, 40);
        assert_eq!(rows[1], "› 7.0.0.1:18080/a/very/long/path/to/v1 ");
        assert!(rows.iter().all(|row| view::columns(row) < 40), "{rows:#?}");
        assert_eq!(rows[2], "✘ a URL is needed, such as");
    }

    #[test]
    fn an_answer_is_checked_and_nothing_typed_is_the_default() {
        let check = |text: &str| match text {
            "good" => Ok(()),
            _ => Err("bad".to_owned()),
        };
        let question = |default| TextQuestion {
            question: "Q",
            default,
            check: &check,
        };
        assert_eq!(question(None).answer(" good "), Ok("good".to_owned()));
        assert_eq!(question(None).answer(""), Err("bad".to_owned()));
        assert_eq!(question(Some("d")).answer(" "), Ok("d".to_owned()));
        assert_eq!(question(Some("d")).answer("x"), Err("bad".to_owned()));
        assert_eq!(question(Some("")).label(), "Q");
        assert_eq!(question(Some("d")).label(), "Q [d]");
    }
}
