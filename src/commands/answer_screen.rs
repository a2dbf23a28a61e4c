//! Shows answers on the output, while they arrive and when they have ended.

use crate::ask::finished_answer::FinishedAnswer;
use crate::ask::outcome::Outcome;
use crate::ask::sink::AnswersSink;
use crate::chat::event::ChatEvent;
use crate::ports::answer_report::{AnswerReport, SessionReport};
use crate::ports::context::Context;
use crate::ports::output::{AnswerForm, Output, OutputError};

/// Shows the end of an answer: the status line or the JSON object, then its note.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn show_end(
    outcome: &Outcome,
    session: Option<SessionReport>,
    context: &mut Context<'_>,
) -> Result<(), OutputError> {
    context.remark(&outcome.remarks);
    if outcome.is_output_closed {
        return Ok(());
    }
    context.output.end_answer(&AnswerReport {
        answer: &outcome.answer,
        confidence: outcome.confidence,
        state: outcome.state,
        structured: outcome.structured.as_ref(),
        command: outcome.command.as_ref(),
        session,
        is_replayed: context.equipment.is_replaying(),
        media: &outcome.saved,
    })?;
    if let Some(note) = &outcome.note {
        context.output.note(note);
    }
    Ok(())
}

/// Shows several answers, side by side.
pub(super) struct AnswersScreen<'a> {
    pub output: &'a mut dyn Output,
    pub form: AnswerForm,
}

impl AnswersSink for AnswersScreen<'_> {
    fn start(&mut self) {
        self.output.begin_answer(self.form);
    }

    fn event(&mut self, number: usize, event: &ChatEvent) -> Result<(), OutputError> {
        self.output.event_of(number, event)
    }

    fn end_one(&mut self, number: usize, ended: &FinishedAnswer) -> Result<(), OutputError> {
        let outcome = &ended.outcome;
        if let Some(note) = outcome.note.as_ref().filter(|_| ended.is_complete()) {
            self.output.note(&format!("{}: {note}", ended.label));
        }
        self.output
            .end_of(number, &ended.report(), outcome.error.as_ref())
    }

    fn progress(&mut self, lines: &dyn Fn() -> Vec<String>) {
        self.output.progress(lines);
    }
}
