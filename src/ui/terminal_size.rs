//! The size of the terminal.

#[cfg(unix)]
use std::io;

/// Columns and rows assumed where the terminal does not report them.
const DEFAULT_WIDTH: usize = 80;
const DEFAULT_HEIGHT: usize = 24;

/// Columns of the terminal behind stdout or stderr. Cheap enough for each read from the
/// network.
pub(super) fn width() -> usize {
    size_of(Side::Out)
        .or_else(|| size_of(Side::Error))
        .map(|(columns, _)| columns)
        .filter(|columns| *columns >= 10)
        .unwrap_or(DEFAULT_WIDTH)
}

/// Rows of the terminal behind stdout.
pub(super) fn height() -> usize {
    size_of(Side::Out)
        .map(|(_, rows)| rows)
        .filter(|rows| *rows > 0)
        .unwrap_or(DEFAULT_HEIGHT)
}

enum Side {
    Out,
    Error,
}

/// Columns and rows.
#[cfg(unix)]
fn size_of(side: Side) -> Option<(usize, usize)> {
    let window = match side {
        Side::Out => rustix::termios::tcgetwinsize(io::stdout()),
        Side::Error => rustix::termios::tcgetwinsize(io::stderr()),
    };
    let window = window.ok()?;
    Some((window.ws_col.into(), window.ws_row.into()))
}

/// Columns and rows.
#[cfg(not(unix))]
fn size_of(side: Side) -> Option<(usize, usize)> {
    let terminal = match side {
        Side::Out => console::Term::stdout(),
        Side::Error => console::Term::stderr(),
    };
    terminal
        .size_checked()
        .map(|(rows, columns)| (columns.into(), rows.into()))
}
