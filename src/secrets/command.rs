//! Runs the program of a `cmd:` reference: without a shell, with a deadline, and without API keys
//! in its environment.

use crate::wire::redact::cut;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};

use crate::platform::children::Group;
use crate::platform::programs::to_start;
use crate::wire::background;

/// Longest run time of the program.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);

/// Most output that is read, in bytes.
const LARGEST_OUTPUT: u64 = 64 * 1024;

/// The first line of the program's stdout. `path` is the value of `PATH`.
pub(super) fn first_line(
    words: &[String],
    withheld_variables: &[&str],
    path: Option<String>,
) -> anyhow::Result<String> {
    // Until it is released, it ends here and with amx.
    let (group, mut child) = start(words, withheld_variables, path)?;
    let output = read_in_background(child.stdout.take());
    let errors = read_in_background(child.stderr.take());

    let deadline = Instant::now() + DEADLINE;
    let Ok(output) = output.recv_timeout(DEADLINE) else {
        // The child may have exited and left a grandchild with the pipe open.
        return Err(late(child, group));
    };
    let status = loop {
        if let Some(status) = child
            .try_wait()
            .context("its exit status could not be read")?
        {
            break status;
        }
        if Instant::now() >= deadline {
            return Err(late(child, group));
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the standard library has no wait with a deadline"
        )]
        std::thread::sleep(Duration::from_millis(5));
    };
    group.release();
    if !status.success() {
        let words = errors
            .recv_timeout(Duration::from_millis(200))
            .unwrap_or_default();
        let words = cut(String::from_utf8_lossy(&words).trim(), 200);
        bail!(
            "failed with {status}{}{words}",
            if words.is_empty() { "" } else { ": " }
        );
    }
    let output = String::from_utf8(output)
        .ok()
        .context("its output is not UTF-8 text")?;
    Ok(output.lines().next().unwrap_or_default().to_owned())
}

/// Ends a program whose time is over, and what it has started.
fn late(mut child: Child, group: Group) -> anyhow::Error {
    drop(group);
    // Where there are no signals for one that is asked to end first.
    #[cfg(not(unix))]
    let _ = child.kill();
    // One that has ended is taken off the process table here or by its group.
    let _ = child.try_wait();
    anyhow!("did not finish within {} s", DEADLINE.as_secs())
}

fn start(
    words: &[String],
    withheld_variables: &[&str],
    path: Option<String>,
) -> anyhow::Result<(Group, Child)> {
    let (program, arguments) = words.split_first().context("no program given")?;
    let path = path.unwrap_or_default();
    let mut command = Command::new(to_start(program, Path::new(""), &path));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for variable in withheld_variables {
        command.env_remove(variable);
    }
    Group::start_here(&mut command).map_err(|error| match error.kind() {
        ErrorKind::NotFound => anyhow!("not found; install it, or write its full path"),
        _ => anyhow::Error::new(error).context("could not be started"),
    })
}

fn read_in_background(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    background::spawn_or_run(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            // A broken pipe returns what was read before.
            let _ = stream.take(LARGEST_OUTPUT).read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn run(words: &[&str]) -> anyhow::Result<String> {
        first_line(
            &words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>(),
            &["PATH_LIKE"],
            None,
        )
    }

    #[test]
    fn the_first_line_is_the_key() {
        assert_eq!(run(&["printf", "sk-1\nrest\n"]).unwrap(), "sk-1");
        assert_eq!(run(&["printf", "%s", "$HOME"]).unwrap(), "$HOME");
    }

    #[test]
    fn errors_include_the_stderr_of_the_program() {
        assert!(
            format!("{:#}", run(&["/nonexistent/program"]).unwrap_err())
                .contains("not found; install it")
        );
        let failed = run(&["sh", "-c", "echo not logged in >&2; exit 3"])
            .unwrap_err()
            .to_string();
        assert!(
            failed.contains("exit status: 3") && failed.contains("not logged in"),
            "{failed}"
        );
    }
}
