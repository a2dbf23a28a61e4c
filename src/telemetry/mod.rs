//! Traces and metrics of answers, sent to a collector by OpenTelemetry's protocol. Off unless the
//! user asks for it.
//!
//! # Files
//!
//! - `settings` (`variables`, `secret`) resolves where to, with which keys, and what is sent;
//!   `explained` names the sources.
//! - `span`, `metric`, `context` and `names` are what is sent; `trace` starts it. `content` makes
//!   the texts of questions and answers, where those are sent.
//! - `call` is the span of the tool call that runs, for servers that continue the trace.
//! - `encoder` writes JSON of OTLP, pure. `queue` is what waits, and when it is due; `exporter`
//!   sends it from a thread (`post`), or keeps it for the next run (`later`), which sends it
//!   (`resend`). `warning` says once a day that it failed, and `dropped` counts what was lost.

pub(crate) mod call;
pub(crate) mod content;
pub(crate) mod context;
pub(crate) mod dropped;
mod encoder;
pub(crate) mod explained;
mod exporter;
mod later;
pub(crate) mod metric;
pub(crate) mod names;
mod post;
pub(crate) mod queue;
mod resend;
mod secret;
pub(crate) mod settings;
pub(crate) mod span;
pub(crate) mod trace;
pub(crate) mod variables;
mod warning;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use crate::config::env::AMX_TELEMETRY;
use crate::config::{ConfigError, ConfigFile, Environment, Home};
use crate::secrets::value::Values;
use crate::wire::options::ClientOptions;
use dropped::DroppedSpans;
use exporter::Exporter;
use later::LaterFile;
use queue::Batch;
use trace::{Trace, TraceOrigin};

/// How long the end of the program waits for a collector. With the end of the process itself it
/// stays below the promised 500 ms.
const LONGEST_WAIT: Duration = Duration::from_millis(480);

/// How long a test of the URL waits.
const LONGEST_TEST: Duration = Duration::from_secs(5);

/// The telemetry of a run. Clones share it. It does nothing until it is opened, and nothing after
/// that where it is off.
#[derive(Clone, Default)]
pub(crate) struct Telemetry(Arc<OnceLock<Option<Opened>>>);

struct Opened {
    exporter: Arc<Exporter>,
    /// Where the day of the last warning is kept.
    warned_at: Option<PathBuf>,
}

/// What an export needs besides its settings.
pub(crate) struct Means {
    pub values: Values,
    pub client: ClientOptions,
    /// The folder for files; `None` where none may be written.
    pub home: Option<Home>,
}

/// Whether anything asks for telemetry.
pub(crate) fn is_wanted(config: &ConfigFile, environment: &Environment) -> bool {
    config.telemetry.is_some() || environment.is_set(&AMX_TELEMETRY)
}

/// What was not sent.
pub(crate) struct Unsent {
    /// Spans that wait for the next question.
    pub waiting: usize,
    pub dropped: Option<DroppedSpans>,
}

/// What was not sent, by the files of a home.
pub(crate) fn unsent(home: &Home, now: SystemTime) -> Unsent {
    let later = LaterFile::at(home);
    Unsent {
        waiting: later.waiting(),
        dropped: later.dropped(now),
    }
}

impl Telemetry {
    /// Resolves the settings, once in a run. Opens no connection.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub(crate) fn open(
        &self,
        config: &ConfigFile,
        environment: &Environment,
        means: impl FnOnce() -> Means,
    ) -> Result<(), ConfigError> {
        if self.0.get().is_some() || !is_wanted(config, environment) {
            return Ok(());
        }
        let Means {
            values,
            client,
            home,
        } = means();
        let settings = settings::resolve(config, environment, &values)?;
        self.0.get_or_init(|| {
            settings.map(|settings| {
                let later = home.as_ref().map(|home| LaterFile::of(home, &settings));
                Opened {
                    exporter: Exporter::new(settings, values, client, later),
                    warned_at: home.map(|home| home.telemetry_warning()),
                }
            })
        });
        Ok(())
    }

    fn opened(&self) -> Option<&Opened> {
        self.0.get()?.as_ref()
    }

    /// A trace of one answer, which is about to be requested; `None` when telemetry is off.
    pub(crate) fn trace(&self, name: &'static str, origin: TraceOrigin) -> Option<Trace> {
        let exporter = &self.opened()?.exporter;
        exporter.begin();
        Some(Trace::new(Arc::clone(exporter), name, origin))
    }

    /// The program goes on for long: from now on spans are sent together while it runs.
    pub(crate) fn keep_sending(&self) {
        if let Some(opened) = self.opened() {
            opened.exporter.keep_sending();
        }
    }

    /// Spans that were dropped because the queue was full; `None` when telemetry is off.
    pub(crate) fn dropped(&self) -> Option<u64> {
        Some(self.opened()?.exporter.dropped())
    }

    /// Scheme, host and port of the collector; `None` when telemetry is off.
    pub(crate) fn destination(&self) -> Option<String> {
        let settings = &self.opened()?.exporter.settings;
        Some(crate::wire::client::endpoint(&settings.traces))
    }

    pub(crate) fn is_langfuse(&self) -> bool {
        self.opened()
            .is_some_and(|opened| opened.exporter.settings.is_langfuse)
    }

    /// Sends a batch now; `None` when telemetry is off.
    pub(crate) async fn send(&self, batch: Batch) -> Option<Result<(), String>> {
        let sent = self.opened()?.exporter.send(batch).await;
        Some(sent.map_err(|failure| failure.words))
    }

    /// Queues what answers brought.
    pub(crate) fn export(&self, batch: Batch) {
        if let Some(opened) = self.opened() {
            opened.exporter.export(batch);
        }
    }

    /// Keeps for the next run what the last answer of a program brought that a signal ends. Where
    /// nothing can be kept it is queued.
    pub(crate) fn keep(&self, batch: Batch) {
        if let Some(opened) = self.opened() {
            opened.exporter.keep(batch);
        }
    }

    /// Keeps for the next run what was not sent yet, and waits for nothing. False where nothing can
    /// be kept: [`Self::flush`] is the only way to send it.
    pub(crate) fn keep_rest(&self) -> bool {
        let opened = self.opened();
        opened.is_none_or(|opened| opened.exporter.keep_rest())
    }

    /// Whether the end of the program waits for something.
    pub(crate) fn is_on(&self) -> bool {
        self.opened().is_some()
    }

    /// Where traces are sent, and whether a collector takes an empty export there; `None` when
    /// telemetry is off. May block for the keys.
    pub(crate) async fn test(&self) -> Option<(String, Result<(), String>)> {
        let exporter = &self.opened()?.exporter;
        let url = exporter.settings.traces.to_string();
        let limit = tokio::time::timeout(LONGEST_TEST, exporter.test()).await;
        let tested = match limit {
            Ok(tested) => tested.map_err(|failure| failure.words),
            Err(_) => Err("no answer in time".to_owned()),
        };
        Some((url, tested))
    }

    /// Waits a moment for what was not sent yet.
    pub(crate) async fn flush(&self) {
        if let Some(opened) = self.opened() {
            opened.exporter.flush(LONGEST_WAIT).await;
        }
    }

    /// The warning that something was not sent, unless there was one today.
    pub(crate) fn warning(&self) -> Option<String> {
        let opened = self.opened()?;
        let why = opened.exporter.take_failure()?;
        warning::is_due(opened.warned_at.as_deref(), SystemTime::now())
            .then(|| format!("telemetry was not sent: {why} (amx doctor tests it)"))
    }
}
