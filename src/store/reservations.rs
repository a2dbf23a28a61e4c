//! Reservations: the cost limit of answers in progress is held back from the daily cap, so that
//! several processes cannot exceed it together.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};

use super::database::Store;
use super::error::StoreError;
use super::id::ReservationId;
use super::ledger::{PeriodStart, moment};
use super::requests::release;
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

/// What a profile has used of its daily cap.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DayUse {
    /// USD spent today, with unknown costs at their worst case.
    pub spent: f64,
    /// USD held back for answers in progress.
    pub reserved: f64,
}

impl DayUse {
    /// What is left of a cap, in USD.
    pub fn left(self, cap: f64) -> f64 {
        (cap - self.spent - self.reserved).max(0.0)
    }
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
    /// What a profile has used of its daily cap today.
    pub fn day_use(&self, profile: &str, now: SystemTime) -> Result<DayUse, StoreError> {
        self.read("reading the ledger", |connection| {
            let today = moment(connection, &PeriodStart::DaysAgo(0), now)?;
            Ok(day_use(connection, profile, today, now)?)
        })
    }

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
                let DayUse { spent, reserved } =
                    day_use(transaction, &request.profile, today, now)?;
                let room = request.cap - spent - reserved;
                // What costs nothing passes a cap that is used up, too.
                if request.least > 0.0 && request.least > room + TOLERANCE {
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

    /// Adds to a reservation, in USD.
    ///
    /// # Errors
    /// The inner one is what is left of the cap when that is less, or when the reservation has
    /// expired: nothing is added.
    pub fn extend(
        &mut self,
        reservation: ReservationId,
        cap: f64,
        usd: f64,
        now: SystemTime,
    ) -> Result<Result<(), f64>, StoreError> {
        self.write("reserving from the daily cap", |transaction| {
            expire(transaction, now)?;
            let profile: Option<String> = transaction
                .query_row(
                    "SELECT profile FROM reservations WHERE id = ?",
                    [reservation.0],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(profile) = profile else {
                return Ok(Err(0.0));
            };
            let today = moment(transaction, &PeriodStart::DaysAgo(0), now)?;
            let left = day_use(transaction, &profile, today, now)?.left(cap);
            if usd > left + TOLERANCE {
                return Ok(Err(left));
            }
            transaction.execute(
                "UPDATE reservations SET usd = usd + ? WHERE id = ?",
                params![usd, reservation.0],
            )?;
            Ok(Ok(()))
        })
    }
}

/// What a profile has used since `today`. A row that a reservation covers counts after that has
/// expired.
fn day_use(
    connection: &Connection,
    profile: &str,
    today: i64,
    now: SystemTime,
) -> rusqlite::Result<DayUse> {
    let now = rows::nanoseconds(now);
    let sum = |query: &str, since: i64| -> rusqlite::Result<f64> {
        let sum: Option<f64> =
            connection.query_row(query, params![profile, since], |row| row.get(0))?;
        Ok(sum.unwrap_or(0.0))
    };
    let settled = "SELECT sum(counted_usd) FROM ledger WHERE profile = ? AND at >= ? AND \
        reservation IS NULL";
    let spent = sum(settled, today)?;
    let expired: Option<f64> = connection.query_row(
        "SELECT sum(counted_usd) FROM ledger WHERE profile = ?1 AND at >= ?2 AND reservation IN \
        (SELECT id FROM reservations WHERE expires_at <= ?3)",
        params![profile, today, now],
        |row| row.get(0),
    )?;
    let held = "SELECT sum(usd) FROM reservations WHERE profile = ? AND expires_at > ?";
    Ok(DayUse {
        spent: spent + expired.unwrap_or(0.0),
        reserved: sum(held, now)?,
    })
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

/// A process that did not settle in time was killed: its reservation is released, and the rows of
/// its requests count for themselves.
fn expire(transaction: &Transaction<'_>, now: SystemTime) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare("SELECT id FROM reservations WHERE expires_at <= ?")?;
    let expired: Vec<i64> = statement
        .query_map([rows::nanoseconds(now)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    expired
        .into_iter()
        .try_for_each(|id| release(transaction, ReservationId(id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::request_log::OutgoingRequest;
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
    fn a_request_that_costs_nothing_passes_a_cap_that_is_used_up() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        store.settle(&[], &[attempt(now, Some(0.1))], None).unwrap();
        let free = granted(store.reserve(&[request(0.05, 0.0, 0.0, now)], now).unwrap());
        assert!(free[0].usd.abs() < f64::EPSILON);
        let paid = store.reserve(&[request(0.05, 0.000_001, 0.000_001, now)], now);
        assert!(matches!(paid.unwrap(), ReservationOutcome::Refused(_)));
    }

    #[test]
    fn a_reservation_grows_as_far_as_the_cap_allows() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let one = granted(store.reserve(&[request(1.0, 0.3, 0.3, now)], now).unwrap());
        granted(store.reserve(&[request(1.0, 0.2, 0.2, now)], now).unwrap());
        assert_eq!(store.extend(one[0].id, 1.0, 0.4, now).unwrap(), Ok(()));
        let left = store.extend(one[0].id, 1.0, 0.2, now).unwrap().unwrap_err();
        assert!((left - 0.1).abs() < 1e-9, "{left}");
        let held = store.day_use("work", now).unwrap().reserved;
        assert!((held - 0.9).abs() < 1e-9, "{held}");
        let later = now + Duration::from_secs(61);
        assert_eq!(store.extend(one[0].id, 1.0, 0.1, later).unwrap(), Err(0.0));
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
    fn after_an_expired_reservation_its_row_counts_for_itself() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let (soon, later) = (now + Duration::from_secs(59), now + Duration::from_secs(60));
        let held = granted(store.reserve(&[request(1.0, 1.0, 1.0, now)], now).unwrap());
        let outgoing = OutgoingRequest {
            at: now,
            profile: "work".to_owned(),
            provider: "openrouter".to_owned(),
            model: "author/model".to_owned(),
            worst: Some(0.75),
        };
        store
            .record_request(&outgoing, Some(held[0].id), &[])
            .unwrap();
        let used = |store: &Store, at| store.day_use("work", at).unwrap();
        let expected = |spent, reserved| DayUse { spent, reserved };
        assert_eq!(used(&store, soon), expected(0.0, 1.0));
        let small = |at| request(1.0, 0.25, 0.25, at);
        let refused = store.reserve(&[small(soon)], soon).unwrap();
        assert!(matches!(refused, ReservationOutcome::Refused(_)));
        assert_eq!(used(&store, later), expected(0.75, 0.0));
        granted(store.reserve(&[small(later)], later).unwrap());
        assert_eq!(used(&store, later), expected(0.75, 0.25));
        let total = store.spent_today(now).unwrap();
        assert_eq!((total.requests, total.unknown, total.unsettled), (1, 1, 1));
    }
}
