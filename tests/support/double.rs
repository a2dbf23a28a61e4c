//! A loopback OpenRouter with scripted answers, which fails the test when the requests do not match
//! the script.

use std::collections::VecDeque;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::compatible;
use super::http::{self, Request};
use super::listening::Listening;
use super::render::{self, Identity};
use super::reply::{Ending, Form, Reply};
use super::routes::Route;
use super::rules;

pub use super::rules::KEY;

/// Longest wait for something that the program under test must do.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running double. Dropping it checks what happened; see [`Double::verify`].
pub struct Double {
    listening: Listening,
    shared: Arc<Shared>,
}

/// A request that came, and the id of the answer to it.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub request: Request,
    pub generation_id: String,
}

impl Recorded {
    pub fn header(&self, name: &str) -> &str {
        self.request.header(name).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        self.request.json()
    }

    /// The body as it was sent.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.request.body).into_owned()
    }

    /// The content of the last message.
    pub fn prompt(&self) -> Value {
        self.json()["messages"]
            .as_array()
            .and_then(|messages| messages.last())
            .map_or(Value::Null, |message| message["content"].clone())
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    script: VecDeque<Reply>,
    routes: Vec<Route>,
    recorded: Vec<Recorded>,
    refusals: Vec<String>,
    faults: Vec<String>,
    disconnects: usize,
    /// How the client names itself.
    agent: String,
    /// The key that is known.
    key: String,
    /// It is not OpenRouter but another server with OpenAI's API.
    is_compatible: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record_disconnect(&self) {
        self.lock().disconnects += 1;
        self.changed.notify_all();
    }
}

impl Double {
    /// Listens, and answers one request after the other by the script.
    pub fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        let shared = Arc::new(Shared::default());
        shared.lock().script = script.into_iter().collect();
        "amx/".clone_into(&mut shared.lock().agent);
        KEY.clone_into(&mut shared.lock().key);
        let serving = Arc::clone(&shared);
        let listening = Listening::start(move |connection| serve(connection, &serving));
        Self { listening, shared }
    }

    /// A server with OpenAI's API that is not OpenRouter: it has OpenAI's fields and no others.
    pub fn compatible(script: impl IntoIterator<Item = Reply>) -> Self {
        let double = Self::start(script);
        double.shared.lock().is_compatible = true;
        double
    }

    /// The client names itself so, and not as amx.
    pub fn agent(self, name: &str) -> Self {
        name.clone_into(&mut self.shared.lock().agent);
        self
    }

    /// Knows this key and no other.
    pub fn accepting(self, key: &str) -> Self {
        key.clone_into(&mut self.shared.lock().key);
        self
    }

    /// Answers another endpoint as well, as often as it is asked and at least once.
    pub fn also(self, route: Route) -> Self {
        self.learn(route);
        self
    }

    /// The same for an endpoint whose answer depends on what the program has said by now.
    pub fn learn(&self, route: Route) {
        self.shared.lock().routes.push(route);
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/api/v1", self.listening.address())
    }

    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.lock().recorded.clone()
    }

    /// The one request that came.
    #[track_caller]
    pub fn request(&self) -> Recorded {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "one request was expected");
        requests.remove(0)
    }

    /// What was refused because the real server would refuse it; a test that does not ask for it
    /// fails.
    pub fn take_refusals(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().refusals)
    }

    /// What was wrong so far; a test that does not ask for it fails.
    pub fn take_faults(&self) -> Vec<String> {
        let mut state = self.shared.lock();
        let mut faults = std::mem::take(&mut state.faults);
        faults.extend(
            std::mem::take(&mut state.refusals)
                .into_iter()
                .map(|refusal| format!("a request was refused: {refusal}")),
        );
        faults.extend(
            std::mem::take(&mut state.script)
                .into_iter()
                .map(|reply| format!("nobody came for a scripted {} {}", reply.method, reply.path)),
        );
        let idle = state
            .routes
            .iter()
            .filter(|route| route.calls == 0)
            .map(|route| format!("nobody asked {} {}", route.method, route.path));
        faults.extend(idle.collect::<Vec<_>>());
        state.routes.clear();
        faults
    }

    /// Waits until so many requests have come.
    #[track_caller]
    pub fn wait_for_requests(&self, count: usize) {
        let waiting =
            self.shared
                .changed
                .wait_timeout_while(self.shared.lock(), PATIENCE, |state| {
                    state.recorded.len() < count
                });
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        assert!(state.recorded.len() >= count, "the request never came");
    }

    /// Waits until a request has come.
    #[track_caller]
    pub fn wait_for_request(&self) {
        let waiting =
            self.shared
                .changed
                .wait_timeout_while(self.shared.lock(), PATIENCE, |state| {
                    state.recorded.is_empty()
                });
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        assert!(!state.recorded.is_empty(), "nobody asked");
    }

    /// Waits until a client has left in the middle of an answer.
    #[track_caller]
    pub fn wait_for_disconnect(&self) {
        let waiting =
            self.shared
                .changed
                .wait_timeout_while(self.shared.lock(), PATIENCE, |state| state.disconnects == 0);
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        assert!(state.disconnects > 0, "the client stayed connected");
    }

    /// How many clients left in the middle of an answer.
    pub fn disconnects(&self) -> usize {
        self.shared.lock().disconnects
    }

    /// Fails when a scripted exchange was not used, an unscripted request came or a rule was
    /// broken.
    #[track_caller]
    pub fn verify(&self) {
        let faults = self.take_faults();
        assert!(
            faults.is_empty(),
            "the double was not called as scripted:\n- {}",
            faults.join("\n- ")
        );
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.listening.close();
        if !thread::panicking() {
            self.verify();
        }
    }
}

/// Answers the requests of one connection until one side ends it.
fn serve(mut connection: TcpStream, shared: &Shared) {
    let mut buffer = Vec::new();
    // Small pieces must leave at once.
    drop(connection.set_nodelay(true));
    while let Ok(Some(request)) = http::read_request(&mut connection, &mut buffer) {
        let (reply, generation_id) = choose(&request, shared);
        match answer(&mut connection, &request, &reply, &generation_id) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => {
                shared.record_disconnect();
                break;
            }
        }
    }
    drop(connection.shutdown(Shutdown::Both));
}

/// Records a request and decides what it gets.
fn choose(request: &Request, shared: &Shared) -> (Reply, String) {
    let mut state = shared.lock();
    let generation_id = format!("gen-1779760224-Scripted{:012}", state.recorded.len() + 1);
    state.recorded.push(Recorded {
        request: request.clone(),
        generation_id: generation_id.clone(),
    });
    let place = format!("{} {}", request.method, request.path);
    let faults = if state.is_compatible {
        compatible::faults(request)
    } else {
        rules::faults(request, &state.agent)
    };
    state
        .faults
        .extend(faults.into_iter().map(|fault| format!("{place}: {fault}")));
    let model = request.json()["model"].clone();
    let passes_by = |reply: &&Reply| reply.only_for.is_some_and(|only_for| model != only_for);
    let next = state.script.iter().take_while(passes_by).count();
    let is_scripted = |reply: &Reply| reply.method == request.method && reply.path == request.path;
    let is_expected = state.script.get(next).is_some_and(is_scripted);
    let route = state
        .routes
        .iter()
        .position(|route| route.method == request.method && route.path == request.path);
    if !is_expected && route.is_none() {
        state.faults.push(format!("nobody expected {place}"));
    }
    let refusal = (!state.is_compatible).then(|| rules::refused(request, &state.key));
    if let Some(refusal) = refusal.flatten() {
        if state
            .script
            .get(next)
            .is_some_and(|reply| is_expected && matches!(reply.form, Form::ByRule))
        {
            state.script.remove(next);
        } else {
            state.refusals.push(format!("{place}: {}", words(&refusal)));
        }
        return (refusal, generation_id);
    }
    let reply = match route {
        Some(route) if !is_expected => state.routes[route].answer(request),
        _ if is_expected => state
            .script
            .remove(next)
            .map_or_else(super::reply::empty, |reply| check_details(reply, request)),
        _ => super::reply::refusal(404, "Not Found"),
    };
    state.faults.extend(rules::mismatch(request, &reply));
    shared.changed.notify_all();
    (reply, generation_id)
}

fn words(refusal: &Reply) -> String {
    match &refusal.form {
        Form::Json(body) => format!(
            "{} {}",
            refusal.status,
            body["error"]["message"].as_str().unwrap_or_default()
        ),
        _ => refusal.status.to_string(),
    }
}

/// Providers refuse a conversation whose reasoning was changed.
fn check_details(reply: Reply, request: &Request) -> Reply {
    let Some(details) = &reply.required_details else {
        return reply;
    };
    let sent = String::from_utf8_lossy(&request.body);
    if sent.contains(&format!("\"reasoning_details\":{details}")) {
        return reply;
    }
    let raw = "{\"error\":{\"message\":\"Reasoning details must be preserved when continuing the conversation.\"}}";
    super::reply::refusal_with(
        400,
        "Provider returned error",
        serde_json::json!({"raw": raw, "provider_name": "Google"}),
    )
}

/// Writes a body in its pieces; the part after the gate waits for it.
fn write_body(
    connection: &mut TcpStream,
    reply: &Reply,
    identity: &Identity<'_>,
    body: &[u8],
) -> std::io::Result<()> {
    let length = reply.split.unwrap_or(usize::MAX).max(1);
    let mut rest = body;
    if let Some((texts, gate)) = &reply.gate {
        let (_, before) = render::body(&reply.clone().ends_after(*texts), identity);
        before
            .chunks(length)
            .try_for_each(|piece| http::write_chunk(connection, piece))?;
        if !gate.wait(connection) {
            return Err(std::io::ErrorKind::ConnectionAborted.into());
        }
        rest = &body[before.len()..];
    }
    let Some(pace) = reply.pace else {
        return rest
            .chunks(length)
            .try_for_each(|piece| http::write_chunk(connection, piece));
    };
    for event in String::from_utf8_lossy(rest).split_inclusive("\n\n") {
        http::write_chunk(connection, event.as_bytes())?;
        #[expect(
            clippy::disallowed_methods,
            reason = "a recording has the pace of a model"
        )]
        std::thread::sleep(pace);
    }
    Ok(())
}

/// Writes a reply. `Ok(false)` when the connection ends with it, an error when the client left
/// first.
pub(super) fn answer(
    connection: &mut TcpStream,
    request: &Request,
    reply: &Reply,
    generation_id: &str,
) -> std::io::Result<bool> {
    let body = request.json();
    let identity = Identity {
        generation_id,
        asked_model: body["model"].as_str().unwrap_or_default(),
    };
    let (content_type, body) = render::body(reply, &identity);
    if !matches!(reply.form, Form::Nothing) {
        let own = [
            ("content-type", content_type),
            ("cache-control", "no-cache"),
            ("x-generation-id", generation_id),
        ];
        let mut headers: Vec<(String, String)> = own
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        headers.extend(reply.headers.clone());
        http::write_head(connection, reply.status, &headers)?;
        write_body(connection, reply, &identity, &body)?;
    }
    let left = || Err(std::io::ErrorKind::ConnectionAborted.into());
    match &reply.ending {
        Ending::Complete => http::write_end(connection).map(|()| true),
        Ending::HangUp => Ok(false),
        Ending::Stall if http::client_hangs_up(connection, None) => left(),
        Ending::Stall => Ok(false),
        Ending::Trickle(every) => {
            let unit = if content_type == "text/event-stream" {
                render::COMMENT
            } else {
                render::PADDING
            };
            while !http::client_hangs_up(connection, Some(*every)) {
                http::write_chunk(connection, unit.as_bytes())?;
            }
            left()
        }
    }
}
