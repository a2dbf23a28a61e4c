//! The input port: prompts, the line editor and stdin.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use super::answer_check::AnswerCheck;
use super::entered_text::EnteredText;
use super::error::{CommandError, ErrorKind};
use super::interrupt::Signal;
use super::menu::MenuSource;
use super::pick::{PickList, Picked};
use crate::config::file::Keys;
use crate::platform::commands::FIRST_PART;

/// What stdin is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StdinKind {
    Terminal,
    /// `/dev/null` or closed: never waited for.
    Empty,
    /// A pipe, a socket or a file.
    Piped,
}

/// Why a prompt has no answer.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Ctrl-C or Esc.
    #[error("interrupted")]
    Interrupted,
    /// The terminal was closed; the signal for it may not have arrived yet.
    #[error("the terminal was closed")]
    HungUp,
    /// A signal that ends the program.
    #[error("ended by a signal")]
    Ended(Signal),
    #[error("the terminal cannot be read")]
    Terminal(#[source] std::io::Error),
    #[error("stdin cannot be read")]
    Stdin(#[source] std::io::Error),
    #[error("no data on stdin for {} s", .0.as_secs_f64())]
    Silent(Duration),
    #[error("more than {} MiB on stdin", .0 / 1024 / 1024)]
    TooLarge(usize),
}

impl From<InputError> for CommandError {
    fn from(error: InputError) -> Self {
        let message = error.to_string();
        match error {
            InputError::Interrupted => Self::new(ErrorKind::Interrupted, ""),
            InputError::HungUp => Self::new(ErrorKind::HungUp, ""),
            InputError::Ended(signal) => signal.into(),
            InputError::Terminal(source) | InputError::Stdin(source) => {
                Self::new(ErrorKind::Input, message)
                    .caused_by(source)
                    .hint("amx chat --no-stdin \"your question\"")
            }
            InputError::Silent(_) => Self::new(ErrorKind::Input, message)
                .hint("amx chat --no-stdin \"your question\"")
                .hint("close the pipe, or give it more time with --stdin-timeout"),
            InputError::TooLarge(_) => Self::new(ErrorKind::Input, message).hint(format!(
                "send less, for example with {}",
                FIRST_PART.with([])
            )),
        }
    }
}

/// The input at the prompt of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromptEntry {
    /// Submitted text, with the line ends of several lines.
    Text(EnteredText),
    /// Ctrl-C on an empty line.
    Interrupted,
    /// Ctrl-C on a line with text, which is in the history now.
    Cleared,
    /// Ctrl-V: the image on the clipboard is to be attached. The draft stays on the line.
    PasteImage,
    /// `?` on an empty line: the key bindings are to be shown.
    KeyHelp,
    /// Backspace on an empty line: the last attachment is to be removed.
    RemoveAttachment,
    /// Ctrl-D on an empty line, or the end of the input.
    Closed,
}

/// A completion at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub value: String,
    /// A few words shown next to it; may be empty.
    pub description: String,
    /// The bytes of the line that it replaces.
    pub span: Range<usize>,
    /// Whether it completes the word, so that a space follows.
    pub is_whole: bool,
}

/// Finds completions. Called at each press of Tab, so it must be fast.
pub trait Completer: Send {
    /// `cursor` is a byte offset into `line`.
    fn complete(&mut self, line: &str, cursor: usize) -> Vec<Candidate>;
}

/// The options of a line editor.
pub struct EditorOptions {
    /// The history file; `None` keeps the history in memory.
    pub history: Option<PathBuf>,
    pub keys: Keys,
    pub completer: Box<dyn Completer>,
    pub menus: Box<dyn MenuSource>,
    /// The prompt may be in a footer below the transcript.
    pub has_footer: bool,
}

/// The prompt of the conversation.
pub trait LineEditor {
    /// Reads one entry, text typed ahead first. `prompt` is shown before the line, and what is
    /// attached to the question, by name where there is room for it, else the number. A Ctrl-C
    /// since the last entry that no task handled is an entry. After the return, Ctrl-C goes to the
    /// task that waits for it and does not end the program.
    fn read(&mut self, prompt: &str, attached: &[String]) -> Result<PromptEntry, InputError>;
    /// The next [`read`](Self::read) starts with this text on the line, to be edited.
    fn prefill(&mut self, text: &EnteredText);
    /// Whether Enter starts a new line instead of submitting.
    fn set_multiline(&mut self, is_on: bool);
    /// Until the next [`read`](Self::read), typed text is kept, and Ctrl-C is a signal.
    fn hold_typing(&mut self);
    /// The entry that was read last has failed or was stopped: what waits to be sent after it is
    /// not sent by itself, and comes back to the line.
    fn pause_queue(&mut self) {}
    /// The parts of the status row, the most important first, where there is room for one.
    fn show_status(&mut self, _parts: Vec<String>) {}
}

/// A key that answers a question, and what it says: `y`, `yes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyChoice {
    pub key: char,
    /// Starts with the key, or is empty.
    pub word: &'static str,
}

/// The input of a command.
pub trait Input {
    /// Whether questions can be asked: both stdin and stderr are terminals.
    fn can_ask(&self) -> bool;
    /// A line of text. Enter takes the default.
    fn text(
        &mut self,
        question: &str,
        default: Option<&str>,
        check: AnswerCheck<'_>,
    ) -> Result<String, InputError>;
    /// A line that is not shown while it is typed.
    fn secret(
        &mut self,
        question: &str,
        may_be_empty: bool,
        check: AnswerCheck<'_>,
    ) -> Result<String, InputError>;
    /// A choice of one item; returns its index.
    fn choose(
        &mut self,
        question: &str,
        items: &[String],
        default: usize,
    ) -> Result<usize, InputError>;
    /// One row of a list of any length, filtered while typing.
    fn pick(&mut self, list: PickList<'_>) -> Result<Picked, InputError>;
    fn confirm(&mut self, question: &str, default: bool) -> Result<bool, InputError>;
    /// A question that one key answers, without Enter. What was typed before it is dropped. `None`
    /// for Enter and Esc.
    fn key(&mut self, question: &str, choices: &[KeyChoice]) -> Result<Option<char>, InputError>;
    /// A line that may be left empty, as with Esc. What is typed ahead belongs to it.
    fn remark(&mut self, question: &str) -> Result<String, InputError>;
    /// Restores the terminal, for another program that is about to use it.
    fn lend_terminal(&mut self);
    /// Opens the prompt of the conversation.
    fn line_editor(&mut self, options: EditorOptions) -> Result<Box<dyn LineEditor>, InputError>;
    fn stdin_kind(&self) -> StdinKind;
    /// All data on stdin. `when_silent` is called once when no data arrives for a while; `timeout`
    /// without a byte is an error.
    fn read_stdin(
        &mut self,
        timeout: Duration,
        when_silent: &mut dyn FnMut(),
    ) -> Result<Vec<u8>, InputError>;
}
