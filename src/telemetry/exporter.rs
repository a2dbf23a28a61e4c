//! Sends spans and measurements from a thread of its own, so that nothing waits for a collector.
//!
//! The thread starts with the first question. It resolves the keys and sets up the client while the
//! model answers, then posts what is queued, and signals when nothing is left.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use super::encoder::{self, Signal};
use super::later::LaterFile;
use super::post::{Collector, Failure, Fate, Limit};
use super::queue::{Batch, Queue};
use super::resend::{Urls, resend};
use super::settings::ExportSettings;
use crate::config::telemetry::Flush;
use crate::secrets::value::Values;
use crate::wire::background;
use crate::wire::client::Client;
use crate::wire::options::ClientOptions;

/// What the thread works with.
pub(crate) struct Exporter {
    pub settings: ExportSettings,
    values: Values,
    client: ClientOptions,
    /// Where spans wait for the next run; `None` where no file may be written.
    later: Option<LaterFile>,
    queue: Mutex<Queue>,
    /// Something is queued, or the deadline has moved.
    wakes: Notify,
    /// The thread has finished what was queued.
    rests: Notify,
}

impl Exporter {
    pub(super) fn new(
        settings: ExportSettings,
        values: Values,
        client: ClientOptions,
        later: Option<LaterFile>,
    ) -> Arc<Self> {
        Arc::new(Self {
            settings,
            values,
            client,
            later,
            queue: Mutex::default(),
            wakes: Notify::new(),
            rests: Notify::new(),
        })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file that answers go to instead of the collector.
    fn instead(&self) -> Option<&LaterFile> {
        let is_later = self.settings.flush == Flush::Later && !self.queue().gathers;
        self.later.as_ref().filter(|_| is_later)
    }

    /// A question is about to be sent: what takes time happens while it is answered.
    pub(super) fn begin(self: &Arc<Self>) {
        let is_waiting = self.later.as_ref().is_some_and(LaterFile::is_waiting);
        if is_waiting {
            self.queue().sends_file = true;
        }
        if is_waiting || self.instead().is_none() {
            self.start();
        }
        if is_waiting {
            self.wakes.notify_one();
        }
    }

    fn start(self: &Arc<Self>) {
        if std::mem::replace(&mut self.queue().is_started, true) {
            return;
        }
        let exporter = Arc::clone(self);
        if background::spawn(move || exporter.run()).is_err() {
            self.fail(Failure::before("the system refuses a thread"));
        }
    }

    /// Queues what an answer brought, or keeps it for the next run.
    pub(super) fn export(self: &Arc<Self>, batch: Batch) {
        let batch = self.wanted(batch);
        if let Some(later) = self.instead() {
            later.append(&self.encoded(&batch));
            return;
        }
        self.queue().add(batch, Instant::now());
        self.start();
        self.wakes.notify_one();
    }

    /// Keeps for the next run what the last answer of a program brought that a signal ends. Without
    /// a file it is queued.
    pub(super) fn keep(self: &Arc<Self>, batch: Batch) {
        match &self.later {
            Some(later) => later.append(&self.encoded(&self.wanted(batch))),
            None => self.export(batch),
        }
    }

    /// Keeps for the next run what is still queued, and what may be sent again. False without a
    /// file to keep it in.
    pub(super) fn keep_rest(&self) -> bool {
        let Some(later) = &self.later else {
            return false;
        };
        let rest = self.queue().take_rest();
        later.append(&self.encoded(&rest));
        true
    }

    /// What is sent of a batch.
    fn wanted(&self, mut batch: Batch) -> Batch {
        batch.spans.retain(|span| span.context.is_sampled);
        if self.settings.metrics.is_none() {
            batch.observations.clear();
        }
        batch
    }

    /// The program goes on for long.
    pub(super) fn keep_sending(&self) {
        self.queue().gathers = true;
    }

    pub(super) fn dropped(&self) -> u64 {
        self.queue().dropped_in_all()
    }

    /// Sends a batch by itself, on this thread.
    ///
    /// # Errors
    /// Why it was not sent.
    pub(super) async fn send(&self, batch: Batch) -> Result<(), Failure> {
        let collector = self.collector()?;
        let parts = self.encoded(&self.wanted(batch));
        self.post_all(Ok(&collector), &parts, |_| ()).await
    }

    /// The parts of the bodies, each with its signal.
    fn encoded(&self, batch: &Batch) -> Vec<(Signal, String)> {
        let (spans, observations) = (&batch.spans, &batch.observations);
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

    /// Where each signal is sent.
    fn urls(&self) -> Urls<'_> {
        [
            (Signal::Traces, Some(&self.settings.traces)),
            (Signal::Metrics, self.settings.metrics.as_ref()),
        ]
    }

    /// Posts an empty body to each URL.
    pub(super) async fn test(&self) -> Result<(), Failure> {
        let collector = self.collector()?;
        for (signal, url) in self.urls() {
            if let Some(url) = url {
                collector.post(url, signal.body([]), self).await?;
            }
        }
        Ok(())
    }

    /// Waits until everything is sent, at most so long. What is left then is dropped, or stays for
    /// the next run.
    pub(super) async fn flush(&self, longest: Duration) {
        if self.instead().is_some() {
            return;
        }
        let deadline = Instant::now() + longest;
        self.queue().deadline = Some(deadline);
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
            let words = format!("{origin} did not answer within {within} ms");
            self.fail(Failure::before(words));
            let rest = self.queue().take_rest();
            self.count_dropped(rest.spans.len());
        }
    }

    fn is_busy(&self) -> bool {
        let queue = self.queue();
        queue.is_busy || !queue.is_empty()
    }

    /// Why something was not sent, and how many spans the queue dropped; once.
    pub(super) fn take_failure(&self) -> Option<String> {
        let mut queue = self.queue();
        let dropped = queue.take_dropped();
        let failure = queue.failure.take();
        failure.or_else(|| {
            (dropped > 0).then(|| format!("{dropped} spans were dropped: the queue was full"))
        })
    }

    fn fail(&self, failure: Failure) {
        tracing::debug!(why = failure.words, "telemetry was not sent");
        self.queue().failure.get_or_insert(failure.words);
    }

    /// The work of the thread.
    fn run(self: Arc<Self>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else {
            return self.fail(Failure::before("the system refuses an event queue"));
        };
        let collector = self.collector();
        runtime.block_on(async {
            loop {
                self.wait_for_work().await;
                let collector = collector.as_ref().map_err(Clone::clone);
                self.send_queue(collector.clone()).await;
                self.send_file(collector).await;
                self.queue().is_busy = false;
                self.rests.notify_waiters();
            }
        });
    }

    fn collector(&self) -> Result<Collector, Failure> {
        let headers = self.settings.headers.resolved(&self.values);
        let headers = headers.map_err(|error| Failure::before(error.to_string()))?;
        let client = Client::new(&self.settings.traces, &self.client);
        Ok(Collector {
            client: client.map_err(|error| Failure::before(error.to_string()))?,
            headers,
            timeout: self.settings.timeout,
        })
    }

    async fn wait_for_work(&self) {
        loop {
            let wakes = self.wakes.notified();
            let due = {
                let mut queue = self.queue();
                let due = queue.due(Instant::now());
                if queue.sends_file || (!queue.is_empty() && due.is_none()) {
                    queue.is_busy = true;
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
        let batch = self.queue().take(Instant::now());
        let parts = self.encoded(&batch);
        drop(batch);
        if parts.is_empty() {
            return;
        }
        let leave = |is_taken: bool| {
            let spans = self.queue().sent();
            self.count_dropped(if is_taken { 0 } else { spans });
        };
        let posted = self.post_all(collector, &parts, leave).await;
        leave(posted.is_ok());
        if let Err(why) = posted {
            self.fail(why);
        }
    }

    /// Counts spans that are dropped, and those that made room in the queue.
    fn count_dropped(&self, spans: usize) {
        let uncounted = self.queue().take_uncounted();
        if let Some(later) = &self.later {
            later.drop_spans(spans + uncounted);
        }
    }

    /// Sends what earlier runs left.
    async fn send_file(&self, collector: Result<&Collector, Failure>) {
        let sends = std::mem::take(&mut self.queue().sends_file);
        let Some(later) = self.later.as_ref().filter(|_| sends) else {
            return;
        };
        let sent = match collector {
            Ok(collector) => resend(later, collector, self.urls(), self).await,
            Err(why) => Err(why),
        };
        if let Err(why) = sent {
            self.fail(why);
        }
    }

    /// Posts one body for each signal. `leave` is called before the measurements are posted: from
    /// then on they may be counted, and the spans are done, taken or not.
    async fn post_all(
        &self,
        collector: Result<&Collector, Failure>,
        parts: &[(Signal, String)],
        leave: impl Fn(bool),
    ) -> Result<(), Failure> {
        let collector = collector?;
        let mut refused = Ok(());
        for (signal, url) in self.urls() {
            let of_signal = parts.iter().filter(|(of, _)| *of == signal);
            let mut texts = of_signal.map(|(_, text)| text.as_str()).peekable();
            let (Some(url), Some(_)) = (url, texts.peek()) else {
                continue;
            };
            if signal == Signal::Metrics {
                leave(refused.is_ok());
            }
            match collector.post(url, signal.body(texts), self).await {
                // A collector of metrics alone takes no traces.
                Err(failure) if matches!(failure.fate, Fate::Refused(_)) => {
                    refused = refused.and(Err(failure));
                }
                posted => posted?,
            }
        }
        refused
    }
}

impl Limit for Exporter {
    fn deadline(&self) -> Option<Instant> {
        self.queue().deadline
    }

    fn moved(&self) -> Notified<'_> {
        self.wakes.notified()
    }
}
