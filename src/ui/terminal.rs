//! The only owner of stdout and stderr: everything that is written passes here, is made inert and
//! redacted.

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use serde::Serialize;

use super::capabilities::MarkdownForm;
use super::last_row;
use super::sanitise::Sanitiser;
use super::stand_ins;
pub(super) use super::standard_streams::has_sequences;
use super::standard_streams::{is_file, unbuffered_stdout, write_counted};
use super::style::{Ground, Look, Style};
pub(super) use super::terminal_size::{height, width};
use super::theme;
use crate::config::{Environment, env};
use crate::platform::system::System;
use crate::ports::output::OutputError;
use crate::wire::control_characters::inert_json;
use crate::wire::redact::Redactor;

/// Writes text of the transcript above what hangs below it; `None` while nothing does.
type TranscriptWriter = fn(&str) -> Option<io::Result<()>>;

static TRANSCRIPT: OnceLock<TranscriptWriter> = OnceLock::new();

/// From now on text for the terminal is written by this, while it can. The first one stays.
#[cfg(unix)]
pub(super) fn write_by(writer: TranscriptWriter) {
    TRANSCRIPT.get_or_init(|| writer);
}

/// One of the two streams.
pub(super) struct Stream {
    sink: Box<dyn Write + Send>,
    pub is_terminal: bool,
    /// Escape sequences for style may be written.
    pub is_styled: bool,
    /// It ends in a file or a device, where nobody reads along.
    pub is_file: bool,
    /// A file that the user named takes the place of stdout.
    is_named: bool,
    /// Why that file could not be written: stdout has the rest.
    file_error: Option<io::Error>,
    sanitiser: Sanitiser,
    redactor: Redactor,
    buffer: String,
    look: Look,
    /// The last character written was a line feed, or nothing has been written.
    at_line_start: bool,
}

impl Stream {
    pub(super) fn stdout(environment: &Environment) -> Self {
        Self {
            is_file: is_file(),
            ..Self::new(unbuffered_stdout(), io::stdout().is_terminal(), environment)
        }
    }

    /// Writes to a file in the place of stdout.
    pub(super) fn to_file(sink: Box<dyn Write + Send>) -> Self {
        Self {
            sink,
            is_terminal: false,
            is_styled: false,
            is_file: true,
            is_named: true,
            file_error: None,
            sanitiser: Sanitiser::default(),
            redactor: Redactor::default(),
            buffer: String::new(),
            look: Look::default(),
            at_line_start: true,
        }
    }

    pub(super) fn stderr(environment: &Environment) -> Self {
        Self::new(
            Box::new(io::stderr()),
            io::stderr().is_terminal(),
            environment,
        )
    }

    fn new(sink: Box<dyn Write + Send>, is_terminal: bool, environment: &Environment) -> Self {
        let is_dumb = System::CURRENT.is_dumb(environment.get(&env::TERM).ok().flatten());
        Self {
            sink,
            is_terminal,
            is_styled: is_terminal
                && !is_dumb
                && !environment.is_set(&env::NO_COLOR)
                && has_sequences(),
            is_file: false,
            is_named: false,
            file_error: None,
            sanitiser: Sanitiser::default(),
            redactor: Redactor::default(),
            buffer: String::new(),
            look: Look::default(),
            at_line_start: true,
        }
    }

    pub(super) fn at_line_start(&self) -> bool {
        self.at_line_start
    }

    /// How Markdown is shown here; `None` where its source is.
    pub(super) fn markdown(&self) -> Option<MarkdownForm> {
        self.is_terminal
            .then(|| theme::terminal().markdown(self.is_styled))
    }

    /// Adds text of our own, in which there may be untrusted words, with a look. Nothing is written
    /// before [`flush`](Self::flush).
    pub(super) fn text(&mut self, text: &str, look: impl Into<Look>) {
        if self.is_terminal {
            self.content(&stand_ins::shown(text), look);
        } else {
            self.content(text, look);
        }
    }

    /// The same for text that is shown as it is: an answer, a question, what a program prints.
    pub(super) fn content(&mut self, text: &str, look: impl Into<Look>) {
        let look = look.into();
        if look.ground == Ground::None {
            return self.piece(text, &look);
        }
        for line in text.split_inclusive('\n') {
            let words = line.strip_suffix('\n');
            self.piece(words.unwrap_or(line), &look);
            if words.is_some() {
                self.end_shaded_row(&look);
            }
        }
    }

    /// Fills the rest of a row with the shade of a look, and starts the next one without it: a
    /// terminal that scrolls would fill that with the shade.
    fn end_shaded_row(&mut self, look: &Look) {
        self.change_look(&Look::on(Style::Plain, look.ground));
        if self.is_styled && !theme::current().background(look.ground).is_empty() {
            self.sequence("\x1b[K");
        }
        self.piece("\n", &Look::default());
    }

    fn piece(&mut self, text: &str, look: &Look) {
        if text.is_empty() {
            return;
        }
        self.change_look(look);
        self.redactor.expect_json(false);
        let mut inert = String::with_capacity(text.len());
        self.sanitiser.push(text, &mut inert);
        self.redactor.push(&inert, &mut self.buffer);
        if let Some(last) = inert.chars().last() {
            if self.is_terminal {
                let is_blank = inert.ends_with("\n\n") || inert == "\n" && self.at_line_start;
                last_row::wrote(is_blank);
            }
            self.at_line_start = last == '\n';
        }
    }

    /// Adds JSON, which is inert by its escapes.
    pub(super) fn json(&mut self, text: &str) {
        self.redactor.expect_json(true);
        self.redactor.push(&inert_json(text), &mut self.buffer);
        self.at_line_start = text.ends_with('\n');
    }

    /// Writes a value as JSON and a line end, a piece at a time: it may be larger than the memory
    /// for a copy.
    pub(super) fn json_value(&mut self, value: &impl Serialize) -> Result<(), OutputError> {
        let is_pretty = self.is_terminal;
        let mut writer = JsonPieces::new(self);
        let written = if is_pretty {
            serde_json::to_writer_pretty(&mut writer, value)
        } else {
            serde_json::to_writer(&mut writer, value)
        };
        // The error of the stream first: it has the reason.
        writer.end()?;
        written.map_err(|error| OutputError::Write(error.into()))?;
        self.json("\n");
        self.finish();
        self.flush()
    }

    /// Writes JSON that comes in pieces, and a line end.
    pub(super) fn json_pieces(
        &mut self,
        pieces: impl Iterator<Item = String>,
    ) -> Result<(), OutputError> {
        for piece in pieces {
            self.json(&piece);
            self.flush()?;
        }
        self.json("\n");
        self.finish();
        self.flush()
    }

    /// Adds text of our own, styling included. Never for anything that came from elsewhere.
    pub(super) fn own(&mut self, text: &str) {
        let shown = if self.is_terminal {
            stand_ins::shown(text)
        } else {
            text.into()
        };
        self.redactor.push(&shown, &mut self.buffer);
        self.redactor.release(&mut self.buffer);
        self.at_line_start = text.ends_with('\n');
    }

    /// Adds a sequence of our own that moves nothing on the screen.
    pub(super) fn sequence(&mut self, sequence: &str) {
        self.redactor.release(&mut self.buffer);
        self.buffer.push_str(sequence);
    }

    fn change_look(&mut self, look: &Look) {
        if self.is_styled && *look != self.look {
            self.redactor.release(&mut self.buffer);
            look.change(&self.look, theme::current(), &mut self.buffer);
            self.look.clone_from(look);
        }
    }

    /// What was held back is no part of a secret or line end: the text is complete.
    pub(super) fn finish(&mut self) {
        let mut rest = String::new();
        self.sanitiser.finish(&mut rest);
        self.redactor.push(&rest, &mut self.buffer);
        self.redactor.finish(&mut self.buffer);
        self.change_look(&Look::default());
    }

    /// What is added and not written yet.
    pub(super) fn unwritten(&self) -> &str {
        &self.buffer
    }

    /// Takes what is added and not written yet, for another way to the terminal.
    pub(super) fn take_unwritten(&mut self) -> String {
        std::mem::take(&mut self.buffer)
    }

    /// Adds what was [taken](Self::take_unwritten) again.
    pub(super) fn put_back(&mut self, text: String) {
        self.buffer.insert_str(0, &text);
    }

    /// Writes everything that is certain, in one call.
    pub(super) fn flush(&mut self) -> Result<(), OutputError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let writer = TRANSCRIPT.get().filter(|_| self.is_terminal);
        let above = writer.and_then(|write| write(&self.buffer));
        let written = above.unwrap_or_else(|| self.write_sink());
        self.buffer.clear();
        written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => OutputError::Closed,
            _ => OutputError::Write(error),
        })
    }

    /// Writes the buffer to the sink. What a named file does not take goes to stdout, from then on:
    /// it has been paid for.
    fn write_sink(&mut self) -> io::Result<()> {
        let mut written = 0;
        let failed = write_counted(&mut *self.sink, self.buffer.as_bytes(), &mut written).err();
        match failed {
            Some(error) if self.is_named && error.kind() != io::ErrorKind::BrokenPipe => {
                self.file_error = Some(error);
                self.is_named = false;
                self.sink = unbuffered_stdout();
                let whole = self.buffer.floor_char_boundary(written);
                self.sink.write_all(&self.buffer.as_bytes()[whole..])
            }
            Some(error) => Err(error),
            None => self.sink.flush(),
        }
    }

    /// Why the named file is incomplete; taken once.
    pub(super) fn take_file_error(&mut self) -> Option<io::Error> {
        self.file_error.take()
    }

    /// Ends the line that is open.
    pub(super) fn end_line(&mut self) {
        if !self.at_line_start {
            self.finish();
            self.text("\n", Style::Plain);
            // The next write fails as well, and reports it.
            let _ = self.flush();
        }
    }

    /// Text of another program as it arrives; `None` at its end.
    pub(super) fn pass_on(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.content(text, Style::Plain),
            None => self.finish(),
        }
        // Where this fails there is nowhere to report it.
        let _ = self.flush();
        if text.is_none() {
            self.end_line();
        }
    }

    /// A whole line.
    pub(super) fn line(&mut self, text: &str, look: impl Into<Look>) -> Result<(), OutputError> {
        self.text(text, look);
        self.finish();
        self.text("\n", Style::Plain);
        self.flush()
    }
}

/// Bytes of JSON that are made inert, redacted and written at once.
const PIECE: usize = 64 * 1024;

/// Writes JSON to a stream in pieces of about [`PIECE`] bytes.
struct JsonPieces<'a> {
    stream: &'a mut Stream,
    piece: Vec<u8>,
    error: Option<OutputError>,
}

impl<'a> JsonPieces<'a> {
    fn new(stream: &'a mut Stream) -> Self {
        Self {
            stream,
            piece: Vec::with_capacity(PIECE),
            error: None,
        }
    }

    /// Writes the complete characters of the piece.
    fn write_piece(&mut self) -> Result<(), OutputError> {
        let complete = match std::str::from_utf8(&self.piece) {
            Ok(text) => text,
            Err(error) => self
                .piece
                .get(..error.valid_up_to())
                .and_then(|valid| std::str::from_utf8(valid).ok())
                .unwrap_or_default(),
        };
        self.stream.json(complete);
        let length = complete.len();
        self.piece.drain(..length);
        self.stream.flush()
    }

    fn end(mut self) -> Result<(), OutputError> {
        match self.error.take() {
            Some(error) => Err(error),
            None => self.write_piece(),
        }
    }
}

impl Write for JsonPieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes
            .len()
            .min(PIECE.saturating_sub(self.piece.len()).max(1));
        self.piece.extend_from_slice(&bytes[..length]);
        if self.piece.len() >= PIECE
            && let Err(error) = self.write_piece()
        {
            self.error = Some(error);
            return Err(io::ErrorKind::Other.into());
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
