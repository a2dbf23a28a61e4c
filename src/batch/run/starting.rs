//! Starts rows, as many at once as the pace and the cap allow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::parts::{EndedRow, Run};
use crate::ask::rows::{PaceOfServer, RowTerms};
use crate::batch::check::bad_rows;
use crate::batch::ending::{REFUSALS, Stop};
use crate::batch::feed::{Fed, PlannedRow};
use crate::batch::pace::RowPace;
use crate::batch::status::RowStatus;
use crate::chat::pace::Pace;
use crate::ports::error::{CommandError, ErrorKind};
use crate::wire::client::Url;

impl Run<'_> {
    pub(super) fn fed(&mut self, fed: Fed) -> Result<(), CommandError> {
        match fed {
            Fed::Row(row) => self.state.pending = Some(row),
            Fed::Unusable(line, place) => {
                let is_skipped = line.status == RowStatus::Skipped.word();
                if is_skipped && !self.parts.options.skips_bad {
                    let why = line.error.map(|error| error.message).unwrap_or_default();
                    let error = bad_rows(&[format!("{place}: {why}")], 1, 1);
                    self.stop(Stop::Io(error));
                    return Ok(());
                }
                let place = self.next_place();
                return self.parts.writer.add(place, *line, self.parts.sink);
            }
            Fed::Failed(error) => self.stop(Stop::Io(error)),
        }
        Ok(())
    }

    /// Starts the pending rows that the pace and the cap admit.
    pub(super) fn fill(&mut self) -> Result<(), CommandError> {
        while self.state.stop.is_none() {
            if self.state.pending.is_none() {
                match self.parts.feed.try_recv() {
                    Ok(fed) => self.fed(fed)?,
                    Err(_) => return Ok(()),
                }
            }
            let Some(row) = self.state.pending.take() else {
                continue;
            };
            if let Some(row) = self.try_start(row)? {
                self.state.pending = Some(row);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Starts a row; returns it when it has to wait.
    fn try_start(
        &mut self,
        mut row: Box<PlannedRow>,
    ) -> Result<Option<Box<PlannedRow>>, CommandError> {
        // A refusal of every row must not be repeated for each of them.
        let refused = self.state.refused.len();
        let is_doubtful = refused > 0 && self.state.running.len() + refused >= REFUSALS;
        let is_full = self.state.running.len() >= self.parts.options.limits.at_once || is_doubtful;
        if is_full || !self.parts.writer.has_room(self.state.place) {
            self.state.retry_at = None;
            return Ok(Some(row));
        }
        if let Some(error) = row.prepared.refusal() {
            let is_cap = error.kind == ErrorKind::Limit && self.parts.budget.cap.is_some();
            if is_cap && self.parts.options.max_cost_row.is_none() {
                self.stop(Stop::Cap(None));
                return Ok(Some(row));
            }
            row.line.fail(RowStatus::Error, error);
            let place = self.next_place();
            self.parts.writer.add(place, row.line, self.parts.sink)?;
            self.check_failures(None);
            return Ok(None);
        }
        let worst = row.worst.unwrap_or_default();
        let second = if row.prepared.schema.is_some() {
            worst
        } else {
            0.0
        };
        let mut budget = self.parts.budget;
        let Some(granted) = budget.hold(worst, second) else {
            if self.state.running.is_empty() {
                self.stop(Stop::Cap(None));
            }
            return Ok(Some(row));
        };
        let Ok(pace) = self.admitted(&row) else {
            return Ok(Some(row));
        };
        self.parts.budget = budget;
        self.start(*row, granted, pace)?;
        Ok(None)
    }

    /// The admission of the first request of a row; an error when it has to wait.
    fn admitted(&mut self, row: &PlannedRow) -> Result<Option<PaceOfServer>, ()> {
        let (Some(paces), Some(first)) = (&self.parts.paces, row.prepared.first()) else {
            return Ok(None);
        };
        let server = paces.of(&first.target.base_url);
        let ahead = server.admit_new(row.tokens).map_err(|until| {
            self.state.retry_at = until;
        })?;
        let (others, tokens) = (paces.clone(), row.tokens);
        let first: Arc<dyn Pace> = Arc::new(RowPace::new(server, tokens, Some(ahead)));
        let is_first = AtomicBool::new(true);
        Ok(Some(Box::new(move |url: &Url| {
            if is_first.swap(false, Ordering::Relaxed) {
                return Arc::clone(&first);
            }
            Arc::new(RowPace::new(others.of(url), tokens, None))
        })))
    }

    fn start(
        &mut self,
        row: PlannedRow,
        granted: f64,
        paced: Option<PaceOfServer>,
    ) -> Result<(), CommandError> {
        if let Some(side) = &mut self.parts.side {
            side.started(row.key, granted)?;
        }
        let place = self.next_place();
        let decided = RowTerms {
            lane: usize::try_from(row.number).unwrap_or(usize::MAX - 1) + 1,
            most_usd: self.parts.budget.cap.map(|_| granted),
            pace: paced,
        };
        let (engine, ending) = (Arc::clone(&self.parts.engine), self.state.ending.clone());
        self.state.running.spawn(async move {
            let result = engine.ask(row.prepared, decided, &ending).await;
            Box::new(EndedRow {
                place,
                key: row.key,
                line: row.line,
                granted,
                result,
            })
        });
        Ok(())
    }
}
