//! The one place where an error is printed: a few lines for people, an object for programs.

use serde_json::{Value, json};

use super::paragraph;
use super::style::Style;
use super::terminal::Stream;
use crate::ports::error::{CommandError, bounded};
use crate::ports::output::OutputError;
use crate::wire::redact::without_keys;

/// Most hints shown: an error is at most six lines.
const MOST_HINTS: usize = 3;

/// `error:`, `caused by:`, a blank line, `hint:`; each broken between words below its label.
pub(super) fn text(error: &CommandError, width: usize, stderr: &mut Stream) {
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
    let text = paragraph::hanging(&format!("{label}{text}"), label.len(), width);
    stderr.text(label, style);
    // A text without words leaves the label alone.
    stderr.line(text.strip_prefix(label).unwrap_or_default(), Style::Plain)
}

/// The object of `--json`.
pub(super) fn json(error: &CommandError) -> Value {
    json!({"error": error.to_json()})
}

fn one_line(text: &str) -> String {
    without_keys(text).replace(['\n', '\r'], " ")
}
