//! Empty lines between blocks: one row for as many as there are.

use super::start::{BlockKind, LineStart};

/// What the lines before leave behind.
#[derive(Debug, Default)]
pub(super) struct EmptyRows {
    /// The depth of quotes of the empty row that was shown last, while nothing follows it.
    depth: Option<usize>,
    /// The last line that was not empty is code by its indent, all rows of which are shown.
    is_code: bool,
}

impl EmptyRows {
    /// Whether this is an empty line after another one.
    pub(super) fn is_second(&mut self, start: &LineStart) -> bool {
        match start.kind {
            BlockKind::Hidden => {}
            BlockKind::Blank if self.is_code => {}
            BlockKind::Blank => return self.depth.replace(start.depth) == Some(start.depth),
            _ => {
                self.depth = None;
                self.is_code = start.kind == BlockKind::Code;
            }
        }
        false
    }
}
