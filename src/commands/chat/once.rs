//! One question, one answer: from the arguments to the last byte on stdout.

use super::args::ChatArgs;
use crate::ask::plan::{self, Planned, Question};
use crate::ask::preflight::{self, capabilities};
use crate::ask::run::{Asking, MOST_STORED};
use crate::ask::spend::SpendGuard;
use crate::ask::{remembered, rounds, schema_source};
use crate::chat::keep::Keep;
use crate::commands::opened::Opened;
use crate::commands::question;
use crate::ports::answer_report::SessionReport;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::output::AnswerForm;

/// Asks once, shows the answer, and keeps the turn.
pub fn run(
    args: &ChatArgs,
    mut opened: Opened,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let schema = schema_source::of(&opened.settings, context)?;
    let parts = question::parts(&args.prompt, &args.ask, opened.template.as_ref(), context)?;
    let form = args.form(
        opened
            .settings
            .show_reasoning
            .as_ref()
            .map(|show| show.value),
    );
    let question = Question {
        parts: parts.clone(),
        past: opened.past(),
        stream: !args.ask.no_stream,
        schema: schema.as_ref(),
    };
    let mut planned = plan::targets(
        opened.settings.clone(),
        &opened.overrides,
        &question,
        &opened.config,
        context,
    )?;
    preflight::announce([planned.as_mut_slice()], args.ask.fitting(), context)?;
    if args.dry_run {
        return dry_run(&planned, context);
    }
    preflight::check(&planned, args.ask.force, context)?;
    preflight::refuse(&planned, context)?;
    preflight::warn(&planned, context);
    let keep = match form {
        AnswerForm::Json | AnswerForm::JsonLines => Keep::Everything,
        AnswerForm::Text { .. } if opened.keeper.is_some() || schema.is_some() => {
            Keep::UpTo(MOST_STORED)
        }
        AnswerForm::Text { .. } => Keep::Nothing,
    };
    let books = SpendGuard::open(&mut planned, args.ask.timeout, context)?;
    let mut asking = Asking::new(form, keep, books.limit, &planned);
    asking.strict = args.ask.strict;
    let mut turn = preflight::turn(parts, &opened.settings);
    let asked = rounds::ask(&mut asking, planned, schema.as_ref(), context, &mut |_| ())?;
    turn.answered(
        &asked.answer,
        asked.state,
        asked.error.as_ref().map(|error| error.message.clone()),
    );
    let (mut session, mut place) = (None, None);
    if let Some(keeper) = opened.keeper.as_mut().filter(|_| turn.may_have_cost()) {
        keeper.remember(remembered::to_remember(&opened.overrides, &opened.settings));
        keeper.begin(turn);
        session = keeper.label().map(|label| SessionReport {
            label,
            spent: None,
            context: None,
        });
        place = keeper.place_of_last();
    }
    let shown = asking.show_end(&asked, session, context);
    let booked = books.close(&asked.answer.attempts, place, context);
    shown?;
    let unstored = opened
        .keeper
        .as_mut()
        .and_then(|keeper| preflight::storing_failed(keeper, context));
    // Where the ledger cannot be written either, to store nothing is no way out.
    let unstored = match (unstored, booked) {
        (Some(unstored), Ok(())) => {
            Some(unstored.hint("amx chat --no-save …   (stores no conversation)"))
        }
        (unstored, booked) => unstored.or(booked.err()),
    };
    let failed = asked
        .error
        .map(|error| capabilities::suggest(error, &opened.settings, context));
    context.first_of(failed, unstored)
}

/// Prints the body that would be sent.
pub fn dry_run(planned: &[Planned], context: &mut Context<'_>) -> Result<(), CommandError> {
    let Some(Planned { target, .. }) = planned.first() else {
        return Ok(());
    };
    // The order of keys is kept, so that this is the body to the letter.
    let body = target.provider.encode(&target.request).to_value();
    Ok(context.output.json(&body)?)
}
