//! The terminal itself: its size, and what is written to it.

use std::io;

use super::painter::Size;

/// Stops the program as Ctrl-Z does; the keyboard's thread restores the terminal first.
pub(super) fn suspend() {
    // Without a shell to take the terminal it does nothing.
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

/// The size of the terminal; a usual one where it does not report it.
pub(super) fn size() -> Size {
    let window = rustix::termios::tcgetwinsize(io::stderr()).ok();
    let (columns, rows) = window.map_or((0, 0), |window| (window.ws_col, window.ws_row));
    let or_else = |number: u16, usual| {
        if number == 0 {
            usual
        } else {
            usize::from(number)
        }
    };
    Size {
        columns: or_else(columns, 80),
        rows: or_else(rows, 24),
    }
}

/// Writes to the terminal, in one call where it takes all of it.
pub(super) fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(io::stdout(), bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
