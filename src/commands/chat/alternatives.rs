//! `amx chat --alternatives`: several answers to one question, ranked by confidence. One of them
//! can be continued as a conversation.

use std::sync::Arc;

use super::args::ChatArgs;
use super::once;
use crate::ask::finished_answer::{FinishedAnswer, verdict};
use crate::ask::parallel::{Order, ParallelOutcome, run_all};
use crate::ask::prepare::prepare;
use crate::ask::question::Question;
use crate::ask::run::RunOptions;
use crate::ask::session::Session;
use crate::ask::sink::{AnswersSink, TurnPlace};
use crate::ask::suggestion;
use crate::ask::{alternatives, schema_source};
use crate::chat::event::ChatEvent;
use crate::chat::turn::Turn;
use crate::commands::answer_screen::AnswersScreen;
use crate::commands::chat_setup::ChatSetup;
use crate::commands::{alternatives_list, key_origin, question};
use crate::ports::answer_report::SessionReport;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::{AnswerForm, OutputError};
use crate::store::TurnId;

/// Requests the answers, shows and saves them. Returns the conversation to continue when the user
/// chose an answer.
///
/// # Errors
/// Why not all answers are complete, or saved.
pub(super) fn run(
    args: &ChatArgs,
    number: Option<u8>,
    mut setup: ChatSetup,
    context: &mut Context<'_>,
) -> Result<Option<ChatSetup>, CommandError> {
    let schema = schema_source::of(&setup.settings, &context.equipment)?.map(Arc::new);
    let parts = question::parts(&args.prompt, &args.ask, setup.template.as_ref(), context)?;
    let count = usize::from(number.unwrap_or(setup.settings.alternatives.value));
    let question = Question {
        parts,
        past: setup.past(),
        stream: !args.ask.no_stream,
        schema,
        rated: Some(count),
        answers: count,
        session: setup.session_key(),
        ..Question::default()
    };
    let checks = args.checks();
    let prepared = prepare(&setup.resolved(), question, checks, &context.equipment)?;
    context.remark(&prepared.remarks);
    if args.dry_run {
        once::dry_run(&prepared, context)?;
        return Ok(None);
    }
    let prepared = prepared.allowed()?;
    key_origin::confirm_first(&prepared, context)?;
    let form = args.form(
        setup
            .settings
            .show_reasoning
            .as_ref()
            .map(|show| show.value),
    );
    let is_text = matches!(form, AnswerForm::Text { .. });
    let is_terminal = context.output.is_terminal();
    let options = RunOptions {
        is_saved: setup.session.as_ref().is_some_and(Session::is_saved),
        ..args.ask.options_of_several(is_text, is_terminal)
    };
    let mut sink = BranchSink {
        screen: AnswersScreen {
            output: &mut *context.output,
            form,
        },
        turn: prepared.turn(&setup.settings),
        setup: &mut setup,
        places: Vec::new(),
    };
    let answers = prepared.numbered(count);
    let (order, equipment) = (Order::ByConfidence, &context.equipment);
    let parallel = run_all(answers, options, order, equipment, &mut sink)?;
    let places = sink.places;
    finish(parallel, &places, form, setup, context)
}

/// Shows the answers, and lets the user choose one.
fn finish(
    parallel: ParallelOutcome,
    places: &[Option<TurnPlace>],
    form: AnswerForm,
    mut setup: ChatSetup,
    context: &mut Context<'_>,
) -> Result<Option<ChatSetup>, CommandError> {
    context.remark(&parallel.remarks);
    let mut ended = parallel.ended;
    let label = setup.session.as_ref().and_then(Session::label);
    let session = label.map(SessionReport::named);
    match parallel.output_error {
        Some(error) => return Err(error.into()),
        None => show(&ended, form, session, context)?,
    }
    let session = setup.session.as_mut();
    let unstored = session.and_then(|session| {
        context.remark(&session.take_remarks());
        session.take_store_error()
    });
    let unstored = unstored.or(parallel.ledger_error);
    let has_choice = ended.iter().any(FinishedAnswer::is_complete)
        && !ended.iter().any(|ended| ended.outcome.is_signalled());
    if has_choice && unstored.is_none() && can_choose(form, context) {
        let leaves: Vec<_> = places
            .iter()
            .map(|place| place.map(|(_, leaf)| leaf))
            .collect();
        if choose(&ended, &leaves, &mut setup, context)? {
            return Ok(Some(setup));
        }
    }
    let failed = verdict(&mut ended, "alternatives")
        .map(|error| suggestion::suggest(error, &setup.settings, &context.equipment));
    context.first_of(failed, unstored).map(|()| None)
}

/// Shows the answers, and saves each as a branch of the conversation.
struct BranchSink<'a> {
    screen: AnswersScreen<'a>,
    turn: Turn,
    setup: &'a mut ChatSetup,
    places: Vec<Option<TurnPlace>>,
}

impl AnswersSink for BranchSink<'_> {
    fn start(&mut self) {
        self.screen.start();
    }

    fn event(&mut self, number: usize, event: &ChatEvent) -> Result<(), OutputError> {
        self.screen.event(number, event)
    }

    fn end_one(&mut self, number: usize, ended: &FinishedAnswer) -> Result<(), OutputError> {
        self.screen.end_one(number, ended)
    }

    fn progress(&mut self, lines: &dyn Fn() -> Vec<String>) {
        self.screen.progress(lines);
    }

    fn end(&mut self, ended: &[FinishedAnswer]) -> Vec<Option<TurnPlace>> {
        let settings = self.setup.session_settings();
        let Some(session) = self.setup.session.as_mut() else {
            return ended.iter().map(|_| None).collect();
        };
        session.save_settings(settings);
        self.places = alternatives::store(&self.turn, ended, session);
        self.places.clone()
    }
}

fn show(
    ended: &[FinishedAnswer],
    form: AnswerForm,
    session: Option<SessionReport>,
    context: &mut Context<'_>,
) -> Result<(), OutputError> {
    match form {
        // The error alone is shown when nothing has arrived.
        _ if !ended.iter().any(FinishedAnswer::has_arrived) => Ok(()),
        AnswerForm::Text { raw, .. } => alternatives_list::show(ended, raw, context),
        AnswerForm::Json | AnswerForm::JsonLines => {
            alternatives_list::to_json(ended, session, form == AnswerForm::JsonLines)
                .map_or(Ok(()), |object| context.output.end_all(object))
        }
    }
}

fn can_choose(form: AnswerForm, context: &Context<'_>) -> bool {
    matches!(form, AnswerForm::Text { .. })
        && context.output.is_terminal()
        && context.input.can_ask()
}

/// Lets the user choose an answer to continue with. Returns false for none: the best answer stays
/// the current branch.
fn choose(
    ended: &[FinishedAnswer],
    leaves: &[Option<TurnId>],
    setup: &mut ChatSetup,
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
    if let (Some(leaf), Some(session)) = (leaf, setup.session.as_mut()) {
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
