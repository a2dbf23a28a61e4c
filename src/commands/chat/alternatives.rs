//! `amx chat --alternatives`: several answers to one question, rated and listed, one of which
//! continues as the conversation.

use std::sync::Arc;

use super::args::ChatArgs;
use super::once;
use crate::ask::ended::{Ended, verdict};
use crate::ask::parallel::{Order, Together, run_all};
use crate::ask::preflight::capabilities;
use crate::ask::prepare::prepare;
use crate::ask::question::Question;
use crate::ask::run::RunOptions;
use crate::ask::session::Session;
use crate::ask::sink::{AnswersSink, TurnPlace};
use crate::ask::{alternatives, schema_source};
use crate::chat::event::ChatEvent;
use crate::chat::keep::Keep;
use crate::chat::turn::Turn;
use crate::commands::answer_screen::AnswersScreen;
use crate::commands::opened::Opened;
use crate::commands::{alternatives_list, key_binding, question};
use crate::ports::answer_report::SessionReport;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::{AnswerForm, OutputError};
use crate::store::TurnId;

/// Asks, shows the list and stores it. Gives the conversation to continue with when the user picked
/// an answer.
///
/// # Errors
/// Why not all answers are complete, or stored.
pub fn run(
    args: &ChatArgs,
    number: Option<u8>,
    mut opened: Opened,
    context: &mut Context<'_>,
) -> Result<Option<Opened>, CommandError> {
    let schema = schema_source::of(&opened.settings, &context.equipment)?.map(Arc::new);
    let parts = question::parts(&args.prompt, &args.ask, opened.template.as_ref(), context)?;
    let count = usize::from(number.unwrap_or(opened.settings.alternatives.value));
    let question = Question {
        parts,
        past: opened.past(),
        stream: !args.ask.no_stream,
        schema,
        rated: Some(count),
    };
    let checks = args.ask.checks();
    let prepared = prepare(&opened.resolved(), question, checks, &context.equipment)?;
    context.remark(&prepared.remarks);
    if args.dry_run {
        once::dry_run(&prepared, context)?;
        return Ok(None);
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
    let is_text = matches!(form, AnswerForm::Text { .. });
    let options = RunOptions {
        keep: Keep::Everything,
        limit: args.ask.timeout,
        strict: args.ask.strict,
        is_text,
        indents: is_text && context.output.is_terminal(),
        repairs: false,
        ..RunOptions::default()
    };
    let mut sink = Stored {
        screen: AnswersScreen {
            output: &mut *context.output,
            form,
        },
        turn: prepared.turn(&opened.settings),
        opened: &mut opened,
        places: Vec::new(),
    };
    let answers = prepared.numbered(count);
    let together = run_all(
        answers,
        options,
        Order::ByConfidence,
        &context.equipment,
        &mut sink,
    )?;
    let places = sink.places;
    finish(together, &places, form, opened, context)
}

/// Shows the list, and lets the user pick one of it.
fn finish(
    together: Together,
    places: &[Option<TurnPlace>],
    form: AnswerForm,
    mut opened: Opened,
    context: &mut Context<'_>,
) -> Result<Option<Opened>, CommandError> {
    context.remark(&together.remarks);
    let mut ended = together.ended;
    let label = opened.session.as_ref().and_then(Session::label);
    let session = label.map(|label| SessionReport {
        label,
        spent: None,
        context: None,
    });
    match together.unshown {
        Some(error) => return Err(error.into()),
        None => show(&ended, form, session, context)?,
    }
    let session = opened.session.as_mut();
    let unstored = session.and_then(|session| {
        context.remark(&session.take_remark());
        session.take_failure()
    });
    let unstored = unstored.or(together.unbooked);
    let has_choice = ended.iter().any(Ended::is_complete)
        && !ended.iter().any(|ended| ended.outcome.is_signalled());
    if has_choice && unstored.is_none() && can_pick(form, context) {
        let leaves: Vec<_> = places
            .iter()
            .map(|place| place.map(|(_, leaf)| leaf))
            .collect();
        if pick(&ended, &leaves, &mut opened, context)? {
            return Ok(Some(opened));
        }
    }
    let failed = verdict(&mut ended, "alternatives")
        .map(|error| capabilities::suggest(error, &opened.settings, &context.equipment));
    context.first_of(failed, unstored).map(|()| None)
}

/// Stores each answer as a branch of the conversation.
struct Stored<'a> {
    screen: AnswersScreen<'a>,
    turn: Turn,
    opened: &'a mut Opened,
    places: Vec<Option<TurnPlace>>,
}

impl AnswersSink for Stored<'_> {
    fn begin(&mut self) {
        self.screen.begin();
    }

    fn event(&mut self, number: usize, event: &ChatEvent) -> Result<(), OutputError> {
        self.screen.event(number, event)
    }

    fn end_of(&mut self, number: usize, ended: &Ended) -> Result<(), OutputError> {
        self.screen.end_of(number, ended)
    }

    fn progress(&mut self, lines: &dyn Fn() -> Vec<String>) {
        self.screen.progress(lines);
    }

    fn end(&mut self, ended: &[Ended]) -> Vec<Option<TurnPlace>> {
        let remembered = self.opened.remembered();
        let Some(session) = self.opened.session.as_mut() else {
            return ended.iter().map(|_| None).collect();
        };
        session.remember(remembered);
        self.places = alternatives::store(&self.turn, ended, session);
        self.places.clone()
    }
}

fn show(
    ended: &[Ended],
    form: AnswerForm,
    session: Option<SessionReport>,
    context: &mut Context<'_>,
) -> Result<(), OutputError> {
    match form {
        // Where nothing has arrived, the error alone says so.
        _ if !ended.iter().any(Ended::has_arrived) => Ok(()),
        AnswerForm::Text { raw, .. } => alternatives_list::show(ended, raw, context),
        AnswerForm::Json | AnswerForm::JsonLines => {
            alternatives_list::to_json(ended, session, form == AnswerForm::JsonLines)
                .map_or(Ok(()), |object| context.output.end_all(&object))
        }
    }
}

fn can_pick(form: AnswerForm, context: &Context<'_>) -> bool {
    matches!(form, AnswerForm::Text { .. })
        && context.output.is_terminal()
        && context.input.can_ask()
}

/// Lets the user pick one to continue with. False when none is picked: the best stays the current
/// branch.
fn pick(
    ended: &[Ended],
    leaves: &[Option<TurnId>],
    opened: &mut Opened,
    context: &mut Context<'_>,
) -> Result<bool, CommandError> {
    let mut items = alternatives_list::items(ended);
    let none = items.len();
    items.push("None".to_owned());
    let chosen = context
        .input
        .choose("Continue with which answer?", &items, 0)?;
    if chosen == none {
        return Ok(false);
    }
    let leaf = leaves.get(chosen).copied().flatten();
    if let (Some(leaf), Some(session)) = (leaf, opened.session.as_mut()) {
        session.switch(leaf).map_err(|error| CommandError {
            kind: ErrorKind::LocalIo,
            ..CommandError::from(error)
        })?;
    }
    context.output.aside(&format!(
        "Continuing with answer {}; /branch lists the others",
        chosen + 1
    ));
    Ok(true)
}
