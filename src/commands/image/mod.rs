//! `amx image`: makes images from a prompt, and saves them.

mod args;
mod report;
mod sink;

pub(crate) use args::ImageArgs;

use std::path::Path;

use crate::ask::images::{self, ImageCall, ImageOptions, RouteQuestion};
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::{Checks, Question, Resolved};
use crate::ask::run::{RunOptions, run as ask};
use crate::chat::keep::Keep;
use crate::chat::message::ContentPart;
use crate::commands::output_file::{self, OutputFile};
use crate::commands::{key_origin, question, recording, setup};
use crate::config::{ConfigFile, Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::{AnswerForm, OutputChoices, ReasoningDisplay};
use crate::present::money::usd;
use sink::ImageSink;

/// Makes the images, saves them, and reports where they are.
///
/// # Errors
/// Why there is no image, or why it could not be saved.
pub(crate) fn run(args: &ImageArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    context.output.configure(OutputChoices {
        is_quiet: args.quiet,
        ..OutputChoices::default()
    });
    let mut file = output(args)?;
    if !args.dry_run {
        recording::begin(&args.recording, context)?;
    }
    let outcome = make(args, &mut file, context);
    let outcome = recording::end(outcome, false, context);
    match file {
        Some(file) => output_file::end(file, outcome.is_ok(), outcome, context),
        None => outcome,
    }
}

/// The file of `--output`, created before anything is sent.
fn output(args: &ImageArgs) -> Result<Option<OutputFile>, CommandError> {
    let Some(path) = args.output.as_deref().filter(|_| !args.dry_run) else {
        return Ok(None);
    };
    if path == Path::new("-") {
        return Err(
            CommandError::usage("an image cannot be written to stdout").hint("-o image.png")
        );
    }
    Ok(Some(OutputFile::create(path, args.overwrite)?.0))
}

/// Everything that is resolved before the prompt is read.
struct Setup {
    settings: Settings,
    overrides: Overrides,
    config: ConfigFile,
}

fn make(
    args: &ImageArgs,
    file: &mut Option<OutputFile>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let setup = resolve(args, context)?;
    let prepared = prepared(args, &setup, context)?;
    if args.dry_run {
        return dry_run(&prepared, context);
    }
    let prepared = prepared.allowed()?;
    confirm_price(args, &prepared, context)?;
    key_origin::confirm_first(&prepared, context)?;
    let form = form(args);
    let options = RunOptions {
        keep: Keep::Everything,
        limit: args.timeout,
        is_text: !args.json,
        trace_name: "amx image",
        ..RunOptions::default()
    };
    let mut sink = ImageSink {
        output: &mut *context.output,
        form,
    };
    let outcome = ask(prepared, options, &context.equipment, &mut sink)?;
    report::finish(outcome, args, &setup.settings, file, context)
}

/// The settings, without what only a text needs.
fn resolve(args: &ImageArgs, context: &mut Context<'_>) -> Result<Setup, CommandError> {
    let ask = args.ask();
    let mut overrides = ask
        .settings
        .overrides(args.profile.clone(), args.model.clone())?;
    let mut config = context.config()?;
    let mut settings = if args.dry_run {
        Settings::resolve(&overrides, &context.equipment.environment, &config)?
    } else {
        setup::settings_to_send(&mut overrides, &mut config, context)?
    };
    settings.system = None;
    settings.fallback_profiles.clear();
    settings.fallback_models = None;
    Ok(Setup {
        settings,
        overrides,
        config,
    })
}

fn prepared(
    args: &ImageArgs,
    setup: &Setup,
    context: &mut Context<'_>,
) -> Result<Prepared, CommandError> {
    let ask = args.ask();
    if setup.settings.entry.images.is_none() {
        // Before the prompt is read: another provider is needed anyway.
        images::choose(
            route_question(args, setup, &ImageOptions::default(), 0),
            &context.equipment,
        )?;
    }
    let parts = question::parts(&args.prompt, &ask, None, context)?;
    let inputs = inputs(&parts)?;
    let options = args.images();
    let route_question = route_question(args, setup, &options, inputs);
    let (route, remarks) = images::choose(route_question, &context.equipment)?;
    context.remark(&remarks);
    let wants_price = context.input.can_ask() && !args.yes || is_capped(&setup.settings);
    let most = if wants_price && !args.dry_run {
        let question = (prompt_of(&parts), inputs);
        images::most(
            &setup.settings,
            route,
            &options,
            question,
            &context.equipment,
        )?
    } else {
        None
    };
    let call = ImageCall {
        route,
        options,
        inputs,
        most,
    };
    let question = Question {
        parts,
        stream: true,
        images: Some(&call),
        ..Question::default()
    };
    let checks = Checks {
        force: args.force,
        is_dry_run: args.dry_run,
        ..Checks::default()
    };
    let resolved = Resolved {
        settings: &setup.settings,
        overrides: &setup.overrides,
        config: &setup.config,
    };
    let prepared = prepare(&resolved, question, checks, &context.equipment)?;
    context.remark(&prepared.remarks);
    Ok(prepared)
}

fn route_question<'a>(
    args: &ImageArgs,
    setup: &'a Setup,
    options: &'a ImageOptions,
    inputs: usize,
) -> RouteQuestion<'a> {
    RouteQuestion {
        settings: &setup.settings,
        options,
        inputs,
        force: args.force,
        is_dry_run: args.dry_run,
    }
}

fn is_capped(settings: &Settings) -> bool {
    settings.max_cost.is_some() || settings.max_cost_per_day.is_some()
}

fn prompt_of(parts: &[ContentPart]) -> &str {
    match parts.first() {
        Some(ContentPart::Text(text)) => text,
        _ => "",
    }
}

/// The number of input images.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage) without a prompt, and for a file that is no
/// image.
fn inputs(parts: &[ContentPart]) -> Result<usize, CommandError> {
    let Some((ContentPart::Text(_), files)) = parts.split_first() else {
        let error = CommandError::usage("no prompt given, which says what to make of the images");
        return Err(error.hint("amx image \"make it a watercolour\" -f photo.jpg"));
    };
    let is_image = |part: &ContentPart| matches!(part, ContentPart::Image { .. });
    if files.iter().all(is_image) {
        return Ok(files.len());
    }
    let error = CommandError::usage("only images can be attached to a prompt for images");
    Err(error.hint("amx chat \"describe an image of this\" -f FILE | amx image -"))
}

/// Asks, on a terminal, whether to pay a price that is known.
///
/// # Errors
/// When the answer is no.
fn confirm_price(
    args: &ImageArgs,
    prepared: &Prepared,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let Some(first) = prepared.first() else {
        return Ok(());
    };
    let cost = first.images.and_then(|images| images.most);
    let Some(cost) = cost.filter(|_| !args.yes && context.input.can_ask()) else {
        return Ok(());
    };
    let price = format!(
        "{} of {}: at most {}.",
        images::count_words(args.count),
        first.target.request.model,
        usd(cost)
    );
    let them = if args.count == 1 { "it" } else { "them" };
    let question = format!("{price} Make {them}?");
    if context.input.confirm(&question, true)? {
        Ok(())
    } else {
        Err(CommandError::new(ErrorKind::No, "nothing was sent")
            .hint("amx image --yes …   (does not ask)"))
    }
}

fn form(args: &ImageArgs) -> AnswerForm {
    if args.json {
        AnswerForm::Json
    } else {
        AnswerForm::Text {
            raw: false,
            reasoning: ReasoningDisplay::Hidden,
        }
    }
}

/// Prints the body that would be sent.
fn dry_run(prepared: &Prepared, context: &mut Context<'_>) -> Result<(), CommandError> {
    if let Some(refusal) = prepared.refusal() {
        context.output.warning(&format!(
            "without --dry-run this would fail: {}",
            refusal.in_one_line()
        ));
    }
    Ok(context.output.body(&prepared.body())?)
}
