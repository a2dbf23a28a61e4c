//! The parts of one write: the footer is erased, text is added to the transcript, and the footer is
//! drawn below it.
//!
//! The cursor of the terminal stays at the end of the transcript. Everything else is relative to
//! it, so that neither the row nor the height of the screen must be known:
//!
//! 1. `CSI J` erases the footer. Where the last character fills its row, the cursor is on it, and
//!    it is written again: only so does the next one wrap as if nothing had been between.
//! 2. The text.
//! 3. `VT` makes room without leaving the column, at the end of the screen by scrolling real rows
//!    of the transcript up; `CSI A` goes back.
//! 4. `ESC 7`, the rows, `ESC 8`. Rows do not wrap (`CSI ? 7 l`), whatever width the terminal gives
//!    a character.

use super::transcript::Transcript;

/// Appends what erases the footer that is drawn, and leaves the terminal as it would be without it.
pub(super) fn erase(transcript: &Transcript, out: &mut String) {
    // A terminal erases with the background that is set.
    transcript.close(out);
    out.push_str("\x1b[J");
    if transcript.is_wrapping() {
        transcript.repeat_last(out);
    } else {
        transcript.reopen(out);
    }
}

/// Appends what draws the rows, each of which is narrower than the terminal and ends unstyled.
pub(super) fn draw(transcript: &Transcript, rows: &[String], out: &mut String) {
    if rows.is_empty() {
        return;
    }
    let starts_here = starts_at_cursor(transcript);
    let below = rows.len() - usize::from(starts_here);
    transcript.close(out);
    for _ in 0..below {
        out.push('\x0b');
    }
    if below > 0 {
        out.push_str(&format!("\x1b[{below}A"));
    }
    if transcript.is_wrapping() {
        out.push_str(&format!("\x1b[{}G", transcript.last_column()));
    }
    out.push_str("\x1b7\x1b[?7l");
    for (index, row) in rows.iter().enumerate() {
        if index > 0 || !starts_here {
            out.push_str("\r\n");
        }
        out.push_str(row);
    }
    out.push_str("\x1b[?7h\x1b8");
    transcript.reopen(out);
}

/// Whether the first row is on the row of the cursor: it is empty, and another empty one is above
/// it.
pub(super) fn starts_at_cursor(transcript: &Transcript) -> bool {
    transcript.ends_in_blank_row()
}
