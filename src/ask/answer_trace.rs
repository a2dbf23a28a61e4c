//! The spans and measurements of one answer as they are collected, and those of calls of tools.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::chat::tool::{ToolCall, ToolResult};
use crate::ports::equipment::Equipment;
use crate::telemetry::call::CallSpan;
use crate::telemetry::content;
use crate::telemetry::context::SpanContext;
use crate::telemetry::names;
use crate::telemetry::queue::Batch;
use crate::telemetry::span::{SpanKind, Value};
use crate::telemetry::trace::{Trace, TraceOrigin};

/// The name of the trace of a row.
const ROW_NAME: &str = "amx batch row";

/// Collects what is sent of an answer. Clones are of the same answer.
#[derive(Clone)]
pub(crate) struct AnswerTrace(Arc<Shared>);

struct Shared {
    trace: Trace,
    /// The template of the question.
    template: Option<String>,
    batch: Mutex<Batch>,
    /// A part was taken already.
    has_sent: AtomicBool,
}

/// Spans of a command that are sent before its end.
const MANY: usize = 512;

/// What `error.type` is for a call that failed.
const TOOL_ERROR: &str = "tool_error";

/// The span of a call that ran, and when it started.
#[derive(Clone)]
pub(super) struct RanCall {
    pub span: Arc<CallSpan>,
    pub start: SystemTime,
}

impl AnswerTrace {
    /// Starts a trace; `None` when telemetry is off. A replay has none.
    pub(super) fn start(
        equipment: &Equipment,
        name: &'static str,
        template: Option<String>,
    ) -> Option<Self> {
        if equipment.is_replaying() {
            return None;
        }
        let trace = equipment.telemetry.trace(name, TraceOrigin::Program)?;
        Some(Self::of(trace, template))
    }

    /// The trace of a row, which is linked to the span of its job.
    pub(super) fn of_row(
        equipment: &Equipment,
        job: SpanContext,
        template: Option<String>,
    ) -> Option<Self> {
        let origin = TraceOrigin::Job(job);
        let trace = equipment.telemetry.trace(ROW_NAME, origin)?;
        Some(Self::of(trace, template))
    }

    /// The trace of a row that was submitted earlier, in a batch.
    pub(super) fn of_submitted_row(
        equipment: &Equipment,
        job: SpanContext,
        submitted: SystemTime,
    ) -> Option<Self> {
        let origin = TraceOrigin::Job(job);
        let trace = equipment.telemetry.trace(ROW_NAME, origin)?;
        Some(Self::of(trace.since(submitted), None))
    }

    fn of(trace: Trace, template: Option<String>) -> Self {
        Self(Arc::new(Shared {
            trace,
            template,
            batch: Mutex::default(),
            has_sent: AtomicBool::new(false),
        }))
    }

    /// Whether the text of the answer is sent, and so has to be kept.
    pub(super) fn has_content(&self) -> bool {
        self.0.trace.has_content()
    }

    pub(super) fn trace(&self) -> &Trace {
        &self.0.trace
    }

    /// The name of the template of the question.
    pub(super) fn template(&self) -> Option<&str> {
        self.0.template.as_deref()
    }

    pub(super) fn batch(&self) -> MutexGuard<'_, Batch> {
        self.0.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a part of its spans was taken before its end.
    pub(super) fn has_sent(&self) -> bool {
        self.0.has_sent.load(Ordering::Relaxed)
    }

    /// The spans of a command with many requests, where there are enough to send.
    pub(super) fn take_many(&self) -> Option<Batch> {
        let mut batch = self.batch();
        if batch.spans.len() < MANY {
            return None;
        }
        self.0.has_sent.store(true, Ordering::Relaxed);
        Some(std::mem::take(&mut *batch))
    }

    /// The span of a call that is about to run.
    pub(super) fn call(&self) -> Arc<CallSpan> {
        CallSpan::new(self.0.trace.context.sibling())
    }

    /// Adds a call that has ended, at this time unless it ran.
    pub(super) fn called(&self, call: &ToolCall, result: &ToolResult, ran: Option<&RanCall>) {
        let trace = &self.0.trace;
        let context = ran.map_or_else(|| trace.context.sibling(), |ran| ran.span.context());
        let name = format!("execute_tool {}", call.name);
        let mut span = trace.child(context, name, SpanKind::Internal);
        if let Some(ran) = ran {
            span.start = ran.start;
            span.end = ran.start + Duration::from_millis(result.ms);
        }
        span.error = result.is_error.then(|| TOOL_ERROR.to_owned());
        let attributes = &mut span.attributes;
        attributes.word(names::OPERATION, "execute_tool");
        attributes.add(names::TOOL_NAME, call.name.as_str());
        attributes.add(names::TOOL_CALL_ID, call.id.as_str());
        let decision = result.decision.map(|decided| Value::Word(decided.word()));
        attributes.add_some(names::TOOL_DECISION, decision);
        if let Some(ran) = ran {
            attributes.extend(ran.span.noted());
        }
        attributes.add_some(names::ERROR_TYPE, span.error.as_deref());
        if trace.is_langfuse() {
            attributes.word(names::LANGFUSE_TYPE, "tool");
        }
        if trace.has_content() {
            attributes.add(names::TOOL_ARGUMENTS, content::text(&call.arguments));
            attributes.add(names::TOOL_RESULT, content::text(&result.content));
        }
        self.batch().spans.push(span);
    }
}
