//! The process of a server: a session of its own, exactly the environment it is given, a bounded
//! end.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::fault::ServerFault;
use crate::platform::children::Group;
use crate::platform::processes::ProcessLimits;
use crate::platform::programs::{find_program, to_start};

/// Time to leave after stdin was closed.
const GRACE: Duration = Duration::from_secs(1);

/// Time until the exit status is there after the output was closed.
const STATUS_WAIT: Duration = Duration::from_millis(200);

/// A running server, and its group. Dropping it ends the group.
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
        let path = environment.iter().rfind(|(name, _)| name == "PATH");
        let path = path.map_or("", |(_, path)| path.as_str());
        let folder = directory.unwrap_or(Path::new(""));
        if find_program(program, folder, path).is_none() {
            return Err(ServerFault::NoProgram(program.clone()));
        }
        let program = to_start(program, folder, path);
        let set_up = |command: &mut Command| {
            command
                .args(arguments)
                .env_clear()
                .envs(environment)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            if let Some(directory) = directory {
                command.current_dir(directory);
            }
        };
        let (group, mut child) = Group::start(&program, ProcessLimits::default(), set_up)
            .map_err(|error| ServerFault::NotStarted(error.to_string()))?;
        let pipes = Pipes {
            stdin: piped(child.stdin.take())?,
            stdout: piped(child.stdout.take())?,
            stderr: piped(child.stderr.take())?,
        };
        Ok((Self { child, group }, pipes))
    }

    /// How it ended, in words, where it ends within a moment.
    pub(super) async fn status(&mut self) -> String {
        match timeout(STATUS_WAIT, self.child.wait()).await {
            Ok(Ok(status)) => format!("ended ({status})"),
            Ok(Err(_)) | Err(_) => "closed its output".to_owned(),
        }
    }

    /// Ends the server, whose stdin is closed, and all that it started: it is given time,
    /// terminated, and killed.
    pub(super) async fn end(&mut self) {
        let _ = timeout(GRACE, self.child.wait()).await;
        tokio::join!(self.group.end_soon(), async {
            let _ = self.child.wait().await;
        });
    }
}

fn piped<T>(pipe: Option<T>) -> Result<T, ServerFault> {
    pipe.ok_or_else(|| ServerFault::NotStarted("a pipe is missing".to_owned()))
}
