//! Turns: started, saved while the answer arrives, finished, and read back along a branch.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::branches::{self, Fork};
use super::database::{DatabaseFault, Store};
use super::error::StoreError;
use super::id::{SessionId, TurnId};
use super::rows;
use super::sessions::touch;
use crate::chat::turn::Turn;

/// A turn and its position in the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTurn {
    pub id: TurnId,
    /// The turn before it; `None` for a first one.
    pub parent: Option<TurnId>,
    pub turn: Turn,
    /// The label of the branch, set on this turn.
    pub label: Option<String>,
    /// Replaces this turn and all before it in later requests.
    pub summary: Option<String>,
}

fn stored_turn(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<StoredTurn> {
    let parent: Option<i64> = row.get("parent")?;
    Ok(StoredTurn {
        id: TurnId(row.get("id")?),
        parent: parent.map(TurnId),
        turn: rows::turn(connection, row)?,
        label: row.get("label")?,
        summary: row.get("summary")?,
    })
}

impl Store {
    /// Adds a turn below `parent`, or another first one, and makes it the head, in one transaction.
    pub fn start_turn(
        &mut self,
        session: SessionId,
        parent: Option<TurnId>,
        turn: &Turn,
    ) -> Result<TurnId, StoreError> {
        let started = self.start_turn_beside(session, parent, None, turn)?;
        Ok(started.0)
    }

    /// The same for a process that has seen the turns up to `seen`: where another process has
    /// continued after `parent` since, both branches get names.
    pub fn start_turn_beside(
        &mut self,
        session: SessionId,
        parent: Option<TurnId>,
        seen: Option<TurnId>,
        turn: &Turn,
    ) -> Result<(TurnId, Option<Fork>), StoreError> {
        self.write("saving the question", |transaction| {
            let depth = match parent {
                Some(parent) => depth_of(transaction, session, parent)?,
                None => 0,
            };
            touch(transaction, session)?;
            let id = rows::insert(transaction, session, parent, depth + 1, turn)?;
            transaction.execute(
                "UPDATE sessions SET head = ? WHERE id = ?",
                [id.0, session.0],
            )?;
            let fork = match seen {
                Some(seen) => branches::fork(transaction, session, parent, seen, id)?,
                None => None,
            };
            Ok((id, fork))
        })
    }

    /// Saves the whole answer of a pending turn so far. Does nothing when the turn is finished, or
    /// while another process is writing.
    pub fn checkpoint(
        &mut self,
        turn: TurnId,
        text: &str,
        reasoning: &str,
    ) -> Result<(), StoreError> {
        let saved = self.write_now("saving the answer", |transaction| {
            session_of(transaction, turn)?;
            transaction.execute(
                "INSERT INTO drafts (turn, answer, reasoning) SELECT id, ?2, ?3 FROM turns WHERE \
                id = ?1 AND state = 'pending'
                 ON CONFLICT (turn) DO UPDATE SET answer = excluded.answer, reasoning = \
                 excluded.reasoning",
                params![turn.0, text, reasoning],
            )?;
            Ok(())
        });
        saved.map(|_| ())
    }

    /// Saves the end of a turn: everything but its question and its position in the tree.
    pub fn finish_turn(&mut self, id: TurnId, turn: &Turn) -> Result<(), StoreError> {
        self.write("saving the answer", |transaction| {
            let session = session_of(transaction, id)?;
            rows::update(transaction, id, turn)?;
            touch(transaction, session)
        })
    }

    /// Makes a turn the end of the current branch; `None` goes back before the first turn.
    pub fn set_head(&mut self, session: SessionId, head: Option<TurnId>) -> Result<(), StoreError> {
        self.write("saving the session", |transaction| {
            if let Some(head) = head {
                depth_of(transaction, session, head)?;
            }
            let changed = transaction.execute(
                "UPDATE sessions SET head = ? WHERE id = ?",
                params![head.map(|head| head.0), session.0],
            )?;
            if changed == 0 {
                Err(StoreError::NoSession(session).into())
            } else {
                Ok(())
            }
        })
    }

    /// The current branch, from its first turn to the head.
    pub fn path(&self, session: SessionId) -> Result<Vec<StoredTurn>, StoreError> {
        self.read("reading the session", |connection| {
            match branches::head(connection, session)? {
                Some(head) => chain(connection, TurnId(head)),
                None => Ok(Vec::new()),
            }
        })
    }

    /// From the first turn of its branch to this one.
    pub fn path_to(&self, turn: TurnId) -> Result<Vec<StoredTurn>, StoreError> {
        self.read("reading the session", |connection| {
            session_of(connection, turn)?;
            chain(connection, turn)
        })
    }

    /// Saves a summary that replaces this turn and all before it in later requests. The turns
    /// themselves stay.
    pub fn summarise(&mut self, up_to: TurnId, summary: &str) -> Result<(), StoreError> {
        self.write("saving the summary", |transaction| {
            session_of(transaction, up_to)?;
            transaction.execute(
                "UPDATE contents SET summary = ? WHERE turn = ?",
                params![summary, up_to.0],
            )?;
            Ok(())
        })
    }
}

fn chain(connection: &Connection, last: TurnId) -> Result<Vec<StoredTurn>, DatabaseFault> {
    // All statements see the same state of the file.
    let connection = connection.unchecked_transaction()?;
    let mut chain = connection.prepare(
        "WITH RECURSIVE chain (id, parent, depth) AS (
           SELECT id, parent, depth FROM turns WHERE id = ?
           UNION ALL SELECT turns.id, turns.parent, turns.depth
           FROM turns JOIN chain ON turns.id = chain.parent
         )
         SELECT id FROM chain ORDER BY depth",
    )?;
    let ids: Vec<i64> = chain
        .query_map([last.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    // One by one: to sort whole turns, SQLite would copy their attachments several times.
    let columns = rows::COLUMNS;
    let mut one = connection.prepare(&format!(
        "SELECT {columns} FROM turns t JOIN contents c ON c.turn = t.id LEFT JOIN drafts d ON \
         d.turn = t.id WHERE t.id = ?"
    ))?;
    let turns = ids
        .into_iter()
        .map(|id| one.query_row([id], |row| stored_turn(&connection, row)));
    Ok(turns.collect::<Result<_, _>>()?)
}

fn session_of(connection: &Connection, turn: TurnId) -> Result<SessionId, DatabaseFault> {
    let session: Option<i64> = connection
        .query_row("SELECT session FROM turns WHERE id = ?", [turn.0], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(SessionId(session.ok_or(StoreError::NoTurn(turn))?))
}

/// The number of turns up to this one, included; an error when it is not in the session.
fn depth_of(
    transaction: &Transaction<'_>,
    session: SessionId,
    turn: TurnId,
) -> Result<i64, DatabaseFault> {
    let depth = transaction.query_row(
        "SELECT depth FROM turns WHERE id = ? AND session = ?",
        [turn.0, session.0],
        |row| row.get(0),
    );
    Ok(depth.optional()?.ok_or(StoreError::NoTurn(turn))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::finish_reason::FinishReason;
    use crate::chat::turn::TurnState;
    use crate::store::samples::{answered, asked, full, store};
    use serde_json::{Value, json};

    fn questions(turns: &[StoredTurn]) -> Vec<String> {
        turns
            .iter()
            .map(|stored| stored.turn.question_text())
            .collect()
    }

    #[test]
    fn a_finish_reason_that_an_older_version_stored_is_recognised() {
        let (_directory, _home, mut store) = store();
        let (session, _) = store.create_session(None, &Value::Null, &full()).unwrap();
        store
            .write("testing", |transaction| {
                transaction.execute("UPDATE turns SET finish_reason = 'MAX_TOKENS'", [])?;
                Ok(())
            })
            .unwrap();
        let turn = &store.path(session).unwrap()[0].turn;
        assert_eq!(turn.finish_reason, Some(FinishReason::Length));
    }

    #[test]
    fn a_turn_is_read_back_unchanged() {
        let (_directory, home, mut store) = store();
        let begun = Turn {
            state: TurnState::Pending,
            text: String::new(),
            ..full()
        };
        let (session, first) = store
            .create_session(Some("plan"), &json!({"z": 1, "a": [0.1]}), &begun)
            .unwrap();
        let ended = Turn {
            asked_at: begun.asked_at,
            ..full()
        };
        store.finish_turn(first, &ended).unwrap();
        let bare = Turn {
            reasoning_details: Some(Vec::new()),
            ..asked("again")
        };
        store.start_turn(session, Some(first), &bare).unwrap();
        drop(store);
        let store = Store::open_existing(&home).unwrap().unwrap();
        let turns = store.path(session).unwrap();
        assert_eq!(
            turns
                .iter()
                .map(|stored| stored.turn.clone())
                .collect::<Vec<_>>(),
            [ended, bare]
        );
        let details = Value::from(turns[0].turn.reasoning_details.clone().unwrap()).to_string();
        assert_eq!(
            details,
            Value::from(full().reasoning_details.unwrap()).to_string()
        );
        assert_eq!(
            store.settings(session).unwrap().to_string(),
            r#"{"z":1,"a":[0.1]}"#
        );
    }

    #[test]
    fn a_partial_answer_is_saved_and_replaced_by_the_whole() {
        let (_directory, home, mut store) = store();
        let (session, turn) = store
            .create_session(None, &Value::Null, &asked("why?"))
            .unwrap();
        store.checkpoint(turn, "Bec", "hm").unwrap();
        store.checkpoint(turn, "Because", "hmm").unwrap();
        let other = Store::open(&home).unwrap();
        let seen = other.path(session).unwrap().remove(0).turn;
        assert_eq!(
            (seen.state, seen.text.as_str(), seen.reasoning.as_str()),
            (TurnState::Pending, "Because", "hmm")
        );
        store
            .finish_turn(turn, &answered("why?", "Because."))
            .unwrap();
        // A late checkpoint changes nothing.
        store.checkpoint(turn, "Bec", "").unwrap();
        let seen = other.path(session).unwrap().remove(0).turn;
        assert_eq!(
            (seen.state, seen.text.as_str(), seen.reasoning.as_str()),
            (TurnState::Complete, "Because.", "")
        );
    }

    #[test]
    fn going_back_and_asking_again_deletes_nothing() {
        let (_directory, _home, mut store) = store();
        let (session, first) = store
            .create_session(None, &Value::Null, &answered("1", "a"))
            .unwrap();
        let second = store
            .start_turn(session, Some(first), &answered("2", "b"))
            .unwrap();
        store.set_head(session, Some(first)).unwrap();
        assert_eq!(questions(&store.path(session).unwrap()), ["1"]);
        let other = store
            .start_turn(session, Some(first), &answered("2'", "c"))
            .unwrap();
        assert_eq!(questions(&store.path(session).unwrap()), ["1", "2'"]);
        assert_eq!(questions(&store.path_to(second).unwrap()), ["1", "2"]);
        store.set_head(session, None).unwrap();
        assert!(store.path(session).unwrap().is_empty());
        let anew = store.start_turn(session, None, &asked("1'")).unwrap();
        assert_eq!(questions(&store.path(session).unwrap()), ["1'"]);
        assert_eq!(store.path_to(other).unwrap()[1].parent, Some(first));
        assert_eq!(store.path_to(anew).unwrap()[0].parent, None);
    }

    #[test]
    fn a_summary_leaves_the_turns_unchanged() {
        let (_directory, _home, mut store) = store();
        let (session, first) = store
            .create_session(None, &Value::Null, &answered("1", "a"))
            .unwrap();
        store
            .start_turn(session, Some(first), &answered("2", "b"))
            .unwrap();
        store.summarise(first, "they greeted").unwrap();
        let turns = store.path(session).unwrap();
        assert_eq!(
            turns
                .iter()
                .map(|stored| stored.summary.as_deref())
                .collect::<Vec<_>>(),
            [Some("they greeted"), None]
        );
        assert_eq!(turns[0].turn.text, "a");
    }

    #[test]
    fn a_turn_of_another_session_cannot_be_parent_or_head() {
        let (_directory, _home, mut store) = store();
        let (session, _) = store
            .create_session(None, &Value::Null, &asked("1"))
            .unwrap();
        let (other, foreign) = store
            .create_session(None, &Value::Null, &asked("2"))
            .unwrap();
        assert!(matches!(
            store.start_turn(session, Some(foreign), &asked("3")),
            Err(StoreError::NoTurn(turn)) if turn == foreign
        ));
        assert!(matches!(
            store.set_head(session, Some(foreign)),
            Err(StoreError::NoTurn(_))
        ));
        store.delete(&[other]).unwrap();
        assert!(matches!(
            store.finish_turn(foreign, &asked("2")),
            Err(StoreError::NoTurn(_))
        ));
        assert!(matches!(
            store.checkpoint(foreign, "", ""),
            Err(StoreError::NoTurn(_))
        ));
        assert!(matches!(
            store.start_turn(other, None, &asked("3")),
            Err(StoreError::NoSession(_))
        ));
        assert!(matches!(store.path(other), Err(StoreError::NoSession(_))));
        assert_eq!(store.path(session).unwrap().len(), 1);
    }

    #[test]
    fn a_thousand_turns_in_one_branch_are_read_in_order() {
        let (_directory, _home, mut store) = store();
        let (session, mut last) = store
            .create_session(None, &Value::Null, &asked("0"))
            .unwrap();
        for number in 1..1000 {
            last = store
                .start_turn(session, Some(last), &asked(&number.to_string()))
                .unwrap();
        }
        assert_eq!(
            questions(&store.path(session).unwrap()),
            (0..1000)
                .map(|number| number.to_string())
                .collect::<Vec<_>>()
        );
        assert_eq!(store.latest().unwrap().unwrap().turns, 1000);
        store.delete(&[session]).unwrap();
        assert!(store.sessions(None).unwrap().is_empty());
    }
}
