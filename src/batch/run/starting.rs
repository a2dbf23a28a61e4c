//! Starts rows, as many at once as the pace and the cap allow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::parts::{AskedRow, EndedUnit, Run};
use crate::ask::preflight::caps::fits;
use crate::ask::prepare::PreparedRow;
use crate::ask::rows::{PaceOfServer, RowTerms};
use crate::batch::bad_rows::BadRows;
use crate::batch::ending::{REFUSALS, Stop};
use crate::batch::feed::Fed;
use crate::batch::planned::PlannedUnit;
use crate::batch::row_pace::RowPace;
use crate::batch::status::RowStatus;
use crate::chat::pace::Pace;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Interrupt;
use crate::wire::client::Url;

/// Rows that start together.
const TOGETHER: usize = 8;

impl Run<'_> {
    pub(super) fn fed(&mut self, fed: Fed) -> Result<(), CommandError> {
        match fed {
            Fed::Unit(unit) => {
                self.state.fed += unit.rows.len() as u64;
                self.state.pending = Some(unit);
            }
            Fed::Unusable(line, place) => {
                self.state.fed += 1;
                let is_skipped = line.status == RowStatus::Skipped.word();
                if is_skipped && !self.parts.options.skips_bad {
                    let why = line.error.map(|error| error.message).unwrap_or_default();
                    let mut bad = BadRows::default();
                    bad.add(&place, why);
                    self.stop(Stop::Io(bad.error(None)));
                    return Ok(());
                }
                let place = self.next_place();
                return self.parts.writer.add(place, *line, self.parts.sink);
            }
            Fed::Failed(error) => self.stop(Stop::Io(error)),
        }
        Ok(())
    }

    /// Starts the pending rows that the pace and the cap admit, a few at a time: those are sent
    /// before others start. Returns whether it may start more.
    pub(super) fn fill(&mut self) -> Result<bool, CommandError> {
        let before = self.state.running.len();
        while self.state.stop.is_none() {
            if self.state.running.len() >= before + TOGETHER {
                return Ok(true);
            }
            if self.is_blocked() {
                // Rows that have their places make room for others.
                self.state.again.extend(self.state.pending.take());
            }
            if self.state.pending.is_none() {
                self.state.pending = self.state.again.pop_front();
            }
            if self.state.pending.is_none() {
                match self.parts.feed.try_recv() {
                    Ok(fed) => self.fed(fed)?,
                    Err(_) => return Ok(false),
                }
            }
            let Some(unit) = self.state.pending.take() else {
                continue;
            };
            if let Some(unit) = self.try_start(unit)? {
                self.state.pending = Some(unit);
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// Starts a request; returns it when it has to wait.
    fn try_start(
        &mut self,
        mut unit: Box<PlannedUnit>,
    ) -> Result<Option<Box<PlannedUnit>>, CommandError> {
        // A refusal of every row must not be repeated for each of them.
        let refused = self.state.refused.len();
        let is_doubtful = refused > 0 && self.state.running.len() + refused >= REFUSALS;
        let is_full = self.state.running.len() >= self.parts.options.limits.at_once || is_doubtful;
        self.state.retry_at = None;
        if is_full || !self.has_room(&unit) {
            return Ok(Some(unit));
        }
        if let Some(error) = unit.prepared().and_then(PreparedRow::refusal) {
            if let Some(error) = self.without_limit(error, &unit) {
                self.stop(Stop::Cap(Some(error)));
                return Ok(Some(unit));
            }
            if self.is_above_cap(error, unit.worst) {
                self.stop(Stop::Cap(None));
                return Ok(Some(unit));
            }
            self.fail(&mut unit)?;
            return Ok(None);
        }
        let worst = unit.worst.unwrap_or_default();
        let has_schema = unit
            .prepared()
            .is_some_and(|prepared| prepared.schema.is_some());
        let repairs = has_schema && unit.group.is_none();
        let mut budget = self.parts.budget;
        let Some(granted) = budget.hold(worst, if repairs { worst } else { 0.0 }) else {
            if self.state.running.is_empty() {
                self.stop(Stop::Cap(None));
            }
            return Ok(Some(unit));
        };
        let Ok(pace) = self.admitted(&unit) else {
            return Ok(Some(unit));
        };
        self.parts.budget = budget;
        self.start(unit, granted, repairs, pace)?;
        Ok(None)
    }

    /// Whether the order of the input admits a request now.
    fn has_room(&self, unit: &PlannedUnit) -> bool {
        let is_new = unit.rows.iter().any(|row| row.place.is_none());
        !is_new || self.parts.writer.has_room(self.state.place)
    }

    /// Whether the next row has to wait for the lines of earlier ones.
    pub(super) fn is_blocked(&self) -> bool {
        let pending = self.state.pending.as_ref();
        pending.is_some_and(|unit| !self.has_room(unit))
    }

    /// Whether a failed check means that the cap of the job is too low for a row that may cost so
    /// much. A row whose cost has no limit fails by itself.
    fn is_above_cap(&self, error: &CommandError, worst: Option<f64>) -> bool {
        let cap = self.parts.budget.cap.zip(worst);
        let is_above = cap.is_some_and(|(cap, worst)| !fits(worst, cap));
        self.is_of_job_cap(error) && is_above
    }

    /// Whether a failed check is that of the cap on the cost of the job.
    fn is_of_job_cap(&self, error: &CommandError) -> bool {
        let has_cap = self.parts.budget.cap.is_some();
        error.kind == ErrorKind::Limit && has_cap && self.parts.options.max_cost_row.is_none()
    }

    /// The error for a request without a limit of output tokens under the cap of the job: the same
    /// for every such row, until the command sets a limit.
    fn without_limit(&self, error: &CommandError, unit: &PlannedUnit) -> Option<CommandError> {
        let mut targets = unit.prepared()?.targets.iter();
        let is_unlimited = targets.any(|planned| !planned.target.request.is_limited());
        let is_of_all = self.is_of_job_cap(error) && is_unlimited;
        is_of_all.then(|| {
            CommandError::new(ErrorKind::Limit, error.message.clone())
                .hint("the same command with --max-tokens N   (a limit for rows without one)")
        })
    }

    /// Writes the lines of rows that fail a check. The rows of a group are asked alone.
    fn fail(&mut self, unit: &mut PlannedUnit) -> Result<(), CommandError> {
        let is_group = unit.group.take().is_some();
        for mut row in std::mem::take(&mut unit.rows) {
            if is_group {
                self.ask_alone(row);
                continue;
            }
            if let Some(error) = row.prepared.as_ref().and_then(PreparedRow::refusal) {
                row.line.fail(RowStatus::Error, error);
            }
            // Paid for the group.
            row.line.cost_at_most_usd = (row.carried > 0.0).then_some(row.carried);
            let place = row.place.unwrap_or_else(|| self.next_place());
            let why = row.line.error.clone();
            self.parts.writer.add(place, row.line, self.parts.sink)?;
            self.check_failures(why.as_ref());
        }
        Ok(())
    }

    /// The pace of a row whose first request is admitted, `None` without one; an error when it has
    /// to wait.
    fn admitted(&mut self, unit: &PlannedUnit) -> Result<Option<Arc<RowPace>>, ()> {
        let first = unit.prepared().and_then(PreparedRow::first);
        let (Some(paces), Some(first)) = (&self.parts.paces, first) else {
            return Ok(None);
        };
        let server = paces.of(&first.target.base_url);
        let ahead = server.admit_new(unit.tokens).map_err(|until| {
            self.state.retry_at = until;
        })?;
        Ok(Some(Arc::new(RowPace::new(
            server,
            unit.tokens,
            Some(ahead),
        ))))
    }

    /// Gives the first server of a row its pace, and each fallback another one.
    fn pace_of_servers(&self, first: &Arc<RowPace>, tokens: u64) -> Option<PaceOfServer> {
        let (others, first) = (self.parts.paces.clone()?, Arc::clone(first));
        let is_first = AtomicBool::new(true);
        Some(Box::new(move |url: &Url| {
            if is_first.swap(false, Ordering::Relaxed) {
                let first: Arc<dyn Pace> = first.clone();
                return first;
            }
            Arc::new(RowPace::new(others.of(url), tokens, None))
        }))
    }

    fn start(
        &mut self,
        mut unit: Box<PlannedUnit>,
        granted: f64,
        repairs: bool,
        pace: Option<Arc<RowPace>>,
    ) -> Result<(), CommandError> {
        let is_group = unit.group.is_some();
        #[expect(clippy::cast_precision_loss, reason = "rows of a group")]
        let each = granted / unit.rows.len().max(1) as f64;
        for row in &mut unit.rows {
            if let Some(side) = &mut self.parts.side {
                side.started(row.key, each)?;
            }
            if row.place.is_none() {
                row.place = Some(self.state.place);
                self.state.place += 1;
            }
        }
        let number = unit.rows.first().map_or(0, |row| row.number);
        let Some(prepared) = unit.take_prepared() else {
            return Ok(());
        };
        let paces = pace
            .as_ref()
            .and_then(|pace| self.pace_of_servers(pace, unit.tokens));
        let decided = RowTerms {
            lane: usize::try_from(number).unwrap_or(usize::MAX - 1) + 1,
            most_usd: self.parts.budget.cap.map(|_| granted),
            repairs,
            pace: paces,
        };
        let (engine, ending) = (Arc::clone(&self.parts.engine), Interrupt::default());
        let asked = AskedRow {
            pace,
            ending: ending.clone(),
        };
        // On the heap before it is a task, which would be moved as a whole several times.
        let task = self.state.running.spawn(Box::pin(async move {
            let result = engine.ask(prepared, decided, &ending).await;
            Box::new(EndedUnit {
                rows: unit.rows,
                is_group,
                granted,
                result,
            })
        }));
        self.state.asked.insert(task.id(), asked);
        Ok(())
    }
}
