//! The rows of the ledger one by one, for export.

use std::time::SystemTime;

use rusqlite::{Row, params};

use super::database::Store;
use super::error::StoreError;
use super::ledger::{PeriodStart, moment};
use super::rows;
use crate::chat::usage::Usage;

/// Rows read at once.
pub(crate) const PAGE: usize = 1000;

/// A row with every column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LedgerRow {
    pub id: i64,
    /// When the request was sent.
    pub at: SystemTime,
    pub profile: String,
    pub provider: String,
    pub requested_model: String,
    pub model: Option<String>,
    pub served_by: Option<String>,
    pub generation_id: Option<String>,
    /// `ok`, an HTTP status, or a word such as `cut`.
    pub status: String,
    /// Providers bill no refusals.
    pub may_have_cost: bool,
    pub usage: Usage,
    pub cost_usd: Option<f64>,
    pub cost_source: String,
    pub counted_usd: Option<f64>,
    pub session: Option<i64>,
    pub turn: Option<i64>,
    pub reservation: Option<i64>,
    pub client: Option<String>,
}

const COLUMNS: &str = "id, at, profile, provider, requested_model, model, served_by, \
    generation_id, status, may_have_cost, prompt_tokens, completion_tokens, reasoning_tokens, \
    cached_tokens, total_tokens, cost_usd, cost_source, counted_usd, session, turn, reservation, \
    client";

impl Store {
    /// Rows of a period with an ID above `after`, by ID; at most [`PAGE`].
    pub(crate) fn ledger_rows(
        &self,
        since: &PeriodStart,
        now: SystemTime,
        after: i64,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM ledger WHERE id > ? AND at >= ? ORDER BY id LIMIT ?");
        self.read("reading the ledger", |connection| {
            let start = moment(connection, since, now)?;
            let mut statement = connection.prepare(&sql)?;
            let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
            let found = statement.query_map(params![after, start, limit], ledger_row)?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn ledger_row(row: &Row<'_>) -> rusqlite::Result<LedgerRow> {
    let tokens = |column: usize| -> rusqlite::Result<Option<u64>> {
        Ok(row.get::<_, Option<i64>>(column)?.map(i64::unsigned_abs))
    };
    Ok(LedgerRow {
        id: row.get(0)?,
        at: rows::time(row.get(1)?),
        profile: row.get(2)?,
        provider: row.get(3)?,
        requested_model: row.get(4)?,
        model: row.get(5)?,
        served_by: row.get(6)?,
        generation_id: row.get(7)?,
        status: row.get(8)?,
        may_have_cost: row.get(9)?,
        usage: Usage {
            prompt_tokens: tokens(10)?,
            completion_tokens: tokens(11)?,
            reasoning_tokens: tokens(12)?,
            cached_tokens: tokens(13)?,
            total_tokens: tokens(14)?,
        },
        cost_usd: row.get(15)?,
        cost_source: row.get(16)?,
        counted_usd: row.get(17)?,
        session: row.get(18)?,
        turn: row.get(19)?,
        reservation: row.get(20)?,
        client: row.get(21)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{attempt, store};

    #[test]
    fn every_column_of_the_table_is_read() {
        let (_directory, _home, store) = store();
        let columns: Vec<String> = store
            .read("testing", |connection| {
                let mut statement =
                    connection.prepare("SELECT name FROM pragma_table_info('ledger')")?;
                let names = statement.query_map([], |row| row.get(0))?;
                Ok(names.collect::<rusqlite::Result<_>>()?)
            })
            .unwrap();
        let mut read: Vec<&str> = COLUMNS.split(", ").collect();
        let mut known: Vec<&str> = columns.iter().map(String::as_str).collect();
        read.sort_unstable();
        known.sort_unstable();
        assert_eq!(
            read, known,
            "a new column is exported, after those before it"
        );
    }

    #[test]
    fn rows_come_in_pages_and_from_the_period_only() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let attempts: Vec<_> = (0..PAGE + 5).map(|_| attempt(now, Some(0.5))).collect();
        store.settle(&[], &attempts, None).unwrap();
        let first = store.ledger_rows(&PeriodStart::Unbounded, now, 0).unwrap();
        assert_eq!(first.len(), PAGE);
        let last = first.last().unwrap().id;
        let second = store
            .ledger_rows(&PeriodStart::Unbounded, now, last)
            .unwrap();
        assert_eq!(second.len(), 5);
        assert_eq!(second[0].cost_usd, Some(0.5));
        let later = PeriodStart::Moment(now + std::time::Duration::from_secs(1));
        assert_eq!(store.ledger_rows(&later, now, 0).unwrap(), []);
    }
}
