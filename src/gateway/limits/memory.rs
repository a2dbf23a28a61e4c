//! The limits of one process, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::limit::{LimitReached, LimitRequest, micro, pace};
use crate::present::time;

/// How often it is checked whether a new day has started.
const DAY_CHECK: Duration = Duration::from_secs(1);

/// The state of all keys.
#[derive(Debug)]
pub(super) struct MemoryLimits {
    /// Micro-USD of all keys together.
    per_day: Option<u64>,
    state: Mutex<LimitState>,
}

#[derive(Debug, Default)]
struct LimitState {
    keys: HashMap<String, KeyState>,
    /// Micro-USD of all keys, today.
    spent: u64,
    /// The day of the sums, and when the calendar was last looked at.
    day: String,
    checked: Option<Instant>,
    /// Days that have ended since the start.
    days: u64,
}

#[derive(Debug, Default)]
struct KeyState {
    /// When the next request of an even pace is due (GCRA's theoretical arrival time).
    due: Option<Instant>,
    live: u32,
    /// Micro-USD today, spent or reserved.
    spent: u64,
}

impl MemoryLimits {
    pub(super) fn new(per_day: Option<u64>, spent: impl Iterator<Item = (String, u64)>) -> Self {
        let mut state = LimitState {
            day: local_day(),
            checked: Some(Instant::now()),
            ..LimitState::default()
        };
        for (key, micro) in spent {
            state.spent = state.spent.saturating_add(micro);
            let key = state.keys.entry(key).or_default();
            key.spent = key.spent.saturating_add(micro);
        }
        Self {
            per_day,
            state: Mutex::new(state),
        }
    }

    /// Whether all keys together have a daily limit.
    pub(super) fn has_cap(&self) -> bool {
        self.per_day.is_some()
    }

    fn state(&self) -> MutexGuard<'_, LimitState> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.checked.is_some_and(|at| at.elapsed() < DAY_CHECK) {
            return state;
        }
        state.checked = Some(Instant::now());
        let day = local_day();
        if state.day != day {
            state.start_day(day);
        }
        state
    }

    /// Checks every limit, and then takes a place: a refusal leaves nothing behind. Returns the day
    /// for [`MemoryLimits::settle`].
    pub(super) fn admit(&self, request: LimitRequest<'_>) -> Result<u64, LimitReached> {
        self.admit_at(request, Instant::now())
    }

    fn admit_at(&self, request: LimitRequest<'_>, now: Instant) -> Result<u64, LimitReached> {
        let limits = request.key;
        let mut state = self.state();
        let all = state.spent;
        let key = state.keys.entry(limits.name.clone()).or_default();
        let due = limits
            .rpm
            .map(|rpm| next_due(key.due, rpm, now))
            .transpose()?;
        if limits.concurrent.is_some_and(|most| key.live >= most) {
            return Err(LimitReached::Concurrent);
        }
        let of_key = limits.per_day.map(micro);
        let has_cap = of_key.is_some() || self.per_day.is_some();
        let reserve = match request.reserve {
            None if has_cap => return Err(LimitReached::UnknownCost),
            reserve => reserve.unwrap_or_default(),
        };
        let of_key_then = key.spent.saturating_add(reserve);
        let of_all_then = all.saturating_add(reserve);
        if of_key.is_some_and(|cap| of_key_then > cap) {
            return Err(LimitReached::Day { is_of_key: true });
        }
        if self.per_day.is_some_and(|cap| of_all_then > cap) {
            return Err(LimitReached::Day { is_of_key: false });
        }
        key.due = due.or(key.due);
        key.live += 1;
        key.spent = of_key_then;
        state.spent = of_all_then;
        Ok(state.days)
    }

    /// Gives the place back, with what the request cost in place of what was reserved. A request
    /// counts on the day when it was admitted.
    pub(super) fn settle(&self, key: &str, day: u64, reserved: u64, spent: u64) {
        let mut state = self.state();
        let is_today = day == state.days;
        let settled = |sum: u64| sum.saturating_sub(reserved).saturating_add(spent);
        if is_today {
            state.spent = settled(state.spent);
        }
        if let Some(key) = state.keys.get_mut(key) {
            key.live = key.live.saturating_sub(1);
            if is_today {
                key.spent = settled(key.spent);
            }
        }
    }
}

impl LimitState {
    fn start_day(&mut self, day: String) {
        self.day = day;
        self.days += 1;
        self.spent = 0;
        self.keys.values_mut().for_each(|key| key.spent = 0);
    }
}

/// The calendar day here, as the ledger counts it.
fn local_day() -> String {
    let mut day = time::local(SystemTime::now());
    day.truncate("YYYY-MM-DD".len());
    day
}

/// When the request after this one is due, if this one may come now.
fn next_due(due: Option<Instant>, rpm: u32, now: Instant) -> Result<Instant, LimitReached> {
    let (emission, burst) = pace(rpm);
    let due = due.filter(|due| *due > now).unwrap_or(now);
    let ahead = due + emission - now;
    let wait = ahead.saturating_sub(emission * burst);
    if wait > Duration::ZERO {
        return Err(LimitReached::Rate { wait });
    }
    Ok(due + emission)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::client_key::ClientKey;

    fn key() -> ClientKey {
        ClientKey::sample("laptop")
    }

    fn limits(per_day: Option<u64>) -> MemoryLimits {
        MemoryLimits::new(per_day, std::iter::empty())
    }

    #[test]
    fn a_rate_lets_through_its_burst_and_then_its_pace() {
        let key = ClientKey {
            rpm: Some(60),
            ..key()
        };
        let limits = limits(None);
        let start = Instant::now();
        let admitted = |from: u64, to: u64| {
            let tries = (from..to).map(|at| start + Duration::from_millis(at));
            tries
                .filter(|now| {
                    let request = LimitRequest {
                        key: &key,
                        reserve: None,
                    };
                    limits.admit_at(request, *now).is_ok()
                })
                .count()
        };
        assert_eq!(admitted(0, 10), 10, "a sixth of 60 at once");
        assert_eq!(admitted(10, 60_000), 59);
    }

    #[test]
    fn places_are_given_back() {
        let key = ClientKey {
            concurrent: Some(2),
            ..key()
        };
        let limits = limits(None);
        let request = LimitRequest {
            key: &key,
            reserve: None,
        };
        assert_eq!(limits.admit(request), Ok(0));
        assert_eq!(limits.admit(request), Ok(0));
        assert_eq!(limits.admit(request), Err(LimitReached::Concurrent));
        limits.settle("laptop", 0, 0, 0);
        assert_eq!(limits.admit(request), Ok(0));
    }

    #[test]
    fn money_is_reserved_before_and_settled_after() {
        let key = ClientKey {
            per_day: Some(1.0),
            ..key()
        };
        let all = limits(Some(1_500_000));
        let request = |reserve| LimitRequest { key: &key, reserve };
        assert_eq!(all.admit(request(Some(600_000))), Ok(0));
        let refused = Err(LimitReached::Day { is_of_key: true });
        assert_eq!(all.admit(request(Some(600_000))), refused);
        all.settle("laptop", 0, 600_000, 100_000);
        assert_eq!(all.admit(request(Some(900_000))), Ok(0));
        assert_eq!(all.admit(request(None)), Err(LimitReached::UnknownCost));
        let other = ClientKey {
            name: "other".to_owned(),
            per_day: None,
            ..key.clone()
        };
        let request = LimitRequest {
            key: &other,
            reserve: Some(600_000),
        };
        assert_eq!(
            all.admit(request),
            Err(LimitReached::Day { is_of_key: false })
        );
    }

    #[test]
    fn what_was_spent_before_the_start_counts() {
        let key = ClientKey {
            per_day: Some(1.0),
            ..key()
        };
        let limits = MemoryLimits::new(None, [("laptop".to_owned(), 700_000)].into_iter());
        let request = |reserve| LimitRequest {
            key: &key,
            reserve: Some(reserve),
        };
        assert_eq!(limits.admit(request(300_000)), Ok(0));
        assert!(limits.admit(request(1)).is_err());
    }

    #[test]
    fn no_amount_gets_past_a_cap() {
        let key = ClientKey {
            per_day: Some(5.0),
            ..key()
        };
        let refused = |is_of_key| Err(LimitReached::Day { is_of_key });
        let spent = [("laptop".to_owned(), 1)];
        let limits = MemoryLimits::new(Some(7_000_000), spent.into_iter());
        for reserve in [
            u64::MAX,
            u64::MAX - 1,
            micro(f64::MAX),
            micro(f64::INFINITY),
        ] {
            let reserve = Some(reserve);
            let own = LimitRequest { key: &key, reserve };
            assert_eq!(limits.admit(own), refused(true), "{reserve:?}");
            let other = ClientKey {
                per_day: None,
                ..key.clone()
            };
            let other = LimitRequest {
                key: &other,
                reserve,
            };
            assert_eq!(limits.admit(other), refused(false), "{reserve:?}");
        }
    }

    #[test]
    fn what_was_reserved_yesterday_is_not_taken_off_the_sum_of_today() {
        let key = ClientKey {
            per_day: Some(5.0),
            concurrent: Some(2),
            ..key()
        };
        let limits = limits(Some(5_000_000));
        let request = |reserve| LimitRequest {
            key: &key,
            reserve: Some(reserve),
        };
        let yesterday = limits.admit(request(5_000_000)).unwrap();
        limits.state().start_day("2000-01-02".to_owned());
        limits.state().day = local_day();
        let today = limits.admit(request(4_000_000)).unwrap();
        limits.settle("laptop", yesterday, 5_000_000, 3_000_000);
        let refused = Err(LimitReached::Day { is_of_key: true });
        assert_eq!(limits.admit(request(1_000_001)), refused);
        assert_eq!(limits.admit(request(1_000_000)), Ok(today));
    }
}
