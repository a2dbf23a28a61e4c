//! `amx chat --alternatives`: several answers to one question, rated and listed, and the one that
//! is picked goes on.

use super::args::ChatArgs;
use super::once;
use crate::ask::alternatives::{self, Alternative, Alternatives, Places, Wanted, booked, keep};
use crate::ask::parallel::pool;
use crate::ask::plan::{self, Question};
use crate::ask::preflight::{self, capabilities};
use crate::ask::session::Session;
use crate::ask::{remembered, schema_source};
use crate::commands::opened::Opened;
use crate::commands::{alternatives_list, question};
use crate::ports::answer_report::SessionReport;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::AnswerForm;
use std::sync::Arc;

/// Asks, shows the list and keeps it. Gives the conversation to go on with when the user picked an
/// answer.
pub fn run(
    args: &ChatArgs,
    number: Option<u8>,
    mut opened: Opened,
    context: &mut Context<'_>,
) -> Result<Option<Opened>, CommandError> {
    let schema = schema_source::of(&opened.settings, context)?.map(Arc::new);
    let parts = question::parts(&args.prompt, &args.ask, opened.template.as_ref(), context)?;
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
    let mut planned = plan::targets(
        opened.settings.clone(),
        &opened.overrides,
        &question,
        &opened.config,
        context,
    )?;
    preflight::announce([planned.as_mut_slice()], args.ask.fitting(), context)?;
    alternatives::prepare(&mut planned);
    if args.dry_run {
        once::dry_run(&planned, context)?;
        return Ok(None);
    }
    preflight::check(&planned, args.ask.force, context)?;
    preflight::warn(&planned, context);
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
    } = alternatives::ask(planned, &wanted, context)?;
    let turn = preflight::turn(parts, &opened.settings);
    let places = opened.keeper.as_mut().map(|keeper| {
        keeper.remember(remembered::to_remember(&opened.overrides, &opened.settings));
        keep(&turn, &mut ended, keeper)
    });
    let session = opened
        .keeper
        .as_ref()
        .and_then(Session::label)
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
        .and_then(|keeper| preflight::storing_failed(keeper, context))
        .or(booked.err());
    let has_choice = ended.iter().any(Alternative::is_complete)
        && !ended
            .iter()
            .any(|one| pool::is_signalled(one.ended.asked.error.as_ref()));
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
    let failed = pool::verdict(&mut ended, "alternatives")
        .map(|error| capabilities::suggest(error, &opened.settings, context));
    context.first_of(failed, unstored)
}

fn show(
    ended: &[Alternative],
    form: AnswerForm,
    session: Option<SessionReport>,
    context: &mut Context<'_>,
) -> Result<(), crate::ports::output::OutputError> {
    let has_arrived = ended
        .iter()
        .any(|one| one.is_complete() || one.ended.asked.answer.first_token.is_some());
    match form {
        // Where nothing has arrived, the error alone says so.
        _ if !has_arrived => Ok(()),
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

/// Asks which one goes on as the conversation. False when none does: the best stays the one to go
/// on with.
fn pick(
    ended: &[Alternative],
    places: Option<&Places>,
    opened: &mut Opened,
    context: &mut Context<'_>,
) -> Result<bool, CommandError> {
    let mut items = alternatives_list::items(ended);
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
            kind: ErrorKind::LocalIo,
            ..CommandError::from(error)
        })?;
    }
    context
        .output
        .aside(&format!("{} goes on; /branch finds the others", chosen + 1));
    Ok(true)
}
