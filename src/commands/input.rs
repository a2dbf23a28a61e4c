//! What a command can ask; who answers is up to whoever implements it.

use std::time::Duration;

use super::error::{CommandError, Kind};

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
            InputError::Interrupted => Self::new(Kind::Interrupted, ""),
            InputError::Terminal(source) | InputError::Stdin(source) => {
                Self::new(Kind::Input, message).caused_by(source).hint("amx chat --no-stdin \"your question\"")
            }
            InputError::Silent(_) => {
                Self::new(Kind::Input, message).hint("amx chat --no-stdin \"your question\"").hint("close the pipe, or give it more time with --stdin-timeout")
            }
            InputError::TooLarge(_) => Self::new(Kind::Input, message).hint("send less of it, for example through head -c 1M"),
        }
    }
}

/// A check of an answer; the error is shown, and the question asked again.
pub type Check<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// The port towards the user's hands.
pub trait Input {
    /// Whether questions can be asked: both stdin and stderr are terminals.
    fn can_ask(&self) -> bool;
    /// A line of text. Enter takes the default.
    fn text(&mut self, question: &str, default: Option<&str>, check: Check<'_>) -> Result<String, InputError>;
    /// A line that is not shown while it is typed. May be empty when `may_be_empty`.
    fn secret(&mut self, question: &str, may_be_empty: bool, check: Check<'_>) -> Result<String, InputError>;
    /// One of several; gives its index.
    fn choose(&mut self, question: &str, items: &[String], default: usize) -> Result<usize, InputError>;
    fn confirm(&mut self, question: &str, default: bool) -> Result<bool, InputError>;
    fn stdin_kind(&self) -> StdinKind;
    /// Everything that stdin brings. `when_silent` is called once when nothing came for a while;
    /// after `patience` without a byte it is an error.
    fn read_stdin(&mut self, patience: Duration, when_silent: &mut dyn FnMut()) -> Result<Vec<u8>, InputError>;
}
