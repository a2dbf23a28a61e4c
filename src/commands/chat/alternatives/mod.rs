//! `amx chat --alternatives`: several answers to one question, rated and listed, and the one that
//! is picked goes on.

pub mod engine;
pub mod list;

use std::sync::Arc;

use super::args::ChatArgs;
use super::keeper::Keeper;
use super::opening::{self, Opened};
use super::plan::{self, Question};
use super::report::SessionReport;
use super::{capabilities, once, readiness, side_by_side, structured};
use crate::chat::turn::Turn;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Kind};
use crate::commands::output::AnswerForm;
use crate::store::{Booked, TurnId};
use engine::{Alternative, Alternatives, Wanted};

/// Where the answers of one question are stored, in the order of the list.
pub struct Places(Vec<Option<TurnId>>);

impl Places {
    pub fn of(&self, index: usize) -> Option<TurnId> {
        self.0.get(index).copied().flatten()
    }
}

/// Asks, shows the list and keeps it. Gives the conversation to go on with when the user picked an
/// answer.
pub fn run(
    args: &ChatArgs,
    number: Option<u8>,
    mut opened: Opened,
    context: &mut Context<'_>,
) -> Result<Option<Opened>, CommandError> {
    let schema = structured::of(&opened.settings, context)?.map(Arc::new);
    let parts = once::question_parts(&args.prompt, &args.ask, opened.template.as_ref(), context)?;
    let form = args.form(
        opened
            .settings
            .show_reasoning
            .as_ref()
            .map(|show| show.value),
    );
    let number = usize::from(number.unwrap_or(opened.settings.alternatives.value));
    let question = Question {
        parts: parts.clone(),
        past: opened.past(),
        stream: !args.ask.no_stream,
        schema: schema.as_deref(),
    };
    let mut planned = plan::legs(
        opened.settings.clone(),
        &opened.overrides,
        &question,
        &opened.config,
        context,
    )?;
    readiness::announce([planned.as_mut_slice()], args.ask.fitting(), context)?;
    engine::prepare(&mut planned);
    if args.dry_run {
        once::dry_run(&planned, context)?;
        return Ok(None);
    }
    readiness::check(&planned, args.ask.force, context)?;
    readiness::warn(&planned, context);
    let wanted = Wanted {
        number,
        form,
        limit: args.ask.timeout,
        strict: args.ask.strict,
        schema,
        is_conversation: false,
    };
    let Alternatives {
        mut ended,
        books,
        unshown,
    } = engine::ask(planned, &wanted, context)?;
    let turn = readiness::turn(parts, &opened.settings);
    let places = opened.keeper.as_mut().map(|keeper| {
        keeper.remember(opening::to_remember(&opened.overrides, &opened.settings));
        keep(&turn, &mut ended, keeper)
    });
    let session = opened
        .keeper
        .as_ref()
        .and_then(Keeper::label)
        .map(|label| SessionReport {
            label,
            spent: None,
            context: None,
        });
    let shown = match unshown {
        Some(error) => Err(error),
        None => show(&ended, form, session, context),
    };
    let booked = books.close_all(
        &booked(&ended, places.as_ref(), opened.keeper.as_ref()),
        context,
    );
    shown?;
    let unstored = opened
        .keeper
        .as_mut()
        .and_then(|keeper| readiness::storing_failed(keeper, context))
        .or(booked.err());
    let has_choice = ended.iter().any(Alternative::is_complete)
        && !ended
            .iter()
            .any(|one| side_by_side::is_signalled(one.ended.asked.error.as_ref()));
    if has_choice
        && unstored.is_none()
        && can_pick(form, context)
        && pick(&ended, places.as_ref(), &mut opened, context)?
    {
        return Ok(Some(opened));
    }
    finish(ended, unstored, &opened, context).map(|()| None)
}

/// The end without a conversation: why not all is well, if it is not.
fn finish(
    ended: Vec<Alternative>,
    unstored: Option<CommandError>,
    opened: &Opened,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    // The first failure is the first that was asked for, not the first of the list.
    let mut ended = ended;
    ended.sort_by_key(|alternative| alternative.number);
    let mut ended: Vec<_> = ended
        .into_iter()
        .map(|alternative| alternative.ended)
        .collect();
    let failed = side_by_side::verdict(&mut ended, "alternatives")
        .map(|error| capabilities::suggest(error, &opened.settings, context));
    readiness::first_of(failed, unstored, context)
}

/// Keeps each answer as a branch of its own, the best as the one that goes on. What never came is
/// not kept.
pub fn keep(question: &Turn, ended: &mut [Alternative], keeper: &mut Keeper) -> Places {
    let turns: Vec<Turn> = ended
        .iter()
        .map(|alternative| alternative.turn(question))
        .collect();
    let is_kept: Vec<bool> = turns.iter().map(Turn::may_have_cost).collect();
    let kept = turns
        .into_iter()
        .zip(&is_kept)
        .filter(|(_, is_kept)| **is_kept)
        .map(|(turn, _)| turn)
        .collect();
    let mut places = keeper.begin_beside(kept).into_iter();
    Places(
        is_kept
            .into_iter()
            .map(|is_kept| {
                if is_kept {
                    places.next().flatten()
                } else {
                    None
                }
            })
            .collect(),
    )
}

/// The attempts of each, with the turn that they belong to.
pub fn booked<'a>(
    ended: &'a [Alternative],
    places: Option<&Places>,
    keeper: Option<&Keeper>,
) -> Vec<Booked<'a>> {
    let session = keeper.and_then(Keeper::session);
    let place = |index| session.zip(places.and_then(|places| places.of(index)));
    ended
        .iter()
        .enumerate()
        .map(|(index, alternative)| (alternative.attempts(), place(index)))
        .collect()
}

fn show(
    ended: &[Alternative],
    form: AnswerForm,
    session: Option<SessionReport>,
    context: &mut Context<'_>,
) -> Result<(), crate::commands::output::OutputError> {
    let has_arrived = ended
        .iter()
        .any(|one| one.is_complete() || one.ended.asked.answer.first_token.is_some());
    match form {
        // Where nothing has arrived, the error alone says so.
        _ if !has_arrived => Ok(()),
        AnswerForm::Text { raw, .. } => list::show(ended, raw, context),
        AnswerForm::Json | AnswerForm::JsonLines => {
            list::to_json(ended, session, form == AnswerForm::JsonLines)
                .map_or(Ok(()), |object| context.output.end_all(&object))
        }
    }
}

fn can_pick(form: AnswerForm, context: &Context<'_>) -> bool {
    matches!(form, AnswerForm::Text { .. })
        && context.output.is_terminal()
        && context.input.can_ask()
}

/// Asks which one goes on as the conversation. False when none does: the best stays the one to go
/// on with.
fn pick(
    ended: &[Alternative],
    places: Option<&Places>,
    opened: &mut Opened,
    context: &mut Context<'_>,
) -> Result<bool, CommandError> {
    let mut items = list::items(ended);
    let none = items.len();
    items.push("none of them: leave".to_owned());
    let chosen = context
        .input
        .choose("Which one goes on as the conversation?", &items, 0)?;
    if chosen == none {
        return Ok(false);
    }
    if let (Some(leaf), Some(keeper)) = (
        places.and_then(|places| places.of(chosen)),
        opened.keeper.as_mut(),
    ) {
        keeper.switch(leaf).map_err(|error| CommandError {
            kind: Kind::LocalIo,
            ..CommandError::from(error)
        })?;
    }
    context
        .output
        .aside(&format!("{} goes on; /branch finds the others", chosen + 1));
    Ok(true)
}
