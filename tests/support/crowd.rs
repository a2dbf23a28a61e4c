//! A loopback OpenRouter for many requests at once: a function decides each reply by what is asked
//! and when.

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::double;
use super::http::{self, Request};
use super::listening::Listening;
use super::reply::Reply;
use super::rules;

/// A running double. It fails the test when a request breaks a rule.
pub struct Crowd {
    listening: Listening,
    shared: Arc<Shared>,
}

/// A request as the function of the double sees it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The content of the last message.
    pub prompt: String,
    /// How many requests came before.
    pub before: usize,
    /// How many requests of this prompt came before.
    pub repeated: usize,
    /// Since the first request.
    pub at: Duration,
    /// Requests that are being answered, this one included.
    pub at_once: usize,
    /// The body.
    pub body: serde_json::Value,
}

/// What became of a request.
#[derive(Debug, Clone)]
pub struct Answered {
    pub prompt: String,
    pub at: Duration,
    pub at_once: usize,
    pub status: u16,
    /// The client left before the end.
    pub is_cut: bool,
    pub body: serde_json::Value,
}

type Decide = dyn Fn(&Asked) -> (Reply, Duration) + Send + Sync;

struct Shared {
    decide: Box<Decide>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    started: Option<Instant>,
    at_once: usize,
    answered: Vec<Answered>,
    faults: Vec<String>,
}

impl Crowd {
    /// Answers each request by `decide`: the reply, and how long it takes.
    pub fn start(decide: impl Fn(&Asked) -> (Reply, Duration) + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            decide: Box::new(decide),
            state: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        let listening = Listening::start(move |connection| serve(connection, &serving));
        Self { listening, shared }
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/api/v1", self.address())
    }

    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Every request so far, in the order in which they came.
    pub fn requests(&self) -> Vec<Answered> {
        self.shared.lock().answered.clone()
    }

    /// Connections that were opened.
    pub fn connections(&self) -> usize {
        self.listening.opened()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.listening.close();
        let faults = std::mem::take(&mut self.shared.lock().faults);
        if !thread::panicking() {
            assert!(
                faults.is_empty(),
                "rules were broken:\n- {}",
                faults.join("\n- ")
            );
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request and decides its reply.
    fn choose(&self, request: &Request) -> (Reply, Duration, usize) {
        let body = request.json();
        let last = body["messages"]
            .as_array()
            .and_then(|list| list.last())
            .cloned();
        let prompt = last.map_or_else(String::new, |last| match &last["content"] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let mut state = self.lock();
        let faults = rules::faults(request, "amx/");
        let refused = rules::refused(request, double::KEY).map(|_| "refused by a rule".to_owned());
        state.faults.extend(faults.into_iter().chain(refused));
        let started = *state.started.get_or_insert_with(Instant::now);
        state.at_once += 1;
        let asked = Asked {
            before: state.answered.len(),
            repeated: state
                .answered
                .iter()
                .filter(|other| other.prompt == prompt)
                .count(),
            at: started.elapsed(),
            at_once: state.at_once,
            prompt: prompt.clone(),
            body: body.clone(),
        };
        let (reply, delay) = (self.decide)(&asked);
        let number = state.answered.len();
        state.answered.push(Answered {
            prompt,
            at: asked.at,
            at_once: asked.at_once,
            status: reply.status,
            is_cut: false,
            body,
        });
        (reply, delay, number)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a model takes its time to answer"
)]
fn serve(mut connection: TcpStream, shared: &Shared) {
    let mut buffer = Vec::new();
    drop(connection.set_nodelay(true));
    while let Ok(Some(request)) = http::read_request(&mut connection, &mut buffer) {
        let (reply, delay, number) = shared.choose(&request);
        thread::sleep(delay);
        let id = format!("gen-1779760224-Scripted{:012}", number + 1);
        let written = double::answer(&mut connection, &request, &reply, &id);
        let mut state = shared.lock();
        state.at_once -= 1;
        match written {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => {
                state.answered[number].is_cut = true;
                break;
            }
        }
    }
    drop(connection.shutdown(Shutdown::Both));
}
