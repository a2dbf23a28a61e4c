//! The output port: writes each text to its stream, as text, JSON or lines of JSON.

use serde_json::Value;

use super::answer_end::{Below, below};
use super::clipboard::Clipboard;
use super::inline_image::{self, ImageProtocol};
use super::json::NumberedLines;
use super::mode::Mode;
use super::pager::Pager;
use super::report::{self, ErrorForm};
use super::sanitise::inert;
use super::spinner::Spinner;
use super::style::Style;
use super::terminal::{self, Stream};
use super::text::TextAnswer;
use super::{footer, input_mode, last_row, page, paragraph, question, stand_ins, theme, window};
use crate::chat::event::ChatEvent;
use crate::config::Environment;
use crate::config::window::WindowSettings;
use crate::ports::answer_report::AnswerReport;
use crate::ports::approval::{CallToApprove, CallsPart};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::generated::Generated;
use crate::ports::output::{
    AnswerForm, Output, OutputChoices, OutputError, OutputMark, ThemeChange,
};
use crate::present::page::Page;
use crate::wire::body::RequestBody;
use crate::wire::redact::redacted;

/// Before what was attached; its other rows are below its words.
const ADDED: &str = "+ ";

/// Both streams, and what is being written to them.
pub(super) struct Printer {
    pub(super) stdout: Stream,
    pub(super) stderr: Stream,
    pub(super) mode: Mode,
    pub(super) spinner: Spinner,
    /// Warnings for a program, printed in its object.
    pub(super) warnings: Vec<String>,
    clipboard: Clipboard,
    pub(super) numbered: NumberedLines,
    /// Shows pages that are longer than the screen.
    pub pager: Option<Pager>,
    pub(super) is_quiet: bool,
    /// The status line is printed wherever stderr goes.
    pub(super) shows_usage: bool,
    /// How the terminal shows images.
    pub(super) images: Option<ImageProtocol>,
    /// The words of a note or warning in the place where they are read.
    pub(super) remark_words: fn(&str) -> String,
}

impl Printer {
    pub(super) fn new(environment: &Environment) -> Self {
        theme::detect(environment);
        let stderr = Stream::stderr(environment);
        window::detect(stderr.is_terminal, environment);
        let spinner = Spinner::new(stderr.is_styled);
        Self {
            stdout: Stream::stdout(environment),
            stderr,
            mode: Mode::Text,
            spinner,
            warnings: Vec::new(),
            clipboard: Clipboard::find(environment),
            numbered: NumberedLines::default(),
            pager: None,
            is_quiet: false,
            shows_usage: false,
            images: inline_image::protocol(environment),
            remark_words: str::to_owned,
        }
    }

    pub(super) fn is_styled(&self) -> bool {
        self.stdout.is_styled
    }

    /// Prints errors as JSON from here on: a flag of the command line requests it.
    pub(super) fn expect_json(&mut self, in_lines: bool) {
        self.mode = Mode::json(in_lines);
    }

    /// Text of our own with its styling, such as help.
    pub(super) fn own_text(&mut self, text: &str) -> Result<(), OutputError> {
        self.stdout.own(text);
        self.stdout.flush()
    }

    /// Ends whatever is moving or open on the terminal: the footer first, whose lock may be taken.
    pub(super) fn restore(&mut self) {
        footer::remove();
        self.spinner.clear();
        input_mode::leave();
        self.stdout.finish();
        self.stderr.finish();
        self.sequence(window::leave());
        // Without the streams there is no way to report a failure.
        let _ = self.stdout.flush().and(self.stderr.flush());
    }

    /// Prints why a command failed.
    pub(super) fn report(&mut self, error: &CommandError) {
        let form = match self.mode {
            Mode::Text | Mode::Answer(_) => ErrorForm::Text,
            Mode::Json => ErrorForm::Json,
            Mode::JsonLines(_) => ErrorForm::JsonLines,
        };
        if form == ErrorForm::Text && !error.is_quiet() && error.kind != ErrorKind::BrokenPipe {
            self.make_room();
        }
        let width = self.stderr_width();
        report::print(error, form, width, &mut self.stdout, &mut self.stderr);
    }

    pub(super) fn json_lines(&mut self, lines: &[String]) -> Result<(), OutputError> {
        for line in lines {
            self.stdout.json(line);
        }
        self.stdout.flush()
    }

    /// Puts stderr at the start of a line, also when an answer on the same terminal has not ended
    /// one.
    pub(super) fn make_room(&mut self) {
        self.spinner.clear();
        self.stderr.end_line();
        if self.stdout.is_terminal && self.stderr.is_terminal {
            self.stdout.end_line();
        }
    }

    /// Writes a sequence of our own to the terminal.
    fn sequence(&mut self, sequence: Option<String>) {
        if let Some(sequence) = sequence {
            self.stderr.sequence(&sequence);
            // Without stderr there is no terminal to show it.
            let _ = self.stderr.flush();
        }
    }
}

impl Output for Printer {
    fn configure(&mut self, choices: OutputChoices) {
        (self.is_quiet, self.shows_usage) = (choices.is_quiet, choices.shows_usage);
        self.spinner = Spinner::new(self.stderr.is_styled && !choices.is_quiet);
        if let Some(file) = choices.file {
            self.stdout = Stream::to_file(file);
        }
    }

    fn take_file_error(&mut self) -> Option<std::io::Error> {
        self.stdout.take_file_error()
    }

    fn is_terminal(&self) -> bool {
        self.stdout.is_terminal
    }

    fn width(&self) -> usize {
        terminal::width()
    }

    fn line(&mut self, text: &str) -> Result<(), OutputError> {
        self.spinner.clear();
        self.stdout.line(text, Style::Plain)
    }

    fn sentence(&mut self, text: &str) -> Result<(), OutputError> {
        let width = self.stdout.is_terminal.then(terminal::width);
        self.line(&paragraph::hanging(text, 2, width.unwrap_or(usize::MAX)))
    }

    fn page(&mut self, page: &Page) -> Result<(), OutputError> {
        self.spinner.clear();
        self.part_from_remark();
        page::write(page, self.pager.as_ref(), &mut self.stdout)
    }

    fn json(&mut self, value: &Value) -> Result<(), OutputError> {
        self.stdout.json_value(value)
    }

    fn body(&mut self, body: &RequestBody) -> Result<(), OutputError> {
        if self.stdout.is_terminal {
            return self.json(&body.to_value());
        }
        self.stdout.json_pieces(body.inert_pieces())
    }

    fn note(&mut self, text: &str) {
        if !self.mode.is_for_programs() && !self.is_quiet {
            self.remark("note: ", text, Style::Dim);
        }
    }

    fn warning(&mut self, text: &str) {
        if self.mode.is_for_programs() {
            self.warnings.push(text.to_owned());
        } else {
            self.remark("warning: ", text, Style::Warning);
        }
    }

    fn translate_remarks(&mut self, words: fn(&str) -> String) {
        self.remark_words = words;
    }

    fn say(&mut self, text: &str) {
        let text = stand_ins::shown(text);
        self.stderr_line(&paragraph::spaced(&text, self.stderr_width()), Style::Plain);
    }

    fn aside(&mut self, text: &str) {
        self.make_room();
        if text.is_empty() && self.stderr.is_terminal && last_row::is_below_blank_row() {
            return;
        }
        let label = if text.starts_with(ADDED) { ADDED } else { "" };
        self.paragraph(label, &text[label.len()..], Style::Dim);
    }

    fn question(&mut self, text: &str) {
        self.make_room();
        question::show(text, footer::is_below_blank_row(), &mut self.stderr);
    }

    fn calls(&mut self, calls: &[CallToApprove], part: CallsPart) {
        self.show_calls(calls, part);
    }

    fn program_text(&mut self, text: Option<&str>) {
        self.stderr.pass_on(text);
    }

    fn definitions(&mut self, rows: &[(String, &str)]) {
        let rows = paragraph::definitions(rows, self.stderr_width());
        self.stderr_line(&rows, Style::Plain);
    }

    fn failure(&mut self, error: &CommandError) {
        self.report(error);
    }

    fn window(&mut self, settings: WindowSettings) {
        window::configure(settings);
    }

    fn window_title(&mut self, title: &str) {
        self.sequence(window::title(title));
    }

    fn mark(&mut self, mark: OutputMark) {
        self.sequence(window::mark(mark));
    }

    fn theme(&mut self, change: ThemeChange) -> String {
        theme::change(change);
        theme::words()
    }

    fn document(&mut self, text: &str) -> Result<(), OutputError> {
        self.spinner.clear();
        TextAnswer::document(text, &mut self.stdout);
        self.stdout.flush()
    }

    fn copy(&mut self, text: &str) -> Result<&'static str, String> {
        // What is pasted elsewhere must not drive that terminal either.
        self.clipboard
            .copy(&redacted(&inert(text)), &mut self.stderr)
    }

    fn pasted_image(&mut self, most: usize) -> Result<Vec<u8>, String> {
        self.clipboard.image(most)
    }

    fn begin_answer(&mut self, form: AnswerForm) {
        if matches!(form, AnswerForm::Text { .. }) && self.stderr.is_styled {
            input_mode::hide_control_characters();
        }
        self.mode.begin(form, self.stdout.markdown());
    }

    fn answer_event(&mut self, event: &ChatEvent) -> Result<(), OutputError> {
        match &mut self.mode {
            Mode::Text => Ok(()),
            Mode::Json => {
                if let ChatEvent::Start { model, .. } = event {
                    self.spinner.show(model);
                }
                Ok(())
            }
            Mode::JsonLines(lines) => {
                for line in lines.event(event) {
                    self.stdout.json(&line);
                }
                self.stdout.flush()
            }
            Mode::Answer(answer) => {
                if let Some(note) =
                    answer.event(event, &mut self.stdout, &mut self.stderr, &mut self.spinner)
                {
                    self.note(&note);
                }
                Ok(())
            }
        }
    }

    fn flush_answer(&mut self) -> Result<(), OutputError> {
        if let Mode::Answer(answer) = &mut self.mode {
            answer.pause();
        }
        self.stdout.flush()
    }

    fn end_answer(&mut self, report: &AnswerReport<'_>) -> Result<(), OutputError> {
        self.spinner.end();
        match &mut self.mode {
            Mode::Text => Ok(()),
            Mode::Json => {
                // Nothing has arrived, nothing was counted: the error is all there is.
                let is_empty = report.answer.first_token.is_none() && report.answer.usage.is_none();
                if report.is_incomplete() && is_empty {
                    return Ok(());
                }
                let warnings = std::mem::take(&mut self.warnings);
                self.stdout.json_value(&report.with_warnings(&warnings))
            }
            Mode::JsonLines(lines) => {
                for line in lines.end(report, &self.warnings) {
                    self.stdout.json(&line);
                }
                self.stdout.finish();
                self.stdout.flush()
            }
            Mode::Answer(answer) => {
                answer.finish(&mut self.stdout);
                self.stdout.flush()?;
                self.show_parts(report)?;
                for line in below(report, self.status_width(), self.shows_usage) {
                    match line {
                        Below::Status(line) if self.stdout.is_terminal => {
                            // It stands apart from the answer, or from its question.
                            let is_apart = last_row::is_below_blank_row();
                            let before = if is_apart { "" } else { "\n" };
                            self.stderr_line(&format!("{before}{line}"), Style::Dim);
                        }
                        Below::Status(line) => self.stderr_line(&line, Style::Dim),
                        Below::Note(note) => self.note(&note),
                    }
                }
                self.sequence(window::answer_ended(report.answer.total));
                Ok(())
            }
        }
    }

    fn heading(&mut self, text: &str) -> Result<(), OutputError> {
        self.spinner.clear();
        self.stdout.line(text, Style::Heading)
    }

    fn progress(&mut self, lines: &dyn Fn() -> Vec<String>) {
        if !self.mode.is_for_programs() {
            self.spinner.board(lines, self.stderr_width());
        }
    }

    fn event_of(&mut self, number: usize, event: &ChatEvent) -> Result<(), OutputError> {
        self.show_event_of(number, event)
    }

    fn end_of(
        &mut self,
        number: usize,
        report: &AnswerReport<'_>,
        error: Option<&CommandError>,
    ) -> Result<(), OutputError> {
        self.show_end_of(number, report, error)
    }

    fn end_all(&mut self, object: Value) -> Result<(), OutputError> {
        self.show_end_of_all(object)
    }

    fn end_list(&mut self, objects: &mut dyn Iterator<Item = Value>) -> Result<(), OutputError> {
        self.show_list(objects)
    }

    fn generate(&mut self, what: Generated) -> Result<(), CommandError> {
        let text = super::generate::render(what)?;
        Ok(self.own_text(&text)?)
    }
}
