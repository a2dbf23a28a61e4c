//! Reservations: the cost limit of answers in progress is held back from the daily cap, so that
//! several processes cannot exceed it together.

use std::time::SystemTime;

use rusqlite::{Transaction, named_params, params};

use super::database::Store;
use super::error::StoreError;
use super::id::ReservationId;
use super::ledger::{PeriodStart, moment};
use super::rows;

/// Sums of binary fractions may exceed a cap by less than this, in USD.
const TOLERANCE: f64 = 1e-12;

/// The cost limits of one answer of one profile.
#[derive(Debug, Clone, PartialEq)]
pub struct ReservationRequest {
    pub profile: String,
    pub provider: String,
    pub model: String,
    /// The daily cap of the profile, in USD.
    pub cap: f64,
    /// Smallest useful reservation, in USD.
    pub least: f64,
    /// Largest useful reservation, in USD; at least `least`.
    pub most: f64,
    /// When the answer has ended in any case.
    pub expires_at: SystemTime,
}

/// The amount held back for one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reservation {
    pub id: ReservationId,
    pub usd: f64,
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BudgetShortage {
    /// The index of the request.
    pub index: usize,
    /// USD that the profile spent today, with unknown costs at their worst case.
    pub spent: f64,
    /// USD held back for answers in progress.
    pub reserved: f64,
}

/// The result of [`Store::reserve`].
#[derive(Debug, Clone, PartialEq)]
pub enum ReservationOutcome {
    /// One for each request.
    Granted(Vec<Reservation>),
    /// Nothing is held back.
    Refused(BudgetShortage),
}

impl Store {
    /// Grants all requests, or none. Spending, other reservations and the requests are compared in
    /// one transaction, so that two processes never count on the same money.
    pub fn reserve(
        &mut self,
        requests: &[ReservationRequest],
        now: SystemTime,
    ) -> Result<ReservationOutcome, StoreError> {
        self.write("reserving from the daily cap", |transaction| {
            expire(transaction, now)?;
            let today = moment(transaction, &PeriodStart::DaysAgo(0), now)?;
            let mut granted: Vec<Reservation> = Vec::new();
            for (index, request) in requests.iter().enumerate() {
                let spent = sum(
                    transaction,
                    "SELECT sum(counted_usd) FROM ledger WHERE profile = ? AND at >= ?",
                    &request.profile,
                    today,
                )?;
                let reserved = sum(
                    transaction,
                    "SELECT sum(usd) FROM reservations WHERE profile = ? AND expires_at > ?",
                    &request.profile,
                    rows::nanoseconds(now),
                )?;
                let room = request.cap - spent - reserved;
                if request.least > room + TOLERANCE {
                    for granted in granted {
                        transaction
                            .execute("DELETE FROM reservations WHERE id = ?", [granted.id.0])?;
                    }
                    return Ok(ReservationOutcome::Refused(BudgetShortage {
                        index,
                        spent,
                        reserved,
                    }));
                }
                let usd = if request.most <= room + TOLERANCE {
                    request.most
                } else {
                    request.least
                };
                granted.push(Reservation {
                    id: insert(transaction, request, usd, now)?,
                    usd,
                });
            }
            Ok(ReservationOutcome::Granted(granted))
        })
    }
}

fn sum(
    transaction: &Transaction<'_>,
    query: &str,
    profile: &str,
    since: i64,
) -> rusqlite::Result<f64> {
    let sum: Option<f64> =
        transaction.query_row(query, params![profile, since], |row| row.get(0))?;
    Ok(sum.unwrap_or(0.0))
}

fn insert(
    transaction: &Transaction<'_>,
    request: &ReservationRequest,
    usd: f64,
    now: SystemTime,
) -> rusqlite::Result<ReservationId> {
    transaction.execute(
        "INSERT INTO reservations (profile, provider, model, usd, made_at, expires_at) VALUES \
        (:profile, :provider, :model, :usd, :made_at, :expires_at)",
        named_params! {
            ":profile": request.profile,
            ":provider": request.provider,
            ":model": request.model,
            ":usd": usd,
            ":made_at": rows::nanoseconds(now),
            ":expires_at": rows::nanoseconds(request.expires_at),
        },
    )?;
    Ok(ReservationId(transaction.last_insert_rowid()))
}

/// A process that did not settle in time was killed. Its reservation is released, and a ledger row
/// of unknown cost records that its request may have been billed.
fn expire(transaction: &Transaction<'_>, now: SystemTime) -> rusqlite::Result<()> {
    let now = rows::nanoseconds(now);
    transaction.execute(
        "INSERT INTO ledger (at, profile, provider, requested_model, status, may_have_cost, \
        cost_source)
         SELECT made_at, profile, provider, model, 'lost', 1, 'unknown' FROM reservations WHERE \
         expires_at <= ?",
        [now],
    )?;
    transaction.execute("DELETE FROM reservations WHERE expires_at <= ?", [now])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{attempt, store};
    use std::time::Duration;

    fn request(cap: f64, least: f64, most: f64, now: SystemTime) -> ReservationRequest {
        let (profile, provider, model) = (
            "work".to_owned(),
            "openrouter".to_owned(),
            "author/model".to_owned(),
        );
        ReservationRequest {
            profile,
            provider,
            model,
            cap,
            least,
            most,
            expires_at: now + Duration::from_secs(60),
        }
    }

    fn granted(reserved: ReservationOutcome) -> Vec<Reservation> {
        match reserved {
            ReservationOutcome::Granted(granted) => granted,
            ReservationOutcome::Refused(shortage) => panic!("{shortage:?}"),
        }
    }

    #[test]
    fn spending_and_reservations_reduce_what_is_left() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        store
            .settle(
                &[],
                &[
                    attempt(now, Some(0.1)),
                    attempt(now - Duration::from_secs(200_000), Some(50.0)),
                ],
                None,
            )
            .unwrap();
        let first = granted(store.reserve(&[request(1.0, 0.3, 0.6, now)], now).unwrap());
        assert_eq!(first[0].usd.to_string(), "0.6");
        let second = granted(store.reserve(&[request(1.0, 0.3, 0.6, now)], now).unwrap());
        assert_eq!(
            second[0].usd.to_string(),
            "0.3",
            "the rest is enough for the least"
        );
        let ReservationOutcome::Refused(shortage) = store
            .reserve(&[request(1.0, 0.001, 0.001, now)], now)
            .unwrap()
        else {
            panic!("it overshoots")
        };
        assert_eq!((shortage.index, shortage.spent), (0, 0.1));
        store
            .settle(&[first[0].id], &[attempt(now, Some(0.05))], None)
            .unwrap();
        granted(
            store
                .reserve(&[request(1.0, 0.55, 0.55, now)], now)
                .unwrap(),
        );
        let other = ReservationRequest {
            profile: "other".to_owned(),
            ..request(1.0, 1.0, 1.0, now)
        };
        granted(store.reserve(&[other], now).unwrap());
    }

    #[test]
    fn requests_are_granted_together_or_not_at_all() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let requests = [request(1.0, 0.6, 0.6, now), request(1.0, 0.6, 0.6, now)];
        assert!(matches!(
            store.reserve(&requests, now).unwrap(),
            ReservationOutcome::Refused(BudgetShortage { index: 1, .. })
        ));
        granted(store.reserve(&requests[..1], now).unwrap());
    }

    #[test]
    fn unknown_costs_count_at_their_worst_case() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let mut unknown = attempt(now, None);
        unknown.sent.as_mut().unwrap().worst = Some(0.7);
        store.settle(&[], &[unknown], None).unwrap();
        assert!(matches!(
            store.reserve(&[request(1.0, 0.4, 0.4, now)], now).unwrap(),
            ReservationOutcome::Refused(_)
        ));
    }

    #[test]
    fn an_expired_reservation_becomes_a_ledger_row() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        granted(store.reserve(&[request(1.0, 1.0, 1.0, now)], now).unwrap());
        assert!(matches!(
            store
                .reserve(
                    &[request(1.0, 0.1, 0.1, now)],
                    now + Duration::from_secs(59)
                )
                .unwrap(),
            ReservationOutcome::Refused(_)
        ));
        assert_eq!(store.spent_today(now).unwrap().requests, 0);
        granted(
            store
                .reserve(
                    &[request(1.0, 1.0, 1.0, now)],
                    now + Duration::from_secs(60),
                )
                .unwrap(),
        );
        let total = store.spent_today(now).unwrap();
        assert_eq!((total.requests, total.unknown), (1, 1));
    }
}
