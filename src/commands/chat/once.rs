//! One question, one answer: from the arguments to the last byte on stdout.

use super::args::ChatArgs;
use crate::ask::outcome::Outcome;
use crate::ask::preflight::capabilities;
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::Question;
use crate::ask::run::{MOST_STORED, RunOptions, run as ask};
use crate::ask::schema_source;
use crate::ask::session::Session;
use crate::ask::sink::{AnswerSink, TurnPlace};
use crate::chat::event::ChatEvent;
use crate::chat::keep::Keep;
use crate::chat::turn::Turn;
use crate::commands::answer_screen::show_end;
use crate::commands::opened::Opened;
use crate::commands::{key_binding, question};
use crate::ports::answer_report::SessionReport;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::output::{AnswerForm, Output, OutputError};
use std::sync::Arc;

/// Asks once, shows the answer, and stores the turn.
///
/// # Errors
/// Why the answer is not what was asked for, or is not stored.
pub fn run(
    args: &ChatArgs,
    mut opened: Opened,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let schema = schema_source::of(&opened.settings, &context.equipment)?.map(Arc::new);
    let parts = question::parts(&args.prompt, &args.ask, opened.template.as_ref(), context)?;
    let question = Question {
        parts,
        past: opened.past(),
        stream: !args.ask.no_stream,
        schema,
        ..Question::default()
    };
    let checks = args.ask.checks();
    let prepared = prepare(&opened.resolved(), question, checks, &context.equipment)?;
    context.remark(&prepared.remarks);
    if args.dry_run {
        return dry_run(&prepared, context);
    }
    let prepared = prepared.allowed()?;
    key_binding::confirm_first(&prepared, context)?;
    let form = args.form(
        opened
            .settings
            .show_reasoning
            .as_ref()
            .map(|show| show.value),
    );
    let options = RunOptions {
        keep: keep(form, &prepared, &opened),
        limit: args.ask.timeout,
        strict: args.ask.strict,
        is_text: matches!(form, AnswerForm::Text { .. }),
        indents: matches!(form, AnswerForm::Text { .. }) && context.output.is_terminal(),
        ..RunOptions::default()
    };
    let mut sink = Once {
        turn: Some(prepared.turn(&opened.settings)),
        output: &mut *context.output,
        form,
        opened: &mut opened,
        is_stored: false,
    };
    let outcome = ask(prepared, options, &context.equipment, &mut sink)?;
    let is_stored = sink.is_stored;
    finish(outcome, is_stored, opened, context)
}

/// Shows how it ended, and gives the first of what went wrong.
fn finish(
    mut outcome: Outcome,
    is_stored: bool,
    mut opened: Opened,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let session = opened.session.as_ref().filter(|_| is_stored);
    let label = session.and_then(Session::label);
    let report = label.map(|label| SessionReport {
        label,
        spent: None,
        context: None,
    });
    show_end(&outcome, report, context)?;
    let session = opened.session.as_mut();
    let unstored = session.and_then(|session| {
        context.remark(&session.take_remark());
        session.take_failure()
    });
    // Where the ledger cannot be written either, to store nothing is no way out.
    let unstored = match (unstored, outcome.unbooked.take()) {
        (Some(unstored), None) => {
            Some(unstored.hint("amx chat --no-save …   (stores no conversation)"))
        }
        (unstored, unbooked) => unstored.or(unbooked),
    };
    let failed = outcome
        .error
        .map(|error| capabilities::suggest(error, &opened.settings, &context.equipment));
    context.first_of(failed, unstored)
}

/// What of the answer is needed after it was shown.
fn keep(form: AnswerForm, prepared: &Prepared, opened: &Opened) -> Keep {
    match form {
        AnswerForm::Json | AnswerForm::JsonLines => Keep::Everything,
        AnswerForm::Text { .. } if opened.session.is_some() || prepared.schema.is_some() => {
            Keep::UpTo(MOST_STORED)
        }
        AnswerForm::Text { .. } => Keep::Nothing,
    }
}

/// Prints the body that would be sent.
///
/// # Errors
/// When stdout cannot be written.
pub fn dry_run(prepared: &Prepared, context: &mut Context<'_>) -> Result<(), CommandError> {
    if let Some(refusal) = prepared.refusal() {
        context.output.warning(&format!(
            "not sent without --dry-run: {}",
            refusal.in_one_line()
        ));
    }
    Ok(context.output.json(&prepared.body())?)
}

/// Shows the answer while it arrives, and stores the turn when it is over.
struct Once<'a> {
    output: &'a mut dyn Output,
    form: AnswerForm,
    turn: Option<Turn>,
    opened: &'a mut Opened,
    /// The answer belongs to a stored conversation.
    is_stored: bool,
}

impl AnswerSink for Once<'_> {
    fn begin(&mut self) {
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
        turn.answered(&outcome.answer, outcome.state, outcome.error_words());
        let remembered = self.opened.remembered();
        let session = self
            .opened
            .session
            .as_mut()
            .filter(|_| turn.may_have_cost())?;
        session.remember(remembered);
        session.begin(turn);
        self.is_stored = true;
        session.place_of_last()
    }
}
