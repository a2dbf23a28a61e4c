//! The rows of the ledger: written before a request is sent, settled after its answer.

use std::time::SystemTime;

use rusqlite::{Connection, Statement, ToSql, Transaction, params};

use super::database::Store;
use super::error::StoreError;
use super::id::{ReservationId, SessionId, TurnId};
use super::rows;
use crate::chat::answer::{Attempt, RecordId, Sent};
use crate::chat::cost::CostSource;
use crate::chat::request_log::OutgoingRequest;
use crate::wire::redact::stored;

/// The status of a row until it is settled: of a request in progress, or of a process that was
/// killed.
pub(super) const UNKNOWN: &str = "unknown";

/// The attempts of one answer, and the turn that they belong to.
pub(crate) type AnswerAttempts<'a> = (&'a [Attempt], Option<(SessionId, TurnId)>);

impl Store {
    /// Writes the row of a request that is about to be sent, at its worst case, and settles those
    /// of the attempts before it, in one transaction. A reservation still covers the cost.
    pub fn record_request(
        &mut self,
        request: &OutgoingRequest,
        reservation: Option<ReservationId>,
        ended: &[Attempt],
    ) -> Result<RecordId, StoreError> {
        self.write("writing the ledger", |transaction| {
            for attempt in ended.iter().filter(|attempt| attempt.record.is_some()) {
                settle_attempt(transaction, attempt, None)?;
            }
            Ok(insert_outgoing(transaction, request, reservation)?)
        })
    }

    /// Whether there is a row of that number and time whose outcome is unknown: the file may be
    /// another one than that of an earlier run.
    pub fn is_unsettled(&self, record: RecordId, at: SystemTime) -> Result<bool, StoreError> {
        self.read("reading the ledger", |connection| {
            let found = connection.query_row(
                "SELECT count(*) FROM ledger WHERE id = ? AND at = ? AND status = ?",
                params![record.0, rows::nanoseconds(at), UNKNOWN],
                |row| row.get::<_, i64>(0),
            )?;
            Ok(found > 0)
        })
    }

    /// Writes the attempts that reached a provider and releases their reservations, in one
    /// transaction. `place` is the turn that they belong to.
    pub fn settle(
        &mut self,
        reservations: &[ReservationId],
        attempts: &[Attempt],
        place: Option<(SessionId, TurnId)>,
    ) -> Result<(), StoreError> {
        self.settle_all(reservations, &[(attempts, place)])
    }

    /// Like [`Self::settle`], for several answers.
    pub fn settle_all(
        &mut self,
        reservations: &[ReservationId],
        answers: &[AnswerAttempts<'_>],
    ) -> Result<(), StoreError> {
        self.write("writing the ledger", |transaction| {
            for (attempts, place) in answers {
                for attempt in *attempts {
                    settle_attempt(transaction, attempt, *place)?;
                }
            }
            for reservation in reservations {
                release(transaction, *reservation)?;
            }
            Ok(())
        })
    }
}

/// The row of a request that is about to be sent, at its worst case.
pub(super) fn insert_outgoing(
    transaction: &Transaction<'_>,
    request: &OutgoingRequest,
    reservation: Option<ReservationId>,
) -> rusqlite::Result<RecordId> {
    OutgoingRows::of(transaction)?.insert(request, reservation, None)
}

const OUTGOING: &str = "INSERT INTO ledger (at, profile, provider, requested_model, status, \
    may_have_cost, cost_source, counted_usd, reservation, client) \
    VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?)";

/// The rows of requests that are about to be sent, with a statement that is compiled once for all
/// of them.
pub(super) struct OutgoingRows<'a>(Statement<'a>);

impl<'a> OutgoingRows<'a> {
    pub(super) fn of(connection: &'a Connection) -> rusqlite::Result<Self> {
        connection.prepare(OUTGOING).map(Self)
    }

    /// The same as [`insert_outgoing`], for a request of a client of `amx serve`.
    pub(super) fn insert(
        &mut self,
        request: &OutgoingRequest,
        reservation: Option<ReservationId>,
        client: Option<&str>,
    ) -> rusqlite::Result<RecordId> {
        let row = self.0.insert(params![
            rows::nanoseconds(request.at),
            request.profile,
            request.provider,
            request.model,
            UNKNOWN,
            rows::name_of(rows::SOURCES, CostSource::Unknown),
            request.worst,
            reservation.map(|reservation| reservation.0),
            client,
        ])?;
        Ok(RecordId(row))
    }
}

/// Ends a reservation: from here on its rows count for themselves.
pub(super) fn release(
    transaction: &Transaction<'_>,
    reservation: ReservationId,
) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM reservations WHERE id = ?", [reservation.0])?;
    transaction.execute(
        "UPDATE ledger SET reservation = NULL WHERE reservation = ?",
        [reservation.0],
    )?;
    Ok(())
}

/// A row for a request that was not recorded before it was sent. A later change would be one of
/// each index as well.
const INSERT: &str = "INSERT INTO ledger (model, served_by, generation_id, status, may_have_cost, \
    prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens, total_tokens, cost_usd, \
    cost_source, counted_usd, session, turn, at, profile, provider, requested_model, client) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// What became of a request.
const UPDATE: &str = "UPDATE ledger SET model = ?, served_by = ?, generation_id = ?, status = ?, \
    may_have_cost = ?, prompt_tokens = ?, completion_tokens = ?, reasoning_tokens = ?, \
    cached_tokens = ?, total_tokens = ?, cost_usd = ?, cost_source = ?, counted_usd = ?, \
    session = ?, turn = ? WHERE id = ? AND at = ?";

/// The row says what became of the attempt. A request that was not sent after all has none.
pub(super) fn settle_attempt(
    transaction: &Transaction<'_>,
    attempt: &Attempt,
    place: Option<(SessionId, TurnId)>,
) -> rusqlite::Result<Option<RecordId>> {
    AttemptRows::of(transaction)?.settle(attempt, attempt.record, place, None)
}

/// The rows of attempts, with statements that are compiled once for all of them.
pub(super) struct AttemptRows<'a> {
    connection: &'a Connection,
    insert: Statement<'a>,
    update: Statement<'a>,
}

impl<'a> AttemptRows<'a> {
    pub(super) fn of(connection: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            connection,
            insert: connection.prepare(INSERT)?,
            update: connection.prepare(UPDATE)?,
        })
    }

    /// The same as [`settle_attempt`], for an attempt whose row is `record`. A row that is written
    /// here gets the name of the client's key.
    pub(super) fn settle(
        &mut self,
        attempt: &Attempt,
        record: Option<RecordId>,
        place: Option<(SessionId, TurnId)>,
        client: Option<&str>,
    ) -> rusqlite::Result<Option<RecordId>> {
        let Some(sent) = &attempt.sent else {
            if let Some(record) = record {
                // The file may be another, with the row of another request.
                self.connection.execute(
                    "DELETE FROM ledger WHERE id = ? AND status IS ? AND profile IS ? \
                    AND requested_model IS ?",
                    params![record.0, UNKNOWN, attempt.profile, attempt.model],
                )?;
            }
            return Ok(None);
        };
        if let Some(record) = record {
            let next = bind_outcome(&mut self.update, attempt, sent, place)?;
            self.update.raw_bind_parameter(next, record.0)?;
            let at = rows::nanoseconds(sent.at);
            self.update.raw_bind_parameter(next + 1, at)?;
            // The row of another time is one of another request: the file has been replaced.
            if self.update.raw_execute()? > 0 {
                return Ok(Some(record));
            }
        }
        let insert = &mut self.insert;
        let next = bind_outcome(insert, attempt, sent, place)?;
        insert.raw_bind_parameter(next, rows::nanoseconds(sent.at))?;
        insert.raw_bind_parameter(next + 1, &attempt.profile)?;
        insert.raw_bind_parameter(next + 2, &sent.provider)?;
        insert.raw_bind_parameter(next + 3, &attempt.model)?;
        insert.raw_bind_parameter(next + 4, client)?;
        insert.raw_execute()?;
        Ok(Some(RecordId(self.connection.last_insert_rowid())))
    }
}

/// Binds the parameters that [`INSERT`] and [`UPDATE`] begin with. Returns the number of the next.
fn bind_outcome(
    statement: &mut Statement<'_>,
    attempt: &Attempt,
    sent: &Sent,
    place: Option<(SessionId, TurnId)>,
) -> rusqlite::Result<usize> {
    let usage = sent.usage.unwrap_or_default();
    let outcome: &[&dyn ToSql] = params![
        sent.model.as_deref().map(stored),
        sent.served_by.as_deref().map(stored),
        sent.generation_id.as_deref().map(stored),
        attempt.status.to_string(),
        sent.may_have_cost,
        rows::tokens(usage.prompt_tokens),
        rows::tokens(usage.completion_tokens),
        rows::tokens(usage.reasoning_tokens),
        rows::tokens(usage.cached_tokens),
        rows::tokens(usage.total_tokens),
        sent.cost.usd,
        rows::name_of(rows::SOURCES, sent.cost.source),
        sent.counted(),
        place.map(|(session, _)| session.0),
        place.map(|(_, turn)| turn.0),
    ];
    for (number, value) in (1..).zip(outcome) {
        statement.raw_bind_parameter(number, value)?;
    }
    Ok(outcome.len() + 1)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use rusqlite::Connection;

    use super::*;
    use crate::config::Home;
    use crate::store::samples::{attempt, store};

    fn outgoing(at: SystemTime) -> OutgoingRequest {
        OutgoingRequest {
            at,
            profile: "work".to_owned(),
            provider: "openrouter".to_owned(),
            model: "author/model".to_owned(),
            worst: Some(0.7),
        }
    }

    /// Status, cost and what counts against a cap.
    type Row = (String, Option<f64>, Option<f64>);

    fn rows_of(store: &Store) -> Vec<Row> {
        let query = "SELECT status, cost_usd, counted_usd FROM ledger ORDER BY id";
        store
            .read("testing", |connection| {
                let mut statement = connection.prepare(query)?;
                let rows = statement
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                    .collect::<Result<_, _>>()?;
                Ok(rows)
            })
            .unwrap()
    }

    fn row(status: &str, cost: Option<f64>, counted: Option<f64>) -> Row {
        (status.to_owned(), cost, counted)
    }

    #[test]
    fn a_row_is_unknown_until_it_is_settled() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let record = store.record_request(&outgoing(now), None, &[]).unwrap();
        assert_eq!(rows_of(&store), [row("unknown", None, Some(0.7))]);
        let first = Attempt {
            record: Some(record),
            ..attempt(now, Some(0.25))
        };
        let second = store
            .record_request(&outgoing(now), None, std::slice::from_ref(&first))
            .unwrap();
        assert_eq!(
            rows_of(&store),
            [
                row("ok", Some(0.25), Some(0.25)),
                row("unknown", None, Some(0.7))
            ],
            "the next request settles the one before"
        );
        let unsent = Attempt {
            sent: None,
            record: Some(second),
            ..attempt(now, None)
        };
        let unrecorded = attempt(now, Some(0.5));
        store
            .settle(&[], &[first, unsent, unrecorded], None)
            .unwrap();
        assert_eq!(
            rows_of(&store),
            [
                row("ok", Some(0.25), Some(0.25)),
                row("ok", Some(0.5), Some(0.5))
            ]
        );
    }

    #[test]
    fn the_row_of_another_request_is_not_settled() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let record = store.record_request(&outgoing(now), None, &[]).unwrap();
        // Sent before, and recorded in a file that is no longer there.
        let earlier = Attempt {
            record: Some(record),
            ..attempt(now - std::time::Duration::from_secs(1), Some(0.25))
        };
        let unsent = |model: &str| Attempt {
            model: model.to_owned(),
            sent: None,
            ..earlier.clone()
        };
        let others = [unsent("author/other"), earlier.clone()];
        store.settle(&[], &others, None).unwrap();
        let settled = Attempt {
            record: Some(RecordId(record.0 + 1)),
            ..unsent("author/model")
        };
        store.settle(&[], &[settled], None).unwrap();
        let expected = [
            row("unknown", None, Some(0.7)),
            row("ok", Some(0.25), Some(0.25)),
        ];
        assert_eq!(rows_of(&store), expected);
    }

    #[test]
    fn an_older_file_is_migrated_with_its_reservations() {
        let directory = tempfile::TempDir::new().unwrap();
        let home = Home::at(directory.path());
        let old = Connection::open(home.database_file()).unwrap();
        for migration in [
            include_str!("schema.sql"),
            include_str!("catalog.sql"),
            include_str!("ledger.sql"),
            include_str!("annotations.sql"),
            include_str!("pieces.sql"),
        ] {
            old.execute_batch(migration).unwrap();
        }
        let now = SystemTime::now();
        let columns = "(at, profile, provider, requested_model, status, may_have_cost, cost_usd, \
            cost_source, counted_usd)";
        old.execute(
            &format!(
                "INSERT INTO ledger {columns} VALUES (?, 'work', 'p', 'm', 'ok', 1, 0.25, \
                'provider', 0.25)"
            ),
            [rows::nanoseconds(now)],
        )
        .unwrap();
        let (made, expired) = (rows::nanoseconds(now), rows::nanoseconds(now) + 1);
        old.execute(
            "INSERT INTO reservations VALUES (7, 'work', 'p', 'm', 0.5, ?, ?)",
            [made, expired],
        )
        .unwrap();
        old.pragma_update(None, "user_version", 5).unwrap();
        drop(old);
        let store = Store::open(&home).unwrap();
        assert_eq!(
            rows_of(&store),
            [
                row("ok", Some(0.25), Some(0.25)),
                row("unknown", None, Some(0.5))
            ]
        );
        let used = |at| store.day_use("work", at).unwrap();
        assert_eq!((used(now).spent, used(now).reserved), (0.25, 0.5));
        let later = now + std::time::Duration::from_secs(1);
        assert_eq!((used(later).spent, used(later).reserved), (0.75, 0.0));
    }
}
