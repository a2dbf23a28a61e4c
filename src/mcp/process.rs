//! The process of a server: a group of its own, an allow-listed environment, a bounded end.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use super::fault::ServerFault;

/// Time to leave after stdin was closed, and again after the request to terminate.
const GRACE: Duration = Duration::from_secs(1);

/// Time until the exit status is there after the output was closed.
const STATUS_WAIT: Duration = Duration::from_millis(200);

/// How often the group is looked at while it ends.
const POLL: Duration = Duration::from_millis(10);

/// A running server, and its group.
#[derive(Debug)]
pub(super) struct ServerProcess {
    child: Child,
    group: Group,
}

/// Its pipes.
pub(super) struct Pipes {
    pub stdin: ChildStdin,
    pub stdout: ChildStdout,
    pub stderr: ChildStderr,
}

impl ServerProcess {
    /// Starts a program with exactly this environment.
    pub(super) fn start(
        command: &[String],
        environment: Vec<(String, String)>,
        directory: Option<&Path>,
    ) -> Result<(Self, Pipes), ServerFault> {
        let (program, arguments) = command
            .split_first()
            .ok_or_else(|| ServerFault::Setting("its command is empty".to_owned()))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(directory) = directory {
            command.current_dir(directory);
        }
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ServerFault::NoProgram(program.clone()),
            _ => ServerFault::NotStarted(error.to_string()),
        })?;
        let pipes = Pipes {
            stdin: piped(child.stdin.take())?,
            stdout: piped(child.stdout.take())?,
            stderr: piped(child.stderr.take())?,
        };
        let group = Group::of(&child);
        Ok((Self { child, group }, pipes))
    }

    /// How it ended, in words, where it ends within a moment.
    pub(super) async fn status(&mut self) -> String {
        match timeout(STATUS_WAIT, self.child.wait()).await {
            Ok(Ok(status)) => {
                self.group.forget_if_gone();
                format!("ended ({status})")
            }
            Ok(Err(_)) | Err(_) => "closed its output".to_owned(),
        }
    }

    /// Ends the group, whose stdin is closed: it is given time, terminated, and killed.
    pub(super) async fn end(&mut self) {
        let _ = timeout(GRACE, self.child.wait()).await;
        if !self.group.is_alive() {
            return;
        }
        self.group.terminate();
        let ended = async {
            let _ = self.child.wait().await;
            while self.group.is_alive() {
                sleep(POLL).await;
            }
        };
        if timeout(GRACE, ended).await.is_err() {
            self.group.kill();
            let _ = self.child.start_kill();
            let _ = timeout(GRACE / 4, self.child.wait()).await;
        }
        self.group.forget_if_gone();
    }
}

impl Drop for ServerProcess {
    /// Without the time to end by itself.
    fn drop(&mut self) {
        self.group.kill();
    }
}

fn piped<T>(pipe: Option<T>) -> Result<T, ServerFault> {
    pipe.ok_or_else(|| ServerFault::NotStarted("a pipe is missing".to_owned()))
}

/// The processes that the server started and that did not leave its group.
#[derive(Debug)]
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

#[cfg(unix)]
impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self {
            leader: id.and_then(rustix::process::Pid::from_raw),
        }
    }

    fn is_alive(&self) -> bool {
        self.leader
            .is_some_and(|leader| rustix::process::test_kill_process_group(leader).is_ok())
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(leader) = self.leader {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(leader, signal);
        }
    }

    /// Its number may be given to another group from now on.
    fn forget_if_gone(&mut self) {
        if !self.is_alive() {
            self.leader = None;
        }
    }

    fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    fn kill(&self) {
        self.signal(rustix::process::Signal::KILL);
    }
}

/// The server alone: there is no group to signal.
#[cfg(not(unix))]
impl Group {
    fn of(_child: &Child) -> Self {
        Self {}
    }

    fn is_alive(&self) -> bool {
        true
    }

    fn forget_if_gone(&mut self) {}

    fn terminate(&self) {}

    fn kill(&self) {}
}
