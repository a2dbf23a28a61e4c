//! What a job would ask, and what it may cost, without sending anything.

use super::bad_rows::BadRows;
use super::check::is_pending;
use super::fit::misfit;
use super::job::Job;
use super::journal::DoneRows;
use super::options::JobOptions;
use super::planner::prompt_tokens;
use super::rows::JobRows;
use super::selection::Selection;
use super::sink::JobSink;
use super::start::Start;
use crate::ask::prepare::PreparedRow;
use crate::ports::error::CommandError;
use crate::wire::body::RequestBody;

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

/// What a job would ask, where earlier runs left it.
///
/// # Errors
/// When the input cannot be read, or the output belongs to another job.
pub(crate) fn estimate(mut job: Job, sink: &mut dyn JobSink) -> Result<JobEstimate, CommandError> {
    let start = Start::of(&job.options, job.head(), sink)?;
    for remark in job.planner.check(job.options.group > 1)? {
        sink.remark(&remark);
    }
    survey(&mut job, &start.done)
}

/// Reads the input and plans every row that is to be asked.
///
/// # Errors
/// When the input cannot be read.
pub(crate) fn survey(job: &mut Job, done: &DoneRows) -> Result<JobEstimate, CommandError> {
    let selection = Selection::new(&job.options, &job.input)?;
    let hash = job.configuration.hash();
    let mut rows = JobRows::new(&job.input, selection, hash, &job.form, &job.options);
    let mut estimate = JobEstimate {
        cost: Some((0.0, 0.0)),
        ..JobEstimate::default()
    };
    let mut bad = BadRows::default();
    while let Some(row) = rows.next(|_| false)? {
        estimate.rows += 1;
        if !is_pending(done, row.key, &job.options) {
            continue;
        }
        let why = match row.question {
            Ok((question, mut own)) => {
                own.system = own.system.or(question.system.clone());
                match job.planner.plan(question, own) {
                    Ok(prepared) => estimate.add(&prepared, &job.options),
                    Err(error) => Some(error.message),
                }
            }
            Err(why) => Some(why),
        };
        if let Some(why) = why {
            bad.add(&row.place, why);
        }
    }
    if bad.count > 0 && !job.options.skips_bad {
        estimate.error = Some(bad.error(Some(estimate.rows)));
    }
    Ok(estimate)
}

/// Why a row does not fit into a discounted batch, where it is to be asked in one.
fn unfit(prepared: &PreparedRow, options: &JobOptions) -> Option<String> {
    options.discount?;
    misfit(prepared.body().to_value().as_object()?)
}

impl JobEstimate {
    /// Adds a row, or says why it cannot be asked.
    fn add(&mut self, prepared: &PreparedRow, options: &JobOptions) -> Option<String> {
        let why = unfit(prepared, options);
        if why.is_some() {
            return why;
        }
        self.pending += 1;
        let tokens = prompt_tokens(prepared);
        let part = match options.discount {
            Some(_) => discounted_part(prepared),
            None => 1.0,
        };
        self.prompt_tokens += tokens;
        // An answer that does not match its schema, or that is missing in its group.
        let asked_twice =
            options.discount.is_none() && (prepared.schema.is_some() || options.group > 1);
        self.cost = self
            .cost
            .zip(cost(prepared, tokens, part, asked_twice))
            .map(|(sum, one)| (sum.0 + one.0, sum.1 + one.1));
        if self.first.is_none() {
            self.first = Some(prepared.body());
        }
        None
    }
}

/// The lowest and the highest cost of a row. One that may be `asked_twice` brings its first answer
/// to the second request.
fn cost(prepared: &PreparedRow, tokens: u64, part: f64, asked_twice: bool) -> Option<(f64, f64)> {
    let first = prepared.first()?;
    let mut highest = prepared.worst_case()? * part;
    if asked_twice {
        let answer = u64::from(first.target.request.max_tokens);
        highest = 2.0 * highest + first.highest_price()?.of(answer, 0) * part;
    }
    if first.settings.entry.is_demo() {
        return Some((0.0, highest));
    }
    let lowest = first.highest_price()?.of(tokens, 0) * LEAST_PART * part;
    Some((lowest.min(highest), highest))
}

/// The price of a row in a discounted batch, as a part of its price outside.
pub(crate) fn discounted_part(prepared: &PreparedRow) -> f64 {
    let api = prepared
        .first()
        .and_then(|first| first.settings.entry.batches);
    api.map_or(1.0, |api| api.price_part)
}
