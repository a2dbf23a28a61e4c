//! A server as a child process: one message a line on its stdin and stdout.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::{mpsc, oneshot};

use super::fault::ServerFault;
use super::lines::Line;
use super::message::{Incoming, RpcError, read};
use super::process::ServerProcess;

/// Messages that wait until the server reads them.
const QUEUE: usize = 64;

/// Most of stderr that is kept, in bytes.
const KEPT_STDERR: usize = 64 * 1024;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;

pub(super) type Outcome = Result<Box<RawValue>, RpcError>;

/// The pipes of a running server.
pub(super) struct StdioLink {
    /// Taken when the server is ended, which closes its stdin.
    lines: Mutex<Option<mpsc::Sender<Vec<u8>>>>,
    shared: Arc<Shared>,
    process: Arc<tokio::sync::Mutex<ServerProcess>>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    tools_changed: AtomicBool,
    stderr: Mutex<VecDeque<u8>>,
}

#[derive(Default)]
struct Waiting {
    requests: HashMap<u64, oneshot::Sender<Outcome>>,
    /// How the server ended.
    ended: Option<String>,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StdioLink {
    /// Starts a server, and the tasks that read from it and write to it.
    pub(super) fn start(
        command: &[String],
        environment: Vec<(String, String)>,
        directory: Option<&Path>,
    ) -> Result<Self, ServerFault> {
        let (process, pipes) = ServerProcess::start(command, environment, directory)?;
        let process = Arc::new(tokio::sync::Mutex::new(process));
        let shared = Arc::new(Shared::default());
        let (lines, queue) = mpsc::channel(QUEUE);
        tokio::spawn(write_lines(pipes.stdin, queue));
        tokio::spawn(read_stderr(pipes.stderr, Arc::clone(&shared)));
        let replies = lines.downgrade();
        let (of_reader, its_process) = (Arc::clone(&shared), Arc::clone(&process));
        tokio::spawn(async move {
            read_messages(pipes.stdout, &of_reader, replies).await;
            let ended = its_process.lock().await.status().await;
            let mut waiting = of_reader.waiting();
            waiting.ended = Some(ended);
            waiting.requests.clear();
        });
        Ok(Self {
            lines: Mutex::new(Some(lines)),
            shared,
            process,
        })
    }

    /// Sends a request and waits for its answer, for as long as the caller does.
    pub(super) async fn request(&self, id: u64, line: Vec<u8>) -> Result<Outcome, ServerFault> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut waiting = self.shared.waiting();
            if let Some(ended) = &waiting.ended {
                return Err(ServerFault::Ended(ended.clone()));
            }
            waiting.requests.insert(id, sender);
        }
        let _forgets = Forgets {
            shared: &self.shared,
            id,
        };
        self.send(line).await;
        // Without a sender the server has ended.
        receiver.await.map_err(|_| self.ended())
    }

    /// Sends a notification, if the server is still there.
    pub(super) async fn send(&self, line: Vec<u8>) {
        let lines = self.queue();
        if let Some(lines) = lines {
            // A server that reads no more has ended or ends soon; its answers tell.
            let _ = lines.send(line).await;
        }
    }

    /// The same, without waiting for a server that does not read.
    pub(super) fn send_now(&self, line: Vec<u8>) {
        if let Some(lines) = self.queue() {
            let _ = lines.try_send(line);
        }
    }

    fn queue(&self) -> Option<mpsc::Sender<Vec<u8>>> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.clone()
    }

    fn ended(&self) -> ServerFault {
        let ended = self.shared.waiting().ended.clone();
        ServerFault::Ended(ended.unwrap_or_else(|| "closed its output".to_owned()))
    }

    pub(super) fn has_ended(&self) -> bool {
        self.shared.waiting().ended.is_some()
    }

    /// Whether the server has said that its tools changed since the last call of this.
    pub(super) fn take_tools_changed(&self) -> bool {
        self.shared.tools_changed.swap(false, Ordering::AcqRel)
    }

    /// The end of what the server wrote to stderr.
    pub(super) fn stderr(&self) -> String {
        let stderr = self.shared.stderr.lock();
        let mut stderr = stderr.unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(stderr.make_contiguous()).into_owned()
    }

    /// Ends the server with all that it started.
    pub(super) async fn end(&self) {
        drop(
            self.lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        self.process.lock().await.end().await;
    }
}

/// Removes a request when it is answered or no longer waited for.
struct Forgets<'a> {
    shared: &'a Shared,
    id: u64,
}

impl Drop for Forgets<'_> {
    fn drop(&mut self) {
        self.shared.waiting().requests.remove(&self.id);
    }
}

async fn write_lines(mut stdin: ChildStdin, mut queue: mpsc::Receiver<Vec<u8>>) {
    while let Some(mut line) = queue.recv().await {
        line.push(b'\n');
        if stdin.write_all(&line).await.is_err() {
            return;
        }
    }
}

async fn read_messages(stdout: ChildStdout, shared: &Shared, replies: mpsc::WeakSender<Vec<u8>>) {
    let mut stdout = BufReader::with_capacity(CHUNK, stdout);
    let mut line = Line::default();
    loop {
        let Ok(arrived) = stdout.fill_buf().await else {
            return;
        };
        if arrived.is_empty() {
            return;
        }
        let (taken, is_complete) = line.push(arrived);
        stdout.consume(taken);
        if !is_complete {
            continue;
        }
        match read(&line.take()) {
            Some(Incoming::Answer { id, outcome }) => {
                if let Some(sender) = shared.waiting().requests.remove(&id) {
                    // Nobody waits for an answer that is late.
                    let _ = sender.send(outcome);
                }
            }
            Some(Incoming::Request { reply }) => {
                if let Some(replies) = replies.upgrade() {
                    // A server that asks without reading gets no answer.
                    let _ = replies.try_send(reply);
                }
            }
            Some(Incoming::ToolsChanged) => shared.tools_changed.store(true, Ordering::Release),
            Some(Incoming::Other) | None => {}
        }
    }
}

async fn read_stderr(mut stderr: ChildStderr, shared: Arc<Shared>) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(read @ 1..) = stderr.read(&mut chunk).await {
        let mut kept = shared.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&chunk[..read]);
        let surplus = kept.len().saturating_sub(KEPT_STDERR);
        kept.drain(..surplus);
    }
}
