//! A scripted provider: each request gets what a function makes of it, piece by piece.

use std::io::{ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::http::{self, Request};

const PATIENCE: Duration = Duration::from_secs(20);

/// How the answer ends after its pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The body is complete.
    Complete,
    /// The connection is closed in the middle of the body.
    Cut,
    /// Nothing more comes until the other side leaves.
    Silence,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Script {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub pieces: Vec<Vec<u8>>,
    pub ending: Ending,
    /// The wait before the head.
    pub after: Duration,
    /// The wait before each piece.
    pub between: Duration,
    /// The pieces leave in one write.
    pub is_together: bool,
}

impl Script {
    pub fn json(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            pieces: vec![body.as_bytes().to_vec()],
            ending: Ending::Complete,
            after: Duration::ZERO,
            between: Duration::ZERO,
            is_together: false,
        }
    }

    pub fn stream(pieces: &[&str], ending: Ending) -> Self {
        Self {
            headers: vec![("content-type".to_owned(), "text/event-stream".to_owned())],
            pieces: pieces
                .iter()
                .map(|piece| piece.as_bytes().to_vec())
                .collect(),
            ending,
            ..Self::json(200, "")
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn together(self) -> Self {
        Self {
            is_together: true,
            ..self
        }
    }

    pub fn slow(self, between: Duration) -> Self {
        Self { between, ..self }
    }

    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }
}

type Answer = dyn Fn(&Request) -> Script + Send + Sync;

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    /// Requests in progress, and the most that there were.
    live: usize,
    most_live: usize,
    /// When the other side left while it had to wait.
    left: Vec<Instant>,
    is_over: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, work: impl FnOnce(&mut State)) {
        work(&mut self.lock());
        self.changed.notify_all();
    }
}

/// A running provider.
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Upstream {
    pub fn start(answer: impl Fn(&Request) -> Script + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let (state, answer): (_, Arc<Answer>) = (Arc::clone(&shared), Arc::new(answer));
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if state.lock().is_over {
                    return;
                }
                let (state, answer) = (Arc::clone(&state), Arc::clone(&answer));
                thread::spawn(move || serve(connection, &state, &*answer));
            }
        });
        Self { address, shared }
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    pub fn request_count(&self) -> usize {
        self.shared.lock().requests.len()
    }

    /// The last body that was received, as text.
    #[track_caller]
    pub fn last_body(&self) -> String {
        let request = self.requests().pop();
        String::from_utf8(request.unwrap().body).unwrap()
    }

    /// The most requests that there were at the same time.
    pub fn most_live(&self) -> usize {
        self.shared.lock().most_live
    }

    #[track_caller]
    pub fn wait_for_requests(&self, count: usize) {
        self.wait(|state| state.requests.len() >= count);
    }

    /// Waits until the other side has left so many answers.
    #[track_caller]
    pub fn wait_for_leaving(&self, count: usize) -> Vec<Instant> {
        self.wait(|state| state.left.len() >= count);
        self.shared.lock().left.clone()
    }

    #[track_caller]
    fn wait(&self, condition: impl Fn(&State) -> bool) {
        let waited =
            self.shared
                .changed
                .wait_timeout_while(self.shared.lock(), PATIENCE, |state| !condition(state));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(condition(&state), "what was waited for never came");
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.shared.change(|state| state.is_over = true);
        drop(TcpStream::connect(self.address));
    }
}

fn serve(mut connection: TcpStream, shared: &Shared, answer: &Answer) {
    let mut buffer = Vec::new();
    drop(connection.set_nodelay(true));
    while let Ok(Some(request)) = http::read_request(&mut connection, &mut buffer) {
        let script = answer(&request);
        shared.change(|state| {
            state.requests.push(request);
            state.live += 1;
            state.most_live = state.most_live.max(state.live);
        });
        let is_open = play(&mut connection, &script, shared);
        shared.change(|state| state.live -= 1);
        if !is_open {
            break;
        }
    }
    drop(connection.shutdown(Shutdown::Both));
}

/// Sends an answer; whether the connection can be used again.
fn play(connection: &mut TcpStream, script: &Script, shared: &Shared) -> bool {
    let left = |shared: &Shared| shared.change(|state| state.left.push(Instant::now()));
    if !script.after.is_zero() && http::client_hangs_up(connection, Some(script.after)) {
        left(shared);
        return false;
    }
    let sent = http::write_head(connection, script.status, &script.headers).and_then(|()| {
        let mut pieces = script.pieces.iter();
        if script.is_together {
            let mut all = Vec::new();
            pieces.try_for_each(|piece| http::write_chunk(&mut all, piece))?;
            return connection.write_all(&all);
        }
        pieces.try_for_each(|piece| {
            let is_slow = !script.between.is_zero();
            if is_slow && http::client_hangs_up(connection, Some(script.between)) {
                return Err(ErrorKind::ConnectionReset.into());
            }
            http::write_chunk(connection, piece)
        })
    });
    if sent.is_err() || connection.flush().is_err() {
        left(shared);
        return false;
    }
    match script.ending {
        Ending::Complete => http::write_end(connection).is_ok(),
        Ending::Cut => false,
        Ending::Silence => {
            if http::client_hangs_up(connection, Some(PATIENCE)) {
                left(shared);
            }
            false
        }
    }
}
