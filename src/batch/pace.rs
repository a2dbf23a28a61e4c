//! The pace of requests to one server: how many at once, and how many a second.
//!
//! Until the first refusal for load the number at once doubles with each round of successes. A
//! refusal fixes the rate at what the server accepted in the last second; a further one soon after
//! halves it. Between refusals the rate grows slowly, and faster the longer none comes. A wait that
//! the server asks for holds every request.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::chat::pace::{Admission, Load, Pace};
use crate::wire::client::Url;

/// Most requests at once at the start.
const START: usize = 32;

/// Most requests at once before the first success.
const FIRST: usize = 3;

/// The time over which accepted requests are counted.
const MEASURED: Duration = Duration::from_secs(1);

/// A refusal so soon after another one halves the rate.
const SOON: Duration = Duration::from_secs(2);

/// The part of the accepted rate that is kept after a refusal.
const KEPT: f64 = 0.97;

/// Growth of the rate in a second, as a part of it; it doubles with each [`CALM`] without refusal.
const GROWTH: f64 = 0.001;
const FASTEST_GROWTH: f64 = 0.5;
const CALM: Duration = Duration::from_secs(10);

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

/// The paces of all servers.
#[derive(Clone)]
pub(crate) struct Paces {
    limits: PaceLimits,
    servers: Arc<Mutex<BTreeMap<String, Arc<ServerPace>>>>,
    changed: Arc<Notify>,
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
    /// Successes until the window grows.
    round_left: usize,
    has_succeeded: bool,
    was_refused: bool,
    /// Requests a second, once the server refused one for load.
    rate: Option<f64>,
    /// When the rate was updated last.
    grown_at: Option<Instant>,
    last_cut: Option<Instant>,
    /// No request before this time.
    held_until: Option<Instant>,
    /// When the next request fits into the rate.
    next_at: Option<Instant>,
    /// Requests of the last second that were not refused.
    accepted: VecDeque<Instant>,
}

impl Paces {
    pub(crate) fn new(limits: PaceLimits) -> Self {
        Self {
            limits,
            servers: Arc::default(),
            changed: Arc::default(),
        }
    }

    /// The pace of the server of a URL.
    pub(crate) fn of(&self, url: &Url) -> Arc<ServerPace> {
        let origin = url.origin().ascii_serialization();
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(ServerPace::new(self.limits, Arc::clone(&self.changed)));
        Arc::clone(servers.entry(origin).or_insert_with(new))
    }

    /// The longest wait that a server asks for now.
    pub(crate) fn held(&self) -> Option<Duration> {
        let servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let held = servers
            .values()
            .filter_map(|server| server.lock().held_until);
        held.map(|until| until.saturating_duration_since(now))
            .filter(|left| !left.is_zero())
            .max()
    }

    /// Completes after any of them changed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl ServerPace {
    fn new(limits: PaceLimits, changed: Arc<Notify>) -> Self {
        let window = limits.at_once.clamp(1, START);
        Self {
            limits,
            state: Mutex::new(PaceState {
                in_flight: 0,
                waiting: 0,
                window,
                round_left: window,
                has_succeeded: false,
                was_refused: false,
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

    /// Admits the first request of a row now, or says when to try again; `None` when another one
    /// has to end first. Requests that were refused go first.
    pub(crate) fn admit_new(&self, tokens: u64) -> Result<Instant, Option<Instant>> {
        if self.lock().waiting > 0 {
            return Err(None);
        }
        self.admit_at(Instant::now(), tokens)
    }

    /// Counts a request that waits, or no longer does.
    fn waits(&self, is_waiting: bool) {
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
        let most = if state.has_succeeded {
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
            Load::Refused { wait } => {
                state.refuse(now, admitted);
                if let Some(wait) = wait {
                    let factor = 1.0 + JITTER * (2.0 * random - 1.0);
                    let until = now + wait.mul_f64(factor);
                    state.held_until = Some(state.held_until.map_or(until, |held| held.max(until)));
                }
            }
            Load::Unknown => {}
        }
    }
}

impl PaceState {
    fn succeed(&mut self, most: usize) {
        self.has_succeeded = true;
        self.round_left = self.round_left.saturating_sub(1);
        if self.round_left == 0 {
            let grown = if self.was_refused {
                self.window + 1
            } else {
                self.window * 2
            };
            self.window = grown.min(most);
            self.round_left = self.window;
        }
    }

    /// Cuts the rate, once for all requests that were admitted before the last cut.
    fn refuse(&mut self, now: Instant, admitted: Instant) {
        self.forget(now);
        if let Some(index) = self.accepted.iter().position(|at| *at >= admitted) {
            self.accepted.remove(index);
        }
        self.was_refused = true;
        if self.last_cut.is_some_and(|cut| admitted <= cut) {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "requests of one second")]
        let accepted = self.accepted.len().max(1) as f64 / MEASURED.as_secs_f64();
        let is_soon = self.last_cut.is_some_and(|cut| now - cut < SOON);
        let rate = match self.rate {
            Some(rate) if is_soon => rate / 2.0,
            Some(rate) => rate.min(accepted) * KEPT,
            None => accepted * KEPT,
        };
        self.rate = Some(rate.max(SLOWEST));
        (self.last_cut, self.grown_at) = (Some(now), Some(now));
        self.next_at = Some(now + Duration::from_secs_f64(1.0 / rate.max(SLOWEST)));
    }

    /// Raises the rate by the time since it was last raised.
    fn grow(&mut self, now: Instant) {
        let (Some(rate), Some(grown), Some(cut)) = (self.rate, self.grown_at, self.last_cut) else {
            return;
        };
        let calm = (now - cut).as_secs_f64() / CALM.as_secs_f64();
        let growth = (GROWTH * calm.exp2()).min(FASTEST_GROWTH);
        self.rate = Some(rate * (1.0 + growth * (now - grown).as_secs_f64()));
        self.grown_at = Some(now);
    }

    /// Drops what was accepted before the time that is measured.
    fn forget(&mut self, now: Instant) {
        while self.accepted.front().is_some_and(|at| now - *at > MEASURED) {
            self.accepted.pop_front();
        }
    }
}

/// The admissions of one row to one server. The first one is made before the row starts.
pub(crate) struct RowPace {
    server: Arc<ServerPace>,
    tokens: u64,
    state: Mutex<Admitted>,
}

#[derive(Debug, Clone, Copy)]
enum Admitted {
    No,
    /// For a request that has not started.
    Ahead(Instant),
    InFlight(Instant),
}

impl RowPace {
    /// `ahead` is the admission of the first request, where it was made already.
    pub(crate) fn new(server: Arc<ServerPace>, tokens: u64, ahead: Option<Instant>) -> Self {
        Self {
            server,
            tokens,
            state: Mutex::new(ahead.map_or(Admitted::No, Admitted::Ahead)),
        }
    }

    fn replace(&self, state: Admitted) -> Admitted {
        let mut current = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut current, state)
    }
}

/// Counts a request as waiting until it is dropped.
struct Waiting<'a>(&'a ServerPace);

impl<'a> Waiting<'a> {
    fn new(server: &'a ServerPace) -> Self {
        server.waits(true);
        Self(server)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waits(false);
    }
}

impl Pace for RowPace {
    fn admitted(&self) -> Admission<'_> {
        Box::pin(async {
            if let Admitted::Ahead(at) = self.replace(Admitted::No) {
                self.replace(Admitted::InFlight(at));
                return;
            }
            let _waiting = Waiting::new(&self.server);
            loop {
                let changed = self.server.changed.notified();
                match self.server.admit_at(Instant::now(), self.tokens) {
                    Ok(at) => {
                        self.replace(Admitted::InFlight(at));
                        return;
                    }
                    Err(None) => changed.await,
                    Err(Some(until)) => {
                        tokio::select! {
                            () = tokio::time::sleep_until(until) => {}
                            () = changed => {}
                        }
                    }
                }
            }
        })
    }

    fn ended(&self, load: Load) {
        if let Admitted::InFlight(at) = self.replace(Admitted::No) {
            self.server.ended(at, load);
        }
    }
}

impl Drop for RowPace {
    fn drop(&mut self) {
        // A row that sent nothing, or that was stopped.
        if let Admitted::Ahead(at) | Admitted::InFlight(at) = self.replace(Admitted::No) {
            self.server.ended(at, Load::Unknown);
        }
    }
}
