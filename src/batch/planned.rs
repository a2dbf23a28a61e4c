//! Rows that are ready to be asked.

use super::line::{LineError, OutputLine};
use super::row::RowKey;
use super::status::RowStatus;
use crate::ask::prepare::PreparedRow;
use crate::ports::error::CommandError;

/// A row that is ready to be asked by itself.
pub(crate) struct PlannedRow {
    pub number: u64,
    pub key: RowKey,
    /// The line of the row, without an answer.
    pub line: OutputLine,
    /// `None` once it is sent.
    pub prepared: Option<PreparedRow>,
    /// USD that one request may cost; `None` when the price is unknown.
    pub worst: Option<f64>,
    /// Estimated tokens of the prompt.
    pub tokens: u64,
    /// Its place in the order of the run, once it was sent.
    pub place: Option<u64>,
    /// USD of earlier requests for it.
    pub carried: f64,
}

/// What one request asks: a row, or a group of them.
pub(crate) struct PlannedUnit {
    pub rows: Vec<PlannedRow>,
    /// The request of a group.
    pub group: Option<PreparedRow>,
    pub worst: Option<f64>,
    pub tokens: u64,
}

impl PlannedUnit {
    pub(crate) fn single(row: PlannedRow) -> Self {
        Self {
            worst: row.worst,
            tokens: row.tokens,
            group: None,
            rows: vec![row],
        }
    }

    /// The request.
    pub(crate) fn prepared(&self) -> Option<&PreparedRow> {
        let alone = || self.rows.first()?.prepared.as_ref();
        self.group.as_ref().or_else(alone)
    }

    /// Takes the request out.
    pub(crate) fn take_prepared(&mut self) -> Option<PreparedRow> {
        match self.group.take() {
            Some(group) => Some(group),
            None => self.rows.first_mut()?.prepared.take(),
        }
    }
}

impl OutputLine {
    /// The line of a row without an answer.
    pub(crate) fn fail(&mut self, status: RowStatus, error: &CommandError) {
        status.word().clone_into(&mut self.status);
        self.error = Some(LineError::of(error));
    }
}
