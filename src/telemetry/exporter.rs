//! Sends spans and measurements from a thread of its own, so that nothing waits for a collector.
//!
//! The thread starts with the first question. It resolves the keys and sets up the client while the
//! model answers, then posts what is queued, and signals when nothing is left.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use super::encoder::{self, Signal};
use super::later::LaterFile;
use super::metric::Observation;
use super::post::{Collector, Failure, Limit};
use super::settings::ExportSettings;
use super::span::Span;
use crate::config::telemetry::Flush;
use crate::secrets::value::Values;
use crate::wire::background;
use crate::wire::client::Client;
use crate::wire::options::ClientOptions;

/// Most spans that wait; the oldest are dropped.
const LONGEST_QUEUE: usize = 2048;

/// Spans that a program which goes on for long sends together.
const TOGETHER: usize = 512;

/// Longest time that its spans wait for others.
const LONGEST_GATHERING: Duration = Duration::from_secs(5);

/// What one answer, or several, brought.
#[derive(Default)]
pub(crate) struct Batch {
    pub spans: Vec<Span>,
    pub observations: Vec<Observation>,
}

impl Batch {
    pub(crate) fn extend(&mut self, other: Self) {
        self.spans.extend(other.spans);
        self.observations.extend(other.observations);
    }
}

/// What the thread works with.
pub(crate) struct Exporter {
    pub settings: ExportSettings,
    values: Values,
    client: ClientOptions,
    /// Where spans wait for the next run; `None` when they are sent at once.
    later: Option<LaterFile>,
    state: Mutex<State>,
    /// Something is queued, or the deadline has moved.
    wakes: Notify,
    /// The thread has finished what was queued.
    rests: Notify,
}

#[derive(Default)]
struct State {
    is_started: bool,
    is_busy: bool,
    /// Spans of earlier runs are to be sent.
    sends_file: bool,
    spans: VecDeque<Span>,
    observations: Vec<Observation>,
    /// Since the last warning.
    dropped: usize,
    /// Since the start.
    dropped_in_all: u64,
    failure: Option<Failure>,
    deadline: Option<Instant>,
    /// Spans are sent together while the program runs.
    gathers: bool,
    /// When the first that waits was queued.
    gathering_since: Option<Instant>,
}

impl State {
    fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.observations.is_empty()
    }

    /// When what waits is sent: `None` for now.
    fn due(&self) -> Option<Instant> {
        let is_full = self.spans.len() >= TOGETHER;
        let since = self.gathering_since.filter(|_| self.gathers);
        since
            .filter(|_| !is_full && self.deadline.is_none())
            .map(|since| since + LONGEST_GATHERING)
            .filter(|due| *due > Instant::now())
    }

    /// Takes what is sent together.
    fn take(&mut self) -> (Vec<Span>, Vec<Observation>) {
        let most = if self.gathers { TOGETHER } else { usize::MAX };
        let count = self.spans.len().min(most);
        let spans = self.spans.drain(..count).collect();
        self.gathering_since = (!self.spans.is_empty()).then(Instant::now);
        (spans, std::mem::take(&mut self.observations))
    }
}

impl Exporter {
    pub(super) fn new(
        settings: ExportSettings,
        values: Values,
        client: ClientOptions,
        later: Option<LaterFile>,
    ) -> Arc<Self> {
        let later = later.filter(|_| settings.flush == Flush::Later);
        Arc::new(Self {
            settings,
            values,
            client,
            later,
            state: Mutex::default(),
            wakes: Notify::new(),
            rests: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A question is about to be sent: what takes time happens while it is answered.
    pub(super) fn begin(self: &Arc<Self>) {
        match &self.later {
            None => self.start(),
            Some(later) if later.is_waiting() => {
                self.state().sends_file = true;
                self.start();
                self.wakes.notify_one();
            }
            Some(_) => {}
        }
    }

    fn start(self: &Arc<Self>) {
        if std::mem::replace(&mut self.state().is_started, true) {
            return;
        }
        let exporter = Arc::clone(self);
        if background::spawn(move || exporter.run()).is_err() {
            self.fail("the system refuses a thread".to_owned());
        }
    }

    /// Queues what an answer brought, or keeps it for the next run.
    pub(crate) fn export(self: &Arc<Self>, mut batch: Batch) {
        batch.spans.retain(|span| span.context.is_sampled);
        if self.settings.metrics.is_none() {
            batch.observations.clear();
        }
        if let Some(later) = self.later.as_ref().filter(|_| !self.state().gathers) {
            later.append(&self.encoded(&batch.spans, &batch.observations));
            return;
        }
        {
            let mut state = self.state();
            state.spans.extend(batch.spans);
            state.observations.extend(batch.observations);
            let surplus = state.spans.len().saturating_sub(LONGEST_QUEUE);
            state.spans.drain(..surplus);
            state.dropped += surplus;
            state.dropped_in_all += u64::try_from(surplus).unwrap_or(u64::MAX);
            if !state.is_empty() {
                state.gathering_since.get_or_insert_with(Instant::now);
            }
        }
        self.start();
        self.wakes.notify_one();
    }

    /// The program goes on for long.
    pub(super) fn keep_sending(&self) {
        self.state().gathers = true;
    }

    pub(super) fn dropped(&self) -> u64 {
        self.state().dropped_in_all
    }

    /// Sends a batch by itself, on this thread.
    ///
    /// # Errors
    /// Why it was not sent.
    pub(super) async fn send(&self, batch: Batch) -> Result<(), Failure> {
        let collector = self.collector()?;
        let mut observations = batch.observations;
        if self.settings.metrics.is_none() {
            observations.clear();
        }
        let parts = self.encoded(&batch.spans, &observations);
        self.post_all(Ok(&collector), &parts).await
    }

    /// The parts of the bodies, each with its signal.
    fn encoded(&self, spans: &[Span], observations: &[Observation]) -> Vec<(Signal, String)> {
        let resource = &self.settings.resource;
        let mut parts = Vec::new();
        if !spans.is_empty() {
            parts.push((Signal::Traces, encoder::spans(resource, spans)));
        }
        if !observations.is_empty() {
            let now = SystemTime::now();
            let metrics = encoder::metrics(resource, observations, now);
            parts.push((Signal::Metrics, metrics));
        }
        parts
    }

    /// Posts an empty body to each URL.
    pub(super) async fn test(&self) -> Result<(), Failure> {
        let collector = self.collector()?;
        let urls = [
            (Signal::Traces, Some(&self.settings.traces)),
            (Signal::Metrics, self.settings.metrics.as_ref()),
        ];
        for (signal, url) in urls {
            if let Some(url) = url {
                collector.post(url, signal.body([]), self).await?;
            }
        }
        Ok(())
    }

    /// Waits until everything is sent, at most so long. What is left then is dropped, or stays for
    /// the next run.
    pub(super) async fn flush(&self, longest: Duration) {
        if self.later.is_some() && !self.state().gathers {
            return;
        }
        let deadline = Instant::now() + longest;
        self.state().deadline = Some(deadline);
        self.wakes.notify_waiters();
        let rested = tokio::time::timeout_at(deadline, async {
            loop {
                let rests = self.rests.notified();
                if !self.is_busy() {
                    return;
                }
                rests.await;
            }
        });
        if rested.await.is_err() {
            let origin = crate::wire::client::endpoint(&self.settings.traces);
            let within = longest.as_millis();
            self.fail(format!("{origin} did not answer within {within} ms"));
        }
    }

    fn is_busy(&self) -> bool {
        let state = self.state();
        state.is_busy || !state.is_empty()
    }

    /// Why something was not sent, and how many spans the queue dropped; once.
    pub(super) fn take_failure(&self) -> Option<Failure> {
        let mut state = self.state();
        let dropped = std::mem::take(&mut state.dropped);
        let failure = state.failure.take();
        failure.or_else(|| {
            (dropped > 0).then(|| format!("{dropped} spans were dropped: the queue was full"))
        })
    }

    fn fail(&self, why: Failure) {
        tracing::debug!(why, "telemetry was not sent");
        self.state().failure.get_or_insert(why);
    }

    /// The work of the thread.
    fn run(self: Arc<Self>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else {
            return self.fail("the system refuses an event queue".to_owned());
        };
        let collector = self.collector();
        runtime.block_on(async {
            loop {
                self.wait_for_work().await;
                let collector = collector.as_ref().map_err(Clone::clone);
                self.send_queue(collector.clone()).await;
                self.send_file(collector).await;
                self.state().is_busy = false;
                self.rests.notify_waiters();
            }
        });
    }

    fn collector(&self) -> Result<Collector, Failure> {
        let headers = self.settings.headers.resolved(&self.values);
        let headers = headers.map_err(|error| error.to_string())?;
        let client = Client::new(&self.settings.traces, &self.client);
        Ok(Collector {
            client: client.map_err(|error| error.to_string())?,
            headers,
            timeout: self.settings.timeout,
        })
    }

    async fn wait_for_work(&self) {
        loop {
            let wakes = self.wakes.notified();
            let due = {
                let mut state = self.state();
                let due = state.due().filter(|_| !state.is_empty());
                if state.sends_file || (!state.is_empty() && due.is_none()) {
                    state.is_busy = true;
                    return;
                }
                due
            };
            match due {
                Some(due) => {
                    tokio::select! {
                        () = wakes => {}
                        () = tokio::time::sleep_until(due) => {}
                    }
                }
                None => wakes.await,
            }
        }
    }

    async fn send_queue(&self, collector: Result<&Collector, Failure>) {
        let (spans, observations) = self.state().take();
        let parts = self.encoded(&spans, &observations);
        if parts.is_empty() {
            return;
        }
        if let Err(why) = self.post_all(collector, &parts).await {
            self.fail(why);
        }
    }

    /// Sends what earlier runs left. It stays in the file until the collector has taken it.
    async fn send_file(&self, collector: Result<&Collector, Failure>) {
        let sends = std::mem::take(&mut self.state().sends_file);
        let Some(later) = self.later.as_ref().filter(|_| sends) else {
            return;
        };
        let Some(waiting) = later.read() else {
            return;
        };
        match self.post_all(collector, waiting.parts()).await {
            Ok(()) => waiting.remove(),
            Err(why) => self.fail(why),
        }
    }

    /// Posts one body for each signal.
    async fn post_all(
        &self,
        collector: Result<&Collector, Failure>,
        parts: &[(Signal, String)],
    ) -> Result<(), Failure> {
        let collector = collector?;
        let urls = [
            (Signal::Traces, Some(&self.settings.traces)),
            (Signal::Metrics, self.settings.metrics.as_ref()),
        ];
        for (signal, url) in urls {
            let of_signal = parts.iter().filter(|(of, _)| *of == signal);
            let mut texts = of_signal.map(|(_, text)| text.as_str()).peekable();
            if let (Some(url), Some(_)) = (url, texts.peek()) {
                collector.post(url, signal.body(texts), self).await?;
            }
        }
        Ok(())
    }
}

impl Limit for Exporter {
    fn deadline(&self) -> Option<Instant> {
        self.state().deadline
    }

    fn moved(&self) -> Notified<'_> {
        self.wakes.notified()
    }
}
