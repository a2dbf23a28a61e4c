//! The one place where an error is printed: a few lines for people, an object for programs.

use serde_json::{Value, json};

use super::json::event;
use super::paragraph;
use super::stand_ins;
use super::style::Style;
use super::terminal::Stream;
use crate::ports::error::{CommandError, ErrorKind, bounded};
use crate::ports::output::OutputError;
use crate::wire::redact::without_keys;

/// Most hints shown: an error is at most six lines.
const MOST_HINTS: usize = 3;

/// The form of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorForm {
    Text,
    /// One object on stderr.
    Json,
    /// The same, after a last line on stdout.
    JsonLines,
}

/// Prints an error. Nothing for a closed pipe: nobody reads it.
pub(super) fn print(
    error: &CommandError,
    form: ErrorForm,
    width: usize,
    stdout: &mut Stream,
    stderr: &mut Stream,
) {
    if error.kind == ErrorKind::BrokenPipe {
        return;
    }
    if form == ErrorForm::JsonLines {
        // The last line reports how it ended, also when a signal ended it.
        stdout.json(&format!("{}\n", event("error", &json(error))));
        stdout.finish();
        // A failure here adds nothing to the error itself.
        let _ = stdout.flush();
    }
    if error.is_quiet() {
        return;
    }
    match form {
        ErrorForm::Text => text(error, width, stderr),
        ErrorForm::Json | ErrorForm::JsonLines => {
            stderr.json(&format!("{}\n", json(error)));
            let _ = stderr.flush();
        }
    }
}

/// `error:`, `caused by:`, a blank line, `hint:`; each broken between words below its label.
fn text(error: &CommandError, width: usize, stderr: &mut Stream) {
    let mut write = || -> Result<(), OutputError> {
        let message = one_line(&error.message);
        labelled("error: ", Style::Error, &message, width, stderr)?;
        if let Some(cause) = error.cause() {
            let cause = bounded(&one_line(&cause));
            labelled("  caused by: ", Style::Dim, &cause, width, stderr)?;
        }
        if !error.hints.is_empty() {
            stderr.line("", Style::Plain)?;
        }
        for hint in error.hints.iter().take(MOST_HINTS) {
            labelled("hint: ", Style::Hint, &one_line(hint), width, stderr)?;
        }
        Ok(())
    };
    // Without stderr there is only the exit code.
    let _ = write();
}

fn labelled(
    label: &str,
    style: Style,
    text: &str,
    width: usize,
    stderr: &mut Stream,
) -> Result<(), OutputError> {
    let text = stand_ins::shown(text);
    let text = paragraph::hanging(&format!("{label}{text}"), label.len(), width);
    stderr.text(label, style);
    // A text without words leaves the label alone.
    stderr.line(text.strip_prefix(label).unwrap_or_default(), Style::Plain)
}

/// The object of `--json`.
fn json(error: &CommandError) -> Value {
    json!({"error": error.to_json()})
}

fn one_line(text: &str) -> String {
    without_keys(text).replace(['\n', '\r'], " ")
}
