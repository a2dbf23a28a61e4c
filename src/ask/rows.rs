//! Many questions with the same settings, asked side by side on one runtime: one ledger, shared
//! connections, and a pace for each server.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::adjustments;
use super::answer_trace::AnswerTrace;
use super::damaged_store::damaged_store;
use super::job_trace::JobTrace;
use super::ledger_log::SharedLedger;
use super::outcome::Outcome;
use super::prepare::PreparedRow;
use super::pull::Receiver;
use super::run::{RunOptions, no_demo};
use super::spend::SpendGuard;
use super::tools::NoTools;
use crate::chat::event::ChatEvent;
use crate::chat::pace::Pace;
use crate::config::options::Remark;
use crate::demo;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Interrupt;
use crate::ports::output::OutputError;
use crate::wire::client::Url;
use crate::wire::pool::ClientPool;

/// Asks rows. Shared by all of them.
pub(crate) struct RowEngine {
    equipment: Equipment,
    options: RunOptions,
    /// `None` when nothing is stored.
    ledger: Option<Arc<SharedLedger>>,
    pool: ClientPool,
    /// The URL of the demo server, once a row needs it.
    demo: Mutex<Option<Url>>,
    /// The span of the job; `None` without one, and when telemetry is off.
    job: Option<JobTrace>,
    /// The trace of a command whose requests are the rows.
    command: Option<AnswerTrace>,
}

/// Gives the pace of a row for the server of a URL.
pub(crate) type PaceOfServer = Box<dyn Fn(&Url) -> Arc<dyn Pace> + Send + Sync>;

/// What is decided for one row.
pub(crate) struct RowTerms {
    /// From 1: a recording keeps the rows apart by it.
    pub lane: usize,
    /// The most that all of its requests may cost together, in USD.
    pub most_usd: Option<f64>,
    /// An answer that does not match its schema is repaired once.
    pub repairs: bool,
    /// The pace for a server, by the origin of its URL.
    pub pace: Option<PaceOfServer>,
}

impl RowEngine {
    /// For at most `at_once` requests at once.
    pub(crate) fn new(options: RunOptions, at_once: usize, equipment: &Equipment) -> Self {
        let home = equipment.kept_at().filter(|_| !equipment.is_replaying());
        Self {
            equipment: equipment.clone(),
            options,
            ledger: home.map(SharedLedger::at),
            pool: ClientPool::new(at_once),
            demo: Mutex::new(None),
            job: None,
            command: None,
        }
    }

    /// The rows are those of a job, which is a span in telemetry.
    pub(crate) fn of_job(self) -> Self {
        Self {
            job: JobTrace::start(&self.equipment),
            ..self
        }
    }

    /// The rows are the requests of a command, which is one trace of this name.
    pub(crate) fn of_command(self, name: &'static str) -> Self {
        Self {
            command: AnswerTrace::start(&self.equipment, name, None),
            ..self
        }
    }

    /// Ends the trace of the command.
    pub(crate) fn end_command(&self, profile: &str, error: Option<&CommandError>) {
        let Some(command) = &self.command else {
            return;
        };
        let batch = command.end(profile, error.map(|error| error.kind), None);
        if error.is_some_and(CommandError::is_signal) {
            self.equipment.telemetry.keep(batch);
        } else {
            self.equipment.telemetry.export(batch);
        }
    }

    /// Ends the span of the job.
    pub(crate) fn end_trace(&self, counts: &[(&'static str, u64)], error: Option<ErrorKind>) {
        if let Some(job) = &self.job {
            let batch = job.finish(counts, error);
            self.equipment.telemetry.export(batch);
        }
    }

    /// Asks one row until its answer is final. Its requests are in the ledger.
    ///
    /// # Errors
    /// As [`run`](super::run::run).
    pub(crate) async fn ask(
        &self,
        prepared: PreparedRow,
        terms: RowTerms,
        interrupt: &Interrupt,
    ) -> Result<Outcome, CommandError> {
        let mut prepared = prepared.allowed()?;
        self.join_demo(&mut prepared).await?;
        for planned in &mut prepared.targets {
            let target = &mut planned.target;
            target.client.lane = Some(terms.lane);
            target.client.pool = Some(self.pool.clone());
            target.pace = terms.pace.as_ref().map(|pace| pace(&target.base_url));
            if let Some(most) = terms.most_usd {
                (target.most_usd, target.most_usd_together) = (Some(most), Some(most));
            }
        }
        let mut targets: Vec<_> = prepared.targets.iter_mut().collect();
        let ledger = self.ledger.clone();
        let spending = self.options.spending();
        let guard = SpendGuard::open_in(ledger, &mut targets, spending, 1, &self.equipment)?;
        let template = prepared.template.take();
        let job = self.job.as_ref().map(JobTrace::context);
        let trace = job.and_then(|job| AnswerTrace::of_row(&self.equipment, job, template));
        let has_content = trace.as_ref().is_some_and(AnswerTrace::has_content);
        let options = RunOptions {
            repairs: terms.repairs,
            ..self.options.keeping(has_content)
        };
        let mut task = prepared.task(options, guard.limit);
        task.traced(trace.clone().or_else(|| self.command.clone()));
        let mut outcome = task.run(&mut Unseen, interrupt, &mut NoTools).await;
        adjustments::remember(&outcome.learned, &self.equipment);
        if let Some(batch) = self.command.as_ref().and_then(AnswerTrace::take_many) {
            self.equipment.telemetry.export(batch);
        }
        if let Some(trace) = trace {
            let batch = trace.finish(&outcome, None);
            self.equipment.telemetry.export(batch);
        }
        if guard.has_to_close(&outcome.answer.attempts) {
            let attempts = &outcome.answer.attempts;
            let recorded = guard.close(&[(attempts, None)], &mut outcome.remarks);
            outcome.ledger_error = recorded.err();
        }
        Ok(outcome)
    }

    /// Writes what has ended to the ledger.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`](crate::ports::ErrorKind::LocalIo) when it cannot be written.
    pub(crate) fn settle(&self) -> Result<Vec<Remark>, CommandError> {
        let Some(ledger) = &self.ledger else {
            return Ok(Vec::new());
        };
        ledger.flush()?;
        let moved = ledger.take_moved_aside();
        Ok(moved.as_deref().map(damaged_store).into_iter().collect())
    }

    /// Starts the demo server for the first row that needs it.
    async fn join_demo(&self, prepared: &mut PreparedRow) -> Result<(), CommandError> {
        let mut targets = prepared.targets.iter();
        let has_demo = targets.any(|planned| planned.settings.entry.is_demo());
        if !has_demo || self.equipment.is_replaying() {
            return Ok(());
        }
        let mut started = self.demo.lock().await;
        if started.is_none() {
            *started = Some(demo::start().await.map_err(no_demo)?);
        }
        if let Some(url) = &*started {
            for planned in &mut prepared.targets {
                if planned.settings.entry.is_demo() {
                    planned.target.base_url = url.clone();
                }
            }
        }
        Ok(())
    }
}

/// Nobody watches a row.
pub(super) struct Unseen;

impl Receiver for Unseen {
    async fn event(&mut self, _: ChatEvent) -> Result<(), OutputError> {
        Ok(())
    }

    async fn closed(&mut self) {
        std::future::pending::<()>().await;
    }
}
