//! What stands above the cursor: an empty row or words of ours, so that one empty row separates
//! what follows, and not two.

use std::sync::atomic::{AtomicU8, Ordering};

/// What this program wrote last on the terminal, on either stream: nothing yet, an empty row, a
/// note or warning, or something else.
static LAST_ROW: AtomicU8 = AtomicU8::new(NOTHING);
const NOTHING: u8 = 0;
const BLANK: u8 = 1;
const WORDS: u8 = 2;
const REMARK: u8 = 3;

/// Whether the cursor is below an empty row of ours.
pub(super) fn is_below_blank_row() -> bool {
    LAST_ROW.load(Ordering::Relaxed) == BLANK
}

/// Whether the cursor is below a row of words of ours, or on one.
pub(super) fn is_below_words() -> bool {
    matches!(LAST_ROW.load(Ordering::Relaxed), WORDS | REMARK)
}

/// Whether the cursor is below a note or a warning.
pub(super) fn is_below_remark() -> bool {
    LAST_ROW.load(Ordering::Relaxed) == REMARK
}

/// A row was written: an empty one, or one of words.
pub(super) fn wrote(is_blank: bool) {
    LAST_ROW.store(if is_blank { BLANK } else { WORDS }, Ordering::Relaxed);
}

/// The row of words that was written last ends a note or a warning.
pub(super) fn wrote_remark() {
    LAST_ROW.store(REMARK, Ordering::Relaxed);
}
