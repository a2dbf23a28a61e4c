//! Whether the process may open as many files as an event queue needs.

use std::io::Result as IoResult;

/// Opens and closes as much as an event queue opens: the queue, what wakes it, and three for
/// signals. A queue that gets no files for signals ends the program instead of failing.
///
/// # Errors
/// That of the system, when it refuses one.
#[cfg(unix)]
pub(crate) fn check_room() -> IoResult<()> {
    use std::os::unix::net::UnixStream;
    const PAIRS: usize = 3;
    let pairs: IoResult<Vec<_>> = (0..PAIRS).map(|_| UnixStream::pair()).collect();
    pairs.map(drop)
}

#[cfg(not(unix))]
pub(crate) fn check_room() -> IoResult<()> {
    Ok(())
}
