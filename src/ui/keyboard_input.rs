//! Unbuffered input from the terminal: what is typed ahead stays for whoever reads next.

/// Whether a read would return at once.
#[cfg(unix)]
pub(super) fn has_input() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
    poll(
        &mut watched,
        Some(&Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        }),
    )
    .is_ok_and(|ready| ready > 0)
}

#[cfg(not(unix))]
pub(super) fn has_input() -> bool {
    false
}

/// Waits for something to read, but not longer than `patience`.
///
/// # Errors
/// When the terminal has gone.
#[cfg(unix)]
pub(super) fn has_input_within(patience: std::time::Duration) -> std::io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
    let patience = Timespec::try_from(patience).ok();
    match poll(&mut watched, patience.as_ref()) {
        Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(false),
        Ok(_) => {}
        Err(error) => return Err(error.into()),
    }
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    if watched[0].revents().intersects(gone) {
        return Err(std::io::ErrorKind::BrokenPipe.into());
    }
    Ok(true)
}

/// Waits until there is something to read.
///
/// # Errors
/// `Interrupted` as soon as `is_over`.
#[cfg(unix)]
pub(super) fn wait_for_input(is_over: &dyn Fn() -> bool) -> std::io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    while !is_over() {
        let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(
            &mut watched,
            Some(&Timespec {
                tv_sec: 0,
                tv_nsec: 50_000_000,
            }),
        ) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    Err(std::io::ErrorKind::Interrupted.into())
}

#[cfg(not(unix))]
pub(super) fn wait_for_input(_is_over: &dyn Fn() -> bool) -> std::io::Result<()> {
    Ok(())
}

/// Reads one line from the terminal and not a byte more: what is typed ahead belongs to the next
/// prompt.
///
/// # Errors
/// `Interrupted` at the end of the input.
#[cfg(unix)]
pub(super) fn read_line() -> std::io::Result<String> {
    let mut line = Vec::new();
    while let Some(byte) = read_byte()? {
        if byte == b'\n' {
            return String::from_utf8(line).map_err(|_| std::io::ErrorKind::InvalidData.into());
        }
        line.push(byte);
    }
    Err(std::io::ErrorKind::Interrupted.into())
}

#[cfg(not(unix))]
pub(super) fn read_line() -> std::io::Result<String> {
    console::Term::stderr().read_secure_line()
}

/// One byte from stdin; `None` at the end of the input.
#[cfg(unix)]
pub(super) fn read_byte() -> std::io::Result<Option<u8>> {
    let mut byte = [0; 1];
    loop {
        match rustix::io::read(std::io::stdin(), &mut byte) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(byte[0])),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The same; a line of a console ends in `\r\n`, of which the line feed is returned.
#[cfg(not(unix))]
pub(super) fn read_byte() -> std::io::Result<Option<u8>> {
    use std::io::Read;
    let mut byte = [b'\r'; 1];
    while byte[0] == b'\r' {
        if std::io::stdin().read(&mut byte)? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(byte[0]))
}
