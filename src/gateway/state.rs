//! What all threads of the server share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc, watch};

use super::known_keys::KnownKeys;
use super::ledger::Ledger;
use super::limits::{Limits, OnFailure};
use super::log::LogLine;
use super::metrics::Metrics;
use super::options::GatewayOptions;
use super::profile_caps::ProfileCaps;
use super::repeats::Repeats;
use super::snapshot::Snapshot;
use crate::config::Home;
use crate::telemetry::Telemetry;

/// Most log lines that wait to be written; more are counted and dropped.
const LOG_QUEUE: usize = 4096;

/// How often the operator is warned of the same thing.
const WARNING_INTERVAL: Duration = Duration::from_secs(60);

/// What the server reports while it runs.
#[derive(Debug)]
pub(crate) enum LogEntry {
    /// A line of the log.
    Line(String),
    /// A warning, also without a log.
    Warning(String),
}

/// How far the server is from its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) enum Phase {
    Running,
    /// New requests are refused, those in progress continue.
    Draining,
    /// Streams in progress end with an error.
    Cutting,
}

/// The state of the server.
pub(crate) struct Gateway {
    pub options: GatewayOptions,
    pub(super) keys: KnownKeys,
    pub(super) limits: Limits,
    pub(super) ledger: Ledger,
    pub(super) caps: ProfileCaps,
    pub(super) repeats: Repeats,
    pub(super) metrics: Metrics,
    pub(super) telemetry: Telemetry,
    snapshot: RwLock<Arc<Snapshot>>,
    phase: watch::Sender<Phase>,
    /// Requests in progress.
    live: AtomicUsize,
    idle: Notify,
    log: mpsc::Sender<LogEntry>,
    /// When the operator was last warned that the shared limits cannot be asked.
    warned: Mutex<Option<Instant>>,
    dropped_lines: AtomicUsize,
}

/// What the state is made of.
pub(crate) struct GatewayParts {
    pub options: GatewayOptions,
    pub keys: KnownKeys,
    pub snapshot: Snapshot,
    pub ledger: Ledger,
    pub home: Home,
    pub telemetry: Telemetry,
    /// USD that each client key has spent today.
    pub spent: Vec<(String, f64)>,
}

impl Gateway {
    /// The state, and the lines of the log to write.
    ///
    /// # Errors
    /// The URL of the shared limits cannot be used.
    pub(crate) fn new(
        parts: GatewayParts,
    ) -> Result<(Arc<Self>, mpsc::Receiver<LogEntry>), String> {
        let (log, lines) = mpsc::channel(LOG_QUEUE);
        let per_day = parts.options.per_day;
        let mut limits = Limits::in_memory(per_day, parts.spent);
        if let Some(url) = &parts.options.state {
            let on_failure = OnFailure {
                passes_rate: parts.options.rate_fails_open,
                passes_money: parts.options.money_fails_open,
            };
            limits = limits.shared_at(url, per_day, on_failure)?;
        }
        let gateway = Self {
            limits,
            options: parts.options,
            keys: parts.keys,
            caps: ProfileCaps::at(parts.home, parts.ledger.clone()),
            ledger: parts.ledger,
            repeats: Repeats::default(),
            metrics: Metrics::default(),
            telemetry: parts.telemetry,
            snapshot: RwLock::new(Arc::new(parts.snapshot)),
            phase: watch::Sender::new(Phase::Running),
            live: AtomicUsize::new(0),
            idle: Notify::new(),
            log,
            warned: Mutex::default(),
            dropped_lines: AtomicUsize::new(0),
        };
        Ok((Arc::new(gateway), lines))
    }

    /// The configuration for a request.
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the configuration for requests from now on.
    pub(crate) fn replace(&self, snapshot: Snapshot) {
        *self
            .snapshot
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }

    pub(crate) fn enter_phase(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Completes when streams in progress must end.
    pub(super) async fn cutting(&self) {
        let mut phase = self.phase.subscribe();
        // The sender lives as long as this state.
        let _ = phase.wait_for(|phase| *phase >= Phase::Cutting).await;
    }

    pub(super) fn enter(&self) {
        self.live.fetch_add(1, Ordering::Relaxed);
    }

    /// A request has ended.
    pub(super) fn leave(&self, line: LogLine) {
        self.report_ledger();
        if self.options.has_metrics {
            self.metrics.count(&line);
        }
        if let Some(form) = self.options.log
            && self.log.try_send(LogEntry::Line(line.text(form))).is_err()
        {
            self.dropped_lines.fetch_add(1, Ordering::Relaxed);
        }
        if self.live.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.idle.notify_waiters();
        }
    }

    /// The shared limits could not be asked: it is counted, and reported once in a while.
    pub(super) fn limits_unavailable(&self) {
        self.metrics.limits_unavailable();
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_none_or(|at| at.elapsed() >= WARNING_INTERVAL) {
            *warned = Some(Instant::now());
            let how = |passes| if passes { "pass" } else { "are refused" };
            let warning = format!(
                "the shared limits cannot be checked: Redis does not answer; requests under a \
                limit on rate {}, those under a limit on money {}",
                how(self.options.rate_fails_open),
                how(self.options.money_fails_open)
            );
            // With a full queue the lines of the log say it.
            let _ = self.log.try_send(LogEntry::Warning(warning));
        }
    }

    /// Warns of a ledger that cannot be written, once for each time that it was tried.
    fn report_ledger(&self) {
        if let Some(why) = self.ledger.take_trouble() {
            let warning = format!("{why}; rows of the ledger are kept until it can be written");
            let _ = self.log.try_send(LogEntry::Warning(warning));
        }
    }

    /// Requests in progress.
    pub(crate) fn live(&self) -> usize {
        self.live.load(Ordering::Acquire)
    }

    /// Completes when no request is in progress.
    pub(crate) async fn idle(&self) {
        loop {
            let idle = self.idle.notified();
            if self.live() == 0 {
                return;
            }
            idle.await;
        }
    }
}
