//! One question, one answer: from the arguments to the last byte on stdout.

use std::path::PathBuf;

use super::args::ChatArgs;
use super::ask_args::AskArgs;
use super::asking::Asking;
use super::attachments::{Reading, Stdin};
use super::bookkeeping::Books;
use super::opening::{self, Opened};
use super::plan::{self, Planned, Question};
use super::report::SessionReport;
use super::template::Chosen;
use super::{capabilities, piped, prompt, readiness, structured};
use crate::chat::keep::Keep;
use crate::chat::message::ContentPart;
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::commands::input::StdinKind;
use crate::commands::output::AnswerForm;

/// Most that is kept in memory of a text, and of its thoughts, when only the store wants them; in
/// bytes.
pub const MOST_STORED: usize = 16 * 1024 * 1024;

/// Asks once, shows the answer, and keeps the turn.
pub fn run(
    args: &ChatArgs,
    mut opened: Opened,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let schema = structured::of(&opened.settings, context)?;
    let parts = question_parts(&args.prompt, &args.ask, opened.template.as_ref(), context)?;
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
    let mut planned = plan::legs(
        opened.settings.clone(),
        &opened.overrides,
        &question,
        &opened.config,
        context,
    )?;
    readiness::announce([planned.as_mut_slice()], args.ask.fitting(), context)?;
    if args.dry_run {
        return dry_run(&planned, context);
    }
    readiness::check(&planned, args.ask.force, context)?;
    readiness::refuse(&planned, context)?;
    readiness::warn(&planned, context);
    let keep = match form {
        AnswerForm::Json | AnswerForm::JsonLines => Keep::Everything,
        AnswerForm::Text { .. } if opened.keeper.is_some() || schema.is_some() => {
            Keep::UpTo(MOST_STORED)
        }
        AnswerForm::Text { .. } => Keep::Nothing,
    };
    let books = Books::open(&mut planned, args.ask.timeout, context)?;
    let mut asking = Asking::new(form, keep, books.limit, &planned);
    asking.strict = args.ask.strict;
    let mut turn = readiness::turn(parts, &opened.settings);
    let asked = structured::ask(&mut asking, planned, schema.as_ref(), context, &mut |_| ())?;
    turn.answered(
        &asked.answer,
        asked.state,
        asked.error.as_ref().map(|error| error.message.clone()),
    );
    let (mut session, mut place) = (None, None);
    if let Some(keeper) = opened.keeper.as_mut().filter(|_| turn.may_have_cost()) {
        keeper.remember(opening::to_remember(&opened.overrides, &opened.settings));
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
        .and_then(|keeper| readiness::storing_failed(keeper, context));
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
    readiness::first_of(failed, unstored, context)
}

/// The question: what was typed and piped, in a template where one is chosen, and what is attached.
pub fn question_parts(
    prompt: &[String],
    args: &AskArgs,
    template: Option<&Chosen>,
    context: &mut Context<'_>,
) -> Result<Vec<ContentPart>, CommandError> {
    let stdin = match context.input.stdin_kind() {
        _ if args.no_stdin => Stdin::MayNot("--no-stdin is given"),
        StdinKind::Terminal if prompt.is_empty() => {
            Stdin::MayNot("it is the keyboard, on which the question is asked for")
        }
        _ => Stdin::May(args.stdin_timeout.unwrap_or(piped::PATIENCE)),
    };
    prompt::check(prompt, args)?;
    let of_template = template.map(Chosen::files).unwrap_or_default();
    let files: Vec<PathBuf> = of_template
        .into_iter()
        .chain(args.files.iter().cloned())
        .collect();
    let attached = Reading {
        force: args.force,
        stdin,
    }
    .read(&files, context)?;
    let mut parts: Vec<ContentPart> = attached.into_iter().map(|attached| attached.part).collect();
    let text = match prompt::assemble(prompt, args, template, context)? {
        Some(text) => Some(text),
        None if context.input.can_ask() && context.input.stdin_kind() == StdinKind::Terminal => {
            Some(context.input.text("you", None, &not_blank)?)
        }
        None if !parts.is_empty() => None,
        None => {
            return Err(
                CommandError::usage("there is no prompt").hint("amx chat \"your question\"")
            );
        }
    };
    // Text first: some providers read the parts in order.
    parts.splice(0..0, text.map(ContentPart::Text));
    Ok(parts)
}

fn not_blank(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("type a question, or press Ctrl-C".to_owned())
    } else {
        Ok(())
    }
}

/// Prints the body that would be sent.
pub fn dry_run(planned: &[Planned], context: &mut Context<'_>) -> Result<(), CommandError> {
    let Some(Planned { leg, .. }) = planned.first() else {
        return Ok(());
    };
    let body = leg.provider.encode(&leg.request);
    // The order of keys is kept, so that this is the body to the letter.
    let value: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    Ok(context.output.json(&value)?)
}
