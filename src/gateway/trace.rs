//! The spans of one request of a client: a root that continues the client's trace, and a request
//! for each profile that was asked, with its attempts. No texts: the gateway passes them unread.

use std::time::{Duration, SystemTime};

use super::attempt_result::AttemptResult;
use super::route::RouteTarget;
use crate::ask::traced_requests::{add_cost, add_usage, kind_of, observations, word};
use crate::chat::attempt_status::AttemptStatus;
use crate::chat::cost::Cost;
use crate::chat::usage::{self, Usage};
use crate::telemetry::Telemetry;
use crate::telemetry::context::SpanContext;
use crate::telemetry::names;
use crate::telemetry::queue::Batch;
use crate::telemetry::span::{Attributes, SpanKind};
use crate::telemetry::trace::{Trace, TraceOrigin};

/// The name of the root span.
const NAME: &str = "amx serve";

/// The header that names the span of the client.
pub(super) const TRACEPARENT: &str = "traceparent";

/// The trace of one request.
pub(super) struct RequestTrace {
    trace: Trace,
    batch: Batch,
    asked: Option<Asked>,
}

/// The profile that is being asked.
struct Asked {
    start: SystemTime,
    profile: String,
    provider: &'static str,
    operation: &'static str,
    model: String,
    host: Option<String>,
    port: Option<u16>,
    first_byte: Option<Duration>,
    attempts: u64,
    usage: Option<Usage>,
    cost: Option<Cost>,
    answered_model: Option<String>,
    generation_id: Option<String>,
    status: AttemptStatus,
}

/// What is known of a request when it has ended.
pub(super) struct RequestEnd<'a> {
    pub route: &'static str,
    pub status: u16,
    pub client: &'a str,
    pub profile: &'a str,
}

impl RequestTrace {
    /// Starts a trace below the span of the client; `None` when telemetry is off.
    pub(super) fn start(telemetry: &Telemetry, traceparent: Option<&str>) -> Option<Self> {
        let client = traceparent.and_then(SpanContext::parse);
        let trace = telemetry.trace(NAME, TraceOrigin::Client(client))?;
        Some(Self {
            trace,
            batch: Batch::default(),
            asked: None,
        })
    }

    /// A request to a provider starts. `operation` is what it asks for.
    pub(super) fn attempt_starts(&mut self, target: &RouteTarget, operation: &'static str) {
        let is_same = |asked: &Asked| asked.profile == target.profile;
        if !self.asked.as_ref().is_some_and(is_same) {
            self.end_asked();
            self.asked = Some(Asked {
                start: SystemTime::now(),
                profile: target.profile.clone(),
                provider: target.entry.name,
                operation,
                model: target.model.clone(),
                host: target.base_url.host_str().map(str::to_owned),
                port: target.base_url.port_or_known_default(),
                first_byte: None,
                attempts: 0,
                usage: None,
                cost: None,
                answered_model: None,
                generation_id: None,
                status: AttemptStatus::Ok,
            });
        }
        if let Some(asked) = &mut self.asked {
            asked.attempts += 1;
        }
    }

    /// The first byte of the answer has arrived.
    pub(super) fn first_byte(&mut self) {
        if let Some(asked) = &mut self.asked {
            let elapsed = asked.start.elapsed().unwrap_or_default();
            asked.first_byte.get_or_insert(elapsed);
        }
    }

    pub(super) fn attempt_ends(&mut self, result: &AttemptResult) {
        let Some(asked) = &mut self.asked else { return };
        asked.status = result.status.unwrap_or(AttemptStatus::Ok);
        if result.is_unsent {
            return;
        }
        asked.usage = usage::sum(asked.usage, result.usage);
        if result.may_have_cost {
            let before = asked.cost.take();
            asked.cost = Some(before.map_or(result.cost, |before| before.plus(result.cost)));
        }
        asked.answered_model.clone_from(&result.model);
        asked.generation_id.clone_from(&result.generation_id);
    }

    /// Adds the span of the profile that was asked last.
    fn end_asked(&mut self) {
        let Some(asked) = self.asked.take() else {
            return;
        };
        let name = format!("{} {}", asked.operation, asked.model);
        let context = self.trace.context.sibling();
        let mut span = self.trace.child(context, name, SpanKind::Client);
        span.start = asked.start;
        span.error = kind_of(asked.status).map(word);
        let mut shared = Attributes::default();
        shared.word(names::OPERATION, asked.operation);
        shared.word(names::PROVIDER, names::provider(asked.provider));
        shared.add(names::REQUEST_MODEL, asked.model.as_str());
        shared.add_some(names::RESPONSE_MODEL, asked.answered_model.as_deref());
        shared.add_some(names::SERVER_ADDRESS, asked.host.as_deref());
        shared.add_some(names::SERVER_PORT, asked.port.map(u64::from));
        shared.add_some(names::ERROR_TYPE, span.error.as_deref());
        let attributes = &mut span.attributes;
        attributes.extend(shared.clone());
        attributes.add_some(names::RESPONSE_ID, asked.generation_id.as_deref());
        let first = asked.first_byte.map(|first| first.as_secs_f64());
        attributes.add_some(names::RESPONSE_FIRST_CHUNK, first);
        add_usage(attributes, asked.usage);
        let is_langfuse = self.trace.is_langfuse();
        add_cost(attributes, asked.cost.unwrap_or_default(), is_langfuse);
        attributes.add(names::PROFILE, asked.profile.as_str());
        attributes.add(names::ATTEMPTS, asked.attempts);
        if is_langfuse {
            attributes.word(names::LANGFUSE_TYPE, "generation");
        }
        let observed = observations(&span, shared, asked.usage);
        self.batch.observations.extend(observed);
        self.batch.spans.push(span);
    }

    /// Everything. Empty for a request that no provider was asked for.
    pub(super) fn finish(mut self, end: &RequestEnd<'_>) -> Batch {
        self.end_asked();
        let mut batch = std::mem::take(&mut self.batch);
        if batch.spans.is_empty() {
            return batch;
        }
        let mut attributes = Attributes::default();
        attributes.add(names::HTTP_ROUTE, end.route);
        attributes.add(names::HTTP_STATUS, u64::from(end.status));
        attributes.add(names::CLIENT, end.client);
        attributes.add(names::PROFILE, end.profile);
        let error = (end.status >= 400).then(|| end.status.to_string());
        attributes.add_some(names::ERROR_TYPE, error.as_deref());
        let mut root = self.trace.root(attributes, error);
        root.kind = SpanKind::Server;
        batch.spans.insert(0, root);
        batch
    }
}
