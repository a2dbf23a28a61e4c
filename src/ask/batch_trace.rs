//! The traces of discounted batches: the span of the job, and a trace for each row whose result was
//! read, which may be a day after its batch was submitted.

use std::time::SystemTime;

use super::answer_trace::AnswerTrace;
use super::job_trace::JobTrace;
use super::outcome::Outcome;
use crate::chat::cost::{Cost, CostSource};
use crate::ports::equipment::Equipment;
use crate::ports::error::ErrorKind;

/// The trace of a job.
pub(crate) struct BatchTrace {
    job: JobTrace,
    equipment: Equipment,
}

/// The trace of a row, from the submission of its batch.
pub(crate) struct BatchRowTrace {
    pub(super) trace: AnswerTrace,
    pub(super) submitted: SystemTime,
}

/// The batch of a row, and the row's part of its bill in USD, where that is known.
pub(crate) struct BatchShare<'a> {
    pub batch: Option<&'a str>,
    pub usd: Option<f64>,
}

impl BatchTrace {
    /// Starts the span of the job; `None` when telemetry is off.
    pub(crate) fn start(equipment: &Equipment) -> Option<Self> {
        Some(Self {
            job: JobTrace::start(equipment)?,
            equipment: equipment.clone(),
        })
    }

    /// The trace of a row whose batch was submitted at this time.
    pub(crate) fn row(&self, submitted: SystemTime) -> Option<BatchRowTrace> {
        let job = self.job.context();
        let trace = AnswerTrace::of_submitted_row(&self.equipment, job, submitted)?;
        Some(BatchRowTrace { trace, submitted })
    }

    /// Sends a row, whose outcome was judged with its trace.
    pub(crate) fn row_ended(&self, row: &BatchRowTrace, outcome: &Outcome, share: &BatchShare<'_>) {
        let cost = share.usd.map(|usd| Cost {
            usd: Some(usd),
            source: CostSource::Provider,
        });
        row.trace.settle(share.batch, cost);
        let batch = row.trace.finish(outcome, None);
        self.equipment.telemetry.export(batch);
    }

    /// Ends the span of the job.
    pub(crate) fn end(&self, counts: &[(&'static str, u64)], error: Option<ErrorKind>) {
        let batch = self.job.finish(counts, error);
        self.equipment.telemetry.export(batch);
    }
}
