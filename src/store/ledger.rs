//! The ledger: a row for each request that reached a provider, and totals over a period.

use std::time::SystemTime;

use rusqlite::{Connection, Row, params};

use super::database::Store;
use super::error::StoreError;
use super::rows;
use crate::chat::cost::Spent;
use crate::chat::usage::Usage;

/// What rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerGrouping {
    /// The calendar day in the local time zone, `2026-11-21`; the oldest first.
    Day,
    /// The model that answered, else the requested one; the most expensive first.
    Model,
    /// The most expensive first.
    Profile,
    /// The key of a client of `amx serve`; empty for the requests of this program. The most
    /// expensive first.
    Client,
}

/// The start of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeriodStart {
    /// The start of the day that many days before today; 0 is today.
    DaysAgo(u32),
    Moment(SystemTime),
    /// The start of a day, `2026-11-21`.
    Day(String),
    /// No start: all rows.
    Unbounded,
}

/// The sum of a group of rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LedgerTotal {
    /// The day, model or profile; empty for the total of all rows.
    pub key: String,
    /// Requests that reached a provider.
    pub requests: u64,
    /// The requests that were refused and cost nothing.
    pub refused: u64,
    /// Sum over the requests that reported it; see [`Self::tokens`].
    pub usage: Usage,
    /// USD of the requests whose cost is known.
    pub usd: f64,
    /// Requests whose cost is an estimate.
    pub estimates: u64,
    /// Requests that may have been billed at an unknown cost, which `usd` does not include.
    pub unknown: u64,
    /// The requests among them whose outcome is unknown: they are in progress, or their process was
    /// killed.
    pub unsettled: u64,
}

impl LedgerTotal {
    pub fn spent(&self) -> Spent {
        let has_known = self.requests > self.refused + self.unknown;
        Spent {
            usd: has_known.then_some(self.usd),
            has_estimates: self.estimates > 0,
            has_unknown: self.unknown > 0,
        }
    }

    /// A token count: unknown when no request reported it, zero when every request was refused.
    pub fn tokens(&self, count: fn(&Usage) -> Option<u64>) -> Option<u64> {
        let are_all_refused = self.requests == self.refused;
        count(&self.usage).or(are_all_refused.then_some(0))
    }

    /// The sum of both, with the key of this one.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            key: self.key.clone(),
            requests: self.requests + other.requests,
            refused: self.refused + other.refused,
            usage: self.usage.plus(other.usage),
            usd: exact(self.usd + other.usd),
            estimates: self.estimates + other.estimates,
            unknown: self.unknown + other.unknown,
            unsettled: self.unsettled + other.unsettled,
        }
    }
}

/// A sum without the rounding errors of binary fractions: no provider bills less than 1e-12 USD.
fn exact(usd: f64) -> f64 {
    (usd * 1e12).round() / 1e12
}

/// The columns that [`total`] reads. Token counts are summed as floats, which do not overflow: rows
/// of earlier versions may have any count.
const TOTALS: &str = "count(*), coalesce(sum(may_have_cost = 0), 0), \
    iif(count(prompt_tokens), CAST(total(prompt_tokens) AS INTEGER), NULL), \
    iif(count(completion_tokens), CAST(total(completion_tokens) AS INTEGER), NULL), \
    iif(count(reasoning_tokens), CAST(total(reasoning_tokens) AS INTEGER), NULL), \
    iif(count(cached_tokens), CAST(total(cached_tokens) AS INTEGER), NULL), \
    iif(count(total_tokens), CAST(total(total_tokens) AS INTEGER), NULL), \
    coalesce(sum(cost_usd), 0.0),
    coalesce(sum(cost_source = 'estimate'), 0), coalesce(sum(may_have_cost AND cost_usd IS NULL), \
    0), coalesce(sum(status IN ('unknown', 'lost')), 0)";

fn total(row: &Row<'_>) -> rusqlite::Result<LedgerTotal> {
    let number =
        |column: usize| -> rusqlite::Result<u64> { Ok(row.get::<_, i64>(column)?.unsigned_abs()) };
    let tokens = |column: usize| -> rusqlite::Result<Option<u64>> {
        Ok(row.get::<_, Option<i64>>(column)?.map(i64::unsigned_abs))
    };
    Ok(LedgerTotal {
        key: row.get(0)?,
        requests: number(1)?,
        refused: number(2)?,
        usage: Usage {
            prompt_tokens: tokens(3)?,
            completion_tokens: tokens(4)?,
            reasoning_tokens: tokens(5)?,
            cached_tokens: tokens(6)?,
            total_tokens: tokens(7)?,
        },
        usd: exact(row.get(8)?),
        estimates: number(9)?,
        unknown: number(10)?,
        unsettled: number(11)?,
    })
}

impl Store {
    /// Spending by day, model or profile.
    pub fn spent(
        &self,
        since: &PeriodStart,
        by: LedgerGrouping,
        now: SystemTime,
    ) -> Result<Vec<LedgerTotal>, StoreError> {
        let (key, order) = match by {
            LedgerGrouping::Day => ("date(at / 1000000000, 'unixepoch', 'localtime')", "1"),
            LedgerGrouping::Model => ("coalesce(model, requested_model)", "9 DESC, 2 DESC, 1"),
            LedgerGrouping::Profile => ("profile", "9 DESC, 2 DESC, 1"),
            LedgerGrouping::Client => ("coalesce(client, '')", "9 DESC, 2 DESC, 1"),
        };
        self.read("reading the ledger", |connection| {
            let mut statement = connection.prepare(&format!(
                "SELECT {key}, {TOTALS} FROM ledger WHERE at >= ? GROUP BY 1 ORDER BY {order}"
            ))?;
            let totals = statement
                .query_map([moment(connection, since, now)?], total)?
                .collect::<Result<_, _>>()?;
            Ok(totals)
        })
    }

    /// Total spending since the start of the day.
    pub fn spent_today(&self, now: SystemTime) -> Result<LedgerTotal, StoreError> {
        let days = self.spent(&PeriodStart::DaysAgo(0), LedgerGrouping::Profile, now)?;
        Ok(days
            .iter()
            .fold(LedgerTotal::default(), |sum, more| sum.plus(more)))
    }

    /// The first day of the period, `2026-11-21`; `None` for an unbounded one.
    pub fn first_day(
        &self,
        since: &PeriodStart,
        now: SystemTime,
    ) -> Result<Option<String>, StoreError> {
        if *since == PeriodStart::Unbounded {
            return Ok(None);
        }
        self.read("reading the ledger", |connection| {
            let seconds = moment(connection, since, now)?.div_euclid(SECOND);
            Ok(connection.query_row(
                "SELECT date(?, 'unixepoch', 'localtime')",
                [seconds],
                |row| row.get(0),
            )?)
        })
    }
}

/// Nanoseconds in a second.
const SECOND: i64 = 1_000_000_000;

/// The start of the period in nanoseconds since 1970. SQLite applies the local time zone.
pub(super) fn moment(
    connection: &Connection,
    since: &PeriodStart,
    now: SystemTime,
) -> rusqlite::Result<i64> {
    let seconds: Option<i64> = match since {
        PeriodStart::Unbounded => return Ok(i64::MIN),
        PeriodStart::Moment(moment) => return Ok(rows::nanoseconds(*moment)),
        PeriodStart::DaysAgo(days) => connection.query_row(
            "SELECT CAST(strftime('%s', ?, 'unixepoch', 'localtime', 'start of day', ?, 'utc') AS \
            INTEGER)",
            params![
                rows::nanoseconds(now).div_euclid(SECOND),
                format!("-{days} days")
            ],
            |row| row.get(0),
        )?,
        PeriodStart::Day(day) => connection.query_row(
            "SELECT CAST(strftime('%s', ?, 'utc') AS INTEGER)",
            [day],
            |row| row.get(0),
        )?,
    };
    // A time that SQLite cannot represent is before all rows.
    Ok(seconds.map_or(i64::MIN, |seconds| seconds.saturating_mul(SECOND)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::answer::Attempt;
    use crate::chat::cost::{Cost, CostSource};
    use crate::store::id::{SessionId, TurnId};
    use crate::store::samples::{attempt, store};
    use std::time::Duration;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn counts_that_no_request_can_have_do_not_overflow() {
        let (_directory, home, mut store) = store();
        let now = SystemTime::now();
        let mut absurd = attempt(now, Some(0.25));
        absurd
            .sent
            .as_mut()
            .unwrap()
            .usage
            .as_mut()
            .unwrap()
            .prompt_tokens = Some(u64::MAX);
        store.settle(&[], &[absurd.clone(), absurd], None).unwrap();
        let spent = store.spent_today(now).unwrap();
        assert_eq!(
            (spent.usage.prompt_tokens, spent.usage.total_tokens),
            (None, Some(50))
        );
        // Rows of earlier versions.
        Connection::open(home.database_file())
            .unwrap()
            .execute("UPDATE ledger SET prompt_tokens = 9223372036854775807", [])
            .unwrap();
        let spent = store.spent_today(now).unwrap();
        assert_eq!(spent.usage.prompt_tokens, Some(i64::MAX.unsigned_abs()));
        assert_eq!((spent.requests, spent.usd.to_string().as_str()), (2, "0.5"));
    }

    #[test]
    fn costs_are_exact_and_unknown_ones_are_counted() {
        let (_directory, home, mut store) = store();
        let now = SystemTime::now();
        let billed = [0.1, 0.2, 0.000_183_7].map(|usd| attempt(now, Some(usd)));
        store
            .settle(&[], &billed, Some((SessionId(3), TurnId(4))))
            .unwrap();
        let mut refused = attempt(now, None);
        refused.sent.as_mut().unwrap().may_have_cost = false;
        let mut guessed = attempt(now, None);
        guessed.sent.as_mut().unwrap().cost = Cost {
            usd: Some(0.5),
            source: CostSource::Estimate,
        };
        let unsent = Attempt {
            sent: None,
            ..attempt(now, Some(9.0))
        };
        store
            .settle(&[], &[refused, guessed, unsent, attempt(now, None)], None)
            .unwrap();
        let store = Store::open(&home).unwrap();
        let costs: Vec<Option<f64>> = store
            .read("testing", |connection| {
                let mut statement =
                    connection.prepare("SELECT cost_usd FROM ledger ORDER BY id")?;
                let costs = statement
                    .query_map([], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                Ok(costs)
            })
            .unwrap();
        assert_eq!(
            costs,
            [
                Some(0.1),
                Some(0.2),
                Some(0.000_183_7),
                None,
                Some(0.5),
                None
            ]
        );
        let total = store.spent_today(now).unwrap();
        assert_eq!(
            (
                total.requests,
                total.refused,
                total.estimates,
                total.unknown
            ),
            (6, 1, 1, 1)
        );
        assert_eq!(
            (total.usd.to_string().as_str(), total.usage.prompt_tokens),
            ("0.8001837", Some(60))
        );
    }

    /// Key, requests and USD of each total.
    fn totals(
        store: &Store,
        since: &PeriodStart,
        by: LedgerGrouping,
        now: SystemTime,
    ) -> Vec<(String, u64, f64)> {
        store
            .spent(since, by, now)
            .unwrap()
            .into_iter()
            .map(|total| (total.key, total.requests, total.usd))
            .collect()
    }

    fn named(rows: &[(&str, u64, f64)]) -> Vec<(String, u64, f64)> {
        rows.iter()
            .map(|(key, requests, usd)| ((*key).to_owned(), *requests, *usd))
            .collect()
    }

    #[test]
    fn rows_are_grouped_by_day_model_and_profile() {
        let (_directory, _home, mut store) = store();
        let now = SystemTime::now();
        let mut other = attempt(now, Some(2.0));
        other.profile = "other".to_owned();
        other.sent.as_mut().unwrap().model = Some("author/served".to_owned());
        let old = attempt(now - 3 * DAY, Some(1.0));
        store
            .settle(&[], &[old, attempt(now, Some(0.25)), other], None)
            .unwrap();
        let seen = |since: &PeriodStart, by| totals(&store, since, by, now);
        let days = seen(&PeriodStart::Unbounded, LedgerGrouping::Day);
        assert_eq!(
            days.iter()
                .map(|(_, requests, usd)| (*requests, *usd))
                .collect::<Vec<_>>(),
            [(1, 1.0), (2, 2.25)]
        );
        assert_eq!(
            Some(&days[1].0),
            store
                .first_day(&PeriodStart::DaysAgo(0), now)
                .unwrap()
                .as_ref()
        );
        assert_eq!(
            seen(&PeriodStart::Unbounded, LedgerGrouping::Model),
            named(&[("author/served", 1, 2.0), ("author/model", 2, 1.25)])
        );
        assert_eq!(
            seen(&PeriodStart::DaysAgo(1), LedgerGrouping::Profile),
            named(&[("other", 1, 2.0), ("work", 1, 0.25)])
        );
        let rows_since = |since| seen(&since, LedgerGrouping::Day).len();
        assert_eq!(rows_since(PeriodStart::DaysAgo(4)), 2);
        assert_eq!(rows_since(PeriodStart::Moment(now - DAY)), 1);
        assert_eq!(rows_since(PeriodStart::Day(days[0].0.clone())), 2);
        assert_eq!(rows_since(PeriodStart::Day(days[1].0.clone())), 1);
    }
}
