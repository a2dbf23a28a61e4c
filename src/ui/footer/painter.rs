//! Composes each write to the terminal, and remembers what the last one left on the screen.

use super::frame;
use super::transcript::Transcript;

/// Columns and rows of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub columns: usize,
    pub rows: usize,
}

/// The transcript's end with the footer below it.
#[derive(Debug)]
pub(super) struct Painter {
    transcript: Transcript,
    size: Size,
    /// The cursor is hidden, and there may be rows below it.
    is_drawn: bool,
    /// The cursor is on the last character, which fills its row, and not behind it.
    is_on_last: bool,
    /// The terminal shows everything between `CSI ? 2026 h` and `CSI ? 2026 l` at once.
    pub synchronises: bool,
    out: String,
}

impl Painter {
    /// At the start of an empty row.
    pub(super) fn new(size: Size) -> Self {
        Self {
            transcript: Transcript::new(size.columns),
            size,
            is_drawn: false,
            is_on_last: false,
            synchronises: false,
            out: String::new(),
        }
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    pub(super) fn is_at_row_start(&self) -> bool {
        self.transcript.is_at_row_start()
    }

    pub(super) fn is_below_blank_row(&self) -> bool {
        self.transcript.ends_in_blank_row()
    }

    /// What other programs wrote is unknown: the cursor is at the start of an empty row.
    pub(super) fn forget(&mut self) {
        self.is_drawn = false;
        self.is_on_last = false;
        self.transcript.forget();
    }

    /// The terminal was lent, and text of our own was written last.
    pub(super) fn take_back(&mut self) {
        self.is_drawn = false;
        self.is_on_last = false;
        self.transcript.forget_rows();
    }

    /// The row above the cursor is empty as well.
    pub(super) fn follow_blank_row(&mut self) {
        self.transcript.follow_blank_row();
    }

    /// The bytes that add text to the transcript. Where the footer stays where it is and shows
    /// nothing new, they are the text alone.
    pub(super) fn text(
        &mut self,
        text: &str,
        size: Size,
        is_changed: bool,
        rows: impl FnOnce() -> Vec<String>,
    ) -> &str {
        let is_resized = self.follow(size);
        let started = self.transcript.rows();
        let was_on_last = self.is_on_last;
        let was_on_row = frame::starts_at_cursor(&self.transcript);
        let mut body = String::with_capacity(text.len());
        self.out.clear();
        let mut erased = String::new();
        frame::erase(&self.transcript, self.is_on_last, &mut erased);
        self.transcript.push(text, &mut body);
        let stays = self.is_drawn
            && !(is_resized || is_changed || was_on_last || was_on_row)
            && self.transcript.rows() == started
            && !self.transcript.is_wrapping();
        if stays {
            self.out = body;
            return &self.out;
        }
        self.begin();
        if self.is_drawn {
            self.out.push_str(&erased);
        }
        self.out.push_str(&body);
        self.draw(&rows());
        &self.out
    }

    /// The bytes that draw the footer again.
    pub(super) fn redraw(&mut self, size: Size, rows: &[String]) -> &str {
        self.follow(size);
        self.out.clear();
        self.begin();
        if self.is_drawn {
            frame::erase(&self.transcript, self.is_on_last, &mut self.out);
        }
        self.draw(rows);
        &self.out
    }

    /// The bytes that remove the footer, and show the cursor at the end of the transcript.
    pub(super) fn erase(&mut self) -> &str {
        self.out.clear();
        if std::mem::take(&mut self.is_drawn) {
            frame::erase(&self.transcript, self.is_on_last, &mut self.out);
            self.out.push_str("\x1b[?25h");
            self.is_on_last = false;
        }
        &self.out
    }

    /// Reads text that is written while there is no footer.
    pub(super) fn pass(&mut self, text: &str, size: Size) {
        self.follow(size);
        self.out.clear();
        self.transcript.push(text, &mut self.out);
    }

    /// Whether the column of the cursor must be asked for at this size.
    pub(super) fn is_uncertain_at(&self, size: Size) -> bool {
        size.columns != self.size.columns && self.transcript.is_uncertain_at(size.columns)
    }

    /// The terminal has another size, and its cursor is in this column, counted from 1.
    pub(super) fn resize(&mut self, size: Size, column: Option<u16>) {
        self.follow(size);
        if let Some(column) = column {
            let column = usize::from(column);
            if self.is_on_last {
                self.transcript.set_column_of_last(column);
            } else {
                self.transcript.set_column(column);
            }
        }
    }

    fn follow(&mut self, size: Size) -> bool {
        let is_resized = size != self.size;
        if is_resized {
            if size.columns != self.size.columns {
                self.transcript.resize(size.columns);
            }
            self.size = size;
        }
        is_resized
    }

    fn begin(&mut self) {
        if self.synchronises {
            self.out.push_str("\x1b[?2026h");
        }
        if !self.is_drawn {
            self.out.push_str("\x1b[?25l");
        }
    }

    fn draw(&mut self, rows: &[String]) {
        if !self.transcript.is_inside_sequence() {
            frame::draw(&self.transcript, rows, &mut self.out);
        }
        self.is_drawn = true;
        self.is_on_last = self.transcript.is_wrapping();
        if self.synchronises {
            self.out.push_str("\x1b[?2026l");
        }
    }
}
