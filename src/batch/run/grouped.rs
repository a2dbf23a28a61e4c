//! What becomes of the rows of a group: each gets its answer, or is asked alone.

use std::sync::atomic::Ordering;

use serde_json::Value;

use super::parts::Run;
use crate::ask::outcome::Outcome;
use crate::attachments::estimated_tokens;
use crate::batch::group::answers;
use crate::batch::line::OutputLine;
use crate::batch::planned::{PlannedRow, PlannedUnit};
use crate::batch::status::RowStatus;
use crate::config::options::Remark;
use crate::ports::error::CommandError;

/// Groups with more than half of their answers missing, after which groups are halved.
const BAD_GROUPS: usize = 2;

impl Run<'_> {
    /// Shares the answer and the cost of a group between its rows.
    pub(super) fn ended_group(
        &mut self,
        rows: Vec<PlannedRow>,
        outcome: &Outcome,
        cost: f64,
    ) -> Result<(), CommandError> {
        let value = outcome
            .structured
            .clone()
            .unwrap_or_else(|| serde_json::from_str(&outcome.answer.text).unwrap_or_default());
        let found = answers(&value, rows.len(), self.parts.schema.as_deref());
        let missing = found.iter().filter(|answer| answer.is_none()).count();
        self.judge_group(missing, rows.len());
        for (row, answer) in charged(rows, &found, cost).into_iter().zip(found) {
            match answer {
                Some(answer) => self.answered(row, answer, outcome)?,
                None => self.ask_alone(row),
            }
        }
        Ok(())
    }

    /// Asks a row of a group by itself.
    pub(super) fn ask_alone(&mut self, row: PlannedRow) {
        let unit = Box::new(PlannedUnit::single(row));
        self.state.again.push_back(unit);
    }

    /// Halves the groups when a model returns too few answers.
    fn judge_group(&mut self, missing: usize, rows: usize) {
        if missing * 2 <= rows {
            return;
        }
        self.state.bad_groups += 1;
        if self.state.bad_groups < BAD_GROUPS {
            return;
        }
        self.state.bad_groups = 0;
        let size = self.parts.group.load(Ordering::Acquire);
        let half = (size / 2).max(1);
        self.parts.group.store(half, Ordering::Release);
        if !std::mem::replace(&mut self.state.has_halved, true) {
            self.parts.sink.remark(&Remark::Warning(format!(
                "the model returned less than half of the answers of two groups: groups of {half} \
                from now on"
            )));
        }
    }

    /// Writes the line of a row that has its answer.
    fn answered(
        &mut self,
        row: PlannedRow,
        answer: Value,
        outcome: &Outcome,
    ) -> Result<(), CommandError> {
        let has_schema = self.parts.schema.is_some();
        let (content, structured) = match answer {
            Value::String(text) if !has_schema => (Some(text), None),
            value => (None, Some(value)),
        };
        let source = outcome.answer.cost.usd.map(|_| {
            let source = format!("{:?}", outcome.answer.cost.source).to_lowercase();
            format!("~{source}")
        });
        let place = row.place.unwrap_or_default();
        let line = OutputLine {
            status: RowStatus::Ok.word().to_owned(),
            content,
            structured,
            model: outcome.answer.model.clone(),
            cost_usd: source.is_some().then_some(row.carried),
            cost_at_most_usd: source.is_none().then_some(row.carried),
            cost_source: source,
            attempts: outcome.answer.attempts.len(),
            ms: crate::present::time::millis(outcome.answer.total),
            ..row.line
        };
        self.write_refused()?;
        self.parts.writer.add(place, line, self.parts.sink)
    }
}

/// The rows of a group, each with its part of the cost of the request.
pub(super) fn charged(
    mut rows: Vec<PlannedRow>,
    answers: &[Option<Value>],
    cost: f64,
) -> Vec<PlannedRow> {
    let shares = shares(&rows, answers, cost);
    for (row, share) in rows.iter_mut().zip(shares) {
        row.carried += share;
    }
    rows
}

/// The part of the cost of each row, by the tokens of its question and its answer.
fn shares(rows: &[PlannedRow], answers: &[Option<Value>], cost: f64) -> Vec<f64> {
    let weight = |(row, answer): (&PlannedRow, &Option<Value>)| {
        let answer = answer
            .as_ref()
            .map_or(0, |answer| estimated_tokens(&answer.to_string()));
        #[expect(clippy::cast_precision_loss, reason = "tokens of a row")]
        let weight = (row.tokens + answer + 1) as f64;
        weight
    };
    let weights: Vec<f64> = rows.iter().zip(answers).map(weight).collect();
    let sum: f64 = weights.iter().sum();
    weights
        .into_iter()
        .map(|weight| cost * weight / sum)
        .collect()
}
