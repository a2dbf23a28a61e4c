//! Lines on stderr: broken between words, below whatever is moving or open on the terminal.

use super::printer::Printer;
use super::style::Style;
use super::{last_row, paragraph, stand_ins, terminal};

impl Printer {
    /// Columns of a line on stderr; a file has no limit.
    pub(super) fn stderr_width(&self) -> usize {
        let width = self.stderr.is_terminal.then(terminal::width);
        width.unwrap_or(usize::MAX)
    }

    /// Text of our own after a label, broken between words.
    pub(super) fn paragraph(&mut self, label: &str, text: &str, style: Style) {
        let text = stand_ins::shown(text);
        let text = format!("{label}{text}");
        let text = paragraph::hanging(&text, label.len(), self.stderr_width());
        self.stderr_line(&text, style);
    }

    pub(super) fn stderr_line(&mut self, text: &str, style: Style) {
        self.make_room();
        // Without stderr there is nowhere to report it.
        let _ = self.stderr.line(text, style);
    }

    /// A note or a warning, in the words of the place.
    pub(super) fn remark(&mut self, label: &str, text: &str, style: Style) {
        self.paragraph(label, &(self.remark_words)(text), style);
        if self.stderr.is_terminal {
            last_row::wrote_remark();
        }
    }

    /// One empty row stands between remarks and the page below them.
    pub(super) fn part_from_remark(&mut self) {
        if self.stdout.is_terminal && last_row::is_below_remark() {
            self.stdout.own("\n");
            last_row::wrote(false);
        }
    }
}
