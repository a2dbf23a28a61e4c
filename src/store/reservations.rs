//! Reservations: what answers under way may cost is held back from a day's cap, so that several
//! processes cannot pass it together.

use std::time::SystemTime;

use rusqlite::{Transaction, named_params, params};

use super::database::Store;
use super::error::StoreError;
use super::id::ReservationId;
use super::ledger::{Since, moment};
use super::rows;

/// Sums of binary fractions may pass a cap by less than this, in USD.
const DUST: f64 = 1e-12;

/// What one answer of one profile may cost.
#[derive(Debug, Clone, PartialEq)]
pub struct ReservationRequest {
    pub profile: String,
    pub provider: String,
    pub model: String,
    /// Most that the profile may spend in a day, in USD.
    pub cap: f64,
    /// USD without which nothing can be sent.
    pub least: f64,
    /// USD that would do in any case; not below `least`.
    pub most: f64,
    /// When the answer is over, whatever happens.
    pub expires_at: SystemTime,
}

/// What was held back for one wish.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Granted {
    pub id: ReservationId,
    pub usd: f64,
}

/// Why a wish cannot be granted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shortage {
    /// Which wish.
    pub index: usize,
    /// USD that the profile spent today, unknown costs at their worst.
    pub spent: f64,
    /// USD held back for answers under way.
    pub reserved: f64,
}

/// What became of the wishes.
#[derive(Debug, Clone, PartialEq)]
pub enum Reserved {
    /// One for each wish.
    Granted(Vec<Granted>),
    /// None of them holds anything.
    Refused(Shortage),
}

impl Store {
    /// Holds back what the wishes need, all of them or none. What was spent, what others hold back
    /// and what is wished are looked at in one transaction, so that two processes never count on
    /// the same money.
    pub fn reserve(
        &mut self,
        wishes: &[ReservationRequest],
        now: SystemTime,
    ) -> Result<Reserved, StoreError> {
        self.write("reserving for the day's cap", |transaction| {
            expire(transaction, now)?;
            let today = moment(transaction, &Since::DaysAgo(0), now)?;
            let mut granted: Vec<Granted> = Vec::new();
            for (index, wish) in wishes.iter().enumerate() {
                let spent = sum(
                    transaction,
                    "SELECT sum(counted_usd) FROM ledger WHERE profile = ? AND at >= ?",
                    &wish.profile,
                    today,
                )?;
                let reserved = sum(
                    transaction,
                    "SELECT sum(usd) FROM reservations WHERE profile = ? AND expires_at > ?",
                    &wish.profile,
                    rows::nanoseconds(now),
                )?;
                let room = wish.cap - spent - reserved;
                if wish.least > room + DUST {
                    for granted in granted {
                        transaction
                            .execute("DELETE FROM reservations WHERE id = ?", [granted.id.0])?;
                    }
                    return Ok(Reserved::Refused(Shortage {
                        index,
                        spent,
                        reserved,
                    }));
                }
                let usd = if wish.most <= room + DUST {
                    wish.most
                } else {
                    wish.least
                };
                granted.push(Granted {
                    id: insert(transaction, wish, usd, now)?,
                    usd,
                });
            }
            Ok(Reserved::Granted(granted))
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
    wish: &ReservationRequest,
    usd: f64,
    now: SystemTime,
) -> rusqlite::Result<ReservationId> {
    transaction.execute(
        "INSERT INTO reservations (profile, provider, model, usd, made_at, expires_at) VALUES \
        (:profile, :provider, :model, :usd, :made_at, :expires_at)",
        named_params! {
            ":profile": wish.profile,
            ":provider": wish.provider,
            ":model": wish.model,
            ":usd": usd,
            ":made_at": rows::nanoseconds(now),
            ":expires_at": rows::nanoseconds(wish.expires_at),
        },
    )?;
    Ok(ReservationId(transaction.last_insert_rowid()))
}

/// A process that ended without settling was killed. Its money is free again; that it may have
/// asked, and been billed, is written down.
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

    fn wish(cap: f64, least: f64, most: f64, now: SystemTime) -> ReservationRequest {
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

    fn granted(reserved: Reserved) -> Vec<Granted> {
        match reserved {
            Reserved::Granted(granted) => granted,
            Reserved::Refused(shortage) => panic!("{shortage:?}"),
        }
    }

    #[test]
    fn what_is_spent_and_what_is_held_back_leave_the_rest() {
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
        let first = granted(store.reserve(&[wish(1.0, 0.3, 0.6, now)], now).unwrap());
        assert_eq!(first[0].usd.to_string(), "0.6");
        let second = granted(store.reserve(&[wish(1.0, 0.3, 0.6, now)], now).unwrap());
        assert_eq!(
            second[0].usd.to_string(),
            "0.3",
            "the rest is enough for the least"
        );
        let Reserved::Refused(shortage) =
            store.reserve(&[wish(1.0, 0.001, 0.001, now)], now).unwrap()
        else {
            panic!("it overshoots")
        };
        assert_eq!((shortage.index, shortage.spent), (0, 0.1));
        store
            .settle(&[first[0].id], &[attempt(now, Some(0.05))], None)
            .unwrap();
        granted(store.reserve(&[wish(1.0, 0.55, 0.55, now)], now).unwrap());
        let other = ReservationRequest {
            profile: "other".to_owned(),
            ..wish(1.0, 1.0, 1.0, now)
        };
        granted(store.reserve(&[other], now).unwrap());
    }

    #[test]
    fn wishes_are_granted_together_or_not_at_all() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let wishes = [wish(1.0, 0.6, 0.6, now), wish(1.0, 0.6, 0.6, now)];
        assert!(matches!(
            store.reserve(&wishes, now).unwrap(),
            Reserved::Refused(Shortage { index: 1, .. })
        ));
        granted(store.reserve(&wishes[..1], now).unwrap());
    }

    #[test]
    fn unknown_costs_count_at_their_worst() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let mut unknown = attempt(now, None);
        unknown.sent.as_mut().unwrap().worst = Some(0.7);
        store.settle(&[], &[unknown], None).unwrap();
        assert!(matches!(
            store.reserve(&[wish(1.0, 0.4, 0.4, now)], now).unwrap(),
            Reserved::Refused(_)
        ));
    }

    #[test]
    fn a_reservation_that_nobody_settled_ends_and_leaves_a_row() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        granted(store.reserve(&[wish(1.0, 1.0, 1.0, now)], now).unwrap());
        assert!(matches!(
            store
                .reserve(&[wish(1.0, 0.1, 0.1, now)], now + Duration::from_secs(59))
                .unwrap(),
            Reserved::Refused(_)
        ));
        assert_eq!(store.spent_today(now).unwrap().requests, 0);
        granted(
            store
                .reserve(&[wish(1.0, 1.0, 1.0, now)], now + Duration::from_secs(60))
                .unwrap(),
        );
        let total = store.spent_today(now).unwrap();
        assert_eq!((total.requests, total.unknown), (1, 1));
    }
}
