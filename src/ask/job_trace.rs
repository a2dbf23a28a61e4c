//! The span of a job of many rows, each of which has a trace of its own.

use super::traced_requests::word;
use crate::ports::equipment::Equipment;
use crate::ports::error::ErrorKind;
use crate::telemetry::context::SpanContext;
use crate::telemetry::names;
use crate::telemetry::queue::Batch;
use crate::telemetry::span::Attributes;
use crate::telemetry::trace::{Trace, TraceOrigin};

/// The name of the span.
const NAME: &str = "amx batch";

/// The span of a job.
pub(super) struct JobTrace(Trace);

impl JobTrace {
    /// Starts the span; `None` when telemetry is off. From now on spans are sent while the job
    /// runs. A replay has none.
    pub(super) fn start(equipment: &Equipment) -> Option<Self> {
        if equipment.is_replaying() {
            return None;
        }
        let trace = equipment.telemetry.trace(NAME, TraceOrigin::Program)?;
        equipment.telemetry.keep_sending();
        Some(Self(trace))
    }

    pub(super) fn context(&self) -> SpanContext {
        self.0.context
    }

    /// The span, which ends now.
    pub(super) fn finish(&self, counts: &[(&'static str, u64)], error: Option<ErrorKind>) -> Batch {
        let mut attributes = Attributes::default();
        for (name, count) in counts {
            attributes.add(*name, *count);
        }
        let error = error.map(word);
        attributes.add_some(names::ERROR_TYPE, error.clone());
        Batch {
            spans: vec![self.0.root(attributes, error)],
            ..Batch::default()
        }
    }
}
