//! A loopback collector of OTLP/HTTP JSON, which fails the test on anything malformed.

use std::io;
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value};

use super::http::{self, Request};
use super::listening::Listening;

/// Longest wait for something that the program under test must do.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running collector. Dropping it checks every request that came.
pub struct Collector {
    listening: Listening,
    shared: Arc<Shared>,
}

/// How it answers.
#[derive(Debug, Clone)]
pub enum Manner {
    /// `{}`, or this body.
    Takes(&'static str),
    /// This status, with these headers, for ever.
    Refuses(u16, Vec<(String, String)>),
    /// Accepts the connection, reads, and says nothing.
    Silent,
    /// So for the requests with this text in their path or body; takes all others.
    Only(&'static str, Box<Manner>),
}

impl Manner {
    /// How a request is answered.
    fn towards(self, request: &Request) -> Self {
        match self {
            Self::Only(text, manner) => {
                let body = String::from_utf8_lossy(&request.body);
                if request.path.contains(text) || body.contains(text) {
                    *manner
                } else {
                    Self::Takes("{}")
                }
            }
            manner => manner,
        }
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    manner: Option<Manner>,
    requests: Vec<Request>,
    faults: Vec<String>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector {
    pub fn start() -> Self {
        Self::answering(Manner::Takes("{}"))
    }

    pub fn answering(manner: Manner) -> Self {
        let shared = Arc::new(Shared::default());
        shared.lock().manner = Some(manner);
        let serving = Arc::clone(&shared);
        let listening = Listening::start(move |connection| serve(connection, &serving));
        Self { listening, shared }
    }

    /// Answers otherwise from now on.
    pub fn change(&self, manner: Manner) {
        self.shared.lock().manner = Some(manner);
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listening.address())
    }

    /// `telemetry:` of config.yml, with this endpoint and further lines.
    pub fn config(&self, more: &str) -> String {
        let url = self.url();
        format!("telemetry:\n  otlp: {{endpoint: \"{url}\"}}\n{more}")
    }

    pub fn connections(&self) -> usize {
        self.listening.opened()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// Waits until so many requests have come.
    #[track_caller]
    pub fn wait_for_requests(&self, count: usize) {
        let state = self.shared.lock();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.requests.len() < count);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(state.requests.len() >= count, "the export never came");
    }

    /// The bodies that were posted to a path, in order.
    pub fn posted(&self, path: &str) -> Vec<Value> {
        let requests = self.requests();
        let of_path = requests.iter().filter(|request| request.path == path);
        of_path.map(Request::json).collect()
    }

    /// All spans, in the order in which they came.
    pub fn spans(&self) -> Vec<Value> {
        items(&self.bodies("resourceSpans"), "scopeSpans", "spans")
    }

    /// All metrics, in the order in which they came.
    pub fn metrics(&self) -> Vec<Value> {
        items(&self.bodies("resourceMetrics"), "scopeMetrics", "metrics")
    }

    fn bodies(&self, name: &str) -> Vec<Value> {
        let requests = self.requests();
        let bodies = requests.iter().map(Request::json);
        let lists = bodies.filter_map(|body| body[name].as_array().cloned());
        lists.flatten().collect()
    }

    /// What was wrong so far; a test that does not ask for it fails.
    pub fn take_faults(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().faults)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let faults = self.take_faults();
        if !thread::panicking() {
            assert!(faults.is_empty(), "malformed telemetry: {faults:#?}");
        }
    }
}

fn items(resources: &[Value], scopes: &str, name: &str) -> Vec<Value> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let scopes = resources
        .iter()
        .flat_map(|resource| list(&resource[scopes]));
    scopes.flat_map(|scope| list(&scope[name])).collect()
}

/// The attributes of a span or point by name: texts, numbers and lists as they are meant.
pub fn attributes(of: &Value) -> Map<String, Value> {
    let list = of["attributes"].as_array().cloned().unwrap_or_default();
    let named = |attribute: &Value| {
        let name = attribute["key"].as_str().unwrap().to_owned();
        (name, plain(&attribute["value"]))
    };
    list.iter().map(named).collect()
}

fn plain(value: &Value) -> Value {
    let (form, inner) = value.as_object().unwrap().iter().next().unwrap();
    match form.as_str() {
        "intValue" => inner.as_str().unwrap().parse::<i64>().unwrap().into(),
        "arrayValue" => {
            let values = inner["values"].as_array().unwrap();
            values.iter().map(plain).collect()
        }
        _ => inner.clone(),
    }
}

fn serve(mut connection: TcpStream, shared: &Shared) {
    let mut buffer = Vec::new();
    while let Ok(Some(request)) = http::read_request(&mut connection, &mut buffer) {
        let faults = faults(&request);
        let manner = {
            let mut state = shared.lock();
            let manner = state.manner.clone();
            let manner = manner.map(|manner| manner.towards(&request));
            state.requests.push(request);
            state.faults.extend(faults);
            manner
        };
        shared.changed.notify_all();
        let answered = match manner {
            Some(Manner::Refuses(status, headers)) => answer(&mut connection, status, &headers, ""),
            Some(Manner::Takes(body)) => answer(&mut connection, 200, &[], body),
            _ => {
                http::client_hangs_up(&mut connection, None);
                return;
            }
        };
        if answered.is_err() {
            return;
        }
    }
}

fn answer(
    connection: &mut TcpStream,
    status: u16,
    headers: &[(String, String)],
    body: &str,
) -> io::Result<()> {
    http::write_head(connection, status, headers)?;
    http::write_chunk(connection, body.as_bytes())?;
    http::write_end(connection)
}

/// What is wrong with an export.
fn faults(request: &Request) -> Vec<String> {
    let mut faults = Faults::default();
    let path = request.path.as_str();
    faults.check(request.method == "POST", "the method is POST");
    faults.check(request.query.is_empty(), "the URL has no query");
    let kind = request.header("content-type");
    faults.check(kind == Some("application/json"), "the body is JSON");
    let agent = request.header("user-agent").unwrap_or_default();
    faults.check(
        agent.starts_with("amx/") || agent.is_empty(),
        "the client names itself",
    );
    match serde_json::from_slice::<Value>(&request.body) {
        Err(error) => faults.0.push(format!("the body is not JSON: {error}")),
        Ok(body) if path.ends_with("/v1/traces") => traces(&body, &mut faults),
        Ok(body) if path.ends_with("/v1/metrics") => metrics(&body, &mut faults),
        Ok(_) => faults.0.push(format!("nothing is at {path}")),
    }
    faults.0
}

#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn check(&mut self, holds: bool, what: &str) {
        if !holds {
            self.0.push(format!("not so: {what}"));
        }
    }

    /// An object with these fields, in any order; `?` marks those that may be missing.
    fn object(&mut self, value: &Value, what: &str, fields: &[&str]) {
        let Some(object) = value.as_object() else {
            self.0.push(format!("{what} is no object: {value}"));
            return;
        };
        for field in fields.iter().filter(|field| !field.starts_with('?')) {
            self.check(object.contains_key(*field), &format!("{what} has {field}"));
        }
        for name in object.keys() {
            let is_known = fields
                .iter()
                .any(|field| field.trim_start_matches('?') == name);
            self.check(is_known, &format!("{what} may have {name}"));
        }
    }

    fn list<'a>(&mut self, value: &'a Value, what: &str) -> &'a [Value] {
        self.check(value.is_array(), &format!("{what} is a list"));
        value.as_array().map_or(&[], Vec::as_slice)
    }

    fn id(&mut self, value: &Value, digits: usize, what: &str) {
        let text = value.as_str().unwrap_or_default();
        let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        let is_id = text.len() == digits && text.chars().all(is_hex) && text.contains(|c| c != '0');
        self.check(
            is_id,
            &format!("{what} is {digits} hexadecimal digits, not {value}"),
        );
    }

    /// A 64-bit number, which is text.
    fn number(&mut self, value: &Value, what: &str) -> u64 {
        let number = value.as_str().and_then(|text| text.parse().ok());
        self.check(
            number.is_some(),
            &format!("{what} is a number as text, not {value}"),
        );
        number.unwrap_or_default()
    }

    fn attributes(&mut self, value: &Value, what: &str) {
        let mut names = Vec::new();
        for attribute in self.list(value, what) {
            self.object(attribute, "an attribute", &["key", "value"]);
            let name = attribute["key"].as_str().unwrap_or_default();
            self.check(
                !name.is_empty() && !names.contains(&name),
                &format!("{name} is unique"),
            );
            names.push(name);
            self.any_value(&attribute["value"], name);
        }
    }

    fn any_value(&mut self, value: &Value, name: &str) {
        let fields: Vec<_> = value.as_object().into_iter().flatten().collect();
        let is_valid = match fields.as_slice() {
            [(form, inner)] => match form.as_str() {
                "stringValue" => inner.is_string(),
                "boolValue" => inner.is_boolean(),
                "doubleValue" => inner.is_number(),
                "intValue" => inner
                    .as_str()
                    .is_some_and(|text| text.parse::<i64>().is_ok()),
                "arrayValue" => {
                    for one in self.list(&inner["values"], name) {
                        self.any_value(one, name);
                    }
                    true
                }
                _ => false,
            },
            _ => false,
        };
        self.check(
            is_valid,
            &format!("{name} has a value of OTLP, not {value}"),
        );
    }
}

fn scopes<'a>(body: &'a Value, names: [&str; 3], faults: &mut Faults) -> Vec<&'a Value> {
    let [resources, scopes, items] = names;
    faults.object(body, "the body", &[resources]);
    let mut found = Vec::new();
    for resource in faults.list(&body[resources], resources) {
        faults.object(resource, "a resource", &["resource", scopes]);
        faults.object(&resource["resource"], "resource", &["attributes"]);
        faults.attributes(&resource["resource"]["attributes"], "resource.attributes");
        for scope in faults.list(&resource[scopes], scopes) {
            faults.object(scope, "a scope", &["scope", items]);
            faults.object(&scope["scope"], "scope", &["name", "version"]);
            found.extend(faults.list(&scope[items], items));
        }
    }
    found
}

fn traces(body: &Value, faults: &mut Faults) {
    const SPAN: &[&str] = &[
        "traceId",
        "spanId",
        "?parentSpanId",
        "name",
        "kind",
        "startTimeUnixNano",
        "endTimeUnixNano",
        "attributes",
        "?status",
        "?links",
    ];
    let spans = scopes(body, ["resourceSpans", "scopeSpans", "spans"], faults);
    for span in spans {
        faults.object(span, "a span", SPAN);
        faults.id(&span["traceId"], 32, "traceId");
        faults.id(&span["spanId"], 16, "spanId");
        if !span["parentSpanId"].is_null() {
            faults.id(&span["parentSpanId"], 16, "parentSpanId");
        }
        faults.check(span["name"].is_string(), "a span has a name");
        faults.check(
            (1..=5).contains(&span["kind"].as_u64().unwrap_or(0)),
            "kind is a number",
        );
        let start = faults.number(&span["startTimeUnixNano"], "startTimeUnixNano");
        let end = faults.number(&span["endTimeUnixNano"], "endTimeUnixNano");
        faults.check(start > 0 && start <= end, "a span ends after its start");
        faults.attributes(&span["attributes"], "attributes");
        if !span["links"].is_null() {
            for link in faults.list(&span["links"], "links") {
                faults.object(link, "a link", &["traceId", "spanId"]);
                faults.id(&link["traceId"], 32, "the traceId of a link");
                faults.id(&link["spanId"], 16, "the spanId of a link");
            }
        }
        if !span["status"].is_null() {
            faults.object(&span["status"], "status", &["code", "?message"]);
            faults.check(span["status"]["code"].is_u64(), "status.code is a number");
        }
    }
}

fn metrics(body: &Value, faults: &mut Faults) {
    const POINT: &[&str] = &[
        "startTimeUnixNano",
        "timeUnixNano",
        "count",
        "sum",
        "bucketCounts",
        "explicitBounds",
        "attributes",
    ];
    let names = ["resourceMetrics", "scopeMetrics", "metrics"];
    for metric in scopes(body, names, faults) {
        faults.object(metric, "a metric", &["name", "unit", "histogram"]);
        let histogram = &metric["histogram"];
        faults.object(
            histogram,
            "a histogram",
            &["aggregationTemporality", "dataPoints"],
        );
        faults.check(
            histogram["aggregationTemporality"] == 1,
            "the points are deltas",
        );
        for point in faults.list(&histogram["dataPoints"], "dataPoints") {
            faults.object(point, "a point", POINT);
            let start = faults.number(&point["startTimeUnixNano"], "startTimeUnixNano");
            let end = faults.number(&point["timeUnixNano"], "timeUnixNano");
            faults.check(start > 0 && start <= end, "a point ends after its start");
            let count = faults.number(&point["count"], "count");
            faults.check(point["sum"].is_number(), "sum is a number");
            let bounds = faults
                .list(&point["explicitBounds"], "explicitBounds")
                .len();
            let buckets = faults.list(&point["bucketCounts"], "bucketCounts");
            faults.check(
                buckets.len() == bounds + 1,
                "there is a bucket more than bounds",
            );
            let counts: u64 = buckets
                .iter()
                .map(|one| faults.number(one, "a bucket"))
                .sum();
            faults.check(counts == count, "the buckets have every measurement");
            faults.attributes(&point["attributes"], "attributes");
        }
    }
}
