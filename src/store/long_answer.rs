//! The rest of a long answer or reasoning: in pieces next to those of its question.
//!
//! SQLite copies each value several times, so a column has only the beginning of a long text, which
//! is what the search finds. The pieces of a question count its parts from 0; these have numbers
//! below.

use rusqlite::{Connection, Transaction};

use super::id::TurnId;
use super::question;

/// Longest text of a column, in bytes.
const LONGEST_COLUMN: usize = 1024 * 1024;

/// The number of the part that a text is stored as.
#[derive(Debug, Clone, Copy)]
pub(super) enum LongText {
    Answer = -1,
    Reasoning = -2,
}

/// The beginning of a text, for its column.
pub(super) fn column(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_COLUMN.min(text.len()))]
}

/// Stores what [`column`] omits, in the place of what was stored before.
pub(super) fn replace_rest(
    transaction: &Transaction<'_>,
    turn: TurnId,
    which: LongText,
    text: &str,
) -> rusqlite::Result<()> {
    let part = which as i64;
    transaction.execute(
        "DELETE FROM pieces WHERE turn = ? AND part = ?",
        [turn.0, part],
    )?;
    question::insert_text(transaction, turn, part, &text[column(text).len()..])
}

/// Adds what [`replace_rest`] stored to the beginning.
pub(super) fn append_rest(
    connection: &Connection,
    turn: TurnId,
    which: LongText,
    text: &mut String,
) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare("SELECT data FROM pieces WHERE turn = ? AND part = ? ORDER BY piece")?;
    let mut rows = statement.query([turn.0, which as i64])?;
    while let Some(row) = rows.next()? {
        text.push_str(row.get_ref(0)?.as_str()?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::turn::Turn;
    use crate::store::samples::{answered, asked, store};
    use serde_json::Value;

    #[test]
    fn a_long_answer_is_read_back_and_replaced() {
        let (_directory, _home, mut store) = store();
        let long = |word: &str| word.repeat(LONGEST_COLUMN);
        let (session, turn) = store
            .create_session(None, &Value::Null, &asked("why?"))
            .unwrap();
        for text in [long("é"), long("ab"), "short".to_owned()] {
            let ended = Turn {
                reasoning: format!("hm {text}"),
                ..answered("why?", &text)
            };
            store.finish_turn(turn, &ended).unwrap();
            let seen = store.path(session).unwrap().remove(0).turn;
            assert!(seen.text == text && seen.reasoning == format!("hm {text}"));
        }
        store
            .finish_turn(turn, &answered("why?", &long("é")))
            .unwrap();
        store.delete(&[session]).unwrap();
        let left = store.read("testing", |connection| {
            Ok(
                connection.query_row("SELECT count(*) FROM pieces", [], |row| {
                    row.get::<_, i64>(0)
                })?,
            )
        });
        assert_eq!(left.unwrap(), 0);
    }
}
