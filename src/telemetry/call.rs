//! The span of the tool call that runs: what it calls may continue the trace.

use std::sync::{Arc, Mutex, PoisonError};

use super::context::SpanContext;
use super::span::{Attributes, Value};

tokio::task_local! {
    static RUNNING: Arc<CallSpan>;
}

/// The span of a call in the making.
#[derive(Debug)]
pub(crate) struct CallSpan {
    context: SpanContext,
    attributes: Mutex<Attributes>,
}

impl CallSpan {
    pub(crate) fn new(context: SpanContext) -> Arc<Self> {
        Arc::new(Self {
            context,
            attributes: Mutex::default(),
        })
    }

    pub(crate) fn context(&self) -> SpanContext {
        self.context
    }

    /// The `traceparent` of what the call does.
    pub(crate) fn traceparent(&self) -> String {
        self.context.traceparent()
    }

    /// Adds what only the server of the call can say.
    pub(crate) fn note(&self, name: &'static str, value: impl Into<Value>) {
        let attributes = self.attributes.lock();
        let mut attributes = attributes.unwrap_or_else(PoisonError::into_inner);
        // A call that is made again in another session notes the same.
        attributes.set(name, value);
    }

    /// What was noted.
    pub(crate) fn noted(&self) -> Attributes {
        let attributes = self.attributes.lock();
        attributes.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Runs a call within its span; one without a span as it is.
pub(crate) async fn within<F: Future>(span: Option<Arc<CallSpan>>, call: F) -> F::Output {
    match span {
        Some(span) => RUNNING.scope(span, call).await,
        None => call.await,
    }
}

/// The span of the call that runs in this task.
pub(crate) fn running() -> Option<Arc<CallSpan>> {
    RUNNING.try_with(Arc::clone).ok()
}
