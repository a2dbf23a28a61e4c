//! `amx compare`: the same question to several models or profiles at once, the answers beside each
//! other.

mod args;
mod table;

pub use args::CompareArgs;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::alternatives_list::words_of;
use super::{question, recording};
use crate::ask::parallel::pool::{self, Ended, Lane, Outcome, is_signalled};
use crate::ask::plan::{self, Planned, Question};
use crate::ask::preflight::{self, capabilities, shared_budget};
use crate::ask::run::Asking;
use crate::ask::spend::SpendGuard;
use crate::ask::template::ChosenTemplate;
use crate::ask::{failure, schema_source};
use crate::chat::keep::Keep;
use crate::config::{ConfigFile, Overrides, Settings, env};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::output::{AnswerForm, OutputError, ReasoningDisplay};
use args::CompareTarget;

/// Fewest that can be compared.
const FEWEST: usize = 2;

pub fn run(args: &CompareArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let template = question::template(&args.prompt, &args.ask, context)?;
    recording::begin(&args.ask.recording, context)?;
    let outcome = compare(args, template.as_ref(), context);
    recording::end(outcome, args.ask.strict, context)
}

fn compare(
    args: &CompareArgs,
    template: Option<&ChosenTemplate>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let targets = &args.targets.0;
    if targets.len() < FEWEST {
        let error = CommandError::usage(
            "there is nothing to compare: name at least two models (-m) or profiles (-p)",
        );
        return Err(error.hint(
            "amx compare \"your question\" -m openai/gpt-5-mini -m anthropic/claude-sonnet-4",
        ));
    }
    let config = context.config()?;
    let overrides = targets
        .iter()
        .map(|target| overrides(target, args, template))
        .collect::<Result<Vec<Overrides>, _>>()?;
    let settings = overrides
        .iter()
        .map(|overrides| resolve(overrides, &config, context))
        .collect::<Result<Vec<Settings>, _>>()?;
    let mut schemas = Vec::with_capacity(settings.len());
    for settings in &settings {
        schemas.push(schema_source::of(settings, context)?.map(Arc::new));
    }
    let parts = question::parts(&args.prompt, &args.ask, template, context)?;
    let mut lanes = Vec::with_capacity(targets.len());
    for ((settings, overrides), schema) in settings.iter().zip(&overrides).zip(&schemas) {
        let question = Question {
            parts: parts.clone(),
            past: &[],
            stream: !args.ask.no_stream,
            schema: schema.as_deref(),
        };
        lanes.push(plan::targets(
            settings.clone(),
            overrides,
            &question,
            &config,
            context,
        )?);
    }
    check(&mut lanes, args, context)?;
    shared_budget::refuse(&mut lanes, context)?;
    let books = SpendGuard::open_all(
        &mut lanes,
        args.ask.timeout,
        pool::rounds(targets.len()),
        context,
    )?;
    let form = if args.json {
        AnswerForm::Json
    } else {
        AnswerForm::Text {
            raw: args.ask.raw,
            reasoning: ReasoningDisplay::Hidden,
        }
    };
    let labels = labels(&settings);
    let lanes = labels
        .into_iter()
        .zip(lanes)
        .zip(schemas)
        .map(|((label, planned), schema)| {
            let mut asking = Asking::new(form, Keep::Everything, books.limit, &planned);
            asking.strict = args.ask.strict;
            Lane::new(label, planned, asking, schema)
        });
    let Outcome { mut ended, unshown } = pool::run(lanes.collect(), form, context)?;
    let shown = match unshown {
        Some(error) => Err(error),
        None => show(&ended, args, context),
    };
    let booked: Vec<_> = ended
        .iter()
        .map(|ended| (ended.asked.answer.attempts.as_slice(), None))
        .collect();
    let booked = books.close_all(&booked, context);
    shown?;
    let failed = verdict(&mut ended, &settings, context);
    context.first_of(failed, booked.err())
}

/// What the flags decide for one of them.
fn overrides(
    target: &CompareTarget,
    args: &CompareArgs,
    template: Option<&ChosenTemplate>,
) -> Result<Overrides, CommandError> {
    let overrides = args
        .ask
        .settings
        .overrides(target.profile.clone(), target.model.clone())?;
    let layer = template.map(ChosenTemplate::layer).transpose()?;
    // A profile that is named is asked for its own model, whatever the template says.
    let layer = if target.profile.is_some() {
        layer.map(|layer| layer.for_fallback())
    } else {
        layer
    };
    Ok(Overrides {
        template: layer,
        ..overrides
    })
}

/// The settings for one of them. A profile that is named is asked for its own model, whatever
/// `AMX_MODEL` says.
fn resolve(
    overrides: &Overrides,
    config: &ConfigFile,
    context: &Context<'_>,
) -> Result<Settings, CommandError> {
    let settings = Settings::resolve(
        overrides,
        &context.environment.without(&env::AMX_MODEL),
        config,
    )?;
    if settings.is_unconfigured() && !context.is_replaying() {
        Err(failure::no_key(&settings))
    } else {
        Ok(settings)
    }
}

/// What is to be said of the requests, each thing once, and what must not be sent.
fn check(
    lanes: &mut [Vec<Planned>],
    args: &CompareArgs,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    preflight::announce(
        lanes.iter_mut().map(Vec::as_mut_slice),
        args.ask.fitting(),
        context,
    )?;
    let mut warned = BTreeSet::new();
    for lane in lanes {
        preflight::check(lane, args.ask.force, context)?;
        if lane
            .first()
            .is_some_and(|first| warned.insert(first.settings.profile.value.clone()))
        {
            preflight::warn(lane, context);
        }
    }
    Ok(())
}

/// `1. model`, with the profile where several are asked.
fn labels(settings: &[Settings]) -> Vec<String> {
    let profiles: BTreeSet<&str> = settings
        .iter()
        .map(|settings| settings.profile.value.as_str())
        .collect();
    let label = |(index, settings): (usize, &Settings)| {
        let profile = if profiles.len() > 1 {
            format!(" ({})", settings.profile.value)
        } else {
            String::new()
        };
        format!("{}. {}{profile}", index + 1, settings.model.value)
    };
    settings.iter().enumerate().map(label).collect()
}

fn show(ended: &[Ended], args: &CompareArgs, context: &mut Context<'_>) -> Result<(), OutputError> {
    if !ended
        .iter()
        .any(|ended| ended.asked.error.is_none() || ended.asked.answer.first_token.is_some())
    {
        // Nothing has come: the error says why.
        return Ok(());
    }
    if args.json {
        return context.output.end_all(&ended.iter().map(object).collect());
    }
    let width = if context.output.is_terminal() {
        context.output.width()
    } else {
        usize::MAX
    };
    for line in table::lines(ended, width) {
        context.output.line(&line)?;
    }
    for ended in ended {
        context.output.line("")?;
        context.output.heading(&heading(ended))?;
        let text = ended.asked.answer.text.trim_end();
        if text.is_empty() {
            continue;
        }
        if args.ask.raw || ended.asked.structured.is_some() {
            context.output.line(text)?;
        } else {
            context.output.document(text)?;
        }
    }
    Ok(())
}

fn heading(ended: &Ended) -> String {
    match &ended.asked.error {
        error if is_signalled(error.as_ref()) => format!("{}: stopped", ended.label),
        Some(error) => format!("{}: failed: {}", ended.label, words_of(error)),
        None => ended.label.clone(),
    }
}

/// The usual object of an answer, and why it is not complete.
fn object(ended: &Ended) -> Value {
    let mut object = ended.report().to_json();
    object["tokens_per_second"] = json!(table::speed(&ended.asked.answer));
    if let Some(error) = &ended.asked.error {
        object["error"] = error.to_json();
    }
    object
}

fn verdict(
    ended: &mut [Ended],
    settings: &[Settings],
    context: &Context<'_>,
) -> Option<CommandError> {
    let of = ended
        .iter()
        .position(|ended| ended.asked.error.is_some())
        .and_then(|index| settings.get(index))?;
    pool::verdict(ended, "answers").map(|error| capabilities::suggest(error, of, context))
}
