//! The output port: what a command can show. The implementation decides how it looks.

use std::io::Write;

use serde_json::Value;

use super::answer_report::AnswerReport;
use super::approval::{CallToApprove, CallsPart};
use super::error::{CommandError, ErrorKind};
use super::generated::Generated;
use crate::chat::event::ChatEvent;
use crate::config::ThemeName;
use crate::config::window::WindowSettings;
use crate::present::page::Page;
use crate::wire::body::RequestBody;

/// The form in which an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerForm {
    /// Text for terminals and pipes.
    Text {
        /// Show Markdown unrendered.
        raw: bool,
        reasoning: ReasoningDisplay,
    },
    /// One JSON object at the end.
    Json,
    /// One JSON object per line, for each event.
    JsonLines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasoningDisplay {
    /// Its last lines while it arrives on a terminal; nothing elsewhere.
    Folded,
    /// All of it, on stderr.
    Shown,
    Hidden,
}

impl ReasoningDisplay {
    /// From the setting `show_reasoning`; folded without it.
    pub fn of(show: Option<bool>) -> Self {
        match show {
            Some(true) => Self::Shown,
            Some(false) => Self::Hidden,
            None => Self::Folded,
        }
    }
}

/// A mark for the terminal, at which it can jump and select (OSC 133).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputMark {
    /// What an entry prints starts here.
    Start,
    /// It ends here, with the exit code of the entry.
    End(u8),
}

/// A change of the theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThemeChange {
    None,
    /// To that of the configuration, unless another one was typed.
    Configured(ThemeName),
    /// To one that was typed, until the end of the run.
    Typed(ThemeName),
}

/// What a command decides about the output before it prints anything.
#[derive(Default)]
pub struct OutputChoices {
    /// Notes, the status line and the spinner are omitted.
    pub is_quiet: bool,
    /// The status line is printed wherever stderr goes.
    pub shows_usage: bool,
    /// Takes the place of stdout. From where it cannot be written on, stdout has the text.
    pub file: Option<Box<dyn Write + Send>>,
}

/// The reader closed stdout, or the disk is full.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("the reader closed stdout")]
    Closed,
    #[error("stdout cannot be written")]
    Write(#[source] std::io::Error),
}

impl From<OutputError> for CommandError {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Closed => Self::new(ErrorKind::BrokenPipe, ""),
            OutputError::Write(source) => Self::new(ErrorKind::LocalIo, "stdout cannot be written")
                .caused_by(source)
                .hint("check the disk or the file that receives the output"),
        }
    }
}

/// The output of a command. Text is untrusted: control sequences are neutralised, and secrets are
/// replaced.
pub trait Output {
    /// Applies the choices of a command. Called before anything else.
    fn configure(&mut self, choices: OutputChoices);
    /// Why the file in the place of stdout is incomplete; taken once. Stdout has what is not in it.
    fn take_file_error(&mut self) -> Option<std::io::Error>;
    /// Whether stdout is a terminal.
    fn is_terminal(&self) -> bool;
    /// Width of stdout in columns.
    fn width(&self) -> usize;
    /// A line on stdout.
    fn line(&mut self, text: &str) -> Result<(), OutputError>;
    /// A sentence about what was done, on stdout: broken between words on a terminal.
    fn sentence(&mut self, text: &str) -> Result<(), OutputError>;
    /// Everything that a command shows, on stdout: on a terminal styled, broken between words, and
    /// in a pager where it is longer than the screen.
    fn page(&mut self, page: &Page) -> Result<(), OutputError>;
    /// A JSON value on stdout.
    fn json(&mut self, value: &Value) -> Result<(), OutputError>;
    /// The body of a request on stdout, as JSON.
    fn body(&mut self, body: &RequestBody) -> Result<(), OutputError>;
    /// A note, on stderr; omitted when the output is for a program.
    fn note(&mut self, text: &str);
    /// A warning, on stderr; omitted when the output is for a program.
    fn warning(&mut self, text: &str);
    /// Shows notes and warnings from now on in these words.
    fn translate_remarks(&mut self, words: fn(&str) -> String);
    /// A question, a URL or a result that the user waits for, on stderr.
    fn say(&mut self, text: &str);
    /// A remark of low importance, on stderr.
    fn aside(&mut self, text: &str);
    /// A question of the user that an answer follows, on stderr.
    fn question(&mut self, text: &str);
    /// Calls that are asked about, complete, on stderr.
    fn calls(&mut self, calls: &[CallToApprove], part: CallsPart);
    /// Text of a program that runs, as it arrives, on stderr; `None` when it has ended.
    fn program_text(&mut self, text: Option<&str>);
    /// Terms and their definitions in two columns, on stderr.
    fn definitions(&mut self, rows: &[(String, &str)]);
    /// An error after which the command continues.
    fn failure(&mut self, error: &CommandError);
    /// What the window of a conversation shows, as configured.
    fn window(&mut self, settings: WindowSettings);
    /// The title of the window, until the program ends. Only on a terminal.
    fn window_title(&mut self, title: &str);
    /// Marks what an entry of the conversation prints. Only on a terminal.
    fn mark(&mut self, mark: OutputMark);
    /// Changes the theme; returns the one in use, in a few words.
    fn theme(&mut self, change: ThemeChange) -> String;
    /// A complete Markdown text, on stdout.
    fn document(&mut self, text: &str) -> Result<(), OutputError>;
    /// Copies a text to the clipboard; returns the method in a few words. The error is the reason.
    fn copy(&mut self, text: &str) -> Result<&'static str, String>;
    /// The image on the clipboard, as the bytes of a file of at most `most` bytes. The error is the
    /// reason.
    fn pasted_image(&mut self, most: usize) -> Result<Vec<u8>, String>;
    /// Starts an answer in this form.
    fn begin_answer(&mut self, form: AnswerForm);
    /// One event of the answer.
    fn answer_event(&mut self, event: &ChatEvent) -> Result<(), OutputError>;
    /// Shows everything received so far.
    fn flush_answer(&mut self) -> Result<(), OutputError>;
    /// Ends the answer, complete or not.
    fn end_answer(&mut self, report: &AnswerReport<'_>) -> Result<(), OutputError>;
    /// A heading line, on stdout.
    fn heading(&mut self, text: &str) -> Result<(), OutputError>;
    /// The progress of several tasks, a line each, on a terminal. The lines stay until other output
    /// or other progress replaces them. No lines: every task has ended.
    fn progress(&mut self, lines: &dyn Fn() -> Vec<String>);
    /// One event of one of several answers, numbered from 1.
    fn event_of(&mut self, number: usize, event: &ChatEvent) -> Result<(), OutputError>;
    /// Ends one of several answers, complete or not.
    fn end_of(
        &mut self,
        number: usize,
        report: &AnswerReport<'_>,
        error: Option<&CommandError>,
    ) -> Result<(), OutputError>;
    /// Ends several answers, with the JSON object that describes them together.
    fn end_all(&mut self, object: Value) -> Result<(), OutputError>;
    /// Ends several answers, with a list of the JSON object of each. One of them is in memory at a
    /// time.
    fn end_list(&mut self, objects: &mut dyn Iterator<Item = Value>) -> Result<(), OutputError>;
    /// Prints what is generated from the definition of the command line.
    fn generate(&mut self, what: Generated) -> Result<(), CommandError>;
}
