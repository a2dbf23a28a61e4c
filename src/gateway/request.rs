//! What a request is, step by step: its transport, its key, its body, its model, its limits.

use std::sync::Arc;

use serde_json::{Value, json};

use super::client_body::ClientBody;
use super::client_key::KnownKey;
use super::cost_bound::{self, CostBounds};
use super::exchange::Exchange;
use super::fallback_models;
use super::front::{FRONTS, Front};
use super::hidden_content;
use super::limits::{LIMITS_UNAVAILABLE, LimitRequest, Permit, micro};
use super::models;
use super::options::Identity;
use super::problem::Problem;
use super::record::Record;
use super::repeats::{Repeats, fingerprint};
use super::route::Route;
use super::state::{Gateway, Phase};
use super::tool_loop;
use super::trace::{RequestTrace, TRACEPARENT};
use super::transport;
use super::upstream::Upstream;
use super::veil::Veil;
use crate::wire::redact::cut;
use crate::wire::server::{BodyError, IncomingRequest, Method, RequestHead, ServerReply};

/// Headers of a client that the provider gets as they are.
const PASSED: &[&str] = &["anthropic-version", "anthropic-beta", "x-session-id"];

/// Headers by which clients name their session: OpenRouter's, Claude Code's and codex's.
const SESSION: &[&str] = &["x-session-id", "x-claude-code-session-id", "session-id"];

/// Longest name of a session, in characters.
const LONGEST_SESSION: usize = 128;

/// Headers of an identity, and those of a profile that each replaces.
const IDENTITY: &[(&str, &[&str])] = &[
    ("user-agent", &["User-Agent"]),
    ("http-referer", &["HTTP-Referer"]),
    ("x-title", &["X-Title", "X-OpenRouter-Title"]),
];

/// What is done with a request.
pub(super) enum Prepared {
    /// The gateway answers by itself.
    Reply(ServerReply),
    /// A provider is asked.
    Ask(Box<Question>),
}

/// A request for a provider.
pub(super) struct Question {
    front: Front,
    route: Arc<Route>,
    body: ClientBody,
    bounds: CostBounds,
    headers: Vec<(String, String)>,
    identity: Vec<(String, String)>,
    session: Option<String>,
    permit: Permit,
    is_capped: bool,
}

impl Question {
    pub(super) fn into_exchange(self, upstream: Arc<Upstream>, mut record: Record) -> Exchange {
        record.permit = Some(self.permit);
        Exchange {
            upstream,
            record,
            front: self.front,
            route: self.route,
            body: self.body,
            bounds: self.bounds,
            headers: self.headers,
            identity: self.identity,
            session: self.session,
            veil: Veil::default(),
            is_capped: self.is_capped,
        }
    }
}

/// Decides what is done with a request.
///
/// # Errors
/// Why it is refused.
pub(super) async fn prepare(
    upstream: &Arc<Upstream>,
    request: &mut IncomingRequest,
    record: &mut Record,
) -> Result<Prepared, Problem> {
    let gateway = &upstream.gateway;
    let head = &request.head;
    record.method = cut(head.method.as_str(), 16);
    record.path = cut(&head.path, 100);
    transport::check(head, &upstream.listen, &gateway.options)?;
    if gateway.phase() != Phase::Running {
        let problem = Problem::shutting_down();
        return Err(problem.retry_after(std::time::Duration::from_secs(1)));
    }
    let is_reading = matches!(head.method, Method::GET | Method::HEAD);
    if head.path == "/healthz" && is_reading {
        let body = json!({"status": "ok"}).to_string();
        return Ok(Prepared::Reply(ServerReply::whole(
            200,
            "application/json",
            body,
        )));
    }
    if head.method == Method::OPTIONS && head.headers.contains_key("origin") {
        return Ok(Prepared::Reply(preflight()));
    }
    let key = gateway.keys.check(head)?;
    record.client.clone_from(&key.key.name);
    match Front::of_path(&head.path) {
        Some(front) if head.method == Method::POST => {
            record.front = Some(front);
            record.trace = RequestTrace::start(&gateway.telemetry, traceparent(head));
            question(upstream, front, request, &key, record).await
        }
        Some(_) => Err(wrong_method("POST")),
        None => own_route(upstream, head, &key, is_reading).await,
    }
}

/// The span of the client that the request belongs to.
fn traceparent(head: &RequestHead) -> Option<&str> {
    head.headers.get(TRACEPARENT)?.to_str().ok()
}

/// The answer to a browser that asks what a page of an allowed origin may send.
fn preflight() -> ServerReply {
    let mut reply = ServerReply::whole(204, "text/plain", "");
    reply.headers.clear();
    reply.set("access-control-allow-methods", "GET, POST");
    reply.set(
        "access-control-allow-headers",
        "*, authorization, content-type, x-api-key",
    );
    reply.set("access-control-max-age", "600");
    reply
}

fn wrong_method(allowed: &str) -> Problem {
    let message = format!("this route needs {allowed}");
    Problem::new(405, "method_not_allowed", message).made_final()
}

/// The routes that no provider is asked for.
async fn own_route(
    upstream: &Arc<Upstream>,
    head: &RequestHead,
    key: &Arc<KnownKey>,
    is_reading: bool,
) -> Result<Prepared, Problem> {
    let gateway = &upstream.gateway;
    let path = head.path.as_str();
    let model = path.strip_prefix("/v1/models/").filter(|id| !id.is_empty());
    if path == "/v1/models" || model.is_some() {
        if !is_reading {
            return Err(wrong_method("GET"));
        }
        let is_anthropic = head.headers.contains_key("anthropic-version");
        let value = models::answer(gateway, key, model.map(decoded), is_anthropic).await?;
        let reply = ServerReply::whole(200, "application/json", value.to_string());
        return Ok(Prepared::Reply(reply));
    }
    if path == "/metrics" && gateway.options.has_metrics && is_reading {
        let text = gateway
            .metrics
            .text(gateway.live(), gateway.telemetry.dropped());
        let kind = "text/plain; version=0.0.4; charset=utf-8";
        return Ok(Prepared::Reply(ServerReply::whole(200, kind, text)));
    }
    let meant = FRONTS.iter().find(|row| {
        let path = path.trim_end_matches('/');
        path == row.route || row.route.strip_prefix("/v1") == Some(path)
    });
    let message = match meant {
        Some(row) => format!("no such route; use {} (base URL with /v1)", row.route),
        None => "no such route".to_owned(),
    };
    Err(Problem::new(404, "not_found", message).made_final())
}

/// A path without `%XX`.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let pair = after.get(..2).and_then(|pair| str::from_utf8(pair).ok());
        let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => (bytes.push(byte), rest = &after[2..]).0,
            None => (bytes.push(*first), rest = after).0,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads a request for a provider, and takes its place within the limits.
async fn question(
    upstream: &Arc<Upstream>,
    front: Front,
    request: &mut IncomingRequest,
    key: &KnownKey,
    record: &mut Record,
) -> Result<Prepared, Problem> {
    let gateway = &upstream.gateway;
    let options = &gateway.options;
    transport::check_type(&request.head)?;
    let body = request
        .body(options.max_body)
        .await
        .map_err(|error| body_problem(error, options.max_body))?;
    let body = ClientBody::read(body)?;
    notice_repeat(&gateway.repeats, &body, record);
    if options.guards_loops {
        tool_loop::check(front, &body)?;
    }
    let asked = match body.value("model") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(model)) => model,
        Some(_) => return Err(Problem::bad_request("'model' must be a text").made_final()),
    };
    record.asked_model = cut(&asked, 200);
    let route = gateway
        .snapshot()
        .lead(&asked, options)
        .await
        .map_err(Problem::made_final)?;
    let is_forced = options.forced_model.is_some();
    fallback_models::check(&asked, &body, &route, key, is_forced)?;
    let is_capped = gateway.limits.has_cap(&key.key) || route.has_cap(options.max_cost);
    let hidden = hidden_content::of(&body);
    if is_capped {
        cost_bound::check_bounded(front, &route, &body, &hidden)?;
    }
    let bounds = CostBounds::of(front, &route, &body, &hidden);
    let most = bounds.most(front, &route, options.max_cost)?;
    let permit = admit(gateway, key, most, record).await?;
    record.reserved = gateway.caps.reserve(front, &route, &bounds).await?;
    Ok(Prepared::Ask(Box::new(Question {
        front,
        headers: passed(&request.head),
        identity: identity(&request.head, options.identity),
        session: session(&request.head),
        route,
        body,
        bounds,
        permit,
        is_capped,
    })))
}

/// Takes the place of a request that costs at most so many USD.
async fn admit(
    gateway: &Gateway,
    key: &KnownKey,
    most: Option<f64>,
    record: &mut Record,
) -> Result<Permit, Problem> {
    let permit = gateway.limits.admit(LimitRequest {
        key: &key.key,
        reserve: most.map(micro),
    });
    let permit = permit.await.inspect_err(|problem| {
        if problem.code == LIMITS_UNAVAILABLE {
            gateway.limits_unavailable();
        }
    })?;
    if permit.is_unchecked {
        gateway.limits_unavailable();
        record.why = Some("the shared limits could not be checked".to_owned());
    }
    Ok(permit)
}

/// Remembers what a stream was asked for, and reports the same request again after it broke.
fn notice_repeat(repeats: &Repeats, body: &ClientBody, record: &mut Record) {
    if body.is_stream() || repeats.expects(&record.client) {
        record.fingerprint = fingerprint(body);
    }
    if repeats.is_repeat(&record.client, record.fingerprint) {
        record.why = Some("the same request again after its stream broke: billed twice".to_owned());
    }
}

fn body_problem(error: BodyError, most: usize) -> Problem {
    let problem = match error {
        BodyError::TooLarge => {
            let message = format!("the body is larger than {} MiB", most / 1024 / 1024);
            Problem::new(413, "too_large", message)
        }
        BodyError::Slow => Problem::new(408, "slow_body", "the body took too long to arrive"),
        BodyError::Broken => Problem::bad_request("the body is incomplete"),
    };
    problem.made_final()
}

/// The headers of a client that the provider gets.
fn passed(head: &RequestHead) -> Vec<(String, String)> {
    let mut passed = Vec::new();
    for name in PASSED {
        for value in head.headers.get_all(*name) {
            if let Ok(value) = value.to_str() {
                passed.push(((*name).to_owned(), value.to_owned()));
            }
        }
    }
    passed
}

/// The session of a client, where it names one.
fn session(head: &RequestHead) -> Option<String> {
    let is_plain = |text: &&str| {
        (1..=LONGEST_SESSION).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let mut named = SESSION.iter().filter_map(|name| head.header(name));
    named.find(is_plain).map(str::to_owned)
}

/// The headers of a client that replace those of the profile. An empty value only removes.
fn identity(head: &RequestHead, mode: Identity) -> Vec<(String, String)> {
    let mut replaced = Vec::new();
    for (name, of_profile) in IDENTITY {
        let own = head.header(name).map(str::to_owned);
        let value = match mode {
            Identity::Override => None,
            Identity::Default => own,
            Identity::Pass => Some(own.unwrap_or_default()),
        };
        let Some(value) = value else { continue };
        replaced.extend(
            of_profile
                .iter()
                .map(|name| ((*name).to_owned(), value.clone())),
        );
    }
    replaced
}
