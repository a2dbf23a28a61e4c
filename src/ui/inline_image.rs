//! Images on the terminal itself, by the protocols of kitty and iTerm2. Whether a terminal has one
//! of them is decided by what it says of itself in the environment.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::config::Environment;

/// Largest file that is shown, in bytes.
pub(super) const LARGEST: u64 = 8 * 1024 * 1024;

/// Base64 in one sequence of kitty's protocol, in bytes.
const CHUNK: usize = 4096;

/// Most columns and rows of an image, and the width of a column in its pixels. A row is twice as
/// high as a column is wide.
const MOST_COLUMNS: usize = 80;
const MOST_ROWS: usize = 24;
const PIXELS: usize = 8;

/// The first bytes of a PNG file.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// How a terminal shows images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImageProtocol {
    Kitty,
    ITerm2,
}

use ImageProtocol::{ITerm2, Kitty};

/// What terminals set: a variable, its value, and the protocol.
const TERMINALS: &[(&str, &str, ImageProtocol)] = &[
    ("TERM", "xterm-kitty", Kitty),
    ("TERM", "xterm-ghostty", Kitty),
    ("TERM_PROGRAM", "ghostty", Kitty),
    ("TERM_PROGRAM", "iTerm.app", ITerm2),
    ("TERM_PROGRAM", "WezTerm", ITerm2),
    ("TERM_PROGRAM", "mintty", ITerm2),
    // Also passed on by ssh.
    ("LC_TERMINAL", "iTerm2", ITerm2),
];

/// Variables of multiplexers: they draw the screen themselves, and would leave an image where its
/// text no longer is.
const MULTIPLEXERS: &[&str] = &["TMUX", "STY", "ZELLIJ"];

/// The protocol of this terminal.
pub(super) fn protocol(environment: &Environment) -> Option<ImageProtocol> {
    let value = |name: &str| environment.named(name).ok().flatten();
    if MULTIPLEXERS.iter().any(|name| value(name).is_some()) {
        return None;
    }
    TERMINALS
        .iter()
        .find(|(name, expected, _)| value(name) == Some(expected))
        .map(|(.., protocol)| *protocol)
}

/// What shows the image at the start of a row, on at most so many columns and rows, and leaves the
/// cursor below it; `None` for a form that the protocol does not have.
pub(super) fn sequence(
    protocol: ImageProtocol,
    bytes: &[u8],
    room: (usize, usize),
) -> Option<String> {
    let size = png_size(bytes);
    let (columns, rows) = cells(size.unwrap_or((640, 480)), room);
    match protocol {
        Kitty => size.map(|_| kitty(bytes, columns, rows)),
        ITerm2 => Some(format!(
            "\x1b]1337;File=inline=1;size={};width={columns};preserveAspectRatio=1:{}\x07\n",
            bytes.len(),
            STANDARD.encode(bytes)
        )),
    }
}

/// Room is made first: an image that reaches below the last row would be cut off.
fn kitty(bytes: &[u8], columns: usize, rows: usize) -> String {
    let data = STANDARD.encode(bytes);
    let count = data.len().div_ceil(CHUNK);
    let mut shown = format!("{}\x1b[{rows}A", "\n".repeat(rows));
    for index in 0..count {
        let chunk = &data[index * CHUNK..data.len().min((index + 1) * CHUNK)];
        let more = u8::from(index + 1 < count);
        let head = if index == 0 {
            // No answer from the terminal (q=2), and the cursor stays (C=1).
            format!("a=T,f=100,q=2,C=1,c={columns},r={rows},m={more}")
        } else {
            format!("m={more}")
        };
        shown.push_str(&format!("\x1b_G{head};{chunk}\x1b\\"));
    }
    shown.push_str(&format!("\x1b[{rows}B\r"));
    shown
}

/// Columns and rows for an image of so many pixels.
fn cells((wide, high): (usize, usize), room: (usize, usize)) -> (usize, usize) {
    let most = room.0.saturating_sub(1).clamp(1, MOST_COLUMNS);
    let most_rows = room.1.clamp(1, MOST_ROWS);
    let rows_of = |columns: usize| (columns * high).div_ceil(wide.max(1) * 2).max(1);
    let columns = wide.div_ceil(PIXELS).clamp(1, most);
    if rows_of(columns) <= most_rows {
        return (columns, rows_of(columns));
    }
    let columns = (most_rows * 2 * wide / high.max(1)).clamp(1, columns);
    (columns, most_rows)
}

/// Width and height of a PNG image in pixels, each at most what its header can say in 16 bits.
fn png_size(bytes: &[u8]) -> Option<(usize, usize)> {
    let header = bytes.strip_prefix(PNG)?;
    let number = |at: usize| {
        let digits: [u8; 4] = header.get(at..at + 4)?.try_into().ok()?;
        let number = usize::try_from(u32::from_be_bytes(digits)).ok()?;
        (1..=0xffff).contains(&number).then_some(number)
    };
    // After the length and the name of the first chunk.
    Some((number(8)?, number(12)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(wide: u32, high: u32) -> Vec<u8> {
        let mut bytes = [PNG, b"\0\0\0\rIHDR"].concat();
        bytes.extend(wide.to_be_bytes());
        bytes.extend(high.to_be_bytes());
        bytes
    }

    #[test]
    fn an_image_fits_the_screen() {
        assert_eq!(cells((320, 320), (80, 50)), (40, 20));
        assert_eq!(cells((320, 320), (80, 10)), (20, 10));
        assert_eq!(cells((320, 320), (80, 0)), (2, 1));
        assert_eq!(cells((2000, 1000), (80, 50)), (79, 20));
        assert_eq!(cells((1000, 4000), (80, 50)), (12, MOST_ROWS));
        assert_eq!(cells((1, 1), (80, 50)), (1, 1));
        assert_eq!(png_size(&png(640, 480)), Some((640, 480)));
        assert_eq!(png_size(&png(0, 480)), None);
    }

    #[test]
    fn kitty_gets_chunks_and_no_form_but_png() {
        let mut bytes = png(80, 16);
        bytes.extend(vec![0; 4000]);
        let shown = sequence(Kitty, &bytes, (80, 24)).unwrap();
        assert!(shown.starts_with("\n\x1b[1A\x1b_Ga=T,f=100,q=2,C=1,c=10,r=1,m=1;"));
        assert!(shown.contains("\x1b\\\x1b_Gm=0;"));
        assert!(shown.ends_with("\x1b\\\x1b[1B\r"));
        assert_eq!(sequence(Kitty, b"\xff\xd8\xff", (80, 24)), None);
        let iterm = sequence(ITerm2, b"\xff\xd8\xff", (80, 24)).unwrap();
        assert!(iterm.starts_with("\x1b]1337;File=inline=1;size=3;width=64;"));
    }
}
