//! What a command can tell; how it looks is up to whoever implements it.

use serde_json::Value;

use super::answer_report::AnswerReport;
use super::error::{CommandError, ErrorKind};
use super::generated::Generated;
use crate::chat::event::ChatEvent;

/// How an answer is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerForm {
    /// Text for people and pipes.
    Text {
        /// Show Markdown as it is written.
        raw: bool,
        reasoning: ReasoningDisplay,
    },
    /// One JSON object at the end.
    Json,
    /// One JSON object a line, for each event.
    JsonLines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasoningDisplay {
    /// Its last lines while it arrives, on a terminal; nothing elsewhere.
    Folded,
    /// All of it, on stderr.
    Shown,
    Hidden,
}

impl ReasoningDisplay {
    /// As somebody decided; folded where nobody did.
    pub fn of(show: Option<bool>) -> Self {
        match show {
            Some(true) => Self::Shown,
            Some(false) => Self::Hidden,
            None => Self::Folded,
        }
    }
}

/// The reader went away, or the disk is full.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("the reader of stdout went away")]
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
                .hint("check the disk or the file that the output goes to"),
        }
    }
}

/// The port towards the user's eyes. Text given to it is untrusted: it is shown inert, and secrets
/// in it are replaced.
pub trait Output {
    /// Whether stdout is a terminal.
    fn is_terminal(&self) -> bool;
    /// Width of stdout in columns.
    fn width(&self) -> usize;
    /// A line on stdout.
    fn line(&mut self, text: &str) -> Result<(), OutputError>;
    /// A JSON value on stdout.
    fn json(&mut self, value: &Value) -> Result<(), OutputError>;
    /// Something worth knowing, on stderr. Silent when the output is for a program.
    fn note(&mut self, text: &str);
    /// Something probably wrong, on stderr. Silent when the output is for a program.
    fn warning(&mut self, text: &str);
    /// A question, an address or a result that a person waits for, on stderr.
    fn say(&mut self, text: &str);
    /// Something said in passing, on stderr.
    fn aside(&mut self, text: &str);
    /// Terms and what they mean, beside each other, on stderr.
    fn definitions(&mut self, rows: &[(String, &str)]);
    /// Why something failed that the command goes on after.
    fn failure(&mut self, error: &CommandError);
    /// A Markdown text that is there as a whole, on stdout.
    fn document(&mut self, text: &str) -> Result<(), OutputError>;
    /// Puts a text on the clipboard; says how, in a few words. The error says why not.
    fn copy(&mut self, text: &str) -> Result<&'static str, String>;
    /// A picture from the clipboard, as the bytes of its file, at most so many. The error says why
    /// there is none.
    fn pasted_image(&mut self, most: usize) -> Result<Vec<u8>, String>;
    /// From now on an answer is shown in this form.
    fn begin_answer(&mut self, form: AnswerForm);
    /// One event of the answer.
    fn answer_event(&mut self, event: &ChatEvent) -> Result<(), OutputError>;
    /// Everything given so far becomes visible.
    fn flush_answer(&mut self) -> Result<(), OutputError>;
    /// The answer is over, complete or not.
    fn end_answer(&mut self, report: &AnswerReport<'_>) -> Result<(), OutputError>;
    /// A line on stdout that stands above a text.
    fn heading(&mut self, text: &str) -> Result<(), OutputError>;
    /// How far several things have come, a line each, on a terminal: they stand until something
    /// else is shown or others take their place, and leave no trace. No lines: nothing is under way
    /// any more.
    fn progress(&mut self, lines: &dyn Fn() -> Vec<String>);
    /// One event of one of several answers, by its number from 1 on.
    fn event_of(&mut self, number: usize, event: &ChatEvent) -> Result<(), OutputError>;
    /// One of several answers is over, complete or not.
    fn end_of(
        &mut self,
        number: usize,
        report: &AnswerReport<'_>,
        error: Option<&CommandError>,
    ) -> Result<(), OutputError>;
    /// All of several answers are over. What a program is told of them together.
    fn end_all(&mut self, value: &Value) -> Result<(), OutputError>;
    /// Prints something made from the definition of the command line.
    fn generate(&mut self, what: Generated) -> Result<(), CommandError>;
}
