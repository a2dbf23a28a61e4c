//! Writes the lines of the rows: to the journal or to stdout, as they end or in the order of the
//! input.

use std::collections::BTreeMap;

use super::ending::Counts;
use super::fate::Fate;
use super::journal::Journal;
use super::line::OutputLine;
use super::options::{JobOptions, KeptColumns, LineOrder, OutputForm};
use super::render::{Renderer, TableColumns};
use super::sink::JobSink;
use super::status::RowStatus;
use crate::ports::error::CommandError;
use crate::ports::output::OutputError;

/// With the order of the input, rows so far ahead of the next line wait to be asked.
const WINDOW: u64 = 1024;

/// How lines are written to stdout.
pub(crate) struct StdoutForm {
    form: OutputForm,
    columns: TableColumns,
    keeps_all: bool,
    has_header: bool,
}

impl StdoutForm {
    pub(crate) fn new(options: &JobOptions, members: Vec<String>) -> Self {
        let kept = match &options.kept {
            KeptColumns::Named(names) => names.clone(),
            KeptColumns::None | KeptColumns::All => Vec::new(),
        };
        Self {
            form: options.form,
            columns: TableColumns { kept, members },
            keeps_all: options.kept == KeptColumns::All,
            has_header: false,
        }
    }

    fn write(
        &mut self,
        line: &OutputLine,
        text: &str,
        sink: &mut dyn JobSink,
    ) -> Result<(), CommandError> {
        if self.form == OutputForm::JsonLines {
            return Ok(sink.line(text)?);
        }
        let is_first = !std::mem::replace(&mut self.has_header, true);
        if let (true, true, Some(input)) = (self.keeps_all, is_first, &line.input) {
            // The columns of a pipe are those of its first row.
            self.columns.kept = input.keys().cloned().collect();
        }
        let mut renderer = Renderer::new(self.form, self.columns.clone(), Vec::new());
        if !is_first {
            renderer.omit_header();
        }
        let bytes = renderer.write(line, text).and_then(|()| renderer.finish());
        let bytes = bytes.map_err(OutputError::Write)?;
        // Stdout is inert: a cell's own CRLF is a line feed there.
        for line in String::from_utf8_lossy(&bytes).lines() {
            sink.line(line)?;
        }
        Ok(())
    }
}

/// Writes lines.
pub(crate) struct LineWriter {
    order: LineOrder,
    /// `None` for stdout.
    journal: Option<Journal>,
    /// The row whose line is next, counted from 0 over the rows of this run.
    next: u64,
    waiting: BTreeMap<u64, OutputLine>,
    stdout: StdoutForm,
    /// Rows that have ended in this run.
    pub lines: u64,
    /// What became of the rows, as soon as they have ended.
    pub counts: Counts,
}

impl LineWriter {
    pub(crate) fn new(
        order: LineOrder,
        journal: Option<Journal>,
        stdout: StdoutForm,
        counts: Counts,
    ) -> Self {
        Self {
            order,
            journal,
            next: 0,
            waiting: BTreeMap::new(),
            stdout,
            lines: 0,
            counts,
        }
    }

    /// Whether the row of that place may be asked now.
    pub(crate) fn has_room(&self, place: u64) -> bool {
        self.order == LineOrder::Done || place < self.next + WINDOW
    }

    /// Writes the line of a row, when it is its turn.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub(crate) fn add(
        &mut self,
        place: u64,
        line: OutputLine,
        sink: &mut dyn JobSink,
    ) -> Result<(), CommandError> {
        self.count(&line);
        if self.order == LineOrder::Done {
            return self.write(&line, sink);
        }
        self.waiting.insert(place, line);
        while let Some(line) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.write(&line, sink)?;
        }
        Ok(())
    }

    fn count(&mut self, line: &OutputLine) {
        let status = RowStatus::read(&line.status).unwrap_or(RowStatus::Error);
        let error = line.error.as_ref();
        let kind = error.map_or("", |error| error.kind.as_str());
        let http_status = error.and_then(|error| error.status);
        self.counts.add(Fate::of(status, kind, http_status));
        self.lines += 1;
    }

    fn write(&mut self, line: &OutputLine, sink: &mut dyn JobSink) -> Result<(), CommandError> {
        let text = line.to_text();
        match &mut self.journal {
            Some(journal) => journal.write(text),
            None => self.stdout.write(line, &text, sink),
        }
    }

    /// The length of the journal, in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::length)
    }

    /// Writes the journal to the disk.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn sync(&self) -> Result<(), CommandError> {
        self.journal.as_ref().map_or(Ok(()), Journal::sync)
    }

    /// Writes what still waits for an earlier row, which has no line, and closes the journal.
    /// Returns the IDs of the rows whose lines are lost.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub(crate) fn close(
        mut self,
        sink: &mut dyn JobSink,
    ) -> (Counts, Result<Vec<String>, CommandError>) {
        let mut result = Ok(());
        for line in std::mem::take(&mut self.waiting).into_values() {
            let written = self.write(&line, sink);
            result = result.and(written);
        }
        let counts = self.counts;
        let lost = match self.journal {
            Some(journal) => journal.close(),
            None => Ok(Vec::new()),
        };
        (counts, lost.and_then(|lost| result.map(|()| lost)))
    }
}
