//! The steps of a turn: its answers with tool calls, and their results.

use rusqlite::{Connection, Transaction, params};

use super::database::Store;
use super::error::{StoreError, unreadable};
use super::id::TurnId;
use crate::chat::tool::ToolStep;

impl Store {
    /// Saves the steps of a pending turn so far, so that they outlive a killed program. Skipped
    /// while another process is writing.
    pub fn save_steps(&mut self, turn: TurnId, steps: &[ToolStep]) -> Result<(), StoreError> {
        let saved = self.write_now("saving the tool calls", |transaction| {
            replace(transaction, turn, steps)?;
            Ok(())
        });
        saved.map(|_| ())
    }
}

/// Stores the steps of a turn in place of those that it has.
pub(super) fn replace(
    transaction: &Transaction<'_>,
    turn: TurnId,
    steps: &[ToolStep],
) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM steps WHERE turn = ?", [turn.0])?;
    let mut insert =
        transaction.prepare("INSERT INTO steps (turn, number, data) VALUES (?, ?, ?)")?;
    for (number, step) in (0_i64..).zip(steps) {
        let data = serde_json::to_string(step).map_err(unreadable)?;
        insert.execute(params![turn.0, number, data])?;
    }
    Ok(())
}

/// The steps of a turn, in order.
pub(super) fn of_turn(connection: &Connection, turn: TurnId) -> rusqlite::Result<Vec<ToolStep>> {
    let mut select = connection.prepare("SELECT data FROM steps WHERE turn = ? ORDER BY number")?;
    let mut rows = select.query([turn.0])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        let data: String = row.get(0)?;
        steps.push(serde_json::from_str(&data).map_err(unreadable)?);
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::tool::{DecidedBy, ToolCall, ToolResult};
    use crate::chat::turn::Turn;
    use crate::store::samples::{answered, asked, store};
    use serde_json::{Value, json};

    fn step(id: &str) -> ToolStep {
        ToolStep {
            text: "Let me look.".to_owned(),
            reasoning: "hm".to_owned(),
            reasoning_details: Some(vec![json!({"type": "reasoning.encrypted", "data": "é\"x"})]),
            provider: "openrouter".to_owned(),
            model: "a/b".to_owned(),
            calls: vec![ToolCall {
                id: id.to_owned(),
                name: "weather".to_owned(),
                arguments: "{\"town\": \"Oslo\"}".to_owned(),
                extra_content: Some(json!({"google": {"thought_signature": "s"}})),
            }],
            results: vec![ToolResult {
                id: id.to_owned(),
                content: "Oslo: 3 °C".to_owned(),
                is_error: false,
                has_run: true,
                decision: Some(DecidedBy::Once),
                bytes: 11,
                ms: 400,
            }],
        }
    }

    #[test]
    fn steps_are_read_back_as_they_were_and_go_with_their_turn() {
        let (_directory, _home, mut store) = store();
        let (session, turn) = store
            .create_session(None, &Value::Null, &asked("why?"))
            .unwrap();
        store.save_steps(turn, &[step("a")]).unwrap();
        let steps = |store: &Store| store.path(session).unwrap().remove(0).turn.steps;
        assert_eq!(steps(&store), [step("a")]);
        let ended = Turn {
            steps: vec![step("a"), step("b")],
            ..answered("why?", "3 °C")
        };
        store.finish_turn(turn, &ended).unwrap();
        assert_eq!(steps(&store), ended.steps);
        store.delete(&[session]).unwrap();
        let left = store.read("testing", |connection| Ok(of_turn(connection, turn)?));
        assert_eq!(left.unwrap(), []);
    }
}
