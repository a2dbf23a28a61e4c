//! Explains a suggested command: another turn of the same conversation.

use crate::ask::outcome::Outcome;
use crate::ask::prepare::prepare;
use crate::ask::question::{Question, Resolved};
use crate::ask::run::{RunOptions, run};
use crate::ask::session::Session;
use crate::ask::shell_command::explanation_question;
use crate::ask::sink::{AnswerSink, TurnPlace};
use crate::chat::event::ChatEvent;
use crate::chat::message::ContentPart;
use crate::chat::turn::Turn;
use crate::commands::answer_screen::show_end;
use crate::commands::chat::args::ChatArgs;
use crate::commands::chat_setup::ChatSetup;
use crate::platform::shell::CommandShell;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::output::{AnswerForm, Output, OutputError};

/// Asks the model to explain a command, and shows the answer. A failed answer is shown, and the
/// menu stays.
///
/// # Errors
/// When a signal ended it, or the output is closed.
pub(super) fn ask(
    command: &str,
    shell: &CommandShell,
    args: &ChatArgs,
    setup: &mut ChatSetup,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match explain(command, shell, args, setup, context) {
        Err(error) if !error.is_quiet() => {
            context.output.failure(&error);
            Ok(())
        }
        outcome => outcome,
    }
}

fn explain(
    command: &str,
    shell: &CommandShell,
    args: &ChatArgs,
    setup: &mut ChatSetup,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let text = explanation_question(command, shell);
    let question = Question {
        parts: vec![ContentPart::Text(text.into())],
        past: setup.past(),
        stream: !args.ask.no_stream,
        ..Question::default()
    };
    let resolved = Resolved {
        settings: &setup.settings,
        overrides: &setup.overrides,
        config: &setup.config,
    };
    let prepared = prepare(&resolved, question, args.checks(), &context.equipment)?.allowed()?;
    let options = RunOptions {
        limit: args.ask.timeout,
        is_saved: setup.session.as_ref().is_some_and(Session::is_saved),
        indents: context.output.is_terminal(),
        ..RunOptions::default()
    };
    let show = setup.settings.show_reasoning.as_ref();
    let mut sink = ExplanationSink {
        turn: Some(prepared.turn(&setup.settings)),
        output: &mut *context.output,
        form: args.form(show.map(|show| show.value)),
        session: setup.session.as_mut(),
    };
    let mut outcome = run(prepared, options, &context.equipment, &mut sink)?;
    show_end(&outcome, None, context)?;
    let unbooked = outcome.ledger_error.take();
    context.first_of(outcome.error, unbooked)
}

/// Shows the explanation while it arrives, and adds the turn to the conversation.
struct ExplanationSink<'a> {
    output: &'a mut dyn Output,
    form: AnswerForm,
    turn: Option<Turn>,
    session: Option<&'a mut Session>,
}

impl AnswerSink for ExplanationSink<'_> {
    fn start(&mut self) {
        self.output.begin_answer(self.form);
    }

    fn event(&mut self, event: &ChatEvent) -> Result<(), OutputError> {
        self.output.answer_event(event)
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.output.flush_answer()
    }

    fn end(&mut self, outcome: &Outcome) -> Option<TurnPlace> {
        let mut turn = self.turn.take()?;
        turn.answered(&outcome.answer, outcome.state, outcome.error_message());
        let session = self
            .session
            .as_deref_mut()
            .filter(|_| turn.may_have_cost())?;
        session.add(turn);
        session.last_place()
    }
}
