//! A trace in the making: the root span of one answer, and the IDs of those below it.

use std::sync::Arc;
use std::time::SystemTime;

use super::context::{SpanContext, SpanId, TraceId};
use super::exporter::Exporter;
use super::names;
use super::span::{Attributes, Span, SpanKind};

/// The trace of one answer.
#[derive(Clone)]
pub(crate) struct Trace {
    exporter: Arc<Exporter>,
    name: &'static str,
    /// Of the root span.
    pub context: SpanContext,
    /// The span that the root belongs to.
    parent: Option<SpanId>,
    /// The span of another trace that the root belongs to.
    link: Option<SpanContext>,
    start: SystemTime,
}

/// Where a trace comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TraceOrigin {
    /// `TRACEPARENT` of the program, where that is set.
    Program,
    /// The `traceparent` of a client.
    Client(Option<SpanContext>),
    /// A job, of which this is a row.
    Job(SpanContext),
}

impl Trace {
    pub(super) fn new(exporter: Arc<Exporter>, name: &'static str, origin: TraceOrigin) -> Self {
        let (parent, link) = match origin {
            TraceOrigin::Program => (exporter.settings.parent, None),
            TraceOrigin::Client(parent) => (parent, None),
            TraceOrigin::Job(job) => (None, Some(job)),
        };
        let context = match parent {
            Some(parent) => parent.sibling(),
            None => {
                let trace = TraceId::random();
                SpanContext {
                    trace,
                    span: SpanId::random(),
                    is_sampled: trace.is_within(exporter.settings.sample),
                }
            }
        };
        Self {
            exporter,
            name,
            context,
            parent: parent.map(|parent| parent.span),
            link,
            start: SystemTime::now(),
        }
    }

    /// The same trace, which started earlier.
    #[must_use]
    pub(crate) fn since(self, start: SystemTime) -> Self {
        Self { start, ..self }
    }

    /// Whether texts of questions, answers and calls are sent.
    pub(crate) fn has_content(&self) -> bool {
        self.exporter.settings.content
    }

    pub(crate) fn is_langfuse(&self) -> bool {
        self.exporter.settings.is_langfuse
    }

    /// A span below the root.
    pub(crate) fn child(&self, context: SpanContext, name: String, kind: SpanKind) -> Span {
        let now = SystemTime::now();
        Span {
            context,
            parent: Some(self.context.span),
            link: None,
            name,
            kind,
            start: now,
            end: now,
            attributes: Attributes::default(),
            error: None,
        }
    }

    /// The root span, which ends now.
    pub(crate) fn root(&self, attributes: Attributes, error: Option<String>) -> Span {
        let mut all = Attributes::default();
        if self.is_langfuse() {
            all.add(names::LANGFUSE_TRACE_NAME, self.name);
        }
        all.extend(attributes);
        Span {
            context: self.context,
            parent: self.parent,
            link: self.link,
            name: self.name.to_owned(),
            kind: SpanKind::Internal,
            start: self.start,
            end: SystemTime::now(),
            attributes: all,
            error,
        }
    }
}
