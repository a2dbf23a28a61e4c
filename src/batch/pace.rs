//! The pace of requests to one server: how many at once, and how many a second.
//!
//! Few requests are sent until the first answer starts, and [`START`] from then on; the number
//! doubles after as many successes. A refusal for load fixes the rate at
//! what the server accepted in the last second, and a further one soon after halves it. After these
//! two the rate grows fast until the next refusal, which settles it; from then on it grows slowly,
//! and faster the longer none comes. A wait that the server asks for holds every request, as a
//! server does that cannot be reached any more.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use super::away::Away;
use crate::chat::allowance::{Allowance, Counted, Refill};
use crate::chat::pace::{Load, PATIENCE};

/// Most requests at once after the first answer has started. With more, too many are refused by a
/// server that takes few a second.
const START: usize = 32;

/// Most requests at once before the first answer starts: a wrong key costs so many.
const FIRST: usize = 3;

/// The time over which accepted requests are counted.
const MEASURED: Duration = Duration::from_secs(1);

/// A refusal so soon after another one halves the rate.
const SOON: Duration = Duration::from_secs(2);

/// The part of the accepted rate that is kept after a refusal.
const KEPT: f64 = 0.97;

/// Growth of the rate in a second, as a part of it; it doubles with each [`CALM`] without refusal.
const GROWTH: f64 = 0.0005;
const CALM: Duration = Duration::from_secs(8);

/// Fastest growth, and that of a rate that is not settled, which starts after [`PAUSE`].
const FASTEST_GROWTH: f64 = 0.3;
const PAUSE: Duration = Duration::from_secs(1);

/// Lowest rate, in requests a second.
const SLOWEST: f64 = 1.0 / 60.0;

/// Part by which a wait is lengthened or shortened at random, so that rows, and other processes, do
/// not come back at once.
const JITTER: f64 = 0.2;

/// Limits that the user sets.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PaceLimits {
    pub at_once: usize,
    /// Requests a minute.
    pub per_minute: Option<f64>,
    /// Tokens a minute.
    pub tokens_per_minute: Option<f64>,
}

/// The pace of one server.
pub(crate) struct ServerPace {
    limits: PaceLimits,
    state: Mutex<PaceState>,
    /// A request has ended, or a wait is over.
    changed: Arc<Notify>,
}

#[derive(Debug)]
struct PaceState {
    in_flight: usize,
    /// Requests that were refused for load and wait to be sent again.
    waiting: usize,
    /// Most at once.
    window: usize,
    /// Successes since that was raised, or since a refusal.
    successes: usize,
    /// An answer has started, and the server was not away since.
    is_accepted: bool,
    /// An answer has started.
    has_accepted: bool,
    /// A request was answered since the last refusal.
    has_succeeded: bool,
    away: Away,
    /// The rate is a guess: it grows fast until the next refusal.
    is_searching: bool,
    /// Requests a second, once the server refused one for load.
    rate: Option<f64>,
    /// When the rate was updated last.
    grown_at: Option<Instant>,
    last_cut: Option<Instant>,
    /// No request before this time.
    held_until: Option<Instant>,
    /// When the next request fits into the rate.
    next_at: Option<Instant>,
    /// Requests of the last two seconds that were not refused.
    accepted: VecDeque<Instant>,
}

impl ServerPace {
    pub(super) fn new(limits: PaceLimits, changed: Arc<Notify>) -> Self {
        let window = limits.at_once.clamp(1, START);
        Self {
            limits,
            state: Mutex::new(PaceState {
                in_flight: 0,
                waiting: 0,
                window,
                successes: 0,
                is_accepted: false,
                has_accepted: false,
                has_succeeded: false,
                away: Away::default(),
                is_searching: false,
                rate: None,
                grown_at: None,
                last_cut: None,
                held_until: None,
                next_at: None,
                accepted: VecDeque::new(),
            }),
            changed,
        }
    }

    fn lock(&self) -> MutexGuard<'_, PaceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when it is held, and whether it is away.
    pub(super) fn held(&self) -> Option<(Instant, bool)> {
        let state = self.lock();
        Some((state.held_until?, state.away.is_away()))
    }

    /// Admits the first request of a row now, or says when to try again; `None` when another one
    /// has to end first. Requests that were refused go first.
    pub(crate) fn admit_new(&self, tokens: u64) -> Result<Instant, Option<Instant>> {
        if self.lock().waiting > 0 {
            return Err(None);
        }
        self.admit_at(Instant::now(), tokens)
    }

    /// The same for a request that was refused before.
    pub(super) fn admit_again(&self, tokens: u64) -> Result<Instant, Option<Instant>> {
        self.admit_at(Instant::now(), tokens)
    }

    /// Completes after another request has ended.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Counts a request that waits, or no longer does.
    pub(super) fn waits(&self, is_waiting: bool) {
        let mut state = self.lock();
        state.waiting = if is_waiting {
            state.waiting + 1
        } else {
            state.waiting.saturating_sub(1)
        };
        drop(state);
        self.changed.notify_one();
    }

    fn admit_at(&self, now: Instant, tokens: u64) -> Result<Instant, Option<Instant>> {
        let mut state = self.lock();
        if let Some(until) = state.held_until.filter(|until| *until > now) {
            return Err(Some(until));
        }
        let most = if state.is_accepted {
            state.window
        } else {
            state.window.min(FIRST)
        };
        if state.in_flight >= most {
            return Err(None);
        }
        state.grow(now);
        if let Some(next) = state.next_at.filter(|next| *next > now) {
            return Err(Some(next));
        }
        if let Some(spacing) = self.spacing(state.rate, tokens) {
            state.next_at = Some(state.next_at.map_or(now, |next| next.max(now)) + spacing);
        }
        state.in_flight += 1;
        state.accepted.push_back(now);
        state.forget(now);
        Ok(now)
    }

    /// The time between this request and the next one.
    fn spacing(&self, rate: Option<f64>, tokens: u64) -> Option<Duration> {
        let by_rate = rate.map(|rate| 1.0 / rate);
        let by_limit = self.limits.per_minute.map(|limit| 60.0 / limit);
        #[expect(clippy::cast_precision_loss, reason = "tokens of a prompt")]
        let by_tokens = self
            .limits
            .tokens_per_minute
            .map(|limit| 60.0 * tokens as f64 / limit);
        let all = [by_rate, by_limit, by_tokens];
        let longest = all.into_iter().flatten().fold(0.0, f64::max);
        (longest > 0.0).then(|| Duration::from_secs_f64(longest.min(3600.0)))
    }

    /// An answer of the server has started.
    pub(super) fn accepted(&self) {
        if self.lock().accept() {
            return;
        }
        self.changed.notify_waiters();
        self.changed.notify_one();
    }

    /// A reply says what is left of a limit. One that is used up sets the rate to what is refilled,
    /// or holds every request until it is.
    pub(super) fn allows(&self, allowance: Allowance, tokens: u64) {
        self.allows_at(Instant::now(), allowance, tokens, fastrand::f64());
    }

    fn allows_at(&self, now: Instant, allowance: Allowance, tokens: u64, random: f64) {
        #[expect(clippy::cast_precision_loss, reason = "tokens of a prompt")]
        let each = match allowance.counted {
            Counted::Requests => 1.0,
            Counted::Tokens => tokens.max(1) as f64,
        };
        if allowance.left >= each {
            return;
        }
        let mut state = self.lock();
        match allowance.refill {
            Refill::Rate(refilled) => state.slow_down(now, refilled / each),
            Refill::After(wait) => state.hold(now, wait, random),
        }
    }

    /// Whether requests that find no connection wait for the server: it has answered before, and is
    /// not away for too long. A server that never answered is most likely the wrong one.
    pub(super) fn awaits_server(&self) -> bool {
        let state = self.lock();
        state.has_accepted && state.away.is_awaited(Instant::now())
    }

    /// A request that was admitted at `admitted` has ended.
    pub(crate) fn ended(&self, admitted: Instant, load: Load) {
        self.ended_at(Instant::now(), admitted, load, fastrand::f64());
        self.changed.notify_waiters();
        self.changed.notify_one();
    }

    fn ended_at(&self, now: Instant, admitted: Instant, load: Load, random: f64) {
        let mut state = self.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        match load {
            Load::Fine => state.succeed(self.limits.at_once),
            // Nothing waits so long: another profile takes over, or the job ends.
            Load::Refused { wait: Some(wait) } if wait > PATIENCE => {}
            Load::Refused { wait } => {
                state.refuse(now, admitted, wait.is_some());
                if let Some(wait) = wait {
                    state.hold(now, wait, random);
                }
            }
            Load::Unreachable if state.has_accepted => {
                if let Some(wait) = state.away.failed(now, admitted) {
                    // A few find out when it is back.
                    state.is_accepted = false;
                    state.hold(now, wait, random);
                }
            }
            Load::Unreachable | Load::Unknown => {}
        }
    }
}

impl PaceState {
    /// The server answers. Returns whether that was known.
    fn accept(&mut self) -> bool {
        (self.has_accepted, self.away) = (true, Away::default());
        std::mem::replace(&mut self.is_accepted, true)
    }

    /// Holds every request for about so long.
    fn hold(&mut self, now: Instant, wait: Duration, random: f64) {
        let factor = 1.0 + JITTER * (2.0 * random - 1.0);
        let until = now + wait.mul_f64(factor);
        self.held_until = Some(self.held_until.map_or(until, |held| held.max(until)));
    }

    fn succeed(&mut self, most: usize) {
        self.accept();
        self.has_succeeded = true;
        self.successes += 1;
        if self.successes >= self.window {
            // Not one by one: successes and refusals of the same time arrive in any order.
            self.window = (2 * self.window).min(most);
            self.successes = 0;
        }
    }

    /// Cuts the rate, once for all requests that were admitted before the last cut, and to no less
    /// than its half: few were accepted where few were sent. With nothing accepted since the last
    /// wait that the server asked for, it only asks for another one.
    fn refuse(&mut self, now: Instant, admitted: Instant, has_wait: bool) {
        self.forget(now);
        if let Some(index) = self.accepted.iter().position(|at| *at >= admitted) {
            self.accepted.remove(index);
        }
        if self.last_cut.is_some_and(|cut| admitted <= cut) {
            return;
        }
        // What was sent after it is refused as well, most likely.
        let is_before = |at: &&Instant| **at < admitted && admitted - **at < MEASURED;
        let before = self.accepted.iter().filter(is_before);
        #[expect(clippy::cast_precision_loss, reason = "requests of one second")]
        let accepted = before.count().max(1) as f64 / MEASURED.as_secs_f64();
        let since = self.last_cut.map(|cut| now - cut);
        let is_soon = since.is_some_and(|since| since < SOON);
        let has_searched = self.is_searching && since.is_some_and(|since| since > PAUSE);
        let is_another = has_wait && !self.has_succeeded;
        (self.has_succeeded, self.successes) = (false, 0);
        let rate = match self.rate {
            Some(rate) if is_another => rate,
            Some(rate) if is_soon && !has_searched => {
                self.is_searching = true;
                rate / 2.0
            }
            Some(rate) => {
                self.is_searching = false;
                (rate.min(accepted) * KEPT).max(rate / 2.0)
            }
            None => {
                self.is_searching = true;
                accepted * KEPT
            }
        };
        let rate = rate.max(SLOWEST);
        self.rate = Some(rate);
        (self.last_cut, self.grown_at) = (Some(now), Some(now));
        self.next_at = Some(now + Duration::from_secs_f64(1.0 / rate));
    }

    /// Sets the rate to that of a limit that is used up, unless it is lower.
    fn slow_down(&mut self, now: Instant, rate: f64) {
        if self.rate.is_some_and(|known| known <= rate) {
            return;
        }
        let rate = rate.max(SLOWEST);
        (self.rate, self.is_searching) = (Some(rate), false);
        (self.last_cut, self.grown_at) = (Some(now), Some(now));
        self.next_at = Some(now + Duration::from_secs_f64(1.0 / rate));
    }

    /// Raises the rate by the time since it was last raised.
    fn grow(&mut self, now: Instant) {
        let (Some(rate), Some(grown), Some(cut)) = (self.rate, self.grown_at, self.last_cut) else {
            return;
        };
        let since = now - cut;
        let calm = since.as_secs_f64() / CALM.as_secs_f64();
        let growth = match (self.is_searching, since > PAUSE) {
            (true, true) => FASTEST_GROWTH,
            (true, false) => 0.0,
            (false, _) => (GROWTH * calm.exp2()).min(FASTEST_GROWTH),
        };
        self.rate = Some(rate * (1.0 + growth * (now - grown).as_secs_f64()));
        self.grown_at = Some(now);
    }

    /// Drops what was accepted before the time that is measured. A refusal takes its time.
    fn forget(&mut self, now: Instant) {
        let is_old = |at: &Instant| now - *at > 2 * MEASURED;
        while self.accepted.front().is_some_and(is_old) {
            self.accepted.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that accepts so many requests in any second, and asks to wait otherwise.
    struct Server {
        limit: fn(f64) -> usize,
        wait: Duration,
        accepted: VecDeque<Instant>,
    }

    const LATENCY: Duration = Duration::from_millis(50);

    /// The time between two requests that are sent together.
    const SENT: Duration = Duration::from_micros(10);

    impl Server {
        fn accepts(&mut self, at: f64, now: Instant) -> bool {
            let is_old = |asked: &Instant| now - *asked >= Duration::from_secs(1);
            while self.accepted.front().is_some_and(is_old) {
                self.accepted.pop_front();
            }
            let is_accepted = self.accepted.len() < (self.limit)(at);
            if is_accepted {
                self.accepted.push_back(now);
            }
            is_accepted
        }
    }

    /// The seconds at which requests were accepted, and those at which they were refused, with 64
    /// at once and rows without end.
    fn simulated(limit: fn(f64) -> usize, wait: f64, seconds: f64) -> (Vec<f64>, Vec<f64>) {
        let limits = PaceLimits {
            at_once: 64,
            ..PaceLimits::default()
        };
        let pace = ServerPace::new(limits, Arc::default());
        let mut server = Server {
            limit,
            wait: Duration::from_secs_f64(wait),
            accepted: VecDeque::new(),
        };
        let start = Instant::now();
        let (mut now, mut flying) = (start, VecDeque::new());
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        loop {
            let at = (now - start).as_secs_f64();
            if at > seconds {
                return (accepted, refused);
            }
            match pace.admit_at(now, 0) {
                Ok(admitted) => {
                    let is_accepted = server.accepts(at, now);
                    if is_accepted {
                        accepted.push(at);
                    } else {
                        refused.push(at);
                    }
                    flying.push_back((now + LATENCY, admitted, is_accepted));
                    now += SENT;
                    continue;
                }
                Err(until) => {
                    let ends = flying.front().map(|(ends, ..)| *ends);
                    now = now.max(ends.into_iter().chain(until).min().unwrap());
                }
            }
            // Each answer may admit another request before the next answer is read.
            if let Some((_, admitted, is_accepted)) = flying.pop_front_if(|(end, ..)| *end <= now) {
                let wait = Some(server.wait);
                let load = if is_accepted {
                    Load::Fine
                } else {
                    Load::Refused { wait }
                };
                pace.ended_at(now, admitted, load, 0.5);
            }
        }
    }

    fn count(times: &[f64], from: f64, to: f64) -> usize {
        times.iter().filter(|at| (from..to).contains(*at)).count()
    }

    #[test]
    fn a_limit_of_twenty_a_second_is_used_and_seldom_exceeded() {
        for wait in [0.05, 1.0] {
            let (accepted, refused) = simulated(|_| 20, wait, 60.0);
            let used = count(&accepted, 10.0, 60.0);
            assert!(used >= 900, "{used} of 1000 with a wait of {wait} s");
            let all = accepted.len() + refused.len();
            assert!(
                refused.len() * 20 <= all,
                "{} of {all} refused",
                refused.len()
            );
        }
    }

    #[test]
    fn a_limit_that_falls_is_followed_within_two_seconds() {
        let (accepted, refused) = simulated(|at| if at < 20.0 { 20 } else { 5 }, 1.0, 60.0);
        let sent = count(&accepted, 22.0, 24.0) + count(&refused, 22.0, 24.0);
        assert!(sent <= 20, "{sent} in two seconds");
        let used = count(&accepted, 30.0, 60.0);
        assert!(used >= 100, "{used} of 150");
    }

    #[test]
    fn a_server_that_accepts_nothing_for_a_while_is_used_as_before() {
        fn is_closed(at: f64) -> bool {
            (20.0..30.0).contains(&at)
        }
        let limit = |at| if is_closed(at) { 0 } else { 20 };
        let (accepted, refused) = simulated(limit, 3.0, 60.0);
        let used = count(&accepted, 35.0, 60.0);
        assert!(used >= 450, "{used} of 500");
        let sent = refused.iter().filter(|at| is_closed(**at)).count();
        assert!(sent <= 20, "{sent} while it accepted nothing");
    }

    #[test]
    fn a_wait_holds_every_request() {
        let (accepted, refused) = simulated(|at| if at < 1.0 { 20 } else { 0 }, 3.0, 3.9);
        let first = refused[0] + LATENCY.as_secs_f64();
        let (from, to) = (first + 0.06, first + 2.4);
        let sent = count(&accepted, from, to) + count(&refused, from, to);
        assert_eq!(sent, 0, "after the first refusal at {first} s");
    }

    #[test]
    fn three_at_once_until_the_first_answer_begins_and_twice_as_many_after_each_round() {
        for (at_once, then) in [(2, 2), (20, 20), (1000, START)] {
            let limits = PaceLimits {
                at_once,
                ..PaceLimits::default()
            };
            let pace = ServerPace::new(limits, Arc::default());
            let now = Instant::now();
            let admit = || (0..at_once).filter(|_| pace.admit_at(now, 0).is_ok());
            let first = admit().count();
            assert_eq!(first, at_once.min(3));
            pace.ended_at(now, now, Load::Unknown, 0.5);
            assert_eq!(
                admit().count(),
                1,
                "a refusal admits no more than its place"
            );
            pace.accepted();
            assert_eq!(first + admit().count(), then);
            (0..then).for_each(|_| pace.ended_at(now, now, Load::Fine, 0.5));
            assert_eq!(admit().count(), (2 * then).min(at_once));
        }
    }

    #[test]
    fn a_refusal_for_load_before_the_first_answer_spaces_those_after_it() {
        let limits = PaceLimits {
            at_once: 64,
            ..PaceLimits::default()
        };
        let pace = ServerPace::new(limits, Arc::default());
        let now = Instant::now();
        let admitted = [0, 1, 2].map(|number| pace.admit_at(now + SENT * number, 0).unwrap());
        let admit = |at| (0..64).filter(|_| pace.admit_at(at, 0).is_ok()).count();
        let later = now + LATENCY;
        assert_eq!(admit(later), 0);
        pace.ended_at(later, admitted[2], Load::Refused { wait: None }, 0.5);
        pace.ended_at(later, admitted[0], Load::Fine, 0.5);
        assert_eq!(admit(later), 0);
        // Two were sent before it in that second.
        assert_eq!(admit(later + Duration::from_millis(600)), 1);
    }

    #[test]
    fn a_limit_that_is_used_up_sets_the_rate_or_holds_every_request() {
        let limits = PaceLimits {
            at_once: 64,
            ..PaceLimits::default()
        };
        let allowance = |counted, left, refill| Allowance {
            counted,
            left,
            refill,
        };
        let (requests, tokens) = (Counted::Requests, Counted::Tokens);
        let second = Duration::from_secs(1);
        let rows = [
            (allowance(requests, 1.0, Refill::Rate(2.0)), None),
            (
                allowance(requests, 0.0, Refill::Rate(2.0)),
                Some(second / 2),
            ),
            (allowance(tokens, 100.0, Refill::Rate(2.0)), None),
            (
                allowance(tokens, 99.0, Refill::Rate(50.0)),
                Some(2 * second),
            ),
            (
                allowance(requests, 0.0, Refill::After(second)),
                Some(second),
            ),
        ];
        for (allowance, wait) in rows {
            let pace = ServerPace::new(limits, Arc::default());
            pace.accepted();
            let now = Instant::now();
            pace.allows_at(now, allowance, 100, 0.5);
            let next = pace.admit_at(now, 100).err().flatten();
            assert_eq!(next, wait.map(|wait| now + wait), "{allowance:?}");
        }
        // A rate that is lower already stays.
        let pace = ServerPace::new(limits, Arc::default());
        let now = Instant::now();
        for rate in [1.0, 5.0] {
            pace.allows_at(now, allowance(requests, 0.0, Refill::Rate(rate)), 1, 0.5);
        }
        assert_eq!(pace.lock().rate, Some(1.0));
    }

    #[test]
    fn limits_of_the_user_space_the_requests() {
        let limits = PaceLimits {
            at_once: 8,
            per_minute: Some(60.0),
            tokens_per_minute: Some(600.0),
        };
        let pace = ServerPace::new(limits, Arc::default());
        let now = Instant::now();
        pace.admit_at(now, 5).unwrap();
        let next = pace.admit_at(now, 100).unwrap_err();
        assert_eq!(next, Some(now + Duration::from_secs(1)));
        pace.admit_at(now + Duration::from_secs(1), 100).unwrap();
        let next = pace.admit_at(now + Duration::from_secs(2), 1).unwrap_err();
        assert_eq!(next, Some(now + Duration::from_secs(11)));
    }
}
