//! Writes the lines of a batch that has ended.

use std::collections::HashMap;
use std::time::SystemTime;

use super::parts::{BatchRun, unless_signalled};
use super::shares::{Share, shares};
use super::submit::bill;
use crate::ask::arrived;
use crate::ask::batch_client::{is_missing, may_pass};
use crate::ask::batch_ledger::BatchBill;
use crate::ask::batch_trace::{BatchRowTrace, BatchShare};
use crate::ask::outcome::Outcome;
use crate::batch::ending::Stop;
use crate::batch::line::OutputLine;
use crate::batch::noted::{BatchNote, NotedBatch, NotedRow};
use crate::batch::planner::RowSettings;
use crate::batch::row::RowKey;
use crate::batch::status::RowStatus;
use crate::chat::attempt_status::AttemptStatus;
use crate::config::options::Remark;
use crate::ports::error::{CommandError, ErrorKind};
use crate::providers::batches::{BatchResult, BatchStatus, ProviderBatch};

/// Most pages of results of a batch.
const MOST_PAGES: usize = 10_000;

impl BatchRun<'_> {
    /// Fetches the results of a batch that has ended, and writes their lines. False when they are
    /// not there yet.
    ///
    /// # Errors
    /// When the output or the ledger cannot be written.
    pub(super) async fn fetch(
        &mut self,
        index: usize,
        mut batch: ProviderBatch,
    ) -> Result<bool, CommandError> {
        let results = match batch.results.take() {
            Some(results) => results,
            // Nothing of it was run.
            None if batch.status == BatchStatus::Failed => Vec::new(),
            None => match self.pages(&batch.id).await {
                Some(results) => results,
                None => return Ok(false),
            },
        };
        self.write_lines(index, Some(&batch), results).await?;
        Ok(true)
    }

    /// All pages of the results; `None` when they cannot be read for now.
    async fn pages(&mut self, id: &str) -> Option<Vec<BatchResult>> {
        let (mut results, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..MOST_PAGES {
            let interrupt = self.interrupt.clone();
            let read = self.client.results(id, cursor.as_deref());
            let page = match unless_signalled(&interrupt, read).await {
                Ok(Ok(page)) => page,
                // There are none.
                Ok(Err(error)) if is_missing(&error) => return Some(results),
                Ok(Err(error)) if may_pass(&error) => {
                    self.asked = error.wait();
                    return None;
                }
                Ok(Err(error)) => {
                    let error = self.explained(error);
                    self.stop(Stop::Refused(error));
                    return None;
                }
                Err(signal) => {
                    self.signalled(signal);
                    return None;
                }
            };
            results.extend(page.results);
            match page.next {
                Some(next) if cursor.as_ref() != Some(&next) => cursor = Some(next),
                _ => return Some(results),
            }
        }
        Some(results)
    }

    /// Writes a line for each row of a batch that has none yet; `batch` is `None` for one that the
    /// provider no longer has.
    ///
    /// # Errors
    /// When the output or the ledger cannot be written.
    pub(super) async fn write_lines(
        &mut self,
        index: usize,
        batch: Option<&ProviderBatch>,
        results: Vec<BatchResult>,
    ) -> Result<(), CommandError> {
        let open = self.waiting.remove(index).open;
        let rows = self.side.rows_of(open.place)?;
        let mut results = by_key(results, &open.noted.name);
        let (mut outcomes, mut traces) = (Vec::new(), Vec::new());
        let submitted = bill(&open.noted).at.unwrap_or_else(SystemTime::now);
        for row in &rows {
            let result = row.row_key().and_then(|key| results.remove(&key));
            let is_left = result.is_some() && self.is_left(row);
            let trace = self.trace.as_ref().filter(|_| is_left);
            let trace = trace.and_then(|trace| trace.row(submitted));
            outcomes.push(match result {
                Some(result) => Some(self.judged(row, result, trace.as_ref()).await?),
                None => None,
            });
            traces.push(trace);
        }
        let known = batch.and_then(|batch| batch.usd);
        let shares = match known {
            Some(usd) => shares(&outcomes, usd).into_iter().map(Some).collect(),
            None => vec![None; rows.len()],
        };
        let has_answers = outcomes.iter().any(Option::is_some);
        let missing = missing_words(batch, open.id.as_deref());
        let answers = rows.into_iter().zip(outcomes).zip(traces);
        for (((row, outcome), trace), share) in answers.zip(shares) {
            let is_left = self.is_left(&row);
            if let (Some(job), Some(trace), Some(outcome)) = (&self.trace, &trace, &outcome) {
                let share = BatchShare {
                    batch: open.id.as_deref(),
                    usd: share.map(|share| share.usd),
                };
                job.row_ended(trace, outcome, &share);
            }
            let line = line(row, outcome, share, &missing);
            if is_left {
                self.spent += line.cost_at_most_usd.or(line.cost_usd).unwrap_or_default();
                self.writer.add(0, line, self.sink)?;
            }
        }
        self.writer.sync()?;
        let name = open.noted.name.clone();
        self.side.note(&BatchNote::Fetched { name })?;
        self.settle(&open.noted, batch, has_answers)
    }

    /// Whether a row has no line yet.
    fn is_left(&self, row: &NotedRow) -> bool {
        row.row_key()
            .is_some_and(|key| self.done.submitted.contains(&key))
    }

    /// The outcome of a result, judged as that of any row.
    async fn judged(
        &mut self,
        row: &NotedRow,
        result: BatchResult,
        trace: Option<&BatchRowTrace>,
    ) -> Result<Outcome, CommandError> {
        let own = RowSettings {
            model: row.model.clone(),
            schema: row.schema.clone(),
            ..RowSettings::default()
        };
        let prepared = self.planner.shape(own)?;
        let (status, body) = (result.status, result.body);
        Ok(arrived::judge(prepared, status, body, self.asking, trace).await)
    }

    /// Writes the bill of a batch to the ledger.
    fn settle(
        &mut self,
        noted: &NotedBatch,
        batch: Option<&ProviderBatch>,
        has_answers: bool,
    ) -> Result<(), CommandError> {
        let status = match batch.map(|batch| batch.status) {
            Some(BatchStatus::Failed) => AttemptStatus::Refused,
            Some(BatchStatus::Expired) => AttemptStatus::Timeout,
            Some(BatchStatus::Cancelled) => AttemptStatus::Cancelled,
            _ => AttemptStatus::Ok,
        };
        let is_byok = batch.is_some_and(|batch| batch.is_byok);
        if is_byok && batch.is_some_and(|batch| batch.usd.is_none()) {
            self.sink.remark(&Remark::Note(
                "a key of your own paid for a batch: its cost is on the bill of that provider"
                    .to_owned(),
            ));
        }
        let usd = batch.and_then(|batch| batch.usd);
        // What was not run is not billed.
        let usd = usd.or((batch.is_some() && !has_answers).then_some(0.0));
        self.ledger.settle(BatchBill {
            id: batch.map(|batch| batch.id.clone()),
            served_by: batch.and_then(|batch| batch.served_by.clone()),
            usage: batch.and_then(|batch| batch.usage),
            usd,
            may_have_cost: usd != Some(0.0),
            status: Some(status),
            ..bill(noted)
        })?;
        Ok(())
    }
}

/// The results of the requests of a batch, by the keys of their rows.
fn by_key(results: Vec<BatchResult>, name: &str) -> HashMap<RowKey, BatchResult> {
    let mut found = HashMap::new();
    for result in results {
        let key = result
            .custom_id
            .strip_suffix(name)
            .and_then(|id| RowKey::read(id.strip_suffix('-')?));
        if let Some(key) = key {
            found.entry(key).or_insert(result);
        }
    }
    found
}

/// Why rows without a result have none.
fn missing_words(batch: Option<&ProviderBatch>, id: Option<&str>) -> String {
    let Some(batch) = batch else {
        let id = id.unwrap_or_default().escape_debug();
        return format!("the provider no longer has batch {id}: results are kept for 30 days");
    };
    let id = batch.id.escape_debug();
    let words = match batch.status {
        BatchStatus::Failed => format!("batch {id} was refused"),
        BatchStatus::Expired => format!("batch {id} expired before the row was answered"),
        BatchStatus::Cancelled => format!("batch {id} was cancelled"),
        BatchStatus::Completed | BatchStatus::Running => {
            format!("batch {id} has no result for the row")
        }
    };
    match &batch.error {
        Some(error) if !error.is_empty() => format!("{words}: {error}"),
        _ => words,
    }
}

/// The line of a row.
fn line(
    row: NotedRow,
    outcome: Option<Outcome>,
    share: Option<Share>,
    missing: &str,
) -> OutputLine {
    let mut line = OutputLine {
        id: row.id,
        row: row.row,
        key: row.key,
        input: row.input,
        attempts: 1,
        ..OutputLine::default()
    };
    let Some(outcome) = outcome else {
        let mut error = CommandError::new(ErrorKind::Refused, missing);
        error.retryable = true;
        line.fail(RowStatus::Error, &error);
        return line;
    };
    RowStatus::of(&outcome).word().clone_into(&mut line.status);
    let (mut line, _) = line.with_outcome(outcome, 0.0);
    // The time to read it says nothing about the answer.
    line.ms = 0;
    if let Some(share) = share {
        let source = if share.is_shared {
            "~provider"
        } else {
            "provider"
        };
        (line.cost_usd, line.cost_at_most_usd) = (Some(share.usd), None);
        line.cost_source = Some(source.to_owned());
    }
    line
}
