//! A provider on the loopback address that answers as a test tells it, piece by piece, and remembers what it was asked.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Longest wait for the program to do what a test expects.
const DEADLINE: Duration = Duration::from_secs(20);

/// How often a connection that waits looks whether its client is still there.
const LOOK: Duration = Duration::from_millis(20);

/// One step of a streamed answer.
#[derive(Debug, Clone)]
pub enum Step {
    Text(String),
    Reasoning(String),
    /// Nothing more comes until the test calls [`Provider::open_gate`].
    Gate,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub authorization: Option<String>,
    pub body: Value,
}

#[derive(Debug, Default)]
struct State {
    steps: Vec<Step>,
    key_status: u16,
    /// Status and words with which every chat is refused.
    refusal: Option<(u16, String)>,
    asked: Vec<Asked>,
    disconnects: usize,
    open_gates: usize,
    is_over: bool,
}

/// Listens until dropped.
pub struct Provider {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Provider {
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let steps = vec![Step::Text("scripted answer".to_owned())];
        let state = State { steps, key_status: 200, ..State::default() };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if of_thread.with(|state| state.is_over) {
                    return;
                }
                let shared = Arc::clone(&of_thread);
                std::thread::spawn(move || serve(connection, &shared));
            }
        });
        Self { port, shared }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/api/v1", self.port)
    }

    /// The next answers are made of these steps.
    pub fn answers(&self, steps: impl IntoIterator<Item = Step>) {
        self.shared.with(|state| state.steps = steps.into_iter().collect());
    }

    pub fn answers_text(&self, text: &str) {
        self.answers([Step::Text(text.to_owned())]);
    }

    /// Every chat from now on is refused.
    pub fn refuses(&self, status: u16, words: &str) {
        self.shared.with(|state| state.refusal = Some((status, words.to_owned())));
    }

    /// What `GET /key` is answered with.
    pub fn key_is(&self, status: u16) {
        self.shared.with(|state| state.key_status = status);
    }

    /// Lets one answer that waits at a gate go on.
    pub fn open_gate(&self) {
        self.shared.with(|state| state.open_gates += 1);
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.shared.with(|state| state.asked.clone())
    }

    /// The requests for an answer.
    pub fn chats(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.path.ends_with("/chat/completions")).collect()
    }

    /// Waits until a client has gone away before its answer was complete.
    pub fn wait_for_disconnect(&self) {
        let deadline = Instant::now() + DEADLINE;
        let mut state = self.shared.state.lock().unwrap();
        while state.disconnects == 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the client stays connected");
            state = self.shared.changed.wait_timeout(state, left).unwrap().0;
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.shared.with(|state| state.is_over = true);
        // Wakes the listener; it may have ended with its process.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let outcome = change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
        outcome
    }
}

fn serve(mut connection: TcpStream, shared: &Shared) {
    let Some(asked) = read_request(&mut connection) else { return };
    let is_key = asked.path.ends_with("/key");
    let is_stream = asked.body["stream"] == true;
    let (steps, key_status, refusal) = shared.with(|state| {
        state.asked.push(asked);
        (state.steps.clone(), state.key_status, state.refusal.clone())
    });
    let written = match (is_key, refusal, is_stream) {
        (true, ..) => write_key(&mut connection, key_status),
        (false, Some((status, words)), _) => write_json(&mut connection, status, &json!({"error": {"code": status, "message": words}})),
        (false, None, true) => stream(&mut connection, steps, shared),
        (false, None, false) => write_whole(&mut connection, &steps),
    };
    if written.is_err() {
        shared.with(|state| state.disconnects += 1);
    }
}

fn read_request(connection: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let length = connection.read(&mut buffer).ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&buffer[..length]);
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(httparse::Status::Complete(head)) = request.parse(&bytes) else { continue };
        let header = |name: &str| {
            let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            Some(String::from_utf8_lossy(found.value).into_owned())
        };
        let wanted = header("content-length").map_or(0, |length| length.parse().unwrap());
        if bytes.len() - head < wanted {
            continue;
        }
        let body = serde_json::from_slice(&bytes[head..]).unwrap_or(Value::Null);
        let (method, path) = (request.method.unwrap().to_owned(), request.path.unwrap().to_owned());
        return Some(Asked { method, path, authorization: header("authorization"), body });
    }
}

fn write_key(connection: &mut TcpStream, status: u16) -> std::io::Result<()> {
    let body = match status {
        200 => json!({"data": {"label": "sk-or-v1-abc...123", "limit": null, "limit_remaining": null, "usage": 0.5, "is_free_tier": false}}),
        _ => json!({"error": {"code": status, "message": "No auth credentials found"}}),
    };
    write_json(connection, status, &body)
}

fn write_whole(connection: &mut TcpStream, steps: &[Step]) -> std::io::Result<()> {
    let text: String = steps.iter().map(|step| if let Step::Text(text) = step { text.as_str() } else { "" }).collect();
    let message = json!({"role": "assistant", "content": text});
    let body = json!({"id": "gen-1", "model": "test/served", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage()});
    write_json(connection, 200, &body)
}

fn write_json(connection: &mut TcpStream, status: u16, body: &Value) -> std::io::Result<()> {
    let body = body.to_string();
    write!(connection, "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn stream(connection: &mut TcpStream, steps: Vec<Step>, shared: &Shared) -> std::io::Result<()> {
    write!(connection, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n: OPENROUTER PROCESSING\n\n")?;
    let chunk = |delta: Value, finish: Value| {
        json!({"id": "gen-1", "object": "chat.completion.chunk", "model": "test/served", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    };
    for step in steps {
        match step {
            Step::Text(text) => write!(connection, "data: {}\n\n", chunk(json!({"role": "assistant", "content": text}), Value::Null))?,
            Step::Reasoning(text) => write!(connection, "data: {}\n\n", chunk(json!({"role": "assistant", "content": "", "reasoning": text}), Value::Null))?,
            Step::Gate => wait_at_gate(connection, shared)?,
        }
        connection.flush()?;
    }
    let mut last = chunk(json!({"content": ""}), json!("stop"));
    last["usage"] = usage();
    write!(connection, "data: {last}\n\ndata: [DONE]\n\n")
}

fn usage() -> Value {
    json!({"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19, "cost": 0.000_123})
}

/// Comes back when the gate is opened; an error when the client went away meanwhile.
fn wait_at_gate(connection: &mut TcpStream, shared: &Shared) -> std::io::Result<()> {
    connection.set_read_timeout(Some(LOOK))?;
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        let opened = shared.with(|state| {
            let opened = state.open_gates > 0;
            state.open_gates = state.open_gates.saturating_sub(1);
            opened
        });
        if opened {
            return Ok(());
        }
        match connection.read(&mut [0; 64]) {
            Ok(0) => return Err(ErrorKind::ConnectionReset.into()),
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
