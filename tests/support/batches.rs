//! A loopback OpenRouter with its API for discounted batches. It is as strict as the real one: the
//! members of a submission have one order, IDs are unique, and nothing can be cancelled.

use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::{Value, json};

use super::double;
use super::http::{self, Request};
use super::listening::Listening;
use super::reply::{self, Reply};
use super::rules;

/// The path of the API.
const PATH: &str = "/api/v1/batches";

/// When the first batch is created, in seconds since 1970; each is a second later.
const CREATED: u64 = 1_790_000_000;

/// Results of a page, whatever the client asks for.
const PAGE: usize = 3;

/// What the double does with a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submission {
    Take,
    /// Takes it, and closes the connection without an answer.
    TakeSilently,
    /// Closes the connection, and does not have it.
    Lose,
    /// Answers with an error of a chat completion.
    Refuse(u16),
    /// Answers with a batch that has an error, as for an empty account.
    RefuseAsBatch,
}

/// How the double behaves. Functions decide by the number of the batch, from 0.
pub struct Script {
    pub submission: Box<dyn Fn(usize) -> Submission + Send + Sync>,
    /// Looks at which a new batch is not there yet.
    pub missing: usize,
    /// Further looks at which it runs.
    pub running: usize,
    /// The status in which it ends.
    pub ends: fn(usize) -> &'static str,
    /// The results are in pages, not in the batch.
    pub in_pages: bool,
    /// The result of a request, by its prompt.
    pub result: fn(&str) -> Value,
    /// The key of the user pays at the provider.
    pub is_byok: bool,
    /// There is a list of batches.
    pub has_list: bool,
    /// Batches of another program in the workspace, with as many requests as the first of ours.
    pub others: usize,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            submission: Box::new(|_| Submission::Take),
            missing: 0,
            running: 0,
            ends: |_| "completed",
            in_pages: false,
            result: answered,
            is_byok: false,
            has_list: true,
            others: 0,
        }
    }
}

/// An answer that echoes the prompt.
pub fn answered(prompt: &str) -> Value {
    let body = json!({
        "id": "gen-batch-1",
        "object": "chat.completion",
        "model": "openai/gpt-4o-mini",
        "provider": "OpenAI",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": prompt},
            "finish_reason": "stop"
        }],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    });
    json!({"response": {"status_code": 200, "request_id": "req-1", "body": body}, "error": null})
}

/// A batch that the double has.
#[derive(Debug, Clone)]
pub struct StoredBatch {
    pub id: String,
    pub body: Value,
    pub looks: usize,
    created_at: u64,
    /// It belongs to another program.
    is_other: bool,
    number: usize,
}

#[derive(Default)]
struct State {
    batches: Vec<StoredBatch>,
    requests: Vec<Request>,
    submissions: usize,
    faults: Vec<String>,
}

struct Shared {
    script: Script,
    state: Mutex<State>,
}

/// A running double. It fails the test when a request breaks a rule.
pub struct BatchDouble {
    listening: Listening,
    shared: Arc<Shared>,
}

impl BatchDouble {
    pub fn start(script: Script) -> Self {
        let shared = Arc::new(Shared {
            script,
            state: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        let listening = Listening::start(move |connection| serve(connection, &serving));
        Self { listening, shared }
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/api/v1", self.listening.address())
    }

    /// The batches of the program under test.
    pub fn batches(&self) -> Vec<StoredBatch> {
        let state = self.shared.lock();
        let ours = state.batches.iter().filter(|batch| !batch.is_other);
        ours.cloned().collect()
    }

    /// The prompts of all requests of all batches.
    pub fn prompts(&self) -> Vec<String> {
        let batches = self.batches();
        let requests = batches
            .iter()
            .filter_map(|batch| batch.body["requests"].as_array());
        requests.flatten().map(prompt).collect()
    }

    /// Method and path of every request, without IDs.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }
}

fn prompt(request: &Value) -> String {
    let messages = request["body"]["messages"].as_array();
    let last = messages.and_then(|messages| messages.last());
    last.map_or_else(String::new, |last| {
        last["content"].as_str().unwrap_or_default().to_owned()
    })
}

impl Drop for BatchDouble {
    fn drop(&mut self) {
        self.listening.close();
        let faults = std::mem::take(&mut self.shared.lock().faults);
        if !thread::panicking() {
            let faults = faults.join("\n- ");
            assert!(faults.is_empty(), "rules were broken:\n- {faults}");
        }
    }
}

/// What a request gets; `None` for a connection that is closed without an answer.
type Answer = Option<Reply>;

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request) -> Answer {
        let mut state = self.lock();
        state.requests.push(request.clone());
        let faults = rules::faults(request, "amx/");
        state.faults.extend(faults);
        if let Some(refusal) = rules::refused(request, double::KEY) {
            return Some(refusal);
        }
        let below = request.path.strip_prefix(PATH);
        let parts: Vec<&str> = below
            .unwrap_or_default()
            .split('/')
            .filter(|part| !part.is_empty())
            .collect();
        match (request.method.as_str(), below, parts.as_slice()) {
            ("POST", Some(_), []) => self.submit(&mut state, request),
            ("GET", Some(_), []) if self.script.has_list => Some(list(&mut state, request, self)),
            ("GET", Some(_), [id]) => Some(self.look(&mut state, id)),
            ("GET", Some(_), [id, "results"]) => Some(self.page(&state, id, &request.query)),
            ("DELETE", Some(_), [_]) => Some(reply::refusal(409, "The batch has not ended.")),
            ("POST", Some(_), [_, "cancel"]) => {
                state.faults.push("there is no cancel".to_owned());
                Some(reply::refusal(404, "Not Found"))
            }
            _ => Some(reply::refusal(404, "Not Found")),
        }
    }

    fn submit(&self, state: &mut State, request: &Request) -> Answer {
        let number = state.submissions;
        state.submissions += 1;
        let submission = (self.script.submission)(number);
        let body = request.json();
        if let Some(fault) = fault(&body) {
            state.faults.push(fault.clone());
            return Some(reply::refusal(400, &fault));
        }
        match submission {
            Submission::Lose => return None,
            Submission::Refuse(status) => return Some(reply::refusal(status, "No.")),
            Submission::RefuseAsBatch => {
                let error = json!({"code": 402, "message": "Insufficient credits."});
                let batch = json!({
                    "id": "batch-none", "object": "batch", "status": "failed", "error": error
                });
                return Some(reply::json(batch).status(402));
            }
            Submission::Take | Submission::TakeSilently => {}
        }
        if number == 0 {
            self.add_others(state, &body);
        }
        let batch = store(state, body, false, number);
        let object = self.object(&batch, "validating");
        (submission == Submission::Take).then(|| reply::json(object).status(202))
    }

    /// Batches of another program that look like the first of ours.
    fn add_others(&self, state: &mut State, body: &Value) {
        for _ in 0..self.script.others {
            let mut body = body.clone();
            for request in body["requests"].as_array_mut().into_iter().flatten() {
                request["custom_id"] = json!(format!("other-{}", request["custom_id"]));
            }
            store(state, body, true, usize::MAX);
        }
    }

    fn look(&self, state: &mut State, id: &str) -> Reply {
        let script = &self.script;
        let Some(batch) = state.batches.iter_mut().find(|batch| batch.id == id) else {
            return reply::refusal(404, "Batch not found");
        };
        batch.looks += 1;
        let looks = batch.looks - 1;
        if looks < script.missing && !batch.is_other {
            return reply::refusal(404, "Batch not found");
        }
        let batch = batch.clone();
        let status = self.status(&batch);
        let mut object = self.object(&batch, status);
        if status == "completed" && !script.in_pages {
            object["results"] = self.results(&batch).into();
        }
        reply::json(object)
    }

    fn status(&self, batch: &StoredBatch) -> &'static str {
        let running = ["validating", "in_progress", "finalizing"];
        let looks = batch.looks.saturating_sub(1 + self.script.missing);
        if batch.is_other || looks >= self.script.running {
            return (self.script.ends)(batch.number);
        }
        running[looks.min(2)]
    }

    fn results(&self, batch: &StoredBatch) -> Vec<Value> {
        let requests = batch.body["requests"].as_array();
        let result = |request: &Value| {
            let mut result = (self.script.result)(&prompt(request));
            result["id"] = json!("res-1");
            result["custom_id"] = request["custom_id"].clone();
            result
        };
        // In another order than the requests.
        requests.into_iter().flatten().rev().map(result).collect()
    }

    fn page(&self, state: &State, id: &str, query: &str) -> Reply {
        let Some(batch) = state.batches.iter().find(|batch| batch.id == id) else {
            return reply::refusal(404, "Batch not found");
        };
        if self.status(batch) != "completed" {
            return reply::refusal(404, "The batch has no results");
        }
        let from = parameter(query, "cursor").map_or(0, |cursor| cursor.parse().unwrap_or(0));
        let results = self.results(batch);
        let page: Vec<Value> = results.iter().skip(from).take(PAGE).cloned().collect();
        let next = from + page.len();
        let has_more = next < results.len();
        reply::json(json!({
            "object": "list",
            "data": page,
            "has_more": has_more,
            "next_cursor": has_more.then(|| next.to_string()),
        }))
    }

    fn object(&self, batch: &StoredBatch, status: &str) -> Value {
        let total = batch.body["requests"].as_array().map_or(0, Vec::len);
        let is_completed = status == "completed";
        let error = (status == "failed").then(|| json!({"code": 400, "message": "Bad rows."}));
        let results = self.results(batch);
        let failed = results.iter().filter(|result| !result["error"].is_null());
        let failed = if is_completed { failed.count() } else { 0 };
        #[expect(clippy::cast_precision_loss, reason = "a few rows")]
        let cost = (total - failed) as f64 * COST;
        let usage = is_completed.then(|| {
            json!({
                "prompt_tokens": 10 * total, "completion_tokens": 5 * total,
                "total_tokens": 15 * total, "cost": cost, "is_byok": self.script.is_byok
            })
        });
        json!({
            "id": batch.id, "object": "batch", "endpoint": batch.body["endpoint"],
            "model": batch.body["model"], "provider": "OpenAI", "completion_window": "24h",
            "status": status, "created_at": batch.created_at, "finalized_at": null,
            "expires_at": null, "usage": usage, "error": error, "results": null,
            "request_counts": {
                "total": total,
                "completed": if is_completed { total - failed } else { 0 },
                "failed": failed
            }
        })
    }
}

/// Creates a batch.
fn store(state: &mut State, body: Value, is_other: bool, number: usize) -> StoredBatch {
    let count = state.batches.len();
    let batch = StoredBatch {
        id: format!("batch-{CREATED}-{count:04}"),
        body,
        looks: 0,
        created_at: CREATED + count as u64,
        is_other,
        number,
    };
    state.batches.push(batch.clone());
    batch
}

/// What the double bills for each answer, in USD.
pub const COST: f64 = 0.0002;

/// The list of batches, newest first, two a part.
fn list(state: &mut State, request: &Request, shared: &Shared) -> Reply {
    // Time goes on, however the client looks.
    for batch in &mut state.batches {
        batch.looks += 1;
    }
    let newest: Vec<&StoredBatch> = state.batches.iter().rev().collect();
    let after = parameter(&request.query, "after");
    let from = after.and_then(|after| newest.iter().position(|batch| batch.id == after));
    let from = from.map_or(0, |at| at + 1);
    let part: Vec<&StoredBatch> = newest.iter().skip(from).take(2).copied().collect();
    let data: Vec<Value> = part
        .iter()
        .map(|batch| shared.object(batch, shared.status(batch)))
        .collect();
    reply::json(json!({
        "object": "list",
        "data": data,
        "first_id": part.first().map(|batch| &batch.id),
        "last_id": part.last().map(|batch| &batch.id),
        "has_more": from + part.len() < newest.len(),
    }))
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// What the service refuses about a submission.
fn fault(body: &Value) -> Option<String> {
    const ORDER: [&str; 5] = [
        "endpoint",
        "model",
        "completion_window",
        "provider",
        "requests",
    ];
    let Some(object) = body.as_object() else {
        return Some("the submission is no object".to_owned());
    };
    let places: Vec<Option<usize>> = object
        .keys()
        .map(|name| ORDER.iter().position(|known| known == name))
        .collect();
    if places.contains(&None) || !places.is_sorted() {
        let names: Vec<&String> = object.keys().collect();
        return Some(format!("members {names:?}, not in the order {ORDER:?}"));
    }
    if body["endpoint"] != "/v1/chat/completions" || body["completion_window"] != "24h" {
        return Some("endpoint or completion_window is wrong".to_owned());
    }
    let routing = body["provider"].as_object();
    let mut routing = routing.into_iter().flat_map(|routing| routing.keys());
    if let Some(name) = routing.find(|name| !["only", "allow_fallbacks"].contains(&name.as_str())) {
        return Some(format!("provider.{name} is not supported"));
    }
    let requests = body["requests"].as_array().filter(|list| !list.is_empty());
    let Some(requests) = requests.filter(|requests| requests.len() <= 5000) else {
        return Some("no requests, or too many".to_owned());
    };
    let mut ids: Vec<&str> = Vec::new();
    for request in requests {
        let id = request["custom_id"].as_str().unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if id.is_empty() || id.len() > 64 || !id.bytes().all(is_plain) {
            return Some(format!("custom_id '{id}'"));
        }
        ids.push(id);
        let body = &request["body"];
        let model = body.get("model");
        let has_parts = body.to_string().contains("\"image_url\"");
        if body["messages"].as_array().is_none_or(Vec::is_empty) || has_parts {
            return Some("a body without messages, or with images".to_owned());
        }
        if model.is_some() || body.get("stream").is_some() || body.get("tools").is_some() {
            return Some(format!("a body with model, stream or tools: {body}"));
        }
    }
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    (ids.len() < count).then(|| "a custom_id is there twice".to_owned())
}

fn serve(mut connection: TcpStream, shared: &Shared) {
    let mut buffer = Vec::new();
    while let Ok(Some(request)) = http::read_request(&mut connection, &mut buffer) {
        let Some(reply) = shared.answer(&request) else {
            break;
        };
        let written = double::answer(&mut connection, &request, &reply, "gen-1");
        if !matches!(written, Ok(true)) {
            break;
        }
    }
    drop(connection.shutdown(Shutdown::Both));
}
