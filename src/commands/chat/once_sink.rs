//! Shows a single answer while it arrives, and saves its turn.

use crate::ask::outcome::Outcome;
use crate::ask::sink::{AnswerSink, TurnPlace};
use crate::chat::event::ChatEvent;
use crate::chat::tool::ToolStep;
use crate::chat::turn::{Turn, TurnState};
use crate::commands::approval;
use crate::commands::chat_setup::ChatSetup;
use crate::ports::approval::{Approver, CallToApprove, Decision};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::input::Input;
use crate::ports::output::{AnswerForm, Output, OutputError};

/// The text of an answer as it is saved; `None` where the answer has nothing of the kind.
type StoredText<'a> = dyn Fn(&Outcome) -> Option<String> + 'a;

/// Shows the answer while it arrives, and saves the turn when it has ended.
pub(super) struct OnceSink<'a> {
    pub output: &'a mut dyn Output,
    /// Asks about the calls of tools.
    pub input: &'a mut dyn Input,
    pub form: AnswerForm,
    /// A part of the text is shown when it has ended.
    pub withholds_text: bool,
    /// What is saved in place of the text of the answer. A turn with such a text is complete.
    pub stored_text: Option<&'a StoredText<'a>>,
    pub turn: Option<Turn>,
    pub setup: &'a mut ChatSetup,
    /// The answer belongs to a saved conversation.
    pub is_stored: bool,
}

impl AnswerSink for OnceSink<'_> {
    fn start(&mut self) {
        self.output.begin_answer(self.form);
    }

    fn event(&mut self, event: &ChatEvent) -> Result<(), OutputError> {
        let is_text = matches!(event, ChatEvent::Text(_) | ChatEvent::Structured(_));
        if self.withholds_text && is_text {
            return Ok(());
        }
        self.output.answer_event(event)
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.output.flush_answer()
    }

    /// Nobody answers a program that reads line by line.
    fn approver(&mut self) -> Option<&mut dyn Approver> {
        let can_ask = self.form != AnswerForm::JsonLines && self.input.can_ask();
        can_ask.then_some(self)
    }

    /// Saves the steps so far: what tools have done outlives a killed program.
    fn step(&mut self, step: &ToolStep) {
        let settings = self.setup.session_settings();
        let (Some(turn), Some(session)) = (&mut self.turn, &mut self.setup.session) else {
            return;
        };
        turn.add_step(step);
        if !self.is_stored {
            session.save_settings(settings);
            session.add(turn.clone());
            self.is_stored = true;
        }
        session.checkpoint_steps(&turn.steps);
    }

    fn end(&mut self, outcome: &Outcome) -> Option<TurnPlace> {
        let mut turn = self.turn.take()?;
        match self.stored_text.and_then(|text| text(outcome)) {
            Some(text) => {
                let mut answer = outcome.answer.clone();
                answer.text = text;
                turn.answered(&answer, TurnState::Complete, None);
            }
            None => turn.answered(&outcome.answer, outcome.state, outcome.error_message()),
        }
        let settings = self.setup.session_settings();
        let session = self
            .setup
            .session
            .as_mut()
            .filter(|_| turn.may_have_cost())?;
        session.save_settings(settings);
        if std::mem::replace(&mut self.is_stored, true) {
            session.finish(turn);
        } else {
            session.add(turn);
        }
        session.last_place()
    }
}

impl Approver for OnceSink<'_> {
    fn approve(&mut self, calls: &[CallToApprove]) -> Result<Vec<Decision>, CommandError> {
        approval::ask(calls, self.output, self.input)
    }
}

/// Why the turn, or its requests in the ledger, could not be saved.
pub(super) fn unstored(
    outcome: &mut Outcome,
    setup: &mut ChatSetup,
    context: &mut Context<'_>,
) -> Option<CommandError> {
    let session = setup.session.as_mut();
    let unstored = session.and_then(|session| {
        context.remark(&session.take_remarks());
        session.take_store_error()
    });
    // --no-save does not help when the ledger cannot be written either.
    match (unstored, outcome.ledger_error.take()) {
        (Some(unstored), None) => {
            Some(unstored.hint("amx chat --no-save …   (does not save the conversation)"))
        }
        (unstored, unbooked) => unstored.or(unbooked),
    }
}
