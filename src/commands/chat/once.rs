//! One question and one answer.

use super::args::ChatArgs;
use super::once_sink::{self, OnceSink};
use super::selection;
use crate::ask::answer_media;
use crate::ask::outcome::Outcome;
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::Question;
use crate::ask::run::{RunOptions, run as ask};
use crate::ask::schema_source;
use crate::ask::session::Session;
use crate::ask::suggestion;
use crate::ask::tools::{rules_alone, start_servers};
use crate::chat::keep::{Keep, MOST_STORED};
use crate::commands::answer_screen::show_end;
use crate::commands::chat_setup::ChatSetup;
use crate::commands::output_file::{self, OutputFile};
use crate::commands::{key_origin, question};
use crate::ports::answer_report::SessionReport;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::AnswerForm;
use crate::ports::saved_media::SavedMedia;
use std::sync::Arc;

/// Sends the question, shows the answer, and saves the turn.
///
/// # Errors
/// Why the answer is not complete, or could not be saved.
pub(super) fn run(
    args: &ChatArgs,
    mut setup: ChatSetup,
    file: &mut Option<OutputFile>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let prepared = prepared(args, &setup, context)?;
    if args.dry_run {
        return dry_run(&prepared, context);
    }
    let prepared = prepared.allowed()?;
    key_origin::confirm_first(&prepared, context)?;
    let show_reasoning = setup.settings.show_reasoning.as_ref();
    let form = args.form(show_reasoning.map(|show| show.value));
    let options = RunOptions {
        keep: keep(form, args, &prepared, &setup),
        limit: args.ask.timeout,
        is_saved: setup.session.as_ref().is_some_and(Session::is_saved),
        strict: args.ask.strict,
        is_text: matches!(form, AnswerForm::Text { .. }),
        indents: matches!(form, AnswerForm::Text { .. }) && context.output.is_terminal(),
        ..RunOptions::default()
    };
    let mut sink = OnceSink {
        turn: Some(prepared.turn(&setup.settings)),
        output: &mut *context.output,
        input: &mut *context.input,
        form,
        withholds_text: args.output.extract.is_some(),
        stored_text: None,
        setup: &mut setup,
        is_stored: false,
    };
    let outcome = ask(prepared, options, &context.equipment, &mut sink)?;
    let is_stored = sink.is_stored;
    finish(outcome, is_stored, args, setup, file, context)
}

/// The question with the outcome of its checks.
fn prepared(
    args: &ChatArgs,
    setup: &ChatSetup,
    context: &mut Context<'_>,
) -> Result<Prepared, CommandError> {
    let schema = schema_source::of(&setup.settings, &context.equipment)?.map(Arc::new);
    let remarks = rules_alone(&setup.settings, &setup.tools)?;
    context.remark(&remarks);
    let parts = question::parts(&args.prompt, &args.ask, setup.template.as_ref(), context)?;
    let question = Question {
        parts,
        past: setup.past(),
        stream: !args.ask.no_stream,
        schema,
        tools: Some(&setup.tools),
        session: setup.session_key(),
        ..Question::default()
    };
    let checks = args.checks();
    if !args.dry_run {
        start_servers(&setup.resolved(), &setup.tools, context)?;
    }
    let prepared = prepare(&setup.resolved(), question, checks, &context.equipment)?;
    context.remark(&prepared.remarks);
    Ok(prepared)
}

/// Shows the end of the answer, and returns the first error.
fn finish(
    mut outcome: Outcome,
    is_stored: bool,
    args: &ChatArgs,
    mut setup: ChatSetup,
    file: &mut Option<OutputFile>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let session = setup.session.as_ref().filter(|_| is_stored);
    let report = session.and_then(Session::label).map(SessionReport::named);
    if is_stored && (outcome.answer.is_cut || outcome.answer.text.len() > MOST_STORED) {
        let most = MOST_STORED >> 20;
        let words = format!("only the first {most} MiB of the answer are saved");
        context.output.warning(&words);
    }
    save_media(&mut outcome, file.as_ref());
    let is_kept = is_stored && file.is_none();
    let selected = selection::show(&outcome, args.output.extract, is_kept, context)?;
    let (code, missing) = match selected {
        Ok(code) => (code, None),
        Err(missing) => (None, Some(missing)),
    };
    show_end(&outcome, report, context)?;
    let unstored = once_sink::unstored(&mut outcome, &mut setup, context);
    let failed = outcome
        .error
        .map(|error| suggestion::suggest(error, &setup.settings, &context.equipment))
        .or(missing)
        .or_else(|| without_media(file.as_ref(), &outcome.saved));
    let is_complete = failed.is_none();
    let copied = if args.output.copy && is_complete {
        selection::copy(code.as_deref().unwrap_or(&outcome.answer.text), context)
    } else {
        Ok(())
    };
    let ended = context.first_of(failed, unstored).and(copied);
    match file.take() {
        Some(file) => output_file::end(file, is_complete, ended, context),
        None => ended,
    }
}

/// Saves images and audio, the first of them in the file of `--output` where that is for it: by
/// its name, or because the answer has no text.
fn save_media(outcome: &mut Outcome, file: Option<&OutputFile>) {
    let has_text = outcome.answer.has_visible_text;
    let file = file.filter(|file| file.is_media() || !has_text);
    match file {
        Some(file) => answer_media::save(outcome, Some(&mut |bytes| file.write(bytes))),
        None => answer_media::save(outcome, None),
    }
}

/// The error of an answer without the image or audio that a file was for.
fn without_media(file: Option<&OutputFile>, saved: &[SavedMedia]) -> Option<CommandError> {
    let is_missing = file.is_some_and(OutputFile::is_media) && saved.is_empty();
    is_missing.then(|| {
        CommandError::new(
            ErrorKind::Content,
            "the answer has no image or audio for --output",
        )
        .hint("amx models image   (lists models that may make images)")
        .hint("--output answer.md   (writes the text to a file)")
    })
}

/// How much of the answer is needed after it was shown.
fn keep(form: AnswerForm, args: &ChatArgs, prepared: &Prepared, setup: &ChatSetup) -> Keep {
    match form {
        AnswerForm::Json => Keep::Everything,
        _ if args.output.extract.is_some() || args.output.copy => Keep::Everything,
        _ if setup.session.is_some() || prepared.schema.is_some() => Keep::UpTo(MOST_STORED),
        // The lines have the text; the end has what is beside it.
        AnswerForm::JsonLines => Keep::UpTo(0),
        AnswerForm::Text { .. } => Keep::Nothing,
    }
}

/// Prints the body that would be sent.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn dry_run(prepared: &Prepared, context: &mut Context<'_>) -> Result<(), CommandError> {
    if let Some(refusal) = prepared.refusal() {
        context.output.warning(&format!(
            "without --dry-run this would fail: {}",
            refusal.in_one_line()
        ));
    }
    Ok(context.output.body(&prepared.body())?)
}
