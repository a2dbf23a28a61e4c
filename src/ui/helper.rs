//! Runs a small program of the desktop and returns its output, within a time and a size, without
//! our keys in its environment.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::wire::background::spawn_or_run;

/// Longest time for one program.
const DEADLINE: Duration = Duration::from_secs(5);

/// Why a program returned no output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HelperError {
    NotInstalled,
    Failed,
    TimedOut,
    TooLarge,
}

/// The standard output of the program, at most `most` bytes.
pub(super) fn output(
    command: &[&str],
    withheld: &[&'static str],
    most: usize,
) -> Result<Vec<u8>, HelperError> {
    within(DEADLINE, command, withheld, most)
}

fn within(
    patience: Duration,
    command: &[&str],
    withheld: &[&'static str],
    most: usize,
) -> Result<Vec<u8>, HelperError> {
    let [name, arguments @ ..] = command else {
        return Err(HelperError::NotInstalled);
    };
    let mut command = Command::new(name);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    withheld.iter().for_each(|variable| {
        command.env_remove(variable);
    });
    let mut child = command.spawn().map_err(|_| HelperError::NotInstalled)?;
    let until = Instant::now() + patience;
    let read = printed(&mut child, most).recv_timeout(patience);
    let is_whole = read.as_ref().is_ok_and(|bytes| bytes.len() <= most);
    let ended = if is_whole {
        end_of(&mut child, until)
    } else {
        None
    };
    if ended.is_none() {
        // It may have ended just now.
        let _ = child.kill();
        let _ = child.wait();
    }
    match (read, ended) {
        (Ok(_), _) if !is_whole => Err(HelperError::TooLarge),
        (Ok(bytes), Some(true)) => Ok(bytes),
        (Ok(_), Some(false)) => Err(HelperError::Failed),
        _ => Err(HelperError::TimedOut),
    }
}

/// Whether it succeeded; `None` when it still runs at the deadline, with its output closed.
fn end_of(child: &mut Child, until: Instant) -> Option<bool> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) if Instant::now() < until => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the standard library has no wait with a deadline"
                )]
                std::thread::sleep(Duration::from_millis(2));
            }
            _ => return None,
        }
    }
}

fn printed(child: &mut Child, most: usize) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        spawn_or_run(move || {
            let mut bytes = Vec::new();
            // A pipe that breaks has delivered what came before; after the deadline the receiver is
            // gone.
            let _ = stdout.take(most as u64 + 1).read_to_end(&mut bytes);
            let _ = sender.send(bytes);
        });
    }
    receiver
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn output_is_returned_within_its_bounds() {
        assert_eq!(output(&["printf", "abc"], &[], 3), Ok(b"abc".to_vec()));
        assert_eq!(
            output(&["printf", "abcd"], &[], 3),
            Err(HelperError::TooLarge)
        );
        assert_eq!(
            output(&["cat", "/dev/zero"], &[], 1000),
            Err(HelperError::TooLarge)
        );
        assert_eq!(output(&["false"], &[], 3), Err(HelperError::Failed));
        assert_eq!(
            output(&["/nonexistent/program"], &[], 3),
            Err(HelperError::NotInstalled)
        );
    }

    #[test]
    fn a_program_that_does_not_end_is_stopped() {
        let brief = Duration::from_millis(50);
        assert_eq!(
            within(brief, &["sleep", "1000"], &[], 3),
            Err(HelperError::TimedOut)
        );
        assert_eq!(
            within(brief, &["sh", "-c", "exec >&-; exec sleep 1000"], &[], 3),
            Err(HelperError::TimedOut)
        );
    }
}
