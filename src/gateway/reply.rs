//! The answers to clients: their heads, refusals, and where a body comes from.

use std::sync::Arc;

use super::answer::{OpenStream, ReplyHeaders, WholeReply};
use super::event_filter;
use super::exchange::Exchange;
use super::front::Front;
use super::problem::Problem;
use super::record::Record;
use super::state::Gateway;
use super::stream::{self, Opening};
use crate::wire::server::{ReplyBody, ServerReply};

/// The type of a stream of events.
const EVENT_STREAM: &str = "text/event-stream";

/// The number of the request, as in the log.
const REQUEST_ID: &str = "x-request-id";

/// Asks an SDK not to send the request again.
const SHOULD_RETRY: &str = "x-should-retry";

/// A refusal of the gateway.
pub(super) fn problem(problem: &Problem, form: Front, record: &mut Record) -> ServerReply {
    let status = form.status_of_failure(problem.status);
    record.status = Some(status);
    record.why = Some(problem.message.clone());
    let body = form.refusal(problem, &record.id);
    let mut reply = ServerReply::whole(status, "application/json", body);
    identify(&mut reply, record);
    if let Some(wait) = problem.retry_after {
        // Whole seconds, and never too early.
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        reply.set("retry-after", &seconds.to_string());
    }
    if problem.is_final {
        reply.set(SHOULD_RETRY, "false");
    }
    if matches!(problem.status, 408 | 413 | 421) {
        // The rest of its body is not read.
        reply.set("connection", "close");
    }
    reply
}

/// A whole answer or refusal of the provider.
pub(super) fn whole(whole: WholeReply, mut exchange: Exchange) -> ServerReply {
    let mut body = whole.body;
    let options = &exchange.upstream.gateway.options;
    let echoed = event_filter::echoed(options, &exchange.record.asked_model);
    if let Some(model) = echoed.filter(|_| !whole.is_refusal) {
        body = event_filter::renamed(body, &model);
    }
    let record = &mut exchange.record;
    record.status = Some(whole.status);
    let mut reply = ServerReply::whole(whole.status, "application/json", body);
    set_headers(&mut reply, &whole.headers, record);
    if whole.is_refusal {
        reply.set(SHOULD_RETRY, "false");
    }
    reply
}

/// A stream that the provider has started.
pub(super) fn stream(mut exchange: Exchange, stream: OpenStream) -> ServerReply {
    let mut reply = ServerReply::whole(200, EVENT_STREAM, "");
    exchange.record.status = Some(200);
    set_headers(&mut reply, &stream.headers, &exchange.record);
    set_unbuffered(&mut reply);
    reply.body = ReplyBody::generated(|output| stream::pass(exchange, stream, output));
    reply
}

/// A stream that stays open until the provider answers, of the request with this number.
pub(super) fn waiting(
    opening: Opening,
    id: &str,
    front: Front,
    gateway: &Arc<Gateway>,
) -> ServerReply {
    let mut reply = ServerReply::whole(200, EVENT_STREAM, "");
    reply.set(REQUEST_ID, id);
    set_unbuffered(&mut reply);
    let every = gateway.options.keep_alive;
    let comment = front.row().keep_alive;
    reply.body =
        ReplyBody::generated(|output| stream::wait_and_pass(opening, comment, every, output));
    reply
}

/// Asks proxies to hand each event on.
fn set_unbuffered(reply: &mut ServerReply) {
    reply.set("cache-control", "no-cache");
    reply.set("x-accel-buffering", "no");
}

fn set_headers(reply: &mut ServerReply, headers: &ReplyHeaders, record: &Record) {
    let named = [
        ("content-type", &headers.content_type),
        ("retry-after", &headers.retry_after),
        ("x-generation-id", &headers.generation_id),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            reply.set(name, value);
        }
    }
    identify(reply, record);
}

/// Says which request it was, and who answered.
fn identify(reply: &mut ServerReply, record: &Record) {
    reply.set(REQUEST_ID, &record.id);
    if record.attempts > 0 {
        reply.set("x-amx-profile", &record.profile);
        reply.set("x-amx-model", &record.model);
        reply.set("x-amx-attempts", &record.attempts.to_string());
    }
}
