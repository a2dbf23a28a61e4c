//! What becomes of rows that have ended, and of the run.

use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::grouped::charged;
use super::parts::{AskedRow, EndedUnit, Refused, RefusedRows, Run, RunEnd};
use crate::ask::outcome::Outcome;
use crate::batch::ending::{REFUSALS, Stop, asks_to_come_back, is_for_all};
use crate::batch::line::counted;
use crate::batch::paces::Paces;
use crate::batch::planned::PlannedRow;
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
        let options = &self.parts.options;
        let is_late = asks_to_come_back(&outcome);
        if is_late && !options.from_row.model && !options.uses_line_models {
            return self.come_back(&rows, outcome, cost);
        }
        if is_group && outcome.answer.has_visible_text {
            return self.ended_group(rows, &outcome, cost);
        }
        // OpenAI's batch lines have one model, as a rule: after several such replies, not one.
        let is_for_all =
            is_for_all(&outcome, options.from_row) || is_late && options.uses_line_models;
        if is_group {
            let answers = vec![None; rows.len()];
            self.refused_group(charged(rows, &answers, cost), outcome, is_for_all);
            return Ok(());
        }
        rows.into_iter()
            .next()
            .map_or(Ok(()), |row| self.ended_row(row, outcome, is_for_all))
    }

    /// Ends the job, whose rows the server would answer too late. `cost` is that of these, in USD.
    fn come_back(
        &mut self,
        rows: &[PlannedRow],
        outcome: Outcome,
        cost: f64,
    ) -> Result<(), CommandError> {
        #[expect(clippy::cast_precision_loss, reason = "rows of a group")]
        let each = cost / rows.len().max(1) as f64;
        for row in rows {
            self.release(row.key, row.carried + each)?;
        }
        if let Some(error) = outcome.error {
            self.stop(Stop::Refused(error));
        }
        Ok(())
    }

    /// The rows of a group without an answer are asked alone, unless each would be refused, too.
    fn refused_group(&mut self, rows: Vec<PlannedRow>, outcome: Outcome, is_for_all: bool) {
        match outcome.error {
            Some(error) if is_for_all => self.refused(RefusedRows::Group(rows), error),
            _ => rows.into_iter().for_each(|row| self.ask_alone(row)),
        }
    }

    /// Keeps a refusal that may be that of every row, and stops after a few of them.
    fn refused(&mut self, rows: RefusedRows, error: CommandError) {
        self.state.refused.push(Refused { rows, error });
        if self.state.refused.len() >= REFUSALS {
            self.stop_refused();
        }
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
        self.release_all(rows)
    }

    fn release_all(&mut self, rows: &[PlannedRow]) -> Result<(), CommandError> {
        let mut rows = rows.iter();
        rows.try_for_each(|row| self.release(row.key, row.carried))
    }

    /// Nothing was sent: a daily cap, or the key.
    fn unsent(
        &mut self,
        rows: &[PlannedRow],
        granted: f64,
        error: CommandError,
    ) -> Result<(), CommandError> {
        self.parts.budget.settle(granted, 0.0);
        self.release_all(rows)?;
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
            let one = RefusedRows::One {
                place,
                key: row.key,
                line: Box::new(line),
                carried: row.carried,
            };
            self.refused(one, error);
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

    /// Writes the lines of rows that were refused for themselves after all. The rows of a group
    /// are asked alone.
    pub(super) fn write_refused(&mut self) -> Result<(), CommandError> {
        for refused in std::mem::take(&mut self.state.refused) {
            match refused.rows {
                RefusedRows::One { place, line, .. } => {
                    let why = line.error.clone();
                    self.parts.writer.add(place, *line, self.parts.sink)?;
                    self.check_failures(why.as_ref());
                }
                RefusedRows::Group(rows) => rows.into_iter().for_each(|row| self.ask_alone(row)),
            }
        }
        Ok(())
    }

    /// Decides what refusals mean where no other row can: none is running, and no further one
    /// starts before they have their lines. Returns whether they mean anything now.
    pub(super) fn settle_refused(&mut self) -> Result<bool, CommandError> {
        let state = &self.state;
        if state.refused.is_empty() || state.stop.is_some() || !state.running.is_empty() {
            return Ok(false);
        }
        let is_last = state.is_fed && state.pending.is_none() && state.again.is_empty();
        if is_last && self.parts.writer.counts.ended == 0 {
            self.stop_refused();
        } else if is_last || self.is_blocked() {
            self.write_refused()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Releases the rows that have no line: those that were refused, and those of groups that were
    /// to be asked alone.
    fn release_left(&mut self) -> Result<(), CommandError> {
        let again = std::mem::take(&mut self.state.again).into_iter();
        let units = again.chain(self.state.pending.take());
        let rows: Vec<PlannedRow> = units.flat_map(|unit| unit.rows).collect();
        for row in rows.iter().filter(|row| row.place.is_some()) {
            self.release(row.key, row.carried)?;
        }
        for refused in std::mem::take(&mut self.state.refused) {
            match refused.rows {
                RefusedRows::One { key, carried, .. } => self.release(key, carried)?,
                RefusedRows::Group(rows) => self.release_all(&rows)?,
            }
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
            at_once: self.in_flight(),
            rate: self.state.ended.rate(now),
            usd: self.parts.budget.spent,
            failed: counts.failed,
            held: paces.and_then(Paces::held),
            stopping: self.state.grace.map(|until| until - now),
            batches: None,
        }
    }

    /// The rows that are running; once the job is stopping, those with a request in flight.
    fn in_flight(&self) -> usize {
        if self.state.grace.is_none() {
            return self.state.running.len();
        }
        let waits = |row: &&AskedRow| row.pace.as_ref().is_some_and(|pace| pace.is_waiting());
        self.state.asked.values().filter(|row| !waits(row)).count()
    }

    /// Closes the output.
    pub(super) fn end(mut self) -> RunEnd {
        let failed = self.release_left();
        let Self { parts, mut state } = self;
        let is_complete = parts.writer.lines == state.fed;
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
            is_complete,
            side: parts.side,
        }
    }
}
