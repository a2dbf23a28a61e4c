//! What becomes of rows that have ended, and of the run.

use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::parts::{EndedUnit, RefusedRow, Run, RunEnd};
use crate::ask::outcome::Outcome;
use crate::batch::ending::{REFUSALS, Stop, is_for_all};
use crate::batch::line::counted;
use crate::batch::paces::Paces;
use crate::batch::planned::{PlannedRow, PlannedUnit};
use crate::batch::progress::Progress;
use crate::batch::status::RowStatus;
use crate::ports::error::{CommandError, ErrorKind};

impl Run<'_> {
    pub(super) fn ended(&mut self, ended: EndedUnit) -> Result<(), CommandError> {
        let EndedUnit {
            rows,
            is_group,
            granted,
            result,
        } = ended;
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(error) => return self.unsent(&rows, granted, error),
        };
        if !outcome.learned.is_empty() {
            self.parts.learned.fetch_add(1, Ordering::AcqRel);
        }
        if outcome.is_signalled() {
            return self.ended_early(&rows, granted, &outcome);
        }
        for remark in &outcome.remarks {
            self.parts.sink.remark(remark);
        }
        self.state.ended.add(Instant::now());
        let cost = counted(&outcome);
        self.parts.budget.settle(granted, cost);
        if is_group && outcome.answer.has_visible_text {
            return self.ended_group(rows, &outcome, cost);
        }
        let is_for_all = is_for_all(&outcome);
        let mut outcome = Some(outcome);
        for row in rows {
            // The rows of a group without an answer are asked alone.
            let alone = is_group && !is_for_all;
            if alone {
                self.state
                    .again
                    .push_back(Box::new(PlannedUnit::single(row)));
            } else if let Some(outcome) = outcome.take() {
                self.ended_row(row, outcome, is_for_all)?;
            } else {
                self.release(row.key)?;
            }
        }
        Ok(())
    }

    /// Rows that were stopped. Without a request in flight they cost nothing, and are asked by a
    /// later run.
    fn ended_early(
        &mut self,
        rows: &[PlannedRow],
        granted: f64,
        outcome: &Outcome,
    ) -> Result<(), CommandError> {
        let sent = outcome.answer.attempts.iter();
        let mut sent = sent.filter_map(|attempt| attempt.sent.as_ref());
        if sent.any(|sent| sent.may_have_cost) {
            self.state.stopped += rows.len() as u64;
            return Ok(());
        }
        self.parts.budget.settle(granted, 0.0);
        rows.iter().try_for_each(|row| self.release(row.key))
    }

    /// Nothing was sent: a daily cap, or the key.
    fn unsent(
        &mut self,
        rows: &[PlannedRow],
        granted: f64,
        error: CommandError,
    ) -> Result<(), CommandError> {
        self.parts.budget.settle(granted, 0.0);
        for row in rows {
            self.release(row.key)?;
        }
        self.stop(match error.kind {
            ErrorKind::Limit => Stop::Cap(Some(error)),
            _ => Stop::Refused(error),
        });
        Ok(())
    }

    /// Writes the line of a row that was asked by itself.
    fn ended_row(
        &mut self,
        row: PlannedRow,
        outcome: Outcome,
        is_for_all: bool,
    ) -> Result<(), CommandError> {
        let mut line = row.line;
        let status = RowStatus::of(&outcome);
        status.word().clone_into(&mut line.status);
        let (line, error) = line.with_outcome(outcome, row.carried);
        let place = row.place.unwrap_or_default();
        if let (true, Some(error)) = (is_for_all, error) {
            self.state.refused.push(RefusedRow {
                place,
                key: row.key,
                line,
                error,
            });
            if self.state.refused.len() >= REFUSALS {
                self.stop_refused();
            }
            return Ok(());
        }
        if !status.is_failure() {
            self.write_refused()?;
        }
        let why = line.error.clone();
        self.parts.writer.add(place, line, self.parts.sink)?;
        self.check_failures(why.as_ref());
        Ok(())
    }

    /// Stops for the last of the refusals.
    fn stop_refused(&mut self) {
        if let Some(last) = self.state.refused.last_mut() {
            let error = CommandError::new(last.error.kind, "");
            let error = std::mem::replace(&mut last.error, error);
            self.stop(Stop::Refused(error));
        }
    }

    /// Writes the lines of rows that were refused for themselves after all.
    pub(super) fn write_refused(&mut self) -> Result<(), CommandError> {
        for row in std::mem::take(&mut self.state.refused) {
            self.parts
                .writer
                .add(row.place, row.line, self.parts.sink)?;
        }
        Ok(())
    }

    pub(super) fn progress(&mut self) -> Progress {
        let now = Instant::now();
        let counts = self.parts.writer.counts;
        let paces = self.parts.paces.as_ref();
        Progress {
            ended: counts.rows(),
            rows: self.parts.rows,
            at_once: self.state.running.len(),
            rate: self.state.ended.rate(now),
            usd: self.parts.budget.spent,
            failed: counts.failed,
            held: paces.and_then(Paces::held),
            stopping: self.state.grace.map(|until| until - now),
            batches: None,
        }
    }

    /// Closes the output.
    pub(super) fn end(mut self) -> RunEnd {
        let has_no_other = self.parts.writer.counts.ended == 0;
        let mut failed = Ok(());
        if self.state.stop.is_none() && !self.state.refused.is_empty() {
            if has_no_other {
                self.stop_refused();
            } else {
                failed = self.write_refused();
            }
        }
        for row in std::mem::take(&mut self.state.refused) {
            failed = failed.and_then(|()| self.release(row.key));
        }
        let Self { parts, mut state } = self;
        let (counts, lost) = parts.writer.close(parts.sink);
        if let Err(error) = failed {
            state.stop.get_or_insert(Stop::Io(error));
        }
        let lost = lost.unwrap_or_else(|error| {
            state.stop.get_or_insert(Stop::Io(error));
            Vec::new()
        });
        RunEnd {
            counts,
            stop: state.stop,
            budget: parts.budget,
            stopped: state.stopped,
            lost,
            side: parts.side,
        }
    }
}
