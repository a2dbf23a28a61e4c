//! Reads stdin, with a time limit for a pipe that stays open and silent.

use std::io::{IsTerminal, Read};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::ports::input::{InputError, StdinKind};
use crate::wire::background::spawn_or_run;

/// Silence after which a note says what is awaited.
const NOTE_AFTER: Duration = Duration::from_secs(2);

/// Most that is read, in bytes: more than any model accepts.
const LARGEST: usize = 32 * 1024 * 1024;

/// What stdin is connected to.
pub(super) fn kind() -> StdinKind {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return StdinKind::Terminal;
    }
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        use std::os::unix::fs::FileTypeExt;
        let metadata = stdin
            .as_fd()
            .try_clone_to_owned()
            .map(std::fs::File::from)
            .and_then(|file| file.metadata());
        match metadata {
            // `/dev/null` and the like: no input is intended.
            Ok(metadata) if metadata.file_type().is_char_device() => return StdinKind::Empty,
            Ok(_) => {}
            Err(_) => return StdinKind::Empty,
        }
    }
    StdinKind::Piped
}

/// Reads to the end. `when_silent` is called once after two seconds without a byte; `patience`
/// without one is an error.
pub(super) fn read(
    patience: Duration,
    when_silent: &mut dyn FnMut(),
) -> Result<Vec<u8>, InputError> {
    let chunks = read_in_background();
    let mut bytes = Vec::new();
    let mut last = Instant::now();
    let mut has_noted = false;
    loop {
        let silent = last.elapsed();
        if silent >= patience {
            return Err(InputError::Silent(patience));
        }
        let until = if has_noted || patience <= NOTE_AFTER {
            patience
        } else {
            NOTE_AFTER
        };
        match chunks.recv_timeout(until.saturating_sub(silent)) {
            Ok(Ok(chunk)) => {
                last = Instant::now();
                bytes.extend_from_slice(&chunk);
                if bytes.len() > LARGEST {
                    return Err(InputError::TooLarge(LARGEST));
                }
            }
            Ok(Err(error)) => return Err(InputError::Stdin(error)),
            Err(RecvTimeoutError::Disconnected) => return Ok(bytes),
            Err(RecvTimeoutError::Timeout) if !has_noted && patience > NOTE_AFTER => {
                has_noted = true;
                when_silent();
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// A thread of its own, because a blocking read cannot be cancelled. It is left behind when the
/// patience ends, and ends with the process. Where no thread can be started, everything is read
/// first, without patience.
fn read_in_background() -> mpsc::Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    spawn_or_run(move || {
        // One byte more than is accepted: the receiver refuses it.
        let mut stdin = std::io::stdin().lock().take(LARGEST as u64 + 1);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = match stdin.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => Ok(buffer[..length].to_vec()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let is_end = read.is_err();
            if sender.send(read).is_err() || is_end {
                return;
            }
        }
    });
    receiver
}
