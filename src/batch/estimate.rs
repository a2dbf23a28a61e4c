//! What a job would ask, and what it may cost, without sending anything.

use super::check::{bad_rows, is_pending};
use super::job::Job;
use super::planner::prompt_tokens;
use super::rows::JobRows;
use super::selection::Selection;
use super::sink::JobSink;
use super::start::Start;
use crate::ask::prepare::PreparedRow;
use crate::ports::error::CommandError;
use crate::wire::body::RequestBody;

/// Most bad rows that are named.
const NAMED: usize = 5;

/// The part of the estimated tokens of a prompt that is billed at least.
const LEAST_PART: f64 = 0.5;

/// What a job would do. Costs are in USD.
#[derive(Default)]
pub(crate) struct JobEstimate {
    pub rows: u64,
    /// Rows that are to be asked.
    pub pending: u64,
    /// Estimated tokens of their prompts.
    pub prompt_tokens: u64,
    /// The lowest and the highest cost; `None` when a price is unknown.
    pub cost: Option<(f64, f64)>,
    pub first: Option<RequestBody>,
    /// Why rows cannot be asked.
    pub error: Option<CommandError>,
}

/// Reads the input and plans every row.
///
/// # Errors
/// When the input cannot be read, or the output belongs to another job.
pub(crate) fn estimate(mut job: Job, sink: &mut dyn JobSink) -> Result<JobEstimate, CommandError> {
    let start = Start::of(&job.options, job.head(), sink)?;
    let selection = Selection::new(&job.options, &job.input)?;
    for remark in job.planner.check(job.options.group > 1)? {
        sink.remark(&remark);
    }
    let hash = job.configuration.hash();
    let mut rows = JobRows::new(&job.input, selection, hash, &job.form, &job.options);
    let mut estimate = JobEstimate {
        cost: Some((0.0, 0.0)),
        ..JobEstimate::default()
    };
    let (mut named, mut bad) = (Vec::new(), 0);
    while let Some(row) = rows.next(|_| false)? {
        estimate.rows += 1;
        if !is_pending(start.done.status(row.key), &job.options) {
            continue;
        }
        let (question, mut own) = match row.question {
            Ok(question) => question,
            Err(why) => {
                bad += 1;
                if named.len() < NAMED {
                    named.push(format!("{}: {why}", row.place));
                }
                continue;
            }
        };
        own.system = own.system.or(question.system.clone());
        estimate.add(&job.planner.plan(question, own)?);
    }
    if bad > 0 && !job.options.skips_bad {
        estimate.error = Some(bad_rows(&named, bad, estimate.rows));
    }
    Ok(estimate)
}

impl JobEstimate {
    fn add(&mut self, prepared: &PreparedRow) {
        self.pending += 1;
        let tokens = prompt_tokens(prepared);
        self.prompt_tokens += tokens;
        self.cost = self
            .cost
            .zip(cost(prepared, tokens))
            .map(|(sum, one)| (sum.0 + one.0, sum.1 + one.1));
        if self.first.is_none() {
            self.first = Some(prepared.body());
        }
    }
}

/// The lowest and the highest cost of a row.
fn cost(prepared: &PreparedRow, tokens: u64) -> Option<(f64, f64)> {
    let highest = prepared.worst_case()?;
    let first = prepared.first()?;
    if first.settings.entry.is_demo() {
        return Some((0.0, highest));
    }
    let lowest = first.highest_price()?.of(tokens, 0) * LEAST_PART;
    Some((lowest.min(highest), highest))
}
