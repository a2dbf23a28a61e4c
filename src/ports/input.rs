//! What a command can ask; who answers is up to whoever implements it.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use super::error::{CommandError, ErrorKind};
pub use crate::config::file::Keys;

/// What stands behind stdin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StdinKind {
    Terminal,
    /// `/dev/null` or nothing: never waited for.
    Empty,
    /// A pipe, a socket or a file.
    Piped,
}

/// Why a question got no answer.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Ctrl-C or Esc.
    #[error("interrupted")]
    Interrupted,
    /// The terminal went away; the signal that tells so may still be on its way.
    #[error("the terminal went away")]
    HungUp,
    #[error("the terminal cannot be read")]
    Terminal(#[source] std::io::Error),
    #[error("stdin cannot be read")]
    Stdin(#[source] std::io::Error),
    #[error("stdin is open and brought nothing for {} s", .0.as_secs_f64())]
    Silent(Duration),
    #[error("stdin brought more than {} MiB", .0 / 1024 / 1024)]
    TooLarge(usize),
}

impl From<InputError> for CommandError {
    fn from(error: InputError) -> Self {
        let message = error.to_string();
        match error {
            InputError::Interrupted => Self::new(ErrorKind::Interrupted, ""),
            InputError::HungUp => Self::new(ErrorKind::HungUp, ""),
            InputError::Terminal(source) | InputError::Stdin(source) => {
                Self::new(ErrorKind::Input, message)
                    .caused_by(source)
                    .hint("amx chat --no-stdin \"your question\"")
            }
            InputError::Silent(_) => Self::new(ErrorKind::Input, message)
                .hint("amx chat --no-stdin \"your question\"")
                .hint("close the pipe, or give it more time with --stdin-timeout"),
            InputError::TooLarge(_) => Self::new(ErrorKind::Input, message)
                .hint("send less of it, for example through head -c 1M"),
        }
    }
}

/// A check of an answer; the error is shown, and the question asked again.
pub type Check<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// What a person did at the prompt of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Text was submitted, line ends included where it has several lines.
    Text(String),
    /// Ctrl-C; whatever stood on the line is gone.
    Interrupted,
    /// Ctrl-D on an empty line, or the end of the input.
    Closed,
}

/// Something that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub value: String,
    /// A few words beside it; may be empty.
    pub description: String,
    /// The bytes of the line that it takes the place of.
    pub span: Range<usize>,
    /// Whether the word is complete with it, so that a space follows.
    pub is_whole: bool,
}

/// Knows what may stand at the cursor. Asked at each press of Tab: it must answer at once.
pub trait Completer: Send {
    /// `cursor` is a byte offset into `line`.
    fn complete(&mut self, line: &str, cursor: usize) -> Vec<Candidate>;
}

/// How lines are to be edited.
pub struct EditorOptions {
    /// Where lines are kept from one run to the next; `None` keeps them for this run only.
    pub history: Option<PathBuf>,
    pub keys: Keys,
    pub completer: Box<dyn Completer>,
}

/// The prompt of the conversation.
pub trait LineEditor {
    /// Reads one entry. What was typed ahead of it is taken first. `prompt` is a few words, shown
    /// before the line. A Ctrl-C since the last entry that nobody was done with is an entry of its
    /// own. From the return on Ctrl-C is told to whoever waits for it, and ends nothing.
    fn read(&mut self, prompt: &str) -> Result<Entry, InputError>;
    /// The next [`read`](Self::read) begins with this text on the line, to be edited.
    fn prefill(&mut self, text: &str);
    /// Whether Enter begins a new line instead of submitting.
    fn set_multiline(&mut self, is_on: bool);
    /// From now until the next [`read`](Self::read), what is typed is neither shown nor lost, and
    /// Ctrl-C is a signal.
    fn hold_typing(&mut self);
}

/// The port towards the user's hands.
pub trait Input {
    /// Whether questions can be asked: both stdin and stderr are terminals.
    fn can_ask(&self) -> bool;
    /// A line of text. Enter takes the default.
    fn text(
        &mut self,
        question: &str,
        default: Option<&str>,
        check: Check<'_>,
    ) -> Result<String, InputError>;
    /// A line that is not shown while it is typed. May be empty when `may_be_empty`.
    fn secret(
        &mut self,
        question: &str,
        may_be_empty: bool,
        check: Check<'_>,
    ) -> Result<String, InputError>;
    /// One of several; gives its index.
    fn choose(
        &mut self,
        question: &str,
        items: &[String],
        default: usize,
    ) -> Result<usize, InputError>;
    fn confirm(&mut self, question: &str, default: bool) -> Result<bool, InputError>;
    /// Puts the terminal as it was, for another program that is about to use it.
    fn lend_terminal(&mut self);
    /// Opens the prompt of the conversation.
    fn line_editor(&mut self, options: EditorOptions) -> Result<Box<dyn LineEditor>, InputError>;
    fn stdin_kind(&self) -> StdinKind;
    /// Everything that stdin brings. `when_silent` is called once when nothing came for a while;
    /// after `patience` without a byte it is an error.
    fn read_stdin(
        &mut self,
        patience: Duration,
        when_silent: &mut dyn FnMut(),
    ) -> Result<Vec<u8>, InputError>;
}
