//! The costs of the turns of a session.

use super::database::Store;
use super::error::StoreError;
use super::id::{SessionId, TurnId};
use super::rows;
use crate::chat::cost::Cost;

impl Store {
    /// The cost of every turn that may have been billed, on all branches.
    pub fn costs(&self, session: SessionId) -> Result<Vec<(TurnId, Cost)>, StoreError> {
        self.read("reading the session", |connection| {
            let mut statement = connection.prepare(
                "SELECT id, cost_usd, cost_source FROM turns
                 WHERE session = ? AND (cost_usd IS NOT NULL OR \
                 COALESCE(total_tokens, prompt_tokens, completion_tokens) IS NOT NULL OR \
                 first_token IS NOT NULL OR state = 'pending')",
            )?;
            let costs = statement.query_map([session.0], |row| {
                Ok((TurnId(row.get("id")?), rows::cost(row)?))
            })?;
            Ok(costs.collect::<Result<_, _>>()?)
        })
    }
}
