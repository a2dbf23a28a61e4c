//! What the output is for: people or programs, and the answer that is being shown.

use super::capabilities::MarkdownForm;
use super::json::JsonLines;
use super::terminal;
use super::text::TextAnswer;
use crate::ports::output::AnswerForm;

/// What the output is for.
pub(super) enum Mode {
    /// People.
    Text,
    /// A program that reads one object; notes would break it.
    Json,
    JsonLines(Box<JsonLines>),
    /// People, during an answer.
    Answer(Box<TextAnswer>),
}

impl Mode {
    /// For programs, as a flag of the command line requests it.
    pub(super) fn json(in_lines: bool) -> Self {
        if in_lines {
            Self::JsonLines(Box::default())
        } else {
            Self::Json
        }
    }

    /// Starts an answer; `markdown` is how stdout shows it.
    pub(super) fn begin(&mut self, form: AnswerForm, markdown: Option<MarkdownForm>) {
        *self = match form {
            AnswerForm::Json => Self::Json,
            // A second request for the same answer continues the same lines.
            AnswerForm::JsonLines if matches!(self, Self::JsonLines(_)) => return,
            AnswerForm::JsonLines => Self::JsonLines(Box::default()),
            AnswerForm::Text { raw, reasoning } => {
                let answer =
                    TextAnswer::new(markdown.filter(|_| !raw), reasoning, terminal::width());
                Self::Answer(Box::new(match self {
                    Self::Answer(earlier) => answer.after(earlier),
                    _ => answer,
                }))
            }
        };
    }

    pub(super) fn is_for_programs(&self) -> bool {
        matches!(self, Self::Json | Self::JsonLines(_))
    }
}
