//! The program while it runs: its output as it grows, its input, signals, and the watchdog that
//! ends it.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStdin, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::outcome::Outcome;

/// Longest time that the program may run.
const WATCHDOG: Duration = Duration::from_secs(60);

/// A process of the program.
pub struct Running {
    shown: String,
    id: u32,
    started: Instant,
    stdin: Option<ChildStdin>,
    stdout: Capture,
    stderr: Capture,
    ended: mpsc::Receiver<ExitStatus>,
    status: Option<ExitStatus>,
}

/// One output stream of the process.
pub enum Stream {
    Stdout,
    Stderr,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let shown = command
            .get_args()
            .map(|argument| format!(" {}", argument.to_string_lossy()))
            .collect();
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        let (stdin, id) = (child.stdin.take(), child.id());
        let stdout = child
            .stdout
            .take()
            .map_or_else(Capture::closed, Capture::of);
        let stderr = child
            .stderr
            .take()
            .map_or_else(Capture::closed, Capture::of);
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || child.wait().map(|status| sender.send(status)));
        Self {
            shown,
            id,
            started,
            stdin,
            stdout,
            stderr,
            ended,
            status: None,
        }
    }

    /// Writes everything in the background and closes the pipe.
    pub fn write_and_close(mut self, bytes: Vec<u8>) -> Self {
        if let Some(mut stdin) = self.stdin.take() {
            // The program may end without reading all of it.
            thread::spawn(move || drop(stdin.write_all(&bytes)));
        }
        self
    }

    /// Sends a signal, by its name for `kill`.
    pub fn signal(&self, name: &str) {
        assert!(self.try_signal(name), "the process is gone");
    }

    /// The same; false when the process has ended.
    pub fn try_signal(&self, name: &str) -> bool {
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{name} {} 2>/dev/null", self.id)])
            .status();
        sent.unwrap().success()
    }

    /// Waits until the stream contains the text.
    #[track_caller]
    pub fn wait_for(&self, stream: &Stream, text: &str) {
        let capture = match stream {
            Stream::Stdout => &self.stdout,
            Stream::Stderr => &self.stderr,
        };
        let seen = capture.wait_until(WATCHDOG / 3, |state| {
            state.text().contains(text) || state.is_over
        });
        assert!(
            seen && capture.text().contains(text),
            "'{text}' never came\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout.text(),
            self.stderr.text()
        );
    }

    /// Waits until so many bytes have come on standard output.
    #[track_caller]
    pub fn wait_for_bytes(&self, count: usize) {
        let seen = self.stdout.wait_until(WATCHDOG, |state| {
            state.bytes.len() >= count || state.is_over
        });
        let came = self.stdout.bytes().len();
        assert!(
            seen && came >= count,
            "{came} of {count} bytes came\n--- stderr\n{}",
            self.stderr.text()
        );
    }

    /// What has come on standard error until now.
    pub fn told(&self) -> String {
        self.stderr.text()
    }

    /// What has come on standard output until now.
    pub fn printed(&self) -> String {
        self.stdout.text()
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The most memory that the process has had resident at any time until now, in KiB.
    #[track_caller]
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let Some(line) = line else {
            panic!("the process is over, and nobody knows what it used")
        };
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// A soft limit of the process, as `/proc/PID/limits` has it.
    #[track_caller]
    pub fn soft_limit(&self, name: &str) -> String {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", self.id)).unwrap();
        let values = limits.lines().find_map(|line| line.strip_prefix(name));
        let first = values.and_then(|values| values.split_whitespace().next());
        first.unwrap_or_default().to_owned()
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.status = self.status.or_else(|| self.ended.try_recv().ok());
        self.status.is_none()
    }

    /// Waits for the end; past the watchdog's time the process is killed and the test fails.
    #[track_caller]
    pub fn wait(self) -> Outcome {
        let ended = self
            .status
            .or_else(|| self.ended.recv_timeout(WATCHDOG).ok());
        let elapsed = self.started.elapsed();
        if ended.is_none() {
            self.signal("KILL");
        }
        let has_output = [&self.stdout, &self.stderr]
            .into_iter()
            .all(|capture| capture.wait_until(Duration::from_secs(5), |state| state.is_over));
        let status = ended.map_or(-1, |status| {
            status
                .code()
                .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
        });
        let outcome = Outcome::new(
            self.shown.clone(),
            status,
            self.stdout.bytes(),
            self.stderr.bytes(),
            elapsed,
        );
        assert!(
            ended.is_some(),
            "it ran longer than {WATCHDOG:?} and was killed\n{outcome}"
        );
        assert!(has_output, "it ended and left its output open\n{outcome}");
        outcome
    }
}

/// A stream that is read in the background.
struct Capture(Arc<(Mutex<Captured>, Condvar)>);

#[derive(Default)]
struct Captured {
    bytes: Vec<u8>,
    is_over: bool,
}

impl Captured {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Capture {
    fn closed() -> Self {
        Self(Arc::new((
            Mutex::new(Captured {
                bytes: Vec::new(),
                is_over: true,
            }),
            Condvar::new(),
        )))
    }

    fn of(mut stream: impl Read + Send + 'static) -> Self {
        let shared = Arc::new((Mutex::new(Captured::default()), Condvar::new()));
        let writer = Arc::clone(&shared);
        thread::spawn(move || {
            let mut piece = [0; 8192];
            loop {
                let read = stream.read(&mut piece).unwrap_or(0);
                let mut state = writer.0.lock().unwrap_or_else(PoisonError::into_inner);
                state.bytes.extend_from_slice(&piece[..read]);
                state.is_over = read == 0;
                let is_over = state.is_over;
                drop(state);
                writer.1.notify_all();
                if is_over {
                    return;
                }
            }
        });
        Self(shared)
    }

    fn wait_until(&self, patience: Duration, condition: impl Fn(&Captured) -> bool) -> bool {
        let state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = self
            .0
            .1
            .wait_timeout_while(state, patience, |state| !condition(state));
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        condition(&state)
    }

    fn bytes(&self) -> Vec<u8> {
        self.0
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes
            .clone()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}
