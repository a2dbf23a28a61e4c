//! A question that one key answers, and the line that may follow it.

use console::Term;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::raw_keyboard::{Key, RawKeyboard};
use super::sanitise::inert;
use super::{input_mode, last_row, paragraph, terminal};
use crate::ports::input::{InputError, KeyChoice};
use crate::ports::interrupt::Interrupt;
use crate::wire::redact::redacted;

/// Longest line, in bytes.
const LONGEST: usize = 2000;

/// What a key says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pressed {
    Character(char),
    Paste(String),
    Enter,
    Escape,
    Erase,
    EraseAll,
    Interrupt,
    Suspend,
    /// Another program had the terminal.
    Redraw,
}

impl Key for Pressed {
    fn of(event: Event) -> Option<Self> {
        let key = match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => key,
            Event::Paste(text) => return Some(Self::Paste(text)),
            Event::Resize(0, 0) => return Some(Self::Redraw),
            _ => return None,
        };
        let KeyEvent {
            code, modifiers, ..
        } = key;
        match (code, modifiers) {
            (KeyCode::Enter, _) => Some(Self::Enter),
            (KeyCode::Esc, _) => Some(Self::Escape),
            (KeyCode::Backspace, _) => Some(Self::Erase),
            (KeyCode::Char(c), KeyModifiers::CONTROL) => match c.to_ascii_lowercase() {
                'c' => Some(Self::Interrupt),
                'j' | 'm' => Some(Self::Enter),
                'h' => Some(Self::Erase),
                'u' => Some(Self::EraseAll),
                'z' => Some(Self::Suspend),
                _ => None,
            },
            (KeyCode::Char(c), modifiers) if (modifiers - KeyModifiers::SHIFT).is_empty() => {
                Some(Self::Character(c))
            }
            _ => None,
        }
    }

    /// What follows a key is for whoever reads next.
    fn ends_reading(&self) -> bool {
        true
    }
}

/// Asks until a key of the choices is pressed; `None` for Enter and Esc.
///
/// # Errors
/// `Interrupted` by Ctrl-C; `Ended` by a signal.
pub(super) fn ask(
    question: &str,
    choices: &[KeyChoice],
    interrupt: &Interrupt,
) -> Result<Option<char>, InputError> {
    let mut keyboard = RawKeyboard::take(interrupt);
    input_mode::discard_typed();
    let words = words(question, choices, terminal::width());
    let answer = loop {
        write(&words.replace('\n', "\r\n"))?;
        match chosen(&mut keyboard, choices)? {
            Chosen::Key(key) => break Some(key),
            Chosen::No => break None,
            // The program was stopped: the question is above what the shell wrote.
            Chosen::Nothing => {}
        }
    };
    drop(keyboard);
    let word = choices
        .iter()
        .find(|choice| Some(choice.key) == answer && !choice.word.is_empty());
    let said = match (word, answer) {
        (Some(choice), _) => choice.word.to_owned(),
        (None, Some(key)) => key.to_string(),
        (None, None) => "no".to_owned(),
    };
    write(&format!("{said}\n"))?;
    Ok(answer)
}

/// What came of a question.
enum Chosen {
    Key(char),
    /// Enter or Esc.
    No,
    /// It is to be shown again.
    Nothing,
}

/// Waits for a key of the choices.
fn chosen(keyboard: &mut RawKeyboard<'_>, choices: &[KeyChoice]) -> Result<Chosen, InputError> {
    loop {
        for key in keyboard.keys::<Pressed>()? {
            match key {
                Pressed::Character(c) => {
                    let key = c.to_ascii_lowercase();
                    if choices.iter().any(|choice| choice.key == key) {
                        return Ok(Chosen::Key(key));
                    }
                }
                Pressed::Enter | Pressed::Escape => return Ok(Chosen::No),
                Pressed::Interrupt => return Err(interrupted()),
                Pressed::Suspend => {
                    write("\r\n")?;
                    keyboard.suspend();
                    return Ok(Chosen::Nothing);
                }
                Pressed::Redraw => return Ok(Chosen::Nothing),
                Pressed::Paste(_) | Pressed::Erase | Pressed::EraseAll => {}
            }
        }
    }
}

/// Reads a line; empty after Esc. `can_draw`: the terminal can move its cursor.
///
/// # Errors
/// As [`ask`].
pub(super) fn line(
    question: &str,
    can_draw: bool,
    interrupt: &Interrupt,
) -> Result<String, InputError> {
    let mut keyboard = RawKeyboard::take(interrupt);
    let label = format!("{}: ", inert(&redacted(question)));
    let mut text = String::new();
    write(&label)?;
    loop {
        for key in keyboard.keys::<Pressed>()? {
            let before = text.clone();
            match key {
                Pressed::Character(c) => text.push(c),
                Pressed::Paste(pasted) => text.push_str(&pasted.replace(['\n', '\r', '\t'], " ")),
                Pressed::Erase => {
                    let last = text.grapheme_indices(true).next_back();
                    let end = last.map_or(0, |(at, _)| at);
                    text.truncate(end);
                }
                Pressed::EraseAll => text.clear(),
                Pressed::Enter | Pressed::Escape => {
                    if key == Pressed::Escape {
                        text.clear();
                    }
                    drop(keyboard);
                    write("\n")?;
                    return Ok(text.trim().to_owned());
                }
                Pressed::Interrupt => return Err(interrupted()),
                Pressed::Suspend => {
                    write("\r\n")?;
                    keyboard.suspend();
                    write(&row(&label, &text, terminal::width()))?;
                }
                Pressed::Redraw => write(&row(&label, &text, terminal::width()))?,
            }
            if text.len() > LONGEST {
                text.clone_from(&before);
            }
            if text != before {
                write(&change(&label, &before, &text, can_draw))?;
            }
        }
    }
}

/// What shows a changed line.
fn change(label: &str, before: &str, now: &str, can_draw: bool) -> String {
    if can_draw {
        return format!("\r\x1b[K{}", row(label, now, terminal::width()));
    }
    match now.strip_prefix(before) {
        Some(added) => inert(added),
        None => format!("\r\n{}", row(label, now, terminal::width())),
    }
}

/// The line as it is shown: its end, where it is wider than the row.
fn row(label: &str, text: &str, width: usize) -> String {
    let text = inert(&redacted(text)).replace(['\n', '\t'], " ");
    let room = width.saturating_sub(label.width() + 1).max(1);
    let mut start = text.len();
    let mut columns = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        columns += grapheme.width();
        if columns > room {
            break;
        }
        start = at;
    }
    format!("{label}{}", &text[start..])
}

/// The question with its keys, broken between them, and a blank for the answer.
fn words(question: &str, choices: &[KeyChoice], width: usize) -> String {
    let keys: Vec<String> = choices
        .iter()
        .map(|KeyChoice { key, word }| match word.strip_prefix(*key) {
            Some(rest) => format!("[{key}]{rest}"),
            None => format!("[{key}]"),
        })
        .collect();
    let question = inert(&redacted(question)).replace(['\n', '\t'], " ");
    let text = format!("{question} {}", keys.join(", "));
    format!(
        "{} ",
        paragraph::hanging(&text, 2, width.saturating_sub(6).max(10))
    )
}

fn write(text: &str) -> Result<(), InputError> {
    last_row::wrote(false);
    let terminal = Term::stderr();
    terminal
        .write_str(text)
        .and_then(|()| terminal.flush())
        .map_err(input_mode::explain)
}

/// Ctrl-C as a key: the caller reports it as the signal.
fn interrupted() -> InputError {
    // Without stderr there is nowhere to report it.
    let _ = write("\r\n");
    InputError::Interrupted
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHOICES: [KeyChoice; 4] = [
        KeyChoice {
            key: 'y',
            word: "yes",
        },
        KeyChoice {
            key: 'n',
            word: "no",
        },
        KeyChoice {
            key: 'c',
            word: "conversation",
        },
        KeyChoice { key: '?', word: "" },
    ];

    #[test]
    fn the_keys_are_beside_the_question_or_below() {
        let words = |width| words("run it?", &CHOICES, width);
        assert_eq!(words(80), "run it? [y]es, [n]o, [c]onversation, [?] ");
        assert_eq!(words(34), "run it? [y]es, [n]o,\n  [c]onversation, [?] ");
        assert!(
            words(12).lines().all(|row| row.width() <= 18),
            "{}",
            words(12)
        );
    }

    #[test]
    fn the_end_of_a_long_line_stays_visible() {
        assert_eq!(row("why: ", "because", 80), "why: because");
        assert_eq!(row("why: ", "because of it", 12), "why:  of it");
        assert_eq!(row("why: ", "漢字漢字", 10), "why: 漢字");
        assert_eq!(row("why: ", "a\u{1b}[2Jb", 80), "why: a␛[2Jb");
    }

    #[test]
    fn a_terminal_that_cannot_draw_gets_what_was_typed() {
        assert_eq!(change("why: ", "be", "bec", false), "c");
        assert_eq!(change("why: ", "bec", "be", false), "\r\nwhy: be");
        assert_eq!(change("why: ", "be", "bec", true), "\r\x1b[Kwhy: bec");
    }

    #[test]
    fn only_keys_decide() {
        let of = |code, modifiers| Pressed::of(Event::Key(KeyEvent::new(code, modifiers)));
        assert_eq!(
            of(KeyCode::Char('y'), KeyModifiers::NONE),
            Some(Pressed::Character('y'))
        );
        assert_eq!(of(KeyCode::Char('y'), KeyModifiers::ALT), None);
        assert_eq!(of(KeyCode::Char('a'), KeyModifiers::CONTROL), None);
        assert_eq!(of(KeyCode::Up, KeyModifiers::NONE), None);
        let paste = Pressed::of(Event::Paste("y".to_owned()));
        assert_eq!(paste, Some(Pressed::Paste("y".to_owned())));
    }
}
