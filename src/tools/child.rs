//! Runs a program for a tool: in a session of its own, without a terminal, within limits.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::platform::children::Group;
use crate::platform::processes::{self, ProcessLimits};
use crate::platform::programs::to_start;

/// Bytes of stderr that are kept: its end.
const STDERR_KEPT: usize = 64 * 1024;

/// Bytes of one read.
const CHUNK: usize = 16 * 1024;

/// Memory for data of one process, in bytes.
const MEMORY: u64 = 4 * 1024 * 1024 * 1024;

/// Processes and threads that may be started beside those of the system.
const MORE_TASKS: u64 = 1024;

/// Longest end of a group: two seconds until it is forced, and a moment.
const LONGEST_END: Duration = Duration::from_millis(2500);

/// What is executed, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    pub name: String,
    pub arguments: Vec<String>,
    /// All of its environment.
    pub environment: Vec<(String, String)>,
    /// Where amx was started when `None`.
    pub cwd: Option<PathBuf>,
    /// What is written to stdin, which is closed then.
    pub stdin: Option<String>,
    pub timeout: Duration,
    /// Most bytes of stdout; with more, it is ended.
    pub most_output: usize,
}

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Exited(ExitStatus),
    TimedOut,
    /// It wrote more than is read.
    TooMuchOutput,
}

/// What a program brought.
#[derive(Debug)]
pub(crate) struct Ended {
    pub end: End,
    /// The beginning of stdout.
    pub stdout: Vec<u8>,
    /// The end of stderr.
    pub stderr: Vec<u8>,
    /// Bytes of stdout that were read.
    pub bytes: u64,
}

/// Runs a program to its end, and ends what it started. Dropping the future ends all of it.
///
/// # Errors
/// When it cannot be started, or its exit status cannot be read.
pub(crate) async fn run(program: Program) -> std::io::Result<Ended> {
    let limits = limits(program.timeout);
    let set_up = |command: &mut Command| set_up(command, &program);
    let mut variables = program.environment.iter();
    let path = variables.rfind(|(name, _)| name == "PATH");
    let path = path.map_or("", |(_, path)| path.as_str());
    let folder = program.cwd.as_deref().unwrap_or(Path::new(""));
    let name = to_start(&program.name, folder, path);
    let (mut group, mut child) = Group::start(&name, limits, set_up)?;
    let mut pipes = Pipes::of(&mut child, program.most_output);
    // It ends with the pipe, at the latest with the child.
    tokio::spawn(feed(child.stdin.take(), program.stdin));
    let end = tokio::select! {
        status = child.wait() => End::Exited(status?),
        () = pipes.fill() => End::TooMuchOutput,
        () = tokio::time::sleep(program.timeout) => End::TimedOut,
    };
    // What is left of its group has the pipes: they close with it.
    let rest = async { tokio::join!(group.end(), child.wait(), pipes.drain()) };
    let _ = timeout(LONGEST_END, rest).await;
    Ok(Ended {
        end: if pipes.is_full() {
            End::TooMuchOutput
        } else {
            end
        },
        bytes: pipes.bytes,
        stdout: pipes.stdout_bytes,
        stderr: pipes.stderr_bytes,
    })
}

fn set_up(command: &mut Command, program: &Program) {
    command
        .args(&program.arguments)
        .env_clear()
        .envs(program.environment.iter().cloned())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .stdin(if program.stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        });
    if let Some(cwd) = &program.cwd {
        command.current_dir(cwd);
    }
}

fn limits(timeout: Duration) -> ProcessLimits {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    ProcessLimits {
        cpu_seconds: Some((timeout.as_secs() + 1) * threads),
        memory: Some(MEMORY),
        tasks: processes::tasks_now().map(|tasks| tasks + MORE_TASKS),
    }
}

/// Writes the input. A program that does not read it is no error.
async fn feed(stdin: Option<ChildStdin>, text: Option<String>) {
    let (Some(mut stdin), Some(text)) = (stdin, text) else {
        return;
    };
    let _ = stdin.write_all(text.as_bytes()).await;
    let _ = stdin.shutdown().await;
}

/// The outputs of a child, as far as they are read.
struct Pipes {
    stdout: Pipe<ChildStdout>,
    stderr: Pipe<ChildStderr>,
    stdout_bytes: Vec<u8>,
    stderr_bytes: Vec<u8>,
    /// Bytes of stdout that were read.
    bytes: u64,
    most: usize,
}

impl Pipes {
    fn of(child: &mut Child, most: usize) -> Self {
        Self {
            stdout: Pipe::new(child.stdout.take()),
            stderr: Pipe::new(child.stderr.take()),
            stdout_bytes: Vec::new(),
            stderr_bytes: Vec::new(),
            bytes: 0,
            most,
        }
    }

    fn is_full(&self) -> bool {
        self.bytes > self.most as u64
    }

    /// Reads until stdout has brought more than is read. Never returns when that does not happen.
    async fn fill(&mut self) {
        while !self.is_full() {
            if !self.read().await {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Reads what is left, as long as somebody can write.
    async fn drain(&mut self) {
        while self.read().await {}
    }

    /// One read of whichever pipe has something. Returns whether one of them is open. Dropping the
    /// future loses nothing.
    async fn read(&mut self) -> bool {
        tokio::select! {
            read = self.stdout.read(), if self.stdout.is_open() => {
                self.bytes += read.len() as u64;
                let room = self.most.saturating_sub(self.stdout_bytes.len());
                self.stdout_bytes.extend_from_slice(&read[..read.len().min(room)]);
            }
            read = self.stderr.read(), if self.stderr.is_open() => {
                self.stderr_bytes.extend_from_slice(read);
                let excess = self.stderr_bytes.len().saturating_sub(STDERR_KEPT);
                self.stderr_bytes.drain(..excess);
            }
            else => {}
        }
        self.stdout.is_open() || self.stderr.is_open()
    }
}

/// One output, until it is closed.
struct Pipe<R> {
    reader: Option<R>,
    chunk: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Pipe<R> {
    fn new(reader: Option<R>) -> Self {
        Self {
            reader,
            chunk: Vec::with_capacity(CHUNK),
        }
    }

    fn is_open(&self) -> bool {
        self.reader.is_some()
    }

    /// The next bytes; none at the end.
    async fn read(&mut self) -> &[u8] {
        self.chunk.clear();
        let Some(reader) = &mut self.reader else {
            return &[];
        };
        // An error of a pipe is its end.
        if reader.read_buf(&mut self.chunk).await.unwrap_or(0) == 0 {
            self.reader = None;
        }
        &self.chunk
    }
}
