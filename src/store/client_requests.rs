//! The ledger rows of requests that came in by `amx serve`, many in one transaction.

use std::time::SystemTime;

use super::database::Store;
use super::error::StoreError;
use super::id::ReservationId;
use super::ledger::{PeriodStart, moment};
use super::requests::{self, AttemptRows, OutgoingRows};
use crate::chat::answer::{Attempt, RecordId};
use crate::chat::request_log::OutgoingRequest;

/// A change of the ledger.
pub enum ClientRequest {
    /// A request is being sent; a reservation covers its cost.
    Started(OutgoingRequest, Option<ReservationId>),
    /// A request has ended; `record` is its row, when it was written before.
    Ended {
        attempt: Box<Attempt>,
        record: Option<RecordId>,
    },
}

impl Store {
    /// Writes the rows of requests with the names of their client keys, and ends reservations, in
    /// one transaction. Returns the row of each.
    pub fn record_client_requests(
        &mut self,
        requests: &[(String, ClientRequest)],
        released: &[ReservationId],
    ) -> Result<Vec<Option<RecordId>>, StoreError> {
        self.write("writing the ledger", |transaction| {
            let mut outgoing = OutgoingRows::of(transaction)?;
            let mut attempts = AttemptRows::of(transaction)?;
            let rows = requests.iter().map(|(client, request)| match request {
                ClientRequest::Started(request, reservation) => {
                    let row = outgoing.insert(request, *reservation, Some(client));
                    row.map(Some)
                }
                ClientRequest::Ended { attempt, record } => {
                    attempts.settle(attempt, *record, None, Some(client))
                }
            });
            let rows = rows.collect::<Result<_, _>>()?;
            for reservation in released {
                requests::release(transaction, *reservation)?;
            }
            Ok(rows)
        })
    }

    /// What each client key has spent today in USD, with unknown costs at their worst case.
    pub fn spent_by_client(&self, now: SystemTime) -> Result<Vec<(String, f64)>, StoreError> {
        self.read("reading the ledger", |connection| {
            let today = moment(connection, &PeriodStart::DaysAgo(0), now)?;
            let mut statement = connection.prepare(
                "SELECT client, coalesce(sum(counted_usd), 0.0) FROM ledger
                 WHERE client IS NOT NULL AND at >= ? GROUP BY client",
            )?;
            let rows = statement.query_map([today], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{attempt, store};

    #[test]
    fn requests_of_clients_are_rows_with_the_name_of_their_key() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let outgoing = OutgoingRequest {
            at: now,
            profile: "work".to_owned(),
            provider: "openrouter".to_owned(),
            model: "author/model".to_owned(),
            worst: Some(0.75),
        };
        let started = ClientRequest::Started(outgoing, None);
        let rows = store
            .record_client_requests(&[("laptop".to_owned(), started)], &[])
            .unwrap();
        let spent = |store: &Store| store.spent_by_client(now).unwrap();
        assert_eq!(spent(&store), [("laptop".to_owned(), 0.75)]);
        let ended = |record| ClientRequest::Ended {
            attempt: Box::new(attempt(now, Some(0.25))),
            record,
        };
        let requests = [
            ("laptop".to_owned(), ended(rows[0])),
            ("phone".to_owned(), ended(None)),
        ];
        store.record_client_requests(&requests, &[]).unwrap();
        assert_eq!(
            spent(&store),
            [("laptop".to_owned(), 0.25), ("phone".to_owned(), 0.25)]
        );
        assert_eq!(store.spent_today(now).unwrap().requests, 2);
    }
}
