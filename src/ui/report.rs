//! The one place where an error is printed: a few lines for people, an object for programs.

use serde_json::{Value, json};

use super::style::Style;
use super::terminal::Stream;
use crate::ports::error::{CommandError, bounded};
use crate::wire::redact::without_keys;

/// Most hints shown: an error is at most six lines.
const MOST_HINTS: usize = 3;

/// `error:`, `caused by:`, a blank line, `hint:`.
pub(super) fn text(error: &CommandError, stderr: &mut Stream) {
    let mut write = || -> Result<(), crate::ports::output::OutputError> {
        stderr.text("error: ", Style::Error);
        stderr.line(&one_line(&error.message), Style::Plain)?;
        if let Some(cause) = error.cause() {
            stderr.text("  caused by: ", Style::Dim);
            stderr.line(&bounded(&one_line(&cause)), Style::Plain)?;
        }
        if !error.hints.is_empty() {
            stderr.line("", Style::Plain)?;
        }
        for hint in error.hints.iter().take(MOST_HINTS) {
            stderr.text("hint: ", Style::Hint);
            stderr.line(&one_line(hint), Style::Plain)?;
        }
        Ok(())
    };
    // Without stderr there is only the exit code.
    let _ = write();
}

/// The object of `--json`.
pub(super) fn json(error: &CommandError) -> Value {
    json!({"error": error.to_json()})
}

fn one_line(text: &str) -> String {
    without_keys(text).replace(['\n', '\r'], " ")
}
