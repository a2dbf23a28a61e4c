//! Submits the rows that have neither a line nor a batch.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio::time::Instant;

use super::chunk::{Chunk, Chunks, Common};
use super::parts::{BatchRun, WaitingBatch};
use crate::ask::batch_client::{Submitted, fate};
use crate::ask::batch_ledger::BatchBill;
use crate::ask::prepare::PreparedRow;
use crate::batch::check::is_pending;
use crate::batch::ending::Stop;
use crate::batch::estimate::discounted_part;
use crate::batch::fit::misfit;
use crate::batch::line::OutputLine;
use crate::batch::noted::{BatchNote, NotedBatch, NotedRow, OpenBatch};
use crate::batch::planner::RowSettings;
use crate::batch::row::RowKey;
use crate::batch::rows::{JobRow, JobRows};
use crate::batch::status::RowStatus;
use crate::chat::answer::RecordId;
use crate::chat::error::ChatError;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::{Interrupt, Signal};
use crate::providers::batches::{ProviderBatch, Submission};

/// How often a batch is submitted that the provider does not take for now.
const ATTEMPTS: u32 = 10;

/// How long a submission may go on after the first signal.
const GRACE: Duration = Duration::from_secs(30);

impl BatchRun<'_> {
    /// Submits every row that is to be asked, in batches.
    ///
    /// # Errors
    /// When the input or the output cannot be used.
    pub(super) async fn submit_rows(&mut self) -> Result<(), CommandError> {
        let mut chunks = Chunks::default();
        let options = self.options;
        let source = Arc::clone(&self.source);
        let (hash, form) = (source.configuration, &source.form);
        let mut rows = JobRows::new(&source.input, source.selection, hash, form, options);
        loop {
            let done = &self.done;
            let Some(row) = rows.next(|key| !is_pending(done, key, options))? else {
                break;
            };
            if let Some((common, chunk)) = self.add(row, &mut chunks)? {
                self.submit(&common, chunk).await?;
            }
            if let Some(signal) = self.interrupt.pending() {
                self.signalled(signal);
            }
            if self.stop.is_some() {
                return Ok(());
            }
        }
        while let Some((common, chunk)) = chunks.rest() {
            self.submit(&common, chunk).await?;
            if self.stop.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Plans a row, and adds it to a batch. One that cannot be asked gets its line.
    fn add(
        &mut self,
        row: JobRow,
        chunks: &mut Chunks,
    ) -> Result<Option<(Common, Chunk)>, CommandError> {
        let key = row.key;
        let mut line = OutputLine::new(row.id, row.number, key, RowStatus::Ok);
        line.input = row.kept;
        let (question, mut own) = match row.question {
            Ok(question) => question,
            Err(why) => {
                let error = CommandError::new(ErrorKind::Input, why);
                return self.write(line, RowStatus::Skipped, &error);
            }
        };
        own.system = own.system.or(question.system.clone());
        let prepared = match self.planner.plan(question, own.clone()) {
            Ok(prepared) => prepared,
            Err(error) => return self.write(line, RowStatus::Error, &error),
        };
        if let Some(error) = prepared.refusal() {
            return self.write(line, RowStatus::Error, error);
        }
        let Value::Object(body) = prepared.body().to_value() else {
            return Ok(None);
        };
        if let Some(why) = misfit(&body) {
            let error = CommandError::new(ErrorKind::Input, why);
            return self.write(line, RowStatus::Skipped, &error);
        }
        self.done.submitted.insert(key);
        Ok(chunks.add(noted_row(line, &prepared, own), body))
    }

    /// Writes the line of a row that is not sent.
    fn write(
        &mut self,
        mut line: OutputLine,
        status: RowStatus,
        error: &CommandError,
    ) -> Result<Option<(Common, Chunk)>, CommandError> {
        line.fail(status, error);
        // Not once more when a batch did not arrive.
        self.done.submitted.extend(RowKey::read(&line.key));
        self.writer.add(0, line, self.sink)?;
        Ok(None)
    }

    /// Notes a batch and submits it.
    async fn submit(&mut self, common: &Common, chunk: Chunk) -> Result<(), CommandError> {
        let usd = chunk.usd();
        let name = format!("{:016x}", fastrand::u64(..));
        let requests: Vec<(String, String)> = chunk
            .rows
            .iter()
            .map(|row| format!("{}-{name}", row.key))
            .zip(chunk.bodies)
            .collect();
        let at = SystemTime::now();
        let record = match self.ledger.submitting(at, &common.model, usd) {
            Ok(record) => record,
            Err(error) => {
                self.stop(if error.kind == ErrorKind::Limit {
                    Stop::Cap(Some(error))
                } else {
                    Stop::Io(error)
                });
                return Ok(());
            }
        };
        let count = chunk.rows.len() as u64;
        let mut noted = NotedBatch {
            name: name.clone(),
            model: common.model.clone(),
            at: nanoseconds(at),
            since: self.since,
            usd,
            record: record.map(|record| record.0),
            from: self.writer.length(),
            rows: chunk.rows,
        };
        let note = BatchNote::Submitting(Box::new(noted.clone()));
        let place = self.side.note(&note)?;
        noted.rows = Vec::new();
        let open = OpenBatch::new(noted, count, place);
        self.waiting.push(WaitingBatch {
            is_new: true,
            ..WaitingBatch::of_earlier(open)
        });
        self.show(None);
        let submission = Submission {
            model: &common.model,
            provider: common.provider.as_deref(),
            requests: &requests,
        };
        self.send(&submission).await
    }

    /// Sends the last batch until the provider takes it, refuses it, or may have it.
    async fn send(&mut self, submission: &Submission<'_>) -> Result<(), CommandError> {
        for attempt in 1.. {
            let interrupt = self.interrupt.clone();
            let sent = self.client.submit(submission);
            let (result, signal) = finished(&interrupt, sent).await;
            if let Some(signal) = signal {
                self.signalled(signal);
            }
            let error = match result {
                // Its fate is found out by the next run.
                None => return Ok(()),
                Some(Ok(batch)) => return self.taken(batch),
                Some(Err(error)) => error,
            };
            tracing::debug!(%error, attempt, "a batch was not taken");
            match fate(&error) {
                Submitted::Maybe => return Ok(()),
                Submitted::NotNow if attempt < ATTEMPTS && self.stop.is_none() => {
                    let pause = self.pauses.next(error.wait());
                    self.pause(pause).await;
                    if self.stop.is_none() {
                        continue;
                    }
                }
                Submitted::NotNow | Submitted::No => {}
            }
            self.not_taken()?;
            let error = self.explained(error);
            self.stop(Stop::Refused(error));
            return Ok(());
        }
        Ok(())
    }

    /// The provider has the last batch.
    fn taken(&mut self, batch: ProviderBatch) -> Result<(), CommandError> {
        self.pauses.reset();
        self.since = self.since.max(batch.created_at);
        let Some(last) = self.waiting.last_mut() else {
            return Ok(());
        };
        let name = last.open.noted.name.clone();
        last.open.id = Some(batch.id.clone());
        last.word = batch.word;
        self.known.insert(batch.id.clone());
        let note = BatchNote::Submitted { name, id: batch.id };
        self.side.note(&note).map(drop)
    }

    /// The provider does not have the last batch.
    fn not_taken(&mut self) -> Result<(), CommandError> {
        let Some(last) = self.waiting.len().checked_sub(1) else {
            return Ok(());
        };
        self.drop_batch(last)
    }

    /// Notes that the provider does not have a batch: its rows are to be asked.
    pub(super) fn drop_batch(&mut self, index: usize) -> Result<(), CommandError> {
        let batch = self.waiting.remove(index);
        let noted = batch.open.noted;
        for row in self.side.rows_of(batch.open.place)? {
            if let Some(key) = row.row_key() {
                self.done.submitted.remove(&key);
            }
        }
        let name = noted.name.clone();
        self.side.note(&BatchNote::Dropped { name })?;
        self.ledger.settle(BatchBill {
            may_have_cost: false,
            usd: Some(0.0),
            ..bill(&noted)
        })?;
        Ok(())
    }
}

/// What the ledger has of a batch before it has ended.
pub(super) fn bill(noted: &NotedBatch) -> BatchBill {
    BatchBill {
        at: UNIX_EPOCH.checked_add(Duration::from_nanos(noted.at)),
        record: noted.record.map(RecordId),
        model: noted.model.clone(),
        worst: noted.usd,
        ..BatchBill::default()
    }
}

fn nanoseconds(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or_default()
}

fn noted_row(line: OutputLine, prepared: &PreparedRow, own: RowSettings) -> NotedRow {
    let worst = prepared.worst_case();
    NotedRow {
        key: line.key,
        id: line.id,
        row: line.row,
        usd: worst.map(|usd| usd * discounted_part(prepared)),
        model: own.model,
        schema: own.schema,
        input: line.input,
    }
}

/// The result of a submission, and the signal that came meanwhile. It may end after a first signal;
/// `None` when it did not.
async fn finished(
    interrupt: &Interrupt,
    submission: impl Future<Output = Result<ProviderBatch, ChatError>>,
) -> (Option<Result<ProviderBatch, ChatError>>, Option<Signal>) {
    tokio::pin!(submission);
    let first = tokio::select! {
        biased;
        result = &mut submission => return (Some(result), None),
        signal = interrupt.wait() => signal,
    };
    interrupt.acknowledge();
    let grace = tokio::time::sleep_until(Instant::now() + GRACE);
    tokio::select! {
        biased;
        result = &mut submission => (Some(result), Some(first)),
        // A second Ctrl-C is another signal; a second TERM ends the program at once.
        _ = interrupt.wait(), if first == Signal::Interrupt => (None, Some(first)),
        () = grace => (None, Some(first)),
    }
}
